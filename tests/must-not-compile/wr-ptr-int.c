// SPDX-License-Identifier: GPL-2.0
/*
 * wr_ptr() writes pointers.
 *
 * FLAGS: -S -O2
 * gcc: BUILD_BUG_ON failed
 * clang: BUILD_BUG_ON failed|-Wint-conversion|__compiletime_assert
 */
#include <linux/prmem.h>

static int number __wr_after_init;
static int *pointer __wr_after_init;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_ptr(&pointer, NULL) + number;
#else
	return wr_ptr(&number, 0) + !pointer;
#endif
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A pointer becomes one of its own type.
 *
 * gcc: incompatible pointer type 'long int \*'
 * clang: incompatible pointer types
 */
#include <linux/prmem.h>

static int *pointer __wr_after_init;
static int right;
static long wrong;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_ptr(&pointer, &right) + wrong;
#else
	return wr_ptr(&pointer, &wrong) + right;
#endif
}

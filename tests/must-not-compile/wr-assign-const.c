// SPDX-License-Identifier: GPL-2.0
/*
 * What is const stays as it is.
 *
 * gcc: assignment of read-only
 * clang: const-qualified|read-only
 */
#include <linux/prmem.h>

static const int never = 1;
static int rarely __wr_after_init;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_assign(rarely, 2) + never;
#else
	return wr_assign(never, 2) + rarely;
#endif
}

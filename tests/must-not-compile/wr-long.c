// SPDX-License-Identifier: GPL-2.0
/*
 * wr_long() is for this type and no other.
 *
 * gcc: incompatible pointer type 'int \*'
 * clang: incompatible pointer types
 */
#include <linux/prmem.h>

static long right __wr_after_init;
static int wrong __wr_after_init;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_long(&right, 1) + wrong;
#else
	return wr_long(&wrong, 1) + right;
#endif
}

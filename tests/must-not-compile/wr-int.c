// SPDX-License-Identifier: GPL-2.0
/*
 * wr_int() is for this type and no other.
 *
 * gcc: incompatible pointer type 'long int \*'
 * clang: incompatible pointer types
 */
#include <linux/prmem.h>

static int right __wr_after_init;
static long wrong __wr_after_init;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_int(&right, 1) + wrong;
#else
	return wr_int(&wrong, 1) + right;
#endif
}

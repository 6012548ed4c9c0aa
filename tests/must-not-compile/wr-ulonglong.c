// SPDX-License-Identifier: GPL-2.0
/*
 * wr_ulonglong() is for this type and no other.
 *
 * gcc: incompatible pointer type 'long unsigned int \*'
 * clang: incompatible pointer types
 */
#include <linux/prmem.h>

static unsigned long long right __wr_after_init;
static unsigned long wrong __wr_after_init;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_ulonglong(&right, 1) + wrong;
#else
	return wr_ulonglong(&wrong, 1) + right;
#endif
}

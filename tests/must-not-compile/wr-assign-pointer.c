// SPDX-License-Identifier: GPL-2.0
/*
 * A pointer is assigned a pointer to something else.
 *
 * gcc: incompatible pointer type 'int \*'
 * clang: incompatible pointer types
 */
#include <linux/prmem.h>

static long *p __wr_after_init;
static long a;
static int b;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_assign(p, &a) + b;
#else
	return wr_assign(p, &b) + a;
#endif
}

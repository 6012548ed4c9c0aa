// SPDX-License-Identifier: GPL-2.0
/*
 * wr_char() is for this type and no other.
 *
 * gcc: incompatible pointer type 'int \*'
 * clang: incompatible pointer types
 */
#include <linux/prmem.h>

static char right __wr_after_init;
static int wrong __wr_after_init;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_char(&right, 1) + wrong;
#else
	return wr_char(&wrong, 1) + right;
#endif
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The old value goes to where its type fits.
 *
 * gcc: incompatible pointer type 'long int \*'
 * clang: incompatible pointer types
 */
#include <linux/prmem.h>

static int word __wr_after_init;
static int right;
static long wrong;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_xchg(&word, 1, &right) + wrong;
#else
	return wr_xchg(&word, 1, &wrong) + right;
#endif
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What is published has the type of the pointer.
 *
 * gcc: incompatible pointer type 'long int \*'
 * clang: incompatible pointer types
 */
#include <linux/prmem.h>

static int __rcu *pointer __wr_after_init;
static int right;
static long wrong;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_rcu_assign_pointer(pointer, &right) + wrong;
#else
	return wr_rcu_assign_pointer(pointer, &wrong) + right;
#endif
}

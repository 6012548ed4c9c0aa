// SPDX-License-Identifier: GPL-2.0
/*
 * A write-rare atomic is not written like an ordinary one.
 *
 * gcc: incompatible pointer type
 * clang: incompatible pointer types
 */
#include <linux/pratomic.h>

static pratomic_t wrong __wr_after_init;
static atomic_t right;

int f(void);

int f(void)
{
#ifdef FIXED
	atomic_inc(&right);
	return pratomic_read(&wrong);
#else
	atomic_inc(&wrong);
	return atomic_read(&right);
#endif
}

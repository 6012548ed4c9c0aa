// SPDX-License-Identifier: GPL-2.0
/*
 * An ordinary atomic is not written like a write-rare one.
 *
 * gcc: incompatible pointer type
 * clang: incompatible pointer types
 */
#include <linux/pratomic.h>

static pratomic_t right __wr_after_init;
static atomic_t wrong;

int f(void);

int f(void)
{
#ifdef FIXED
	return pratomic_inc(&right) + atomic_read(&wrong);
#else
	return pratomic_inc(&wrong) + pratomic_read(&right);
#endif
}

// SPDX-License-Identifier: GPL-2.0
/*
 * What a node points back to is not changed by a plain store.
 *
 * gcc: read-only
 * clang: const-qualified|read-only
 */
#include <linux/prlist.h>

static struct prhlist_node a, b;

int f(void);

int f(void)
{
#ifdef FIXED
	return *a.pprev == &b;
#else
	*a.pprev = &b;
	return 0;
#endif
}

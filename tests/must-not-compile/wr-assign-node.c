// SPDX-License-Identifier: GPL-2.0
/*
 * A structure with a node in it is not assigned: its pointers would be, too.
 *
 * gcc: read-only
 * clang: const-qualified
 */
#include <linux/prlist.h>

static struct item {
	struct prlist_head node;
	int number;
} a __wr_after_init, b;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_assign(a.number, b.number);
#else
	return wr_assign(a, b);
#endif
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A structure with a node in it is not assigned.
 *
 * gcc: read-only
 * clang: const-qualified
 */
#include <linux/prlist.h>

struct item {
	struct prlist_head node;
	int number;
};

static struct item a, b;

int f(void);

int f(void)
{
#ifdef FIXED
	struct item copy = b;
	
	return a.number + copy.number;
#else
	a = b;
	return a.number;
#endif
}

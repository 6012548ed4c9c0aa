// SPDX-License-Identifier: GPL-2.0
/*
 * A pointer that readers follow is not assigned to.
 *
 * gcc: read-only
 * clang: const-qualified|read-only
 */
#include <linux/prlist.h>

static struct prlist_head a, b;

int f(void);

int f(void)
{
#ifdef FIXED
	return rcu_access_pointer(prlist_next_rcu(&a)) == &b;
#else
	rcu_assign_pointer(prlist_next_rcu(&a), &b);
	return 0;
#endif
}

// SPDX-License-Identifier: GPL-2.0
/*
 * A node is not changed by a plain store.
 *
 * gcc: read-only
 * clang: const-qualified
 */
#include <linux/prlist.h>

static struct prlist_head a, b;

int f(void);

int f(void)
{
#ifdef FIXED
	return a.next == &b;
#else
	a.next = &b;
	return 0;
#endif
}

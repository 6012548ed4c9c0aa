// SPDX-License-Identifier: GPL-2.0
/*
 * The initialiser of an ordinary list is not for a protected one.
 *
 * gcc: incompatible pointer type
 * clang: incompatible pointer types
 */
#include <linux/prlist.h>

#ifdef FIXED
struct prlist_head head = PRLIST_HEAD_INIT(head);
#else
struct prlist_head head = LIST_HEAD_INIT(head);
#endif

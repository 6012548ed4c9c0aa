// SPDX-License-Identifier: GPL-2.0
/*
 * The initialiser of a protected list is for no other.
 *
 * gcc: no member named '__pr_
 * clang: __pr_
 */
#include <linux/prlist.h>

#ifdef FIXED
struct list_head head = LIST_HEAD_INIT(head);
#else
struct list_head head = PRLIST_HEAD_INIT(head);
#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * The initialiser of a protected list is for no other.
 *
 * gcc: no member named '__pr_
 * clang: __pr_
 */
#include <linux/prlist.h>

#ifdef FIXED
struct llist_head head = LLIST_HEAD_INIT(head);
#else
struct llist_head head = PRLLIST_HEAD_INIT(head);
#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * The initialiser of a protected list is for no other.
 *
 * gcc: no member named '__pr_
 * clang: __pr_
 */
#include <linux/prlist.h>

#ifdef FIXED
struct hlist_head head = HLIST_HEAD_INIT;
#else
struct hlist_head head = PRHLIST_HEAD_INIT;
#endif

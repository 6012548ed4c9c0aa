// SPDX-License-Identifier: GPL-2.0
/*
 * A head on the stack is not write-rare.
 *
 * gcc: section attribute cannot be specified for local variables
 * clang: section.* attribute only applies
 * PRMEM=n: a list head is ordinary memory
 */
#include <linux/prlist.h>


int f(void);

int f(void)
{
#ifdef FIXED
	static PRLIST_HEAD(head);
	
	return prlist_empty(&head);
#else
	PRLIST_HEAD(head);
	
	return prlist_empty(&head);
#endif
}

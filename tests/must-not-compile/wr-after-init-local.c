// SPDX-License-Identifier: GPL-2.0
/*
 * The stack is no write-rare memory.
 *
 * gcc: section attribute cannot be specified for local variables
 * clang: section.* attribute only applies
 * PRMEM=n: the attribute is empty
 */
#include <linux/prmem.h>


int f(void);

int f(void)
{
#ifdef FIXED
	static int variable __wr_after_init;
	
	return wr_int(&variable, 1);
#else
	int variable __wr_after_init;
	
	return wr_int(&variable, 1);
#endif
}

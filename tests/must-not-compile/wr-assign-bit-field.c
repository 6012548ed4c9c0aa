// SPDX-License-Identifier: GPL-2.0
/*
 * A bit-field has no address.
 *
 * gcc: address of bit-field
 * clang: address of bit-field
 */
#include <linux/prmem.h>

static struct {
	int bit : 1;
	int word;
} s __wr_after_init;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_assign(s.word, 0);
#else
	return wr_assign(s.bit, 0);
#endif
}

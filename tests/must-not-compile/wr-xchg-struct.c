// SPDX-License-Identifier: GPL-2.0
/*
 * Atomics are for words of 1, 2, 4 or 8 bytes.
 *
 * gcc: BUILD_BUG_ON failed|aggregate value|conversion|wrong_size
 * clang: BUILD_BUG_ON failed|__compiletime_assert|arithmetic or pointer type|wrong_size
 * FLAGS: -S
 */
#include <linux/prmem.h>

static struct {
	int a[3];
} s __wr_after_init, old;

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_xchg(&s.a[0], 1, &old.a[0]);
#else
	return wr_xchg(&s, s, &old);
#endif
}

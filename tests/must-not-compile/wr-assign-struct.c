// SPDX-License-Identifier: GPL-2.0
/*
 * A structure is assigned another one.
 *
 * gcc: invalid initializer|incompatible types
 * clang: incompatible type
 */
#include <linux/prmem.h>

struct one {
	int a;
};

struct two {
	int a;
};

static struct one one __wr_after_init;
static const struct one right = { 1 };
static const struct two wrong = { 2 };

int f(void);

int f(void)
{
#ifdef FIXED
	return wr_assign(one, right) + wrong.a;
#else
	return wr_assign(one, wrong) + right.a;
#endif
}

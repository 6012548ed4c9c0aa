// SPDX-License-Identifier: GPL-2.0
/*
 * A module has no such section.
 *
 * FLAGS: -DMODULE
 * gcc: __wr_after_init_needs_vmlinux
 * clang: expected .;. after top level declarator|__wr_after_init_needs_vmlinux
 * PRMEM=n: the attribute is empty
 */
#include <linux/prmem.h>

#ifdef FIXED
int in_module;
#else
int in_module __wr_after_init;
#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* Where other parts of mm/ ask about protected memory. */
#ifndef _MM_PRMEM_HOOKS_H
#define _MM_PRMEM_HOOKS_H

#include <linux/types.h>

struct seq_file;
struct vm_struct;

#ifdef CONFIG_PRMEM

#include <linux/vmalloc.h>

extern char __start_wr_after_init[], __end_wr_after_init[];

void __prmem_check_usercopy(const void *ptr, unsigned long n, bool to_user);

/*
 * Hardened usercopy: nothing is copied from user space into protected memory, and
 * nothing but one object or area is copied out.
 */
static inline void prmem_check_usercopy(const void *ptr, unsigned long n,
					bool to_user)
{
	unsigned long size = __end_wr_after_init - __start_wr_after_init;
	unsigned long offset = (unsigned long)ptr - (unsigned long)__start_wr_after_init;

	if (unlikely(is_vmalloc_addr(ptr) || offset < size))
		__prmem_check_usercopy(ptr, n, to_user);
}

/* For /proc/vmallocinfo: the name of the pool or cache, if it is one. */
bool prmem_show_vm(struct seq_file *m, const struct vm_struct *vm);

#else

static inline void prmem_check_usercopy(const void *ptr, unsigned long n,
					bool to_user)
{
}

static inline bool prmem_show_vm(struct seq_file *m, const struct vm_struct *vm)
{
	return false;
}

#endif

#endif /* _MM_PRMEM_HOOKS_H */

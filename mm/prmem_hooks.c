// SPDX-License-Identifier: GPL-2.0
/*
 * Write-rare memory: what other parts of mm/ ask.
 */
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/prmem.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <kunit/static_stub.h>

#include "prmem_alloc.h"
#include "prmem_hooks.h"

/* Does not come back, except to a test. */
static void refuse_usercopy(const char *what, bool to_user, unsigned long offset,
			    unsigned long n)
{
	if (!prmem_usercopy_refused(what, to_user, n))
		usercopy_abort("prmem", what, to_user, offset, n);
}

/* For the tests: true if one of them wants to know instead. */
bool prmem_usercopy_refused(const char *what, bool to_user, unsigned long n)
{
	KUNIT_STATIC_STUB_REDIRECT(prmem_usercopy_refused, what, to_user, n);
	return false;
}

/* With interrupts off, so that the slab does not go away. */
static bool in_object(unsigned long addr, unsigned long n)
{
	unsigned long flags;
	bool in = false;

	local_irq_save(flags);
	if (pte_is_object(prmem_pte(addr)))
		in = prmem_in_object(addr, n);
	local_irq_restore(flags);
	return in;
}

static bool in_area(unsigned long addr, unsigned long n)
{
	unsigned long page;

	for (page = addr & PAGE_MASK; page <= addr + n - 1; page += PAGE_SIZE) {
		if (!pte_prmem(prmem_pte(page)))
			return false;
	}
	return true;
}

/* The caller has checked that the range does not wrap around. */
void __prmem_check_usercopy(const void *ptr, unsigned long n, bool to_user)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(ptr);
	pte_t pte;

	/* On some architectures the kernel's image is in the vmalloc range. */
	if (addr >= (unsigned long)__start_wr_after_init &&
	    addr < (unsigned long)__end_wr_after_init) {
		if (!to_user)
			refuse_usercopy("static data", to_user, offset_in_page(addr), n);
		return;
	}
	pte = prmem_pte(addr);
	if (!pte_prmem(pte))
		return;
	if (!to_user && (pte_is_object(pte) || !pte_write(pte)))
		refuse_usercopy("protected memory", to_user, offset_in_page(addr), n);
	else if (pte_is_object(pte) && !in_object(addr, n))
		refuse_usercopy("object", to_user, offset_in_page(addr), n);
	else if (!in_area(addr, n))
		refuse_usercopy("area", to_user, offset_in_page(addr), n);
}

/*
 * The caller of the vm_struct is its descriptor, unless somebody wrote something
 * else there. The vm_struct is held by a lock, and the descriptor lives longer.
 */
bool prmem_show_vm(struct seq_file *m, const struct vm_struct *vm)
{
	const struct prmem_desc *desc = vm->caller, *owner;

	if (!prmem_is_desc(desc, PRMEM_DESC_AREA) ||
	    desc->area.addr != (unsigned long)kasan_reset_tag(vm->addr))
		return false;
	owner = desc->area.owner;
	if (prmem_is_desc(owner, PRMEM_DESC_POOL))
		seq_printf(m, " pmalloc:%s", owner->pool.name);
	else if (prmem_is_desc(owner, PRMEM_DESC_CACHE))
		seq_printf(m, " prmem_cache:%s", owner->cache.name);
	else
		return false;
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Private, single-CPU, one-page writable windows for write-rare memory: what is
 * done at boot, and how the memory of a pool is protected. What a write needs is
 * in asm/prmem.h.
 */
#include <linux/cpufeature.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/processor.h>
#include <linux/set_memory.h>
#include <linux/smp.h>

#include <asm/prmem.h>
#include <asm/tlbflush.h>

/*
 * The PCID of the private page tables. The scheduler uses 1 to
 * TLB_NR_DYN_ASIDS, 0 belongs to code that knows nothing of PCIDs, and bit 11
 * tells user from kernel page tables.
 */
#define PRMEM_PCID	(TLB_NR_DYN_ASIDS + 1UL)

static_assert(BIT(11) > PRMEM_PCID);

pteval_t prmem_alias_flags __ro_after_init;

/*
 * A Xen PV guest may load no page tables but those that the hypervisor has pinned.
 * That is so with rodata=off, too: what is not protected is written in the same way.
 */
int __init prmem_arch_init(void)
{
	if (cpu_feature_enabled(X86_FEATURE_XENPV))
		panic("prmem: a Xen PV guest cannot have private page tables: use PVH or HVM, or CONFIG_PRMEM=n\n");
	prmem_alias_flags = pgprot_val(PAGE_KERNEL) & ~_PAGE_GLOBAL &
			    __supported_pte_mask;
	return 0;
}

/*
 * The kernel half of @pgd is the kernel's, its user half is empty. A new entry
 * of the kernel half, by memory hotplug say, reaches it through pgd_list.
 */
void __init prmem_arch_window_init(struct arch_prmem_window *win, pgd_t *pgd,
				   unsigned int cpu)
{
	win->id = cpu == smp_processor_id() ? prmem_arch_id() :
					      cpu_kernelmode_gs_base(cpu);
	win->cr3 = __sme_pa(pgd);
	if (cpu_feature_enabled(X86_FEATURE_PCID))
		win->cr3 |= PRMEM_PCID;
}

/*
 * A range that covers a huge page changes it as a whole. vm_unmap_aliases() and
 * the flush of all TLBs are in there.
 */
int prmem_arch_linear_ro(unsigned long addr, unsigned int nr_pages)
{
	return set_memory_ro(addr, nr_pages);
}

int prmem_arch_linear_rw(unsigned long addr, unsigned int nr_pages)
{
	return set_memory_rw(addr, nr_pages);
}

const char *prmem_arch_inactive(void)
{
	return rodata_enabled ? NULL : "rodata=off";
}

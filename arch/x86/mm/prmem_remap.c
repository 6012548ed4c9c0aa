// SPDX-License-Identifier: GPL-2.0
/*
 * Private, single-CPU, one-page writable windows for write-rare memory.
 *
 * Every possible CPU has a PGD that no other CPU ever loads. Its kernel half is
 * the kernel's, its user half is empty, and its LDT-remap entry leads to one
 * page-table entry, the slot, at an address drawn at boot. The LDT-remap range
 * suits for three reasons: these tables belong to no process, so that no LDT is
 * ever mapped there; a user's hardware breakpoint cannot name a kernel address;
 * and KASAN has shadow for it.
 *
 * The scheduler is not told. cpu_tlbstate keeps describing the mm that was
 * loaded, except that loaded_mm says LOADED_MM_SWITCHING, as in the middle of
 * switch_mm_irqs_off(). No mm_cpumask() changes, hence no shared cache line is
 * written. Interrupts are off, so that neither the scheduler nor a TLB shootdown
 * can look in between: a shootdown that is sent now is served after the window
 * is closed and finds the state it expects.
 */
#include <linux/mm.h>
#include <linux/pgalloc.h>
#include <linux/prmem.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/smp.h>

#include <asm/prmem.h>
#include <asm/special_insns.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>

#include "../../../mm/prmem_internal.h"

/*
 * The PCID of the private page tables. The scheduler uses 1 to
 * TLB_NR_DYN_ASIDS, 0 belongs to code that knows nothing of PCIDs, and bit 11
 * tells user from kernel page tables.
 */
#define PRMEM_PCID	(TLB_NR_DYN_ASIDS + 1UL)

static_assert(BIT(X86_CR3_PTI_PCID_USER_BIT) > PRMEM_PCID);

/**
 * struct prmem_cpu - the window of one CPU
 * @cr3: what to load
 * @slot: the page-table entry of the alias
 * @alias: the address that @slot maps
 */
struct prmem_cpu {
	unsigned long cr3;
	pte_t *slot;
	unsigned long alias;
};

/*
 * One element per possible CPU, in read-only pool memory: who could change it
 * could have prmem write a page-table entry anywhere.
 */
static const struct prmem_cpu *windows __ro_after_init;
static struct mm_struct *prmem_mm __ro_after_init;
static pteval_t alias_flags __ro_after_init;

/*
 * The number of the CPU is in writable memory. If it lies, the window of
 * another CPU is used at worst: still a page that was found to be write-rare.
 */
static const struct prmem_cpu *this_window(void)
{
	unsigned int cpu = raw_smp_processor_id();

	return &windows[cpu < nr_cpu_ids ? cpu : 0];
}

void prmem_arch_enter(struct prmem_arch_window *win)
{
	const struct prmem_cpu *window = this_window();

	lockdep_assert_irqs_disabled();

	win->cr3 = __read_cr3();
	win->loaded_mm = this_cpu_read(cpu_tlbstate.loaded_mm);

	/*
	 * From here on an NMI handler must not touch user memory, because the
	 * user half is empty: nmi_uaccess_okay() says no for this value.
	 */
	this_cpu_write(cpu_tlbstate.loaded_mm, LOADED_MM_SWITCHING);
	barrier();

	/*
	 * Without CR3_NOFLUSH, so that what this PCID cached during the last
	 * window is dropped: with PTI kernel translations are not global, and
	 * the shootdowns since then did not reach this PCID. Translations of
	 * other PCIDs and global ones stay. A cheaper load would need this
	 * PCID to take part in every shootdown.
	 */
	write_cr3(window->cr3);
}

void prmem_arch_leave(const struct prmem_arch_window *win)
{
	unsigned long cr3 = win->cr3;

	/*
	 * The PCID that was loaded has missed nothing that will not be
	 * delivered as soon as interrupts are on, so it need not be flushed.
	 * Without PCIDs bit 63 is reserved, and any load flushes.
	 */
	if (cpu_feature_enabled(X86_FEATURE_PCID))
		cr3 |= CR3_NOFLUSH;
	write_cr3(cr3);

	/* An NMI that sees the mm must see its page tables, too. */
	barrier();
	this_cpu_write(cpu_tlbstate.loaded_mm, win->loaded_mm);
}

void *prmem_arch_map(unsigned long pfn)
{
	const struct prmem_cpu *window = this_window();

	/*
	 * No flush: the slot was empty, and x86 does not cache entries that are
	 * not present.
	 */
	set_pte(window->slot, __pte(((pteval_t)pfn << PAGE_SHIFT) | alias_flags));
	return (void *)window->alias;
}

void prmem_arch_unmap(void)
{
	const struct prmem_cpu *window = this_window();

	/*
	 * One local INVLPG is enough: the entry is in the page tables of this
	 * CPU alone, not global, and this PCID is loaded. Leaving it to the
	 * next prmem_arch_enter() would be cheaper, and would leave a writable
	 * translation in the TLB until then.
	 */
	set_pte(window->slot, __pte(0));
	invlpg(window->alias);
}

/*
 * The slot at @addr, with all tables above it. pgd_alloc() left the PGD in
 * mm->pgd. The mm is there for that, for its page_table_lock, and for pgd_list,
 * through which a new entry of the kernel half, by memory hotplug say, reaches
 * all PGDs.
 */
static pte_t *__init alloc_slot(unsigned long addr)
{
	p4d_t *p4d = p4d_alloc(prmem_mm, pgd_offset(prmem_mm, addr), addr);
	pud_t *pud = p4d ? pud_alloc(prmem_mm, p4d, addr) : NULL;
	pmd_t *pmd = pud ? pmd_alloc(prmem_mm, pud, addr) : NULL;

	if (!pmd || pte_alloc(prmem_mm, pmd))
		return NULL;
	return pte_offset_kernel(pmd, addr);
}

static int __init window_init(struct prmem_cpu *window)
{
	unsigned long nr_pages = PGDIR_SIZE >> PAGE_SHIFT;

	window->alias = LDT_BASE_ADDR +
			(get_random_long() % nr_pages) * PAGE_SIZE;
	window->slot = alloc_slot(window->alias);
	if (!window->slot)
		return -ENOMEM;

	window->cr3 = __sme_pa(prmem_mm->pgd);
	if (cpu_feature_enabled(X86_FEATURE_PCID))
		window->cr3 |= PRMEM_PCID;
	return 0;
}

int __init prmem_arch_init(void)
{
	struct pmalloc_pool *pool;
	struct prmem_cpu *table;
	unsigned int cpu;
	int err;

	alias_flags = pgprot_val(PAGE_KERNEL) & ~_PAGE_GLOBAL &
		      __supported_pte_mask;

	prmem_mm = mm_alloc();
	if (!prmem_mm)
		return -ENOMEM;
	pool = pmalloc_create_pool("prmem_windows", PMALLOC_MODE_RO);
	if (!pool)
		return -ENOMEM;
	table = pmalloc(pool, array_size(nr_cpu_ids, sizeof(*table)));
	if (!table)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		/* The first CPU gets the PGD that came with the mm. */
		if (cpu != cpumask_first(cpu_possible_mask) &&
		    !pgd_alloc(prmem_mm))
			return -ENOMEM;
		err = window_init(&table[cpu]);
		if (err)
			return err;
	}
	windows = table;
	return pmalloc_protect_pool(pool);
}

pgd_t *prmem_arch_pgd(unsigned int cpu)
{
	return __va(windows[cpu].cr3 & CR3_ADDR_MASK);
}

unsigned long prmem_arch_slot(unsigned int cpu)
{
	return windows[cpu].alias;
}

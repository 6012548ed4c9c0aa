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
 * switch_mm_irqs_off(). No mm_cpumask() changes, so that nothing is written that
 * other CPUs write; a CPU that sends a TLB shootdown reads loaded_mm, and sends
 * it in doubt. Interrupts are off, so that neither the scheduler nor a shootdown
 * runs in between: the latter is served after the window is closed, and finds
 * the state it expects.
 *
 * The functions that run in a window cannot be traced or probed: a handler that
 * writes itself would empty the slot under the code it interrupted.
 */
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/pgalloc.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/smp.h>

#include <asm/prmem.h>
#include <asm/special_insns.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>

/*
 * The PCID of the private page tables. The scheduler uses 1 to
 * TLB_NR_DYN_ASIDS, 0 belongs to code that knows nothing of PCIDs, and bit 11
 * tells user from kernel page tables.
 */
#define PRMEM_PCID	(TLB_NR_DYN_ASIDS + 1UL)

static_assert(BIT(11) > PRMEM_PCID);

/*
 * One element per CPU number, in read-only pool memory: who could change it
 * could have prmem write a page-table entry anywhere.
 */
static const struct prmem_window *windows __ro_after_init;
static unsigned int nr_windows __ro_after_init;
static struct mm_struct *prmem_mm __ro_after_init;
static pteval_t alias_flags __ro_after_init;

/*
 * The number of the CPU is in writable memory, and nr_cpu_ids, too. If the
 * number lies, the window of another CPU is used, which still shows only a page
 * that was found to be write-rare.
 */
static __always_inline const struct prmem_window *this_window(void)
{
	unsigned int cpu = raw_smp_processor_id();

	return &windows[cpu < nr_windows ? cpu : 0];
}

notrace const struct prmem_window *prmem_arch_enter(struct prmem_saved *saved)
{
	const struct prmem_window *win = this_window();

	lockdep_assert_irqs_disabled();

	saved->cr3 = __read_cr3();
	saved->loaded_mm = this_cpu_read(cpu_tlbstate.loaded_mm);

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
	write_cr3(win->cr3);
	return win;
}

NOKPROBE_SYMBOL(prmem_arch_enter);

notrace void prmem_arch_leave(const struct prmem_saved *saved)
{
	unsigned long cr3 = saved->cr3;

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
	this_cpu_write(cpu_tlbstate.loaded_mm, saved->loaded_mm);
}

NOKPROBE_SYMBOL(prmem_arch_leave);

notrace void *prmem_arch_map(const struct prmem_window *win, unsigned long pfn)
{
	/*
	 * No flush: the slot was empty, and x86 does not cache entries that are
	 * not present.
	 */
	set_pte(win->slot, __pte(((pteval_t)pfn << PAGE_SHIFT) | alias_flags));
	return (void *)win->alias;
}

NOKPROBE_SYMBOL(prmem_arch_map);

notrace void prmem_arch_unmap(const struct prmem_window *win)
{
	/*
	 * One local INVLPG is enough: the entry is in the page tables of this
	 * CPU alone, not global, and this PCID is loaded. Leaving it to the
	 * next prmem_arch_enter() would be cheaper, and would leave a writable
	 * translation in the TLB until then.
	 */
	set_pte(win->slot, __pte(0));
	invlpg(win->alias);
}

NOKPROBE_SYMBOL(prmem_arch_unmap);

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

static int __init window_init(struct prmem_window *win)
{
	unsigned long nr_pages = PGDIR_SIZE >> PAGE_SHIFT;

	win->alias = LDT_BASE_ADDR + (get_random_long() % nr_pages) * PAGE_SIZE;
	win->slot = alloc_slot(win->alias);
	if (!win->slot)
		return -ENOMEM;

	win->cr3 = __sme_pa(prmem_mm->pgd);
	if (cpu_feature_enabled(X86_FEATURE_PCID))
		win->cr3 |= PRMEM_PCID;
	return 0;
}

static int __init windows_init(struct prmem_window *table)
{
	const unsigned int first = cpumask_first(cpu_possible_mask);
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu) {
		/* The first CPU gets the PGD that came with the mm. */
		if (cpu != first && !pgd_alloc(prmem_mm))
			return -ENOMEM;
		err = window_init(&table[cpu]);
		if (err)
			return err;
	}
	/* A number that belongs to no CPU must not lead to CR3 = 0. */
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (!cpu_possible(cpu))
			table[cpu] = table[first];
	}
	windows = table;
	nr_windows = nr_cpu_ids;
	return 0;
}

int __init prmem_arch_init(void)
{
	struct pmalloc_pool *pool;
	struct prmem_window *table;
	int err;

	alias_flags = pgprot_val(PAGE_KERNEL) & ~_PAGE_GLOBAL &
		      __supported_pte_mask;

	prmem_mm = mm_alloc();
	if (!prmem_mm)
		return -ENOMEM;
	pool = pmalloc_create_permanent("prmem_windows", PMALLOC_MODE_RO);
	if (!pool)
		return -ENOMEM;
	table = pmalloc(pool, array_size(nr_cpu_ids, sizeof(*table)));
	if (!table)
		return -ENOMEM;
	err = windows_init(table);
	return err ?: pmalloc_protect_pool(pool);
}

pgd_t *prmem_arch_pgd(unsigned int cpu)
{
	return __va(windows[cpu].cr3 & CR3_ADDR_MASK);
}

unsigned long prmem_arch_slot(unsigned int cpu)
{
	return windows[cpu].alias;
}

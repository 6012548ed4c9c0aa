/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private, single-CPU, one-page writable windows for write-rare memory: what a
 * write needs. What is done at boot is in arch/x86/mm/prmem_remap.c.
 *
 * The scheduler is not told. cpu_tlbstate keeps describing the mm that was
 * loaded, except that loaded_mm says LOADED_MM_SWITCHING, as in the middle of
 * switch_mm_irqs_off(). No mm_cpumask() changes, so that nothing is written that
 * other CPUs write; a CPU that sends a TLB shootdown reads loaded_mm, and sends
 * it in doubt. Interrupts are off, so that neither the scheduler nor a shootdown
 * runs in between: the latter is served after the window is closed, and finds
 * the state it expects.
 */
#ifndef _ASM_X86_PRMEM_H
#define _ASM_X86_PRMEM_H

#include <linux/bitops.h>
#include <linux/cpufeature.h>
#include <linux/irqflags.h>
#include <linux/log2.h>
#include <linux/pgtable.h>

#include <asm/fsgsbase.h>
#include <asm/msr.h>
#include <asm/special_insns.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>

/* For the boot line. */
#define PRMEM_ARCH_NAME		"x86_64"

/* Where the kernel's half of the address space begins. */
#define PRMEM_KERNEL_START	(-1UL << __VIRTUAL_MASK_SHIFT)

/*
 * Aliases lie in the LDT-remap range, for three reasons: the private page tables
 * belong to no process, so that no LDT is ever mapped there; a user's hardware
 * breakpoint cannot name a kernel address; and KASAN has shadow for it.
 */
#define PRMEM_ALIAS_BASE	LDT_BASE_ADDR
#define PRMEM_ALIAS_SIZE	PGDIR_SIZE

/*
 * The software bits of protected memory: that wr_*() may write here, and that this
 * is memory of a pool. The first without the second is memory of a cache, where a
 * write is held to the bounds of an object. In user page tables these bits belong
 * to userfaultfd and to the tracking of dirty pages, neither of which looks at the
 * kernel's mappings.
 */
#define _PAGE_WR_RARE		_PAGE_SOFTW2
#define _PAGE_PRMEM		_PAGE_SOFTW3

static inline pgprot_t pgprot_wr_rare(pgprot_t prot)
{
	return __pgprot(pgprot_val(prot) | _PAGE_WR_RARE);
}

static inline pgprot_t pgprot_prmem(pgprot_t prot)
{
	return __pgprot(pgprot_val(prot) | _PAGE_PRMEM);
}

static __always_inline bool pte_wr_rare(pte_t pte)
{
	pteval_t bits = _PAGE_PRESENT | _PAGE_WR_RARE;

	return (pte_flags(pte) & bits) == bits;
}

/* Memory of a cache. */
static __always_inline bool pte_is_object(pte_t pte)
{
	return pte_wr_rare(pte) && !(pte_flags(pte) & _PAGE_PRMEM);
}

/* Any kind of memory that prmem maps. */
static __always_inline bool pte_prmem(pte_t pte)
{
	return pte_present(pte) && (pte_flags(pte) & (_PAGE_PRMEM | _PAGE_WR_RARE));
}

static inline pte_t pte_mkobject(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_PRMEM);
}

static inline pte_t prmem_pte_mkro(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_RW | _PAGE_DIRTY);
}

static inline pte_t prmem_pte_mkrw(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_RW | _PAGE_DIRTY);
}

static inline pte_t pte_clear_wr_rare(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_WR_RARE);
}

/*
 * The next table, from the value of an entry that is known to lead to one. Cheaper
 * than pud_leaf(), pud_pgtable() and their kin, which allow for tables of users and
 * for huge pages.
 */
#define prmem_is_table(val)	(((val) & (_PAGE_PRESENT | _PAGE_PSE)) == _PAGE_PRESENT)
#define prmem_table(val)	__va((val) & PTE_PFN_MASK)

#define prmem_p4d_is_table(p4d)	(!!(p4d_val(p4d) & _PAGE_PRESENT))
#define prmem_pud_is_table(pud)	prmem_is_table(pud_val(pud))
#define prmem_pmd_is_table(pmd)	prmem_is_table(pmd_val(pmd))
#define prmem_pud_offset(p4dp, p4d, addr) \
	((void)(p4dp), (pud_t *)prmem_table(p4d_val(p4d)) + pud_index(addr))
#define prmem_pmd_offset(pudp, pud, addr) \
	((void)(pudp), (pmd_t *)prmem_table(pud_val(pud)) + pmd_index(addr))
#define prmem_pte_offset(pmd, addr) \
	((pte_t *)prmem_table(pmd_val(pmd)) + pte_index(addr))
#define prmem_pte_frame(pte)	((pte_val(pte) & PTE_PFN_MASK) >> PAGE_SHIFT)

/* What PGDIR_SHIFT, a variable, is with five levels. */
#define PRMEM_L5_SHIFT		(P4D_SHIFT + const_ilog2(PTRS_PER_PTE))

/*
 * The entry of the highest level but one, or NULL. With four levels that one is
 * folded. Not pgd_offset_k(): init_mm.pgd is writable, the symbol is not.
 */
static __always_inline p4d_t *prmem_p4d(unsigned long addr)
{
	unsigned long p4d_at = (addr >> P4D_SHIFT) % PTRS_PER_PTE;
	pgd_t pgd;

	if (!pgtable_l5_enabled())
		return (p4d_t *)swapper_pg_dir + p4d_at;
	pgd = READ_ONCE(swapper_pg_dir[(addr >> PRMEM_L5_SHIFT) % PTRS_PER_PTE]);
	if (unlikely(!(pgd_val(pgd) & _PAGE_PRESENT)))
		return NULL;
	return (p4d_t *)prmem_table(pgd_val(pgd)) + p4d_at;
}

/**
 * struct arch_prmem_window - what opens the window of one CPU
 * @cr3: what to load
 * @id: what prmem_arch_id() returns on this CPU
 */
struct arch_prmem_window {
	unsigned long cr3;
	unsigned long id;
};

/* In the kernel the GS base is the address of this CPU's per-CPU data. */
static __always_inline unsigned long prmem_arch_id(void)
{
	if (cpu_feature_enabled(X86_FEATURE_FSGSBASE))
		return rdgsbase();
	return __rdmsr(MSR_GS_BASE);
}

/**
 * struct prmem_saved - what has to be put back when a window closes
 * @cr3: CR3 as it was found, with its PCID and LAM bits
 * @loaded_mm: cpu_tlbstate.loaded_mm as it was found
 * @invalidate_other: cpu_tlbstate.invalidate_other as prmem_arch_watch() found it
 */
struct prmem_saved {
	unsigned long cr3;
	struct mm_struct *loaded_mm;
	bool invalidate_other;
};

/*
 * As words whose lowest bit is clear: CR3 has no bit 63 when it is read, and
 * loaded_mm is an aligned address or LOADED_MM_SWITCHING, which is 1. It is in
 * ordinary memory, hence the mask: it must not become an entry that is present.
 */
static __always_inline void prmem_arch_keep(const struct prmem_saved *saved, u64 *words)
{
	words[0] = saved->cr3 << 1;
	words[1] = ror64((unsigned long)saved->loaded_mm, 1) & ~1ULL;
	words[2] = (u64)saved->invalidate_other << 1;
}

static __always_inline void prmem_arch_recall(struct prmem_saved *saved,
					      const u64 *words)
{
	saved->cr3 = words[0] >> 1;
	saved->loaded_mm = (struct mm_struct *)rol64(words[1], 1);
	saved->invalidate_other = words[2];
}

extern pteval_t prmem_alias_flags;

/* An NMI that arrives in a window leaves it as it was. */
#define prmem_irq_save(flags)		local_irq_save(flags)
#define prmem_irq_restore(flags)	local_irq_restore(flags)
#define prmem_irq_can_abort()		true

static __always_inline void prmem_arch_enter(const struct arch_prmem_window *win,
					     struct prmem_saved *saved)
{
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
}

static __always_inline void prmem_arch_leave(const struct prmem_saved *saved)
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

/*
 * Did code in a session change the kernel's mappings on this CPU alone? The kernel
 * then flushed the PCID it found loaded, which was the private one, and notes that
 * others are to follow. The same note may be there for another reason.
 */
static __always_inline void prmem_arch_watch(struct prmem_saved *saved)
{
	saved->invalidate_other = this_cpu_read(cpu_tlbstate.invalidate_other);
	if (unlikely(saved->invalidate_other))
		this_cpu_write(cpu_tlbstate.invalidate_other, false);
}

static __always_inline bool prmem_arch_is_stale(const struct prmem_saved *saved)
{
	bool stale = this_cpu_read(cpu_tlbstate.invalidate_other);

	if (unlikely(saved->invalidate_other))
		this_cpu_write(cpu_tlbstate.invalidate_other, true);
	return stale;
}

/* Flushes all PCIDs. Rare, and after a mistake. */
static inline void prmem_arch_resync(void)
{
	__flush_tlb_all();
}

/* Are the private page tables loaded? */
static __always_inline bool prmem_arch_inside(const struct arch_prmem_window *win)
{
	return __read_cr3() == win->cr3;
}

/* No exception changes CR3, so what a session loaded stays loaded. */
static __always_inline bool prmem_arch_stays(const struct arch_prmem_window *win)
{
	return true;
}

static __always_inline void prmem_arch_reenter(const struct arch_prmem_window *win)
{
}

/* Loads page tables that always do, when nothing comes after it. */
static inline void prmem_arch_abandon(void)
{
	write_cr3(__sme_pa(swapper_pg_dir));
	this_cpu_write(cpu_tlbstate.loaded_mm, &init_mm);
}

static __always_inline void prmem_arch_map(pte_t *slot, unsigned long addr,
					   unsigned long pfn)
{
	/*
	 * No flush: the slot was empty, and x86 does not cache entries that are
	 * not present.
	 */
	set_pte(slot, __pte(((pteval_t)pfn << PAGE_SHIFT) | prmem_alias_flags));
}

static __always_inline void prmem_arch_unmap(pte_t *slot, unsigned long addr)
{
	/*
	 * One local INVLPG is enough: the entry is in the page tables of this
	 * CPU alone, not global, and this PCID is loaded. Leaving it to the
	 * next prmem_arch_enter() would be cheaper, and would leave a writable
	 * translation in the TLB until then.
	 */
	set_pte(slot, __pte(0));
	invlpg(addr);
}

#endif /* _ASM_X86_PRMEM_H */

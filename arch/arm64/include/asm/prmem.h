/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private, single-CPU, one-page writable windows for write-rare memory: what a
 * write needs. What is done at boot is in arch/arm64/mm/prmem_remap.c.
 *
 * TTBR1 is the same on all CPUs, so the private page tables are loaded in TTBR0,
 * and an alias is at an address of the user's half, for the kernel only. The
 * ASID is 0, which reserved_pg_dir has as well, and no process: ASIDs are given
 * out from 1. Three things make it fit. It need not be allocated or pinned, so
 * that nothing can be refused. What other CPUs cached with it does not matter,
 * since TTBR0 never has the CnP bit with it. And TTBR0 as such says ASID 0,
 * which emulated PAN takes for "user memory is closed": an exception in a window
 * neither touches TTBR0 on entry, nor loads the user's page tables on return.
 *
 * The scheduler is not told. ASIDs and TLB invalidations need nothing from this
 * CPU: a rollover keeps the ASID that this CPU said to be active, and broadcast
 * invalidations are done by the hardware, for ASIDs that are not loaded, too.
 * Those of kernel addresses are for all ASIDs.
 */
#ifndef __ASM_PRMEM_H
#define __ASM_PRMEM_H

#include <linux/bitops.h>
#include <linux/cpufeature.h>
#include <linux/irqflags.h>
#include <linux/mmu_context.h>
#include <linux/panic.h>
#include <linux/percpu.h>
#include <linux/pgtable.h>

#include <asm/alternative.h>
#include <asm/barrier.h>
#include <asm/memory.h>
#include <asm/mmu.h>
#include <asm/sysreg.h>
#include <asm/tlbflush.h>

/* For the boot line. */
#define PRMEM_ARCH_NAME		"arm64"

/* Where the kernel's half of the address space begins. */
#define PRMEM_KERNEL_START	_PAGE_OFFSET(vabits_actual)

/*
 * Aliases lie in the upper half of what every CPU can translate with TTBR0: away
 * from NULL, and below the part that only 52-bit addresses reach. A watchpoint
 * of a user matches accesses of EL0, and unprivileged ones of the kernel, which
 * the write path does not make.
 */
#define PRMEM_ALIAS_BASE	(UL(1) << (VA_BITS_MIN - 1))
#define PRMEM_ALIAS_SIZE	(UL(1) << (VA_BITS_MIN - 1))

/*
 * The software bits of protected memory: that wr_*() may write here, and that this
 * is memory of a pool. The first without the second is memory of a cache, where a
 * write is held to the bounds of an object. In user page tables these bits belong
 * to userfaultfd and to device memory, neither of which looks at the kernel's
 * mappings. The hardware ignores them, and a live entry may change in them.
 */
#define PTE_WR_RARE		(_AT(pteval_t, 1) << 58)
#define PTE_PRMEM		(_AT(pteval_t, 1) << 57)

static_assert(!((PTE_WR_RARE | PTE_PRMEM) & ~PTE_SWBITS_MASK));
static_assert(!((PTE_WR_RARE | PTE_PRMEM) & (PTE_DIRTY | PTE_SPECIAL)));

static inline pgprot_t pgprot_wr_rare(pgprot_t prot)
{
	return __pgprot(pgprot_val(prot) | PTE_WR_RARE);
}

static inline pgprot_t pgprot_prmem(pgprot_t prot)
{
	return __pgprot(pgprot_val(prot) | PTE_PRMEM);
}

static __always_inline bool pte_wr_rare(pte_t pte)
{
	pteval_t bits = PTE_VALID | PTE_WR_RARE;

	return (pte_val(pte) & bits) == bits;
}

/* Memory of a cache. */
static __always_inline bool pte_is_object(pte_t pte)
{
	return pte_wr_rare(pte) && !(pte_val(pte) & PTE_PRMEM);
}

/* Any kind of memory that prmem maps. */
static __always_inline bool pte_prmem(pte_t pte)
{
	return pte_valid(pte) && (pte_val(pte) & (PTE_PRMEM | PTE_WR_RARE));
}

static inline pte_t pte_mkobject(pte_t pte)
{
	return clear_pte_bit(pte, __pgprot(PTE_PRMEM));
}

static inline pte_t prmem_pte_mkro(pte_t pte)
{
	return set_pte_bit(clear_pte_bit(pte, __pgprot(PTE_WRITE)),
			   __pgprot(PTE_RDONLY));
}

static inline pte_t prmem_pte_mkrw(pte_t pte)
{
	return set_pte_bit(clear_pte_bit(pte, __pgprot(PTE_RDONLY)),
			   __pgprot(PTE_WRITE));
}

static inline pte_t pte_clear_wr_rare(pte_t pte)
{
	return clear_pte_bit(pte, __pgprot(PTE_WR_RARE));
}

/*
 * The next table. Where a level is folded, it is the one above; the pointer to
 * that must be the real one, and not that of a copy on the stack.
 */
static __always_inline p4d_t *prmem_p4d(unsigned long addr)
{
	/* Not pgd_offset_k(): init_mm.pgd is writable, the symbol is not. */
	pgd_t *pgdp = pgd_offset_pgd(swapper_pg_dir, addr), pgd = READ_ONCE(*pgdp);

	return pgd_none(pgd) ? NULL : p4d_offset_lockless(pgdp, pgd, addr);
}

#define prmem_p4d_is_table(p4d)			(!p4d_none(p4d))
#if CONFIG_PGTABLE_LEVELS > 3
#define prmem_pud_offset(p4dp, p4d, addr)	pud_offset_lockless(p4dp, p4d, addr)
#else
#define prmem_pud_offset(p4dp, p4d, addr)	((void)(p4d), pud_offset(p4dp, addr))
#endif
#if CONFIG_PGTABLE_LEVELS > 2
#define prmem_pmd_offset(pudp, pud, addr) \
	((void)(pudp), pud_pgtable(pud) + pmd_index(addr))
#else
#define prmem_pmd_offset(pudp, pud, addr)	((void)(pud), pmd_offset(pudp, addr))
#endif

#define prmem_is_table(val)	(((val) & PMD_TYPE_MASK) == PMD_TYPE_TABLE)
#define prmem_pud_is_table(pud)	prmem_is_table(pud_val(pud))
#define prmem_pmd_is_table(pmd)	prmem_is_table(pmd_val(pmd))
#define prmem_pte_frame(pte)	pte_pfn(pte)
#define prmem_pte_offset(pmd, addr) \
	((pte_t *)pmd_page_vaddr(pmd) + pte_index(addr))

/**
 * struct arch_prmem_window - what opens the window of one CPU
 * @ttbr0: what to load, with ASID 0 and without CnP
 * @id: what prmem_arch_id() returns on this CPU
 */
struct arch_prmem_window {
	u64 ttbr0;
	u64 id;
};

/* The offset of this CPU's per-CPU data, in TPIDR_EL1 or TPIDR_EL2. */
static __always_inline u64 prmem_arch_id(void)
{
	return __kern_my_cpu_offset();
}

/**
 * struct prmem_saved - what has to be put back when a window closes
 * @ttbr0: TTBR0 as it was found
 * @asid: the ASID field of TTBR1 as it was found
 *
 * Not TTBR1 as a whole: its table is the kernel's, and is taken from the register.
 */
struct prmem_saved {
	u64 ttbr0;
	u64 asid;
};

/*
 * As words whose lowest bit is clear. That of TTBR0 is CnP, and the one above it is
 * reserved.
 */
static __always_inline void prmem_arch_keep(const struct prmem_saved *saved, u64 *words)
{
	words[0] = ror64(saved->ttbr0, 1) & ~1ULL;
	words[1] = saved->asid;
}

static __always_inline void prmem_arch_recall(struct prmem_saved *saved,
					      const u64 *words)
{
	saved->ttbr0 = rol64(words[0], 1);
	saved->asid = words[1];
}

/*
 * With emulated PAN the handler of an exception that reads user memory, as perf's
 * do, leaves TTBR0 reserved. Pseudo-NMIs are kept out then, which only DAIF can.
 * With real PAN such a handler finds no user memory, and leaves the window as it
 * was; prmem refuses its writes, as it does those of each NMI.
 */
static __always_inline bool prmem_keeps_nmi_out(void)
{
	return system_uses_irq_prio_masking() && system_uses_ttbr0_pan();
}

/* Where PMR masks interrupts, flags hold it, and DAIF from this bit on. */
#define PRMEM_DAIF_SHIFT	8

/*
 * Watchpoints and breakpoints are masked as well, which interrupts being off does
 * not do: their handlers are not told from the code that they interrupt, and one
 * that writes would empty the slot under it.
 *
 * What is not kept out are exceptions that the code in a session causes, SErrors,
 * and events of the firmware (SDEI). None touches TTBR0 unless its handler reads
 * user memory; handlers of the last two do not, and are refused like NMIs.
 */
static __always_inline unsigned long __prmem_irq_save(void)
{
	unsigned long flags;

	local_irq_save(flags);
	if (system_uses_irq_prio_masking())
		flags |= read_sysreg(daif) << PRMEM_DAIF_SHIFT;
	/* Not local_daif_mask(): PMR has to say that interrupts are off. */
	if (prmem_keeps_nmi_out())
		asm volatile("msr daifset, #0xf" : : : "memory");
	else
		asm volatile("msr daifset, #8" : : : "memory");
	return flags;
}

/*
 * Both as they were found, whatever the code in a session made of PMR alone: so it is
 * seen to have turned interrupts on also where DAIF has kept them out. PMR comes
 * first: what it masks must not be let in by DAIF.
 */
static __always_inline void prmem_irq_restore(unsigned long flags)
{
	const unsigned long pmr = flags & GENMASK(PRMEM_DAIF_SHIFT - 1, 0);

	if (!system_uses_irq_prio_masking()) {
		local_irq_restore(flags);	/* DAIF as a whole */
		return;
	}
	local_irq_restore(pmr);
	write_sysreg(flags >> PRMEM_DAIF_SHIFT, daif);
}

#define prmem_irq_save(flags)	((flags) = __prmem_irq_save())

/*
 * Can the kernel go on after an oops in a session? What comes next knows of PMR
 * alone, and would leave interrupts masked by DAIF for good; to open DAIF would let
 * interrupts through that die() masks by PMR in the way which takes DAIF for
 * granted. If only watchpoints are masked, they stay so until the CPU returns to where
 * they are not, to a process for example, as they do after BUG(): die() puts DAIF back
 * as it was found.
 */
static inline bool prmem_irq_can_abort(void)
{
	return !prmem_keeps_nmi_out();
}

/* The steps of cpu_do_switch_mm(), for page tables that belong to no process. */
static __always_inline void prmem_load_ttbr0(u64 ttbr0, u64 asid)
{
	u64 ttbr1 = read_sysreg(ttbr1_el1) & ~TTBR_ASID_MASK;

	/*
	 * By way of the reserved table, which is empty, so that no walk, not
	 * even a speculative one, caches entries of one table with the ASID of
	 * the other.
	 */
	cpu_set_reserved_ttbr0_nosync();

	/*
	 * TCR_EL1.A1 is set, so the ASID in use is the one in TTBR1. Its table
	 * does not change, which is why Falkor's erratum 1003 is not met.
	 */
	write_sysreg(ttbr1 | asid, ttbr1_el1);
	write_sysreg(ttbr0, ttbr0_el1);

	/* What comes next may use addresses of TTBR0. */
	isb();

	/*
	 * What post_ttbr_update_workaround() does; that is a function which can
	 * be traced. Broadcast invalidations may have damaged instructions of
	 * the user that were cached with an ASID which is not loaded.
	 */
	if (IS_ENABLED(CONFIG_CAVIUM_ERRATUM_27456))
		asm volatile(ALTERNATIVE("nop; nop; nop",
					 "ic iallu; dsb nsh; isb",
					 ARM64_WORKAROUND_CAVIUM_27456));
}

static __always_inline void prmem_arch_enter(const struct arch_prmem_window *win,
					     struct prmem_saved *saved)
{
	lockdep_assert_irqs_disabled();

	/* With emulated PAN, or in a kernel thread, this may be reserved_pg_dir. */
	saved->ttbr0 = read_sysreg(ttbr0_el1);
	saved->asid = read_sysreg(ttbr1_el1) & TTBR_ASID_MASK;
	prmem_load_ttbr0(win->ttbr0, 0);
}

static __always_inline void prmem_arch_leave(const struct prmem_saved *saved)
{
	prmem_load_ttbr0(saved->ttbr0, saved->asid);
}

/* Are the private page tables loaded? */
static __always_inline bool prmem_arch_inside(const struct arch_prmem_window *win)
{
	return read_sysreg(ttbr0_el1) == win->ttbr0;
}

/*
 * Does a session still have them? Code in it may cause an exception whose handler
 * reads user memory, or read user memory itself, which is against the rules; with
 * emulated PAN either leaves TTBR0 reserved.
 */
static __always_inline bool prmem_arch_stays(const struct arch_prmem_window *win)
{
	return prmem_arch_inside(win);
}

/* Loads page tables that always do, when nothing comes after it. */
static inline void prmem_arch_abandon(void)
{
	cpu_set_reserved_ttbr0();
}

/* Broadcast invalidations are done whatever is loaded. */
static __always_inline void prmem_arch_watch(struct prmem_saved *saved)
{
}

static __always_inline bool prmem_arch_is_stale(const struct prmem_saved *saved)
{
	return false;
}

static inline void prmem_arch_resync(void)
{
}

static __always_inline void prmem_arch_reenter(const struct arch_prmem_window *win)
{
	prmem_load_ttbr0(win->ttbr0, 0);
}

static __always_inline void prmem_arch_map(pte_t *slot, unsigned long addr,
					   unsigned long pfn)
{
	/*
	 * Not for EL0, so that PAN does not apply; not executable; not global,
	 * or it would be there with every ASID. The memory type is that of
	 * vmalloc: with MTE the linear map is tagged, which is the same type
	 * but for the check of tags.
	 */
	__set_pte_nosync(slot, pfn_pte(pfn, __pgprot(_PAGE_KERNEL | PTE_NG)));

	/*
	 * The table walker is an observer of its own: the entry must have
	 * arrived where it looks. It looks from this CPU only, hence nsh. No
	 * invalidation: the slot was empty, and such entries are not cached.
	 */
	dsb(nshst);

	/* And the accesses that follow must not have been translated already. */
	isb();
}

static __always_inline void prmem_arch_unmap(pte_t *slot, unsigned long addr)
{
	__set_pte_nosync(slot, __pte(0));

	/* Invalidated too early, the old entry could be walked once more. */
	dsb(nshst);

	/*
	 * Local, because no other CPU loads this table; the errata that make
	 * invalidations be repeated are about broadcast ones. For the last level
	 * only, because the tables above never change. For all ASIDs, because
	 * that is not dearer, and there is no ASID to be wrong about.
	 */
	__tlbi(vaale1, __TLBI_VADDR(addr, 0));

	/* Wait for it, and for the stores that still use the translation. */
	dsb(nsh);

	/* An access that follows may have been translated before. */
	isb();
}

#endif /* __ASM_PRMEM_H */

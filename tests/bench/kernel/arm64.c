// SPDX-License-Identifier: GPL-2.0
/*
 * Mechanisms of arm64.
 */
#include <linux/mmu_context.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>

#include <asm/fixmap.h>
#include <asm/tlbflush.h>

#include "bench.h"

static u64 bare_ttbr0, reserved_ttbr0, found_ttbr0, found_ttbr1;

pgprot_t bench_alias_prot(void)
{
	return __pgprot(_PAGE_KERNEL | PTE_NG);
}

/* No walk may find the tables of the one with the ASID of the other. */
static __always_inline void load(u64 ttbr0, u64 ttbr1)
{
	write_sysreg(reserved_ttbr0, ttbr0_el1);
	write_sysreg(ttbr1, ttbr1_el1);
	write_sysreg(ttbr0, ttbr0_el1);
	isb();
}

/*
 * No check, no look-up, no bookkeeping, and interrupts are off already. Even the entry
 * is there to be stored.
 */
static __always_inline void *bare_open(struct bench_area *area, unsigned int page,
				       unsigned int nr, struct bench_state *state)
{
	unsigned int i;

	load(bare_ttbr0, found_ttbr1 & ~TTBR_ASID_MASK);
	for (i = 0; i < nr; i++)
		__set_pte_nosync(&bench_bare_ptes[i], bench_bare_entries[page + i]);
	dsb(nshst);
	isb();
	return (void *)BENCH_ALIAS;
}

static __always_inline void bare_close(struct bench_area *area, unsigned int page,
				       unsigned int nr, void *w, struct bench_state *state)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		__set_pte_nosync(&bench_bare_ptes[i], __pte(0));
	dsb(nshst);
	for (i = 0; i < nr; i++)
		__tlbi(vaale1, __TLBI_VADDR(BENCH_ALIAS + i * PAGE_SIZE, 0));
	dsb(nsh);
	load(found_ttbr0, found_ttbr1);
}

BENCH_MECHANISM(bare, BENCH_BATCH)
BENCH_TOGETHER(bare)

/* What is known beforehand. */
static void bare_watch(struct bench_area *area)
{
	/* What is loaded stays the same as long as this process runs. */
	found_ttbr0 = read_sysreg(ttbr0_el1);
	found_ttbr1 = read_sysreg(ttbr1_el1);
	reserved_ttbr0 = phys_to_ttbr(__pa_symbol(reserved_pg_dir));
	bare_ttbr0 = phys_to_ttbr(virt_to_phys(bench_bare_mm->pgd));
	bench_bare_know(area);
}

const struct bench_ops bench_bare = {
	.name = "bare sequence", .write = bare_write, .publish = bare_publish,
	.exchange = bare_cmpxchg, .copy = bare_copy, .batch = bare_batch,
	.watch = bare_watch, .remaps = -1, .irqs_off = true, .nr = 10000,
};

/*
 * The last RFC: a second mapping that is always there, in an mm that is loaded for the
 * time of a write.
 */
static __always_inline void *alias_open(struct bench_area *area, unsigned int page,
					unsigned int nr, struct bench_state *state)
{
	local_irq_save(state->flags);
	__switch_mm(bench_alias_mm);
	return (void *)area->alias + page * PAGE_SIZE;
}

static __always_inline void alias_close(struct bench_area *area, unsigned int page,
					unsigned int nr, void *w, struct bench_state *state)
{
	__switch_mm(current->active_mm);
	local_irq_restore(state->flags);
}

BENCH_MECHANISM(alias, BENCH_PAGES)
BENCH_TOGETHER(alias)

const struct bench_ops bench_alias = {
	.name = "alias in a temporary mm", .write = alias_write, .publish = alias_publish,
	.exchange = alias_cmpxchg, .copy = alias_copy, .batch = alias_batch,
	.nr = 10000,
};

/*
 * What patching.c does, without its check for kernel text, and with a store instead of
 * a copy that may fault.
 */
static DEFINE_RAW_SPINLOCK(fixmap_lock);

static __always_inline void *fixmap_open(struct bench_area *area, unsigned int page,
					 unsigned int nr, struct bench_state *state)
{
	raw_spin_lock_irqsave(&fixmap_lock, state->flags);
	return (void *)set_fixmap_offset(FIX_TEXT_POKE0, page_to_phys(area->pages[page]));
}

static __always_inline void fixmap_close(struct bench_area *area, unsigned int page,
					 unsigned int nr, void *w, struct bench_state *state)
{
	clear_fixmap(FIX_TEXT_POKE0);
	raw_spin_unlock_irqrestore(&fixmap_lock, state->flags);
}

BENCH_MECHANISM(fixmap, 1U)

const struct bench_ops bench_patch = {
	.name = "patching fixmap", .write = fixmap_write, .publish = fixmap_publish,
	.exchange = fixmap_cmpxchg, .copy = fixmap_copy,
	.remaps = 1, .nr = 10000,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Mechanisms of arm64.
 */
#include <linux/mmu_context.h>
#include <linux/sched/mm.h>
#include <linux/spinlock.h>

#include <asm/fixmap.h>
#include <asm/mmu_context.h>
#include <asm/tlbflush.h>

#include "bench.h"

/* Of both temporary mms: the entries of as many pages lie in one page table. */
#define ALIAS	BIT(30)

static struct mm_struct *bare_mm, *alias_mm;
static pte_t *bare_ptes, bare_entries[BENCH_PAGES];
static u64 bare_ttbr0, found_ttbr0, found_ttbr1;

static __always_inline pgprot_t alias_prot(void)
{
	return __pgprot(_PAGE_KERNEL | PTE_NG);
}

static __always_inline void load(u64 ttbr0, u64 ttbr1)
{
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
		__set_pte_nosync(&bare_ptes[i], bare_entries[page + i]);
	dsb(nshst);
	isb();
	return (void *)ALIAS;
}

static __always_inline void bare_close(struct bench_area *area, unsigned int page,
				       unsigned int nr, void *w, struct bench_state *state)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		__set_pte_nosync(&bare_ptes[i], __pte(0));
	dsb(nshst);
	for (i = 0; i < nr; i++)
		__tlbi(vaale1, __TLBI_VADDR(ALIAS + i * PAGE_SIZE, 0));
	dsb(nsh);
	load(found_ttbr0, found_ttbr1);
}

BENCH_MECHANISM(bare, BENCH_BATCH)
BENCH_TOGETHER(bare)

/* What is known beforehand. */
static void bare_watch(struct bench_area *area)
{
	unsigned int i;

	/* What is loaded stays the same as long as this process runs. */
	found_ttbr0 = read_sysreg(ttbr0_el1);
	found_ttbr1 = read_sysreg(ttbr1_el1);
	for (i = 0; i < area->nr_pages; i++)
		bare_entries[i] = mk_pte(area->pages[i], alias_prot());
	for (i = 0; i < BENCH_BATCH; i++)
		bench_watch_word(&bare_ptes[i]);
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
	__switch_mm(alias_mm);
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

static int map_page(struct mm_struct *mm, unsigned long addr, struct page *page, pte_t **ptep)
{
	spinlock_t *ptl;	/* of the page table */
	pte_t *pte = get_locked_pte(mm, addr, &ptl);

	if (!pte)
		return -ENOMEM;
	if (page)
		__set_pte(pte, mk_pte(page, alias_prot()));
	if (ptep)
		*ptep = pte;
	pte_unmap_unlock(pte, ptl);
	return 0;
}

int bench_arch_alias(struct bench_area *area)
{
	static unsigned long next = ALIAS;
	unsigned int i;
	int err = 0;

	area->alias = next;
	next += area->nr_pages * PAGE_SIZE;
	for (i = 0; i < area->nr_pages && !err; i++)
		err = map_page(alias_mm, area->alias + i * PAGE_SIZE, area->pages[i], NULL);
	return err;
}

int bench_arch_init(void)
{
	bare_mm = mm_alloc();
	alias_mm = mm_alloc();
	if (!bare_mm || !alias_mm)
		return -ENOMEM;
	bare_ttbr0 = phys_to_ttbr(virt_to_phys(bare_mm->pgd));
	return map_page(bare_mm, ALIAS, NULL, &bare_ptes);
}

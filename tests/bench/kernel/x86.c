// SPDX-License-Identifier: GPL-2.0
/*
 * Mechanisms of x86.
 */
#include <linux/hw_breakpoint.h>
#include <linux/memory.h>
#include <linux/mmu_context.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

#include <asm/debugreg.h>
#include <asm/mmu_context.h>
#include <asm/text-patching.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>

#include "bench.h"

/* Of both temporary mms: the entries of as many pages lie in one page table. */
#define ALIAS	BIT(30)

static struct mm_struct *bare_mm, *alias_mm;
static pte_t *bare_ptes, bare_entries[BENCH_PAGES];
static unsigned long bare_cr3, found_cr3;

static pgprot_t alias_prot(void)
{
	return __pgprot(pgprot_val(PAGE_KERNEL) & ~_PAGE_GLOBAL);
}

/*
 * No check, no look-up, no bookkeeping, and interrupts are off already. Even the entry
 * is there to be stored.
 */
static __always_inline void *bare_open(struct bench_area *area, unsigned int page,
				       unsigned int nr, struct bench_state *state)
{
	unsigned int i;

	write_cr3(bare_cr3);
	for (i = 0; i < nr; i++)
		set_pte(&bare_ptes[i], bare_entries[page + i]);
	return (void *)ALIAS;
}

static __always_inline void bare_close(struct bench_area *area, unsigned int page,
				       unsigned int nr, void *w, struct bench_state *state)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		set_pte(&bare_ptes[i], __pte(0));
		invlpg(ALIAS + i * PAGE_SIZE);
	}
	write_cr3(found_cr3);
}

BENCH_MECHANISM(bare, BENCH_BATCH)
BENCH_TOGETHER(bare)

/* What is known beforehand. */
static void bare_watch(struct bench_area *area)
{
	unsigned int i;

	/* What is loaded stays the same as long as this process runs. */
	found_cr3 = __read_cr3();
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
 * time of a write. The two functions of alternative.c that do this are static there.
 */
static __always_inline struct mm_struct *use_mm(struct mm_struct *mm)
{
	struct mm_struct *prev;

	if (this_cpu_read(cpu_tlbstate_shared.is_lazy))
		leave_mm();
	prev = this_cpu_read(cpu_tlbstate.loaded_mm);
	switch_mm_irqs_off(NULL, mm, current);
	if (hw_breakpoint_active())
		hw_breakpoint_disable();
	return prev;
}

static __always_inline void unuse_mm(struct mm_struct *prev)
{
	switch_mm_irqs_off(NULL, prev, current);
	if (hw_breakpoint_active())
		hw_breakpoint_restore();
}

static __always_inline void *alias_open(struct bench_area *area, unsigned int page,
					unsigned int nr, struct bench_state *state)
{
	local_irq_save(state->flags);
	state->prev = use_mm(alias_mm);
	return (void *)area->alias + page * PAGE_SIZE;
}

static __always_inline void alias_close(struct bench_area *area, unsigned int page,
					unsigned int nr, void *w, struct bench_state *state)
{
	unuse_mm(state->prev);
	local_irq_restore(state->flags);
}

BENCH_MECHANISM(alias, BENCH_PAGES)
BENCH_TOGETHER(alias)

const struct bench_ops bench_alias = {
	.name = "alias in a temporary mm", .write = alias_write, .publish = alias_publish,
	.exchange = alias_cmpxchg, .copy = alias_copy, .batch = alias_batch,
	.nr = 10000,
};

/* text_mutex is held around the loop. One page at most, and no order of its bytes. */
static noinline void poke_write(struct bench_area *area, u64 *p, u64 val)
{
	text_poke(p, &val, sizeof(val));
}

static noinline void poke_copy(struct bench_area *area, void *dst, const void *src,
			       size_t len)
{
	size_t chunk;

	for (; len; len -= chunk, dst += chunk, src += chunk) {
		chunk = min(len, PAGE_SIZE - offset_in_page(dst));
		text_poke(dst, src, chunk);
	}
}

static void poke_watch(struct bench_area *area)
{
	spinlock_t *ptl;	/* of the page table */
	pte_t *pte = get_locked_pte(poking_mm, poking_addr, &ptl);

	if (!pte)
		return;
	bench_watch_word(pte);
	pte_unmap_unlock(pte, ptl);
}

const struct bench_ops bench_patch = {
	.name = "text_poke", .write = poke_write, .copy = poke_copy,
	.watch = poke_watch, .remaps = -1, .nr = 10000,
};

static int map_page(struct mm_struct *mm, unsigned long addr, struct page *page, pte_t **ptep)
{
	spinlock_t *ptl;	/* of the page table */
	pte_t *pte = get_locked_pte(mm, addr, &ptl);

	if (!pte)
		return -ENOMEM;
	if (page)
		set_pte(pte, mk_pte(page, alias_prot()));
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
	bare_cr3 = __sme_pa(bare_mm->pgd);
	return map_page(bare_mm, ALIAS, NULL, &bare_ptes);
}

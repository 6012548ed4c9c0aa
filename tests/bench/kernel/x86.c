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
#include <asm/text-patching.h>
#include <asm/tlb.h>
#include <asm/tlbflush.h>

#include "bench.h"

static unsigned long bare_cr3, found_cr3;

pgprot_t bench_alias_prot(void)
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
		set_pte(&bench_bare_ptes[i], bench_bare_entries[page + i]);
	return (void *)BENCH_ALIAS;
}

static __always_inline void bare_close(struct bench_area *area, unsigned int page,
				       unsigned int nr, void *w, struct bench_state *state)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		set_pte(&bench_bare_ptes[i], __pte(0));
		invlpg(BENCH_ALIAS + i * PAGE_SIZE);
	}
	write_cr3(found_cr3);
}

BENCH_MECHANISM(bare, BENCH_BATCH)
BENCH_TOGETHER(bare)

/* What is known beforehand. */
static void bare_watch(struct bench_area *area)
{
	/* What is loaded stays the same as long as this process runs. */
	found_cr3 = __read_cr3();
	bare_cr3 = __sme_pa(bench_bare_mm->pgd);
	bench_bare_know(area);
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
	state->prev = use_mm(bench_alias_mm);
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

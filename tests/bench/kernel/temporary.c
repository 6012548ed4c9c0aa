// SPDX-License-Identifier: GPL-2.0
/*
 * The mms of the mechanisms that switch to one.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "bench.h"

struct mm_struct *bench_bare_mm, *bench_alias_mm;
pte_t *bench_bare_ptes, bench_bare_entries[BENCH_PAGES];

/* The entry of @addr; it is there from then on. */
static pte_t *entry_of(struct mm_struct *mm, unsigned long addr, struct page *page)
{
	spinlock_t *ptl;	/* of the page table */
	pte_t *pte = get_locked_pte(mm, addr, &ptl);

	if (!pte)
		return NULL;
	if (page)
		set_pte(pte, mk_pte(page, bench_alias_prot()));
	pte_unmap_unlock(pte, ptl);
	return pte;
}

/* What the bare sequence need not find out. */
void bench_bare_know(struct bench_area *area)
{
	unsigned int i;

	for (i = 0; i < area->nr_pages; i++)
		bench_bare_entries[i] = mk_pte(area->pages[i], bench_alias_prot());
	for (i = 0; i < BENCH_BATCH; i++)
		bench_watch_word(&bench_bare_ptes[i]);
}

int bench_alias_map(struct bench_area *area)
{
	static unsigned long next = BENCH_ALIAS;
	unsigned int i;

	area->alias = next;
	next += area->nr_pages * PAGE_SIZE;
	for (i = 0; i < area->nr_pages; i++)
		if (!entry_of(bench_alias_mm, area->alias + i * PAGE_SIZE, area->pages[i]))
			return -ENOMEM;
	return 0;
}

int bench_temporary_init(void)
{
	bench_bare_mm = mm_alloc();
	bench_alias_mm = mm_alloc();
	if (!bench_bare_mm || !bench_alias_mm)
		return -ENOMEM;
	bench_bare_ptes = entry_of(bench_bare_mm, BENCH_ALIAS, NULL);
	return bench_bare_ptes ? 0 : -ENOMEM;
}

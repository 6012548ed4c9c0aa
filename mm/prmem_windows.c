// SPDX-License-Identifier: GPL-2.0
/*
 * Write-rare memory: the windows.
 *
 * Every possible CPU has page tables that no other CPU ever loads. A few of
 * their entries, the slots, are next to each other in one page table, at an
 * address drawn at boot.
 */
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/pgalloc.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/random.h>
#include <linux/sched/mm.h>

#include <kunit/visibility.h>

/*
 * One element per CPU number, in read-only pool memory: who could change it
 * could have prmem write a page-table entry anywhere.
 */
const struct prmem_window *prmem_windows __ro_after_init;
unsigned int prmem_nr_windows __ro_after_init;

static pgd_t **window_pgds __ro_after_init;
VISIBLE_IF_KUNIT struct mm_struct *prmem_mm __ro_after_init;

/* The slots, and what a session keeps behind them, must not leave their page table. */
static unsigned long __init draw_alias(void)
{
	unsigned long tables = PRMEM_ALIAS_SIZE / PMD_SIZE;
	unsigned long firsts = PTRS_PER_PTE - PRMEM_SLOTS - PRMEM_SESSION_ENTRIES + 1;

	return PRMEM_ALIAS_BASE + get_random_long() % tables * PMD_SIZE +
	       get_random_long() % firsts * PAGE_SIZE;
}

/*
 * The entry of @addr, with all tables above it. The mm is there for its
 * page_table_lock and for the accounting of the tables.
 */
static pte_t *__init alloc_slots(pgd_t *pgd, unsigned long addr)
{
	p4d_t *p4d = p4d_alloc(prmem_mm, pgd_offset_pgd(pgd, addr), addr);
	pud_t *pud = p4d ? pud_alloc(prmem_mm, p4d, addr) : NULL;
	pmd_t *pmd = pud ? pmd_alloc(prmem_mm, pud, addr) : NULL;

	if (!pmd || pte_alloc(prmem_mm, pmd))
		return NULL;
	return pte_offset_kernel(pmd, addr);
}

/* Not by number: that is what has been found to be wrong. */
const struct prmem_window *prmem_find_window(void)
{
	unsigned int cpu;

	for (cpu = 0; cpu < prmem_nr_windows; cpu++) {
		if (prmem_windows[cpu].arch.id == prmem_arch_id())
			return &prmem_windows[cpu];
	}
	panic("prmem: this CPU has no window\n");
}

static int __init window_init(struct prmem_window *win, pgd_t *pgd,
			      unsigned int cpu)
{
	win->alias = draw_alias();
	win->slots = alloc_slots(pgd, win->alias);
	if (!win->slots)
		return -ENOMEM;
	prmem_session_of(win)->tags[0] = PRMEM_TAG_NONE;
	prmem_arch_window_init(&win->arch, pgd, cpu);
	return 0;
}

static int __init fill_table(struct prmem_window *table, pgd_t **pgds)
{
	const unsigned int first = cpumask_first(cpu_possible_mask);
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu) {
		/* The first CPU gets the PGD that came with the mm. */
		pgds[cpu] = cpu == first ? prmem_mm->pgd : pgd_alloc(prmem_mm);
		if (!pgds[cpu])
			return -ENOMEM;
		err = window_init(&table[cpu], pgds[cpu], cpu);
		if (err)
			return err;
	}
	/* A number that belongs to no CPU must not lead to nowhere. */
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		if (cpu_possible(cpu))
			continue;
		table[cpu] = table[first];
		pgds[cpu] = pgds[first];
	}
	return 0;
}

int __init prmem_windows_init(void)
{
	struct pmalloc_pool *pool;
	struct prmem_window *table;
	int err;

	prmem_mm = mm_alloc();
	if (!prmem_mm)
		return -ENOMEM;
	pool = pmalloc_create_permanent("prmem_windows", PMALLOC_MODE_RO);
	if (!pool)
		return -ENOMEM;
	/* In this order both are aligned as they have to be. */
	table = pmalloc(pool, array_size(nr_cpu_ids, sizeof(*table)));
	window_pgds = pmalloc(pool, array_size(nr_cpu_ids, sizeof(*window_pgds)));
	if (!table || !window_pgds)
		return -ENOMEM;
	err = fill_table(table, window_pgds);
	if (err)
		return err;
	err = pmalloc_protect_pool(pool);
	if (err)
		return err;
	prmem_windows = table;
	/* From here on nothing is written as it is early on. */
	barrier();
	prmem_nr_windows = nr_cpu_ids;
	return 0;
}

pgd_t *prmem_window_pgd(unsigned int cpu)
{
	return window_pgds[cpu];
}

unsigned long prmem_window_alias(unsigned int cpu)
{
	return prmem_windows[cpu].alias;
}

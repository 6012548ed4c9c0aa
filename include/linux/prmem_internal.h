/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of prmem share with each other and with their tests. Nobody else
 * needs this file: the API is in prmem.h.
 */
#ifndef _LINUX_PRMEM_INTERNAL_H
#define _LINUX_PRMEM_INTERNAL_H

#include <linux/prmem.h>
#include <asm/prmem.h>

/*
 * The architecture. Each CPU has page tables of its own, with one page-table
 * entry reserved in them: the slot.
 */

/**
 * prmem_arch_init - build the private page tables of all possible CPUs
 *
 * Context: Process, once, before other CPUs run.
 * Return: 0 or -ENOMEM.
 */
int prmem_arch_init(void);

/**
 * prmem_arch_enter - load this CPU's private page tables
 * @saved: filled with what prmem_arch_leave() needs
 *
 * Context: Interrupts off until prmem_arch_leave(), not NMI.
 * Return: the window of this CPU.
 */
const struct prmem_window *prmem_arch_enter(struct prmem_saved *saved);

/**
 * prmem_arch_leave - go back to the page tables that were loaded
 * @saved: from prmem_arch_enter()
 */
void prmem_arch_leave(const struct prmem_saved *saved);

/**
 * prmem_arch_map - map one page writable into the slot
 * @win: from prmem_arch_enter()
 * @pfn: its frame
 *
 * Context: Between prmem_arch_enter() and prmem_arch_leave().
 * Return: the address of the alias.
 */
void *prmem_arch_map(const struct prmem_window *win, unsigned long pfn);

/**
 * prmem_arch_unmap - empty the slot, in the page tables and in the TLB
 * @win: from prmem_arch_enter()
 */
void prmem_arch_unmap(const struct prmem_window *win);

/* The private page tables of @cpu and the address of its slot, for the tests. */
pgd_t *prmem_arch_pgd(unsigned int cpu);
unsigned long prmem_arch_slot(unsigned int cpu);

/* prmem.c */
extern char __start_wr_after_init[], __end_wr_after_init[];

bool prmem_ready(void);
bool prmem_active(void);
bool prmem_test_and_set(u32 *word);
pte_t prmem_pte(unsigned long addr);
bool prmem_is_new_site(unsigned long caller);
bool prmem_report(const char *why, int err, const void *dst, size_t len,
		  unsigned long caller);

/* pmalloc.c */
int pmalloc_init(void);

/* For prmem itself: before the windows exist, and never to be destroyed. */
struct pmalloc_pool *pmalloc_create_permanent(const char *name,
					      enum pmalloc_mode mode);

#define PMALLOC_NAME_LEN	24

/**
 * struct pmalloc_area - one mapping of a pool
 * @next: the next older area of the pool
 * @addr: its first byte
 * @nr_pages: its length
 * @protected: closed by a protect call; what comes next needs a new area
 */
struct pmalloc_area {
	struct pmalloc_area *next;
	unsigned long addr;
	unsigned int nr_pages;
	bool protected;
};

/**
 * struct pmalloc_pool - a named set of areas
 * @next: the next pool
 * @areas: its areas, newest first
 * @offset: bytes used of the newest area
 * @mode: how areas are protected
 * @permanent: cannot be destroyed
 * @name: for people
 */
struct pmalloc_pool {
	struct pmalloc_pool *next;
	struct pmalloc_area *areas;
	unsigned long offset;
	enum pmalloc_mode mode;
	bool permanent;
	char name[PMALLOC_NAME_LEN];
};

typedef int (*pmalloc_area_fn)(const struct pmalloc_area *area, void *arg);

/* Calls @fn for each area of each pool, and for prmem's own; stops on non-zero. */
int pmalloc_walk_areas(pmalloc_area_fn fn, void *arg);

#endif /* _LINUX_PRMEM_INTERNAL_H */

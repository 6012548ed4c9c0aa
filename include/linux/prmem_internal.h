/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of prmem share with each other and with their tests. Nobody else
 * needs this file: the API is in prmem.h.
 *
 * The architecture provides, in asm/prmem.h and arch/.../mm/prmem_remap.c:
 *
 *	PRMEM_ARCH_NAME, PRMEM_KERNEL_START, PRMEM_ALIAS_BASE, PRMEM_ALIAS_SIZE
 *	pte_wr_rare() and its kin, pte_prmem(): the software bits of pool memory
 *	prmem_p4d_offset(), _pud_, _pmd_, _pte_: the next table, by value of the
 *	entry; prmem_pud_is_table(), _pmd_; prmem_pte_frame()
 *	prmem_irq_save(), prmem_irq_restore(), prmem_irq_abort()
 *	prmem_arch_id(): which CPU this is, from a register
 *	prmem_arch_enter(), _reenter(), _leave(), _inside(): the page tables
 *	prmem_arch_map(), prmem_arch_unmap(): one page in one slot
 *	prmem_arch_is_stale(), prmem_arch_resync(): when a session went wrong
 *	prmem_arch_init(), _window_init(), _set_ro(), _set_rw(), _inactive()
 */
#ifndef _LINUX_PRMEM_INTERNAL_H
#define _LINUX_PRMEM_INTERNAL_H

#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/ratelimit.h>
#include <linux/prmem.h>
#include <asm/prmem.h>

/**
 * prmem_arch_init - prepare for prmem_arch_window_init()
 *
 * Context: Process, once, before other CPUs run.
 * Return: 0 or -errno.
 */
int prmem_arch_init(void);

/**
 * prmem_arch_window_init - note how page tables are loaded
 * @win: what prmem_arch_enter() will be given
 * @pgd: the page tables
 * @cpu: whose they are
 */
void prmem_arch_window_init(struct arch_prmem_window *win, pgd_t *pgd,
			    unsigned int cpu);

/**
 * prmem_arch_set_ro - refuse plain stores to the memory of a pool
 * @addr: its address
 * @nr_pages: its length
 *
 * Changes the mapping at @addr and that of the same frames in the linear map, and
 * flushes the TLBs of all CPUs.
 *
 * Context: Process. May sleep.
 * Return: 0 or -errno.
 */
int prmem_arch_set_ro(unsigned long addr, unsigned int nr_pages);

/**
 * prmem_arch_set_rw - undo prmem_arch_set_ro()
 * @addr: as given there
 * @nr_pages: as given there
 *
 * Context: Process. May sleep.
 * Return: 0 or -errno. Fails neither after success of prmem_arch_set_ro() nor
 * after a failure for lack of memory.
 */
int prmem_arch_set_rw(unsigned long addr, unsigned int nr_pages);

/* NULL, or why memory can be written in spite of prmem_arch_set_ro(). */
const char *prmem_arch_inactive(void);

/*
 * Slots are page-table entries that are next to each other. The first one holds
 * the alias of a single write, or the state of a session, whose pages have the
 * others.
 */
#define PRMEM_SESSION_PAGES	8
#define PRMEM_SLOTS		(1 + PRMEM_SESSION_PAGES)

/**
 * struct prmem_session - the session of one CPU
 * @depth: how many are open, one in another
 * @nr_pages: slots in use
 * @victim: the slot that is emptied next when all are in use
 * @budget: bytes that wr_memcpy() and wr_memset() may still write
 * @flags: whether interrupts were on
 * @saved: what prmem_arch_leave() needs
 * @tags: by slot, the address of a page that is write-rare as a whole, or 1
 *
 * This is read-only memory, in a page of its own. Nobody can change it but the
 * CPU it belongs to, and that one only in a session.
 */
struct prmem_session {
	unsigned int depth;
	unsigned int nr_pages;
	unsigned int victim;
	unsigned int budget;
	unsigned long flags;
	struct prmem_saved saved;
	unsigned long tags[PRMEM_SESSION_PAGES];
};

/**
 * struct prmem_window - the window of one CPU
 * @arch: how its page tables are loaded
 * @slots: the page-table entries of its aliases
 * @alias: the address of the first one
 * @session: the state of its session, where it can be read
 * @session_pfn: the frame of @session
 */
struct prmem_window {
	struct arch_prmem_window arch;
	pte_t *slots;
	unsigned long alias;
	struct prmem_session *session;
	unsigned long session_pfn;
} __aligned(64);

/* prmem_windows.c */
extern const struct prmem_window *prmem_windows;
extern unsigned int prmem_nr_windows;

int prmem_windows_init(void);

const struct prmem_window *prmem_find_window(void);

/*
 * The number of the CPU is in writable memory, and two CPUs in one window would
 * write each other's pages. So the window has to agree with a register.
 */
static __always_inline const struct prmem_window *prmem_this_window(void)
{
	unsigned int cpu = raw_smp_processor_id();
	const struct prmem_window *win = &prmem_windows[cpu];

	if (likely(cpu < prmem_nr_windows && win->arch.id == prmem_arch_id()))
		return win;
	return prmem_find_window();
}

/* The private page tables of @cpu and the address of its slots, for the tests. */
pgd_t *prmem_window_pgd(unsigned int cpu);
unsigned long prmem_window_alias(unsigned int cpu);

/* prmem.c */
extern char __start_wr_after_init[], __end_wr_after_init[];

bool prmem_ready(void);
bool prmem_active(void);
pte_t prmem_pte(unsigned long addr);
bool prmem_maps_writable(unsigned long addr);
bool prmem_is_new_site(unsigned long caller);
bool prmem_report(const char *why, int err, const void *dst, size_t len,
		  unsigned long caller);

/**
 * struct prmem_stats - what happened on one CPU
 * @switches: times that private page tables were loaded
 * @remaps: aliases that were opened
 * @refused: calls that were refused
 */
struct prmem_stats {
	unsigned long switches;
	unsigned long remaps;
	unsigned long refused;
};

#ifdef CONFIG_PRMEM_STATS
DECLARE_PER_CPU(struct prmem_stats, prmem_stats);
#define prmem_count(what)	this_cpu_inc(prmem_stats.what)
#else
#define prmem_count(what)	((void)offsetof(struct prmem_stats, what))
#endif

/* pmalloc.c */
int pmalloc_init(void);

/* For prmem itself: before the windows exist, and never to be destroyed. */
struct pmalloc_pool *pmalloc_create_permanent(const char *name,
					      enum pmalloc_mode mode);

/*
 * What is writable although it belongs to prmem, and the mm of its page tables, so
 * that a test can corrupt them.
 */
#define PRMEM_NR_SITES	256

#if IS_ENABLED(CONFIG_KUNIT)
extern unsigned long prmem_reported[PRMEM_NR_SITES];
extern struct ratelimit_state prmem_report_rest;
extern struct mutex pmalloc_mutex;
extern struct mm_struct *prmem_mm;
#endif

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

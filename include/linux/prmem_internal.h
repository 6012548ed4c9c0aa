/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of prmem share with each other and with their tests. Nobody else
 * needs this file: the API is in prmem.h.
 *
 * The architecture provides, in asm/prmem.h and arch/.../mm/prmem_remap.c:
 *
 *	PRMEM_ARCH_NAME, PRMEM_KERNEL_START, PRMEM_ALIAS_BASE, PRMEM_ALIAS_SIZE
 *	pte_wr_rare(), pte_prmem(), pte_is_object(), and what makes them so: the
 *	software bits; prmem_pte_mkro(), _mkrw(): the permission of the hardware
 *	prmem_p4d(): the entry of that level; prmem_pud_offset(), _pmd_, _pte_: the
 *	next table, by value of the entry; prmem_p4d_is_table(), _pud_, _pmd_;
 *	prmem_pte_frame()
 *	prmem_irq_save(), prmem_irq_restore(), prmem_irq_can_abort()
 *	prmem_arch_id(): which CPU this is, from a register
 *	prmem_arch_enter(), _reenter(), _leave(): the page tables; _inside(): are
 *	they loaded; _stays(): are they still, in a session
 *	prmem_arch_keep(), _recall(): what was loaded before, as entries that are not
 *	present
 *	prmem_arch_map(), prmem_arch_unmap(): one page in one slot
 *	prmem_arch_watch(), prmem_arch_is_stale(), prmem_arch_resync(): when a
 *	session went wrong
 *	prmem_arch_abandon(): when a write did
 *	prmem_arch_init(), _window_init(), _linear_ro(), _linear_rw(), _inactive()
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
 * prmem_arch_linear_ro - refuse plain stores through the linear map
 * @addr: where pages begin in the linear map
 * @nr_pages: how many
 *
 * Flushes the TLBs of all CPUs, of what vfree() and vunmap() have left there as
 * well. Does not split a huge mapping that lies in the range.
 *
 * Context: Process. May sleep.
 * Return: 0 or -errno.
 */
int prmem_arch_linear_ro(unsigned long addr, unsigned int nr_pages);

/**
 * prmem_arch_linear_rw - undo prmem_arch_linear_ro()
 * @addr: as given there
 * @nr_pages: as given there
 *
 * Context: Process. May sleep.
 * Return: 0 or -errno. Fails neither after success of prmem_arch_linear_ro() nor
 * after a failure for lack of memory.
 */
int prmem_arch_linear_rw(unsigned long addr, unsigned int nr_pages);

/* NULL, or why memory can be written in spite of prmem_arch_set_ro(). */
const char *prmem_arch_inactive(void);

/*
 * Slots are page-table entries that are next to each other. The first one holds
 * the alias of a single write; a session has them all.
 */
#define PRMEM_SLOTS		8

/* What it takes to keep a struct prmem_saved, see prmem_arch_keep(). */
#define PRMEM_SAVED_WORDS	3

/* Pointers that __wr_stores() writes at once. */
#define PRMEM_STORES		16

/**
 * struct prmem_session - the session of one CPU
 * @depth: how many are open, one in another
 * @nr_pages: slots in use
 * @victim: the slot that is emptied next when all are in use
 * @budget: bytes that wr_memcpy() and wr_memset() may still write
 * @whole_pages: objects are not held to their bounds
 * @flags: whether interrupts were on
 * @saved: what prmem_arch_leave() needs
 * @tags: by slot, the address of the page, with bits that say more about it
 * @region: what @table is the page table of, an address
 * @table: the page table of the kernel that was met last
 * @page: the page that __wr_stores() met last, if all of it may be written
 * @page_alias: its alias
 * @nr_places: how many aliases __wr_stores() has opened
 * @places: these aliases
 *
 * These are page-table entries, next to the slots and as trusted as they are.
 * None is present: the lowest bit of each word is clear. What does not
 * keep it clear by itself is shifted, see prmem_session_get().
 */
struct prmem_session {
	u64 depth;
	u64 nr_pages;
	u64 victim;
	u64 budget;
	u64 whole_pages;
	u64 flags;
	u64 saved[PRMEM_SAVED_WORDS];
	u64 tags[PRMEM_SLOTS];
	u64 region;
	u64 table;
	u64 page;
	u64 page_alias;
	u64 nr_places;
	u64 places[PRMEM_STORES];
};

/* In @tags: no page. */
#define PRMEM_TAG_NONE		(~1UL)

#define PRMEM_SESSION_ENTRIES	(sizeof(struct prmem_session) / sizeof(pte_t))

static_assert(sizeof(pte_t) == sizeof(u64));

#define prmem_session_get(session, field)	((session)->field >> 1)
#define prmem_session_set(session, field, val) \
	((void)((session)->field = (u64)(val) << 1))

/**
 * struct prmem_window - the window of one CPU
 * @arch: how its page tables are loaded
 * @slots: the page-table entries of its aliases, and those of its session
 * @alias: the address of the first one
 */
struct prmem_window {
	struct arch_prmem_window arch;
	pte_t *slots;
	unsigned long alias;
} __aligned(32);

/* tools/code-check recognises an alias by where it comes from. */
static_assert(offsetof(struct prmem_window, alias) == 24);

static __always_inline struct prmem_session *
prmem_session_of(const struct prmem_window *win)
{
	return (struct prmem_session *)(win->slots + PRMEM_SLOTS);
}

/* prmem_windows.c */
extern const struct prmem_window *prmem_windows;
extern unsigned int prmem_nr_windows;

int prmem_windows_init(void);

const struct prmem_window *prmem_find_window(void);

/*
 * The number of the CPU is in writable memory, and two CPUs in one window would
 * write each other's pages. So the window has to agree with a register. False as
 * well if there are no windows yet.
 */
static __always_inline bool prmem_window_here(const struct prmem_window **here)
{
	unsigned int cpu = raw_smp_processor_id();
	const struct prmem_window *win = &prmem_windows[cpu];

	*here = win;
	return cpu < prmem_nr_windows && win->arch.id == prmem_arch_id();
}

static __always_inline const struct prmem_window *prmem_this_window(void)
{
	const struct prmem_window *win;

	return likely(prmem_window_here(&win)) ? win : prmem_find_window();
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

/* Counts and reports a refusal; returns @err. */
int prmem_refuse(const char *why, int err, const void *dst, size_t len,
		 unsigned long caller);

/* In a session: whether the bounds of objects do not matter. For their owner. */
void prmem_session_whole_pages(bool yes);

/* Is this inside one object that somebody has? @addr is in a slab. */
bool prmem_in_object(unsigned long addr, size_t len);

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
/* With interrupts off; not a call on any architecture. */
#define prmem_count_inside(what)	raw_cpu_inc(prmem_stats.what)
#else
#define prmem_count(what)	((void)offsetof(struct prmem_stats, what))
#define prmem_count_inside(what)	prmem_count(what)
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

/*
 * Told instead of the kernel log. Not a static stub of KUnit: that is found under
 * a lock, which may sleep with PREEMPT_RT, and a session has interrupts off.
 */
typedef bool (*prmem_report_fn)(const char *why, int err, const void *dst,
				size_t len, unsigned long caller);
extern prmem_report_fn prmem_report_stub;
extern struct ratelimit_state prmem_report_rest;
extern struct mutex pmalloc_mutex;
extern struct mutex prmem_copy_mutex;
extern struct notifier_block prmem_die_block;
extern struct notifier_block prmem_panic_block;
extern struct mm_struct *prmem_mm;
#endif

#define PMALLOC_NAME_LEN	24

struct prmem_desc;

/**
 * struct pmalloc_area - one mapping of a pool, or the addresses of some slabs
 * @next: the next older area
 * @addr: its first byte
 * @used: bytes that were handed out, once it gives nothing more
 * @owner: the pool or cache it belongs to; NULL if to nobody
 * @nr_pages: its length
 * @protected: refuses plain stores
 * @ro: refuses wr_*() as well
 */
struct pmalloc_area {
	struct pmalloc_area *next;
	unsigned long addr;
	unsigned long used;
	struct prmem_desc *owner;
	unsigned int nr_pages;
	bool protected;
	bool ro;
};

/**
 * struct pmalloc_side - the part of a pool that stays writable
 * @pos: the end of what was handed out of the newest area
 * @nr_objects: allocations, for people
 */
struct pmalloc_side {
	unsigned long pos;
	atomic_long_t nr_objects;
};

/**
 * struct pmalloc_pool - a named set of areas
 * @next: the next pool
 * @areas: its areas, newest first
 * @mark: follows the position in a pool whose areas are never open
 * @side: what has to be writable
 * @mode: how areas are protected
 * @refill: pages of an area, at least
 * @align_order: alignment of what is handed out, as a power of two
 * @permanent: cannot be destroyed
 * @open: the newest area may be handed out
 * @sealed: there will be no other area
 * @name: for people
 */
struct pmalloc_pool {
	struct pmalloc_pool *next;
	struct pmalloc_area *areas;
	unsigned long mark;
	struct pmalloc_side *side;
	enum pmalloc_mode mode;
	unsigned int refill;
	u8 align_order;
	bool permanent;
	bool open;
	bool sealed;
	char name[PMALLOC_NAME_LEN];
};

/**
 * struct pmalloc_usage - what a pool holds
 * @areas: number of areas
 * @objects: number of allocations
 * @size: bytes of all areas
 * @used: bytes that were handed out, with the gaps of alignment
 * @protected: bytes that refuse plain stores
 */
struct pmalloc_usage {
	unsigned long areas;
	unsigned long objects;
	unsigned long size;
	unsigned long used;
	unsigned long protected;
};

void pmalloc_usage(const struct pmalloc_pool *pool, struct pmalloc_usage *usage);

typedef int (*pmalloc_pool_fn)(const struct pmalloc_pool *pool, void *arg);
typedef int (*pmalloc_area_fn)(const struct pmalloc_area *area, void *arg);

/* Calls @fn for each pool; stops on non-zero. */
int pmalloc_walk_pools(pmalloc_pool_fn fn, void *arg);

/* Calls @fn for each area of each pool, and for prmem's own; stops on non-zero. */
int pmalloc_walk_areas(pmalloc_area_fn fn, void *arg);

/* Calls @fn for each slab of each cache, as an area; stops on non-zero. */
int prmem_walk_slabs(pmalloc_area_fn fn, void *arg);

/**
 * struct prmem_cache_usage - what a cache holds
 * @name: for people
 * @slabs: number of slabs
 * @size: bytes of all slabs
 * @used: bytes of all objects
 * @objects: number of objects
 */
struct prmem_cache_usage {
	const char *name;
	unsigned long slabs;
	unsigned long size;
	unsigned long used;
	unsigned long objects;
};

typedef int (*prmem_cache_fn)(const struct prmem_cache_usage *usage, void *arg);

/* Calls @fn for each cache; stops on non-zero. */
int prmem_walk_caches(prmem_cache_fn fn, void *arg);

/* For the tests: whether one of them wants to know instead of the log. */
bool prmem_usercopy_refused(const char *what, bool to_user, unsigned long n);

/* The pages that pools and caches are made of. */
void prmem_block_counts(unsigned long *nr_blocks, unsigned long *nr_pages,
			unsigned long *nr_used);

#endif /* _LINUX_PRMEM_INTERNAL_H */

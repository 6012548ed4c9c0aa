// SPDX-License-Identifier: GPL-2.0
/*
 * Write-rare memory: the write path.
 *
 * A destination is write-rare if it lies between __start_wr_after_init and
 * __end_wr_after_init, which are constants, or if the kernel's page table maps
 * it with the software bit that pmalloc sets. Nothing else is asked: the answer
 * depends on nothing that a stray store could change. The same look-up yields
 * the page frame, so that what was checked is what is written.
 *
 * Interrupts are off from the look-up until the alias is gone. This is what
 * pmalloc relies on when it takes the bit away: once every CPU has been seen
 * with interrupts on (synchronize_rcu() waits for that), no write is under way.
 *
 * An alias may be an address that KASAN has no shadow for, so this file is not
 * instrumented. The destinations as the caller knows them are checked instead.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/kasan.h>
#include <linux/kasan-checks.h>
#include <linux/kdebug.h>
#include <linux/kmemleak.h>
#include <linux/kprobes.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/panic.h>
#include <linux/panic_notifier.h>
#include <linux/pgtable.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>

#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include <trace/events/prmem.h>

#include "prmem_alloc.h"

/*
 * For functions that run while an alias of a single write is open: they cannot
 * be traced or probed. A handler that writes itself would empty the slot under
 * the code it interrupted.
 */
#define __in_window	notrace __kprobes

/*
 * The frame of __start_wr_after_init. __pa_symbol() would ask phys_base each
 * time, which is writable.
 */
static unsigned long static_pfn __ro_after_init;

/* Where pools can be. */
static unsigned long vmalloc_first __ro_after_init;
static unsigned long vmalloc_size __ro_after_init;

#ifdef CONFIG_PRMEM_STATS
DEFINE_PER_CPU(struct prmem_stats, prmem_stats);
#endif

bool prmem_ready(void)
{
	return prmem_nr_windows;
}

/* Is memory really protected? */
bool prmem_active(void)
{
	return !prmem_arch_inactive();
}

/*
 * The call sites that have been reported. A hash table that only fills up; when
 * it is full, the rate of reports is limited instead.
 */
VISIBLE_IF_KUNIT unsigned long prmem_reported[PRMEM_NR_SITES];
VISIBLE_IF_KUNIT DEFINE_RATELIMIT_STATE(prmem_report_rest,
					DEFAULT_RATELIMIT_INTERVAL, 1);

/* Is this the first time for @caller? */
bool prmem_is_new_site(unsigned long caller)
{
	unsigned int i, start = hash_long(caller, ilog2(PRMEM_NR_SITES));
	unsigned long old;

	for (i = 0; i < PRMEM_NR_SITES; i++) {
		old = cmpxchg(&prmem_reported[(start + i) % PRMEM_NR_SITES], 0, caller);
		if (!old)
			return true;
		if (old == caller)
			return false;
	}
	return __ratelimit(&prmem_report_rest);
}

#if IS_ENABLED(CONFIG_KUNIT)
prmem_report_fn prmem_report_stub __wr_after_init;
#endif

#define REFUSED	"prmem: write refused: %zu bytes to %pS: %s (%d), from %pS\n"

/**
 * prmem_report - say that a write was refused
 * @why: the reason in words
 * @err: what the caller gets
 * @dst: destination
 * @len: length in bytes
 * @caller: the call site
 *
 * The only place that decides what happens beside the error code.
 *
 * Return: true if this call site is reported for the first time.
 */
bool prmem_report(const char *why, int err, const void *dst, size_t len,
		  unsigned long caller)
{
#if IS_ENABLED(CONFIG_KUNIT)
	prmem_report_fn stub = READ_ONCE(prmem_report_stub);

	if (stub && !in_nmi() && kunit_get_current_test())
		return stub(why, err, dst, len, caller);
#endif

	/*
	 * A destination that is not write-rare is what an attack looks like. Where
	 * that is fatal, the table, which is writable, has no say.
	 */
	if (err == -EACCES)
		return CHECK_DATA_CORRUPTION(IS_ENABLED(CONFIG_BUG_ON_DATA_CORRUPTION) ||
					     prmem_is_new_site(caller),
					     REFUSED, len, dst, why, err,
					     (void *)caller);
	return WARN(prmem_is_new_site(caller), REFUSED, len, dst, why, err,
		    (void *)caller);
}

noinline int prmem_refuse(const char *why, int err, const void *dst, size_t len,
			  unsigned long caller)
{
	prmem_count(refused);
	trace_prmem_refused(why, err, dst, len, caller);
	prmem_report(why, err, dst, len, caller);
	return err;
}

/*
 * Where the section is, in read-only memory, and read each time: constants may be kept
 * on the stack, where another CPU could change them.
 */
static const char *const static_start = __start_wr_after_init;
static const char *const static_end = __end_wr_after_init;

static __always_inline bool in_static(unsigned long addr, size_t len)
{
	unsigned long start = (unsigned long)READ_ONCE(static_start);
	unsigned long size = (unsigned long)READ_ONCE(static_end) - start;
	unsigned long offset = addr - start;

	return offset < size && len <= size - offset;
}

/*
 * The entry that maps @addr, or none. Only tables of the vmalloc range
 * are walked, and only with interrupts off: the one thing that frees such a
 * table, a huge mapping that takes its place, interrupts all CPUs before. It
 * clears the entry that leads to the table even earlier, so each entry that
 * leads to one that may be freed is read once. No entry goes through the stack,
 * where another CPU could change it: hence not *_offset_lockless(). Nor is the last
 * one read by ptep_get(), which may be a call where entries can be contiguous.
 */
static __always_inline pte_t *pool_ptep(unsigned long addr)
{
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;
	pmd_t *pmdp, pmd;

	if (addr - READ_ONCE(vmalloc_first) >= READ_ONCE(vmalloc_size))
		return NULL;
	p4dp = prmem_p4d(addr);
	if (unlikely(!p4dp))
		return NULL;
	p4d = READ_ONCE(*p4dp);
	if (unlikely(!prmem_p4d_is_table(p4d)))
		return NULL;
	pudp = prmem_pud_offset(p4dp, p4d, addr);
	pud = READ_ONCE(*pudp);
	if (unlikely(!prmem_pud_is_table(pud)))
		return NULL;
	pmdp = prmem_pmd_offset(pudp, pud, addr);
	pmd = READ_ONCE(*pmdp);
	if (unlikely(!prmem_pmd_is_table(pmd)))
		return NULL;
	return prmem_pte_offset(pmd, addr);
}

static __always_inline pte_t pool_pte(unsigned long addr)
{
	pte_t *ptep = pool_ptep(addr);

	return likely(ptep) ? READ_ONCE(*ptep) : __pte(0);
}

pte_t prmem_pte(unsigned long addr)
{
	unsigned long flags;
	pte_t pte;

	local_irq_save(flags);
	pte = pool_pte(addr);
	local_irq_restore(flags);
	return pte;
}

/*
 * Does the kernel's page table let a plain store to @addr through? For the linear
 * map, whose tables stay.
 */
bool prmem_maps_writable(unsigned long addr)
{
	pgd_t *pgdp = pgd_offset_pgd(swapper_pg_dir, addr);
	p4d_t *p4dp;
	pud_t *pudp;
	pmd_t *pmdp;
	pte_t pte;

	if (pgd_none(READ_ONCE(*pgdp)))
		return false;
	p4dp = p4d_offset(pgdp, addr);
	if (p4d_none(READ_ONCE(*p4dp)))
		return false;
	pudp = pud_offset(p4dp, addr);
	if (!pud_present(READ_ONCE(*pudp)) || pud_leaf(READ_ONCE(*pudp)))
		return pud_present(READ_ONCE(*pudp)) && pud_write(READ_ONCE(*pudp));
	pmdp = pmd_offset(pudp, addr);
	if (!pmd_present(READ_ONCE(*pmdp)) || pmd_leaf(READ_ONCE(*pmdp)))
		return pmd_present(READ_ONCE(*pmdp)) && pmd_write(READ_ONCE(*pmdp));
	pte = ptep_get(pte_offset_kernel(pmdp, addr));
	return pte_present(pte) && pte_write(pte);
}

#define NO_FRAME	(~0UL)

/*
 * Is this inside one object that somebody has? @addr is in a slab, and interrupts
 * are off, so that it stays there. Only the head of the slab is asked, which
 * nobody can write but its owner.
 */
static __always_inline bool in_object(unsigned long addr, size_t len)
{
	const struct prmem_slab *slab = prmem_slab_of(addr);
	u32 offset = addr - (unsigned long)slab, index;
	/* Without objects there is nothing to divide by. Pairs with head_fill(). */
	u32 first = smp_load_acquire(&slab->first);

	if (offset < first)
		return false;
	offset -= first;
	index = offset / slab->stride;
	offset %= slab->stride;
	/* PRMEM_MAP_LIVE is the first of the maps. */
	return offset < slab->size && len <= slab->size - offset &&
	       index < slab->nr_objects &&
	       READ_ONCE(slab->maps[BIT_WORD(index)]) & BIT_MASK(index);
}

static_assert(PRMEM_MAP_LIVE == 0);

bool prmem_in_object(unsigned long addr, size_t len)
{
	return in_object(addr, len);
}

static __always_inline unsigned long static_frame(unsigned long addr)
{
	return READ_ONCE(static_pfn) + PHYS_PFN(addr) -
	       PHYS_PFN((unsigned long)READ_ONCE(static_start));
}

/* What is in an object ends there, unless objects do not matter. */
static __always_inline unsigned long pool_frame(pte_t pte, unsigned long addr,
						size_t len, bool whole_pages)
{
	if (unlikely(pte_is_object(pte)) && !whole_pages && !in_object(addr, len))
		return NO_FRAME;
	return pte_wr_rare(pte) ? prmem_pte_frame(pte) : NO_FRAME;
}

/*
 * The frame of a write-rare page. By value, and without a call: on the stack it
 * could be changed.
 */
static __always_inline unsigned long wr_frame(unsigned long addr, size_t len)
{
	lockdep_assert_irqs_disabled();

	if (in_static(addr, len))
		return static_frame(addr);
	return pool_frame(pool_pte(addr), addr, len, /*whole_pages=*/false);
}

static bool page_is_wr(unsigned long addr)
{
	return pte_wr_rare(prmem_pte(addr));
}

static bool page_is_protected(unsigned long addr)
{
	pte_t pte = prmem_pte(addr);

	return pte_prmem(pte) && !pte_write(pte);
}

/*
 * Pool memory ends where an area ends, because vmalloc keeps an unmapped guard
 * page between areas. Interrupts are off for one look-up at a time.
 */
static bool all_pages(unsigned long addr, size_t len, bool (*fn)(unsigned long))
{
	unsigned long page, last = addr + len - 1;

	for (page = addr & PAGE_MASK; page <= last; page += PAGE_SIZE) {
		if (!fn(page))
			return false;
	}
	return true;
}

/* With interrupts off, so that a slab does not go away. */
static bool outside_of_object(unsigned long addr, size_t len)
{
	unsigned long flags;
	bool outside;

	local_irq_save(flags);
	outside = pte_is_object(pool_pte(addr)) && !in_object(addr, len);
	local_irq_restore(flags);
	return outside;
}

static bool range_is_wr(unsigned long addr, size_t len, bool whole_pages)
{
	if (in_static(addr, 1) || in_static(addr + len - 1, 1))
		return in_static(addr, len);
	if (!whole_pages && outside_of_object(addr, len))
		return false;
	return all_pages(addr, len, page_is_wr);
}

bool prmem_is_wr(const void *p, size_t n)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(p);

	return n && addr + n - 1 >= addr &&
	       range_is_wr(addr, n, /*whole_pages=*/false);
}
EXPORT_SYMBOL_GPL(prmem_is_wr);

bool prmem_is_protected(const void *p, size_t n)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(p);

	if (!n || addr + n - 1 < addr || !prmem_active())
		return false;
	/* Protected by mark_rodata_ro(), which comes just before that state. */
	if (in_static(addr, n))
		return system_state >= SYSTEM_RUNNING;
	return all_pages(addr, n, page_is_protected);
}
EXPORT_SYMBOL_GPL(prmem_is_protected);

/*
 * Sessions. What one knows is in the page table of its slots, and nobody trusts
 * it who does not trust the slots.
 */

static __always_inline unsigned long slot_addr(const struct prmem_window *win,
					       unsigned int slot)
{
	return win->alias + slot * PAGE_SIZE;
}

/* An exception in the caller's code may have switched the page tables back. */
static __always_inline void session_resume(const struct prmem_window *win)
{
	if (unlikely(!prmem_arch_stays(&win->arch)))
		prmem_arch_reenter(&win->arch);
}

/* The window of this CPU if it has an open session, which has interrupts off. */
static __always_inline const struct prmem_window *open_session(void)
{
	const struct prmem_window *win;

	if (!irqs_disabled())
		return NULL;
	if (unlikely(!prmem_window_here(&win))) {
		if (!prmem_nr_windows)
			return NULL;
		win = prmem_find_window();
	}
	return prmem_session_of(win)->depth ? win : NULL;
}

static __always_inline bool session_whole_pages(const struct prmem_window *win)
{
	return prmem_session_of(win)->whole_pages;
}

#define SLOT_NONE	PRMEM_SLOTS

/* Empties a slot if all are in use, unless the caller needs what they have. */
static __always_inline unsigned int session_free_slot(const struct prmem_window *win,
						      const bool keep)
{
	struct prmem_session *session = prmem_session_of(win);
	unsigned int slot = prmem_session_get(session, nr_pages);

	if (likely(slot < PRMEM_SLOTS)) {
		prmem_session_set(session, nr_pages, slot + 1);
		return slot;
	}
	if (keep)
		return SLOT_NONE;
	slot = prmem_session_get(session, victim) % PRMEM_SLOTS;
	prmem_session_set(session, victim, slot + 1);
	prmem_arch_unmap(&win->slots[slot], slot_addr(win, slot));
	return slot;
}

/*
 * The tag of a page that is in part write-rare, as the first and the last one of
 * the static data may be.
 */
#define TAG_IN_PART	2UL

/* The tag of a page of objects. */
#define TAG_OBJECTS	4UL

/* No address of a page or of a page table. */
#define REGION_NONE	2UL

/*
 * As pool_pte(). What is written in one session is often mapped by one page table,
 * which stays where it is as long as interrupts are off.
 */
static __always_inline pte_t session_pte(struct prmem_session *session,
					 unsigned long addr)
{
	pte_t *ptep;

	if (likely(session->region == (addr & PMD_MASK)))
		return READ_ONCE(((pte_t *)session->table)[pte_index(addr)]);
	ptep = pool_ptep(addr);
	if (!ptep)
		return __pte(0);
	session->region = addr & PMD_MASK;
	session->table = (unsigned long)ptep & PAGE_MASK;
	return READ_ONCE(*ptep);
}

/* An alias that there would be if there were a slot for it. */
#define ALIAS_NO_SLOT	((void *)1UL)

static __always_inline void *session_map(const struct prmem_window *win,
					 unsigned long addr, size_t len,
					 const bool keep)
{
	struct prmem_session *session = prmem_session_of(win);
	unsigned long tag = addr & PAGE_MASK, frame;
	unsigned int slot;
	pte_t pte;

	if (in_static(addr, len)) {
		if (!in_static(tag, PAGE_SIZE))
			tag |= TAG_IN_PART;
		frame = static_frame(addr);
	} else {
		pte = session_pte(session, addr);
		if (pte_is_object(pte))
			tag |= TAG_OBJECTS;
		frame = pool_frame(pte, addr, len, session->whole_pages);
	}
	if (unlikely(frame == NO_FRAME))
		return NULL;
	slot = session_free_slot(win, keep);
	if (keep && unlikely(slot == SLOT_NONE))
		return ALIAS_NO_SLOT;
	session->tags[slot] = tag;
	prmem_arch_map(&win->slots[slot], slot_addr(win, slot), frame);
	prmem_count_inside(remaps);
	return (void *)slot_addr(win, slot) + offset_in_page(addr);
}

/* May this be written, in a page that has an alias? */
static __always_inline bool tag_allows(const struct prmem_window *win,
				       unsigned long tag, unsigned long addr,
				       size_t len)
{
	if (tag & TAG_IN_PART)
		return in_static(addr, len);
	if (tag & TAG_OBJECTS)
		return session_whole_pages(win) || in_object(addr, len);
	return true;
}

/*
 * The alias of @addr, or NULL if it is not write-rare. With @keep all aliases that
 * there are stay, and it may be ALIAS_NO_SLOT.
 */
static __always_inline void *session_alias(const struct prmem_window *win,
					   unsigned long addr, size_t len,
					   const bool keep)
{
	const struct prmem_session *session = prmem_session_of(win);
	unsigned int i, nr_pages = prmem_session_get(session, nr_pages);

	for (i = 0; i < nr_pages; i++) {
		if ((session->tags[i] ^ addr) & PAGE_MASK)
			continue;
		if (!tag_allows(win, session->tags[i], addr, len))
			return NULL;
		return (void *)slot_addr(win, i) + offset_in_page(addr);
	}
	return session_map(win, addr, len, keep);
}

static noinline __in_window void *session_search(const struct prmem_window *win,
						 unsigned long addr, size_t len)
{
	session_resume(win);
	/* The caller's code ran, and may have had interrupts on. */
	prmem_session_of(win)->region = REGION_NONE;
	return session_alias(win, addr, len, /*keep=*/false);
}

/* The first page of a session is often its only one. */
static noinline __in_window void *session_page(const struct prmem_window *win,
					       unsigned long addr, size_t len)
{
	if (likely(prmem_session_of(win)->tags[0] == (addr & PAGE_MASK) &&
		   prmem_arch_stays(&win->arch)))
		return (void *)slot_addr(win, 0) + offset_in_page(addr);
	return session_search(win, addr, len);
}

/*
 * Before a copy: is it still all right? Its length was on the stack meanwhile, and the
 * window may have been. What it was checked for is found from the alias.
 */
static __always_inline bool alias_allows(void *alias, size_t len)
{
	const struct prmem_window *win = prmem_this_window();
	unsigned long offset = (unsigned long)alias - win->alias, tag;

	if (offset >= PRMEM_SLOTS * PAGE_SIZE ||
	    len > PAGE_SIZE - offset_in_page(alias))
		return false;
	tag = prmem_session_of(win)->tags[offset >> PAGE_SHIFT];
	return tag_allows(win, tag, (tag & PAGE_MASK) | offset_in_page(alias), len);
}

/* Sessions before the windows exist; there is one CPU. */
static unsigned int early_depth __ro_after_init;
static unsigned long early_flags __ro_after_init;

static void early_begin(unsigned long flags)
{
	if (!early_depth++)
		early_flags = flags;
}

static void early_end(void)
{
	if (!WARN_ON_ONCE(!early_depth) && !--early_depth)
		prmem_irq_restore(early_flags);
}

/* No alias, no page table, and no place are known. */
static __always_inline void session_forget(struct prmem_session *session)
{
	session->nr_pages = 0;
	/* session_page() looks at this one without asking how many there are. */
	session->tags[0] = PRMEM_TAG_NONE;
	session->region = REGION_NONE;
	session->nr_places = 0;
	session->page = REGION_NONE;
}

/* The private page tables, and no alias yet. */
static __always_inline void session_enter(const struct prmem_window *win,
					  struct prmem_saved *saved)
{
	struct prmem_session *session = prmem_session_of(win);

	prmem_arch_enter(&win->arch, saved);
	prmem_count_inside(switches);
	session->victim = 0;
	session->whole_pages = 0;
	session_forget(session);
}

static __always_inline void session_leave(const struct prmem_window *win,
					  const struct prmem_saved *saved)
{
	unsigned int slot = 0, nr_pages = prmem_session_get(prmem_session_of(win), nr_pages);

	/* One at least: then each way that leaves can be seen to close something. */
	do {
		prmem_arch_unmap(&win->slots[slot], slot_addr(win, slot));
	} while (++slot < nr_pages);
	/* __wr_word() must not take the next window for this session. */
	prmem_session_of(win)->tags[0] = PRMEM_TAG_NONE;
	prmem_arch_leave(saved);
}

static __in_window void session_open(const struct prmem_window *win,
				     unsigned long flags)
{
	struct prmem_session *session = prmem_session_of(win);
	struct prmem_saved saved __uninitialized;

	session_enter(win, &saved);
	prmem_arch_watch(&saved);
	prmem_arch_keep(&saved, session->saved);
	prmem_session_set(session, depth, 1);
	prmem_session_set(session, budget, WR_SESSION_BYTES);
	prmem_session_set(session, flags, flags);
}

/*
 * @resync: interrupts were on by mistake, and a TLB shootdown may have been lost
 * on page tables that are about to come back.
 */
static __in_window unsigned long session_close(const struct prmem_window *win,
					       bool resync)
{
	struct prmem_session *session = prmem_session_of(win);
	struct prmem_saved saved __uninitialized;

	prmem_arch_recall(&saved, session->saved);
	session->depth = 0;
	session_leave(win, &saved);
	if (unlikely(resync || prmem_arch_is_stale(&saved)))
		prmem_arch_resync();
	return prmem_session_get(session, flags);
}

__in_window void wr_session_begin(void)
{
	const struct prmem_window *win;
	struct prmem_session *session;
	unsigned long flags;

	if (unlikely(in_nmi()))
		return;
	RCU_LOCKDEP_WARN(!rcu_is_watching(),
			 "prmem: a write that synchronize_rcu() cannot see");

	prmem_irq_save(flags);
	/* So that schedule() complains if it can, and user memory faults at once. */
	preempt_disable();
	pagefault_disable();
	if (unlikely(!prmem_window_here(&win))) {
		if (!prmem_nr_windows) {
			early_begin(flags);
			return;
		}
		win = prmem_find_window();
	}
	session = prmem_session_of(win);
	if (session->depth) {
		session_resume(win);
		prmem_session_set(session, depth, prmem_session_get(session, depth) + 1);
	} else {
		session_open(win, flags);
	}
}
EXPORT_SYMBOL_GPL(wr_session_begin);

void prmem_session_whole_pages(bool yes)
{
	const struct prmem_window *win = open_session();

	if (WARN_ON_ONCE(!win))
		return;
	prmem_session_set(prmem_session_of(win), whole_pages, yes);
}

/* The end of one level. True if it was the outermost one. */
static __in_window bool session_end(const struct prmem_window *win,
				    unsigned long *flags, bool resync)
{
	struct prmem_session *session = prmem_session_of(win);
	u64 depth = prmem_session_get(session, depth) - 1;

	session_resume(win);
	if (depth) {
		prmem_session_set(session, depth, depth);
		return false;
	}
	*flags = session_close(win, resync);
	return true;
}

__in_window void wr_session_end(void)
{
	bool was_on = !irqs_disabled(), last = false;
	const struct prmem_window *win;
	unsigned long flags;

	if (unlikely(in_nmi()))
		return;
	if (unlikely(was_on))
		local_irq_disable();
	if (unlikely(!prmem_nr_windows)) {
		early_end();
	} else {
		win = prmem_this_window();
		if (!prmem_session_of(win)->depth) {
			if (was_on)
				local_irq_enable();
			WARN_ONCE(1, "prmem: there is no session to end\n");
			return;
		}
		last = session_end(win, &flags, was_on);
	}
	WARN_ONCE(was_on, "prmem: interrupts were on in a session\n");
	pagefault_enable();
	if (last)
		prmem_irq_restore(flags);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(wr_session_end);

/*
 * An oops or a panic in a window does not come to its end. What comes after it
 * needs the page tables that the scheduler knows of. A session can be closed. A
 * single write cannot, because nothing but the stack says what was loaded before:
 * the kernel's own page tables must do, and there is no way on from there.
 */
static bool session_abort(void)
{
	const struct prmem_window *win = open_session();

	if (!win)
		return false;
	session_resume(win);
	session_close(win, /*resync=*/false);
	return true;
}

static bool slots_are_empty(const struct prmem_window *win)
{
	unsigned int slot;

	for (slot = 0; slot < PRMEM_SLOTS; slot++)
		if (!pte_none(ptep_get(&win->slots[slot])))
			return false;
	return true;
}

/* An alias may stay although something else has been loaded since. */
static bool window_abandon(void)
{
	const struct prmem_window *win;
	unsigned int slot;

	if (!irqs_disabled() || !prmem_nr_windows)
		return false;
	win = prmem_this_window();
	if (!prmem_arch_inside(&win->arch) && slots_are_empty(win))
		return false;
	for (slot = 0; slot < PRMEM_SLOTS; slot++)
		prmem_arch_unmap(&win->slots[slot], slot_addr(win, slot));
	prmem_arch_abandon();
	return true;
}

static int on_die(struct notifier_block *nb, unsigned long event, void *data)
{
	if (event != DIE_OOPS || in_nmi())
		return NOTIFY_DONE;
	if (session_abort()) {
		/* What do_exit() does for the user still has to work. */
		while (pagefault_disabled())
			pagefault_enable();
		if (!prmem_irq_can_abort())
			panic_on_oops = 1;
	} else if (window_abandon()) {
		/* Not panic(): first everything is printed. */
		panic_on_oops = 1;
	}
	return NOTIFY_DONE;
}

/* From NMI as well: there is no way back to what it interrupted. */
static int on_panic(struct notifier_block *nb, unsigned long event, void *data)
{
	if (!session_abort())
		window_abandon();
	return NOTIFY_DONE;
}

VISIBLE_IF_KUNIT struct notifier_block prmem_die_block = {
	.notifier_call = on_die,
};

VISIBLE_IF_KUNIT struct notifier_block prmem_panic_block = {
	.notifier_call = on_panic,
};

/**
 * struct open_page - what to put back when the window of a single write closes
 * @saved: the page tables
 * @flags: whether interrupts were on
 *
 * Which window it is, and whether there is one to close, is not kept: it would
 * lie on the stack, where another CPU could change it.
 */
struct open_page {
	struct prmem_saved saved;
	unsigned long flags;
};

/* Before other CPUs run and anything is protected, a page is open anyway. */
static noinline void *open_early(unsigned long addr, size_t len)
{
	return wr_frame(addr, len) != NO_FRAME ? (void *)addr : NULL;
}

static __always_inline void *open_window(const struct prmem_window *win,
					 struct open_page *page,
					 unsigned long addr, size_t len)
{
	unsigned long frame;

	prmem_arch_enter(&win->arch, &page->saved);
	prmem_count_inside(switches);
	prmem_count_inside(remaps);
	/* The look-up comes last: its result goes straight into the slot. */
	frame = wr_frame(addr, len);
	if (unlikely(frame == NO_FRAME)) {
		prmem_arch_leave(&page->saved);
		return NULL;
	}
	prmem_arch_map(win->slots, win->alias, frame);
	return (void *)win->alias + offset_in_page(addr);
}

/* Outside a session. The alias of @addr, or NULL if it is not write-rare. */
static __always_inline void *__open_page(struct open_page *page,
					 unsigned long addr, size_t len)
{
	const struct prmem_window *win;
	void *alias;

	RCU_LOCKDEP_WARN(!rcu_is_watching(),
			 "prmem: a write that synchronize_rcu() cannot see");

	prmem_irq_save(page->flags);
	if (unlikely(!prmem_window_here(&win))) {
		if (!prmem_nr_windows) {
			alias = open_early(addr, len);
			goto out;
		}
		win = prmem_find_window();
	}
	/* Interrupts should be off already: the slots are in use. */
	alias = likely(!prmem_session_of(win)->depth) ?
		open_window(win, page, addr, len) : NULL;
out:
	if (unlikely(!alias))
		prmem_irq_restore(page->flags);
	return alias;
}

/* For a word, see word_at(). */
static noinline __in_window void *open_page(struct open_page *page,
					    unsigned long addr, size_t len)
{
	return __open_page(page, addr, len);
}

static noinline __in_window void close_page(struct open_page *page)
{
	const struct prmem_window *win;

	if (unlikely(!prmem_window_here(&win))) {
		if (!prmem_nr_windows)
			goto out;
		win = prmem_find_window();
	}
	prmem_arch_unmap(win->slots, win->alias);
	prmem_arch_leave(&page->saved);
out:
	prmem_irq_restore(page->flags);
}

/*
 * The aligned word of a type that an alias is in. The size may have been on the stack
 * while the alias was opened, so the mask is not made from it. Whatever the size
 * says, this is an aligned word with the byte that was checked in it, and no such word
 * is in part write-rare: static data and objects begin and end at multiples of 8
 * bytes, or are followed by nothing up to there.
 */
#define word_at(type, alias)	((type *)((unsigned long)(alias) & -sizeof(type)))

/*
 * Stores have release order, so that wr_rcu_assign_pointer() needs no function
 * of its own: on x86 this is a plain store, on arm64 one instruction either way.
 * They pair with rcu_dereference() in its readers.
 */
static __always_inline void store(void *alias, u64 val, size_t size)
{
	/* The size of a pointer comes first. */
	if (likely(size == sizeof(u64)))
		smp_store_release(word_at(u64, alias), val); /* as above */
	else if (size == sizeof(u32))
		smp_store_release(word_at(u32, alias), val); /* as above */
	else if (size == sizeof(u16))
		smp_store_release(word_at(u16, alias), val); /* as above */
	else
		smp_store_release(word_at(u8, alias), val); /* as above */
}

static const char not_wr[] = "destination is not write-rare";
static const char from_nmi[] = "not possible from NMI";
static const char irqs_on[] = "interrupts are on in a session";

/*
 * Did the code in a session turn interrupts on? Who joined it now could lose a slot to
 * a handler that joins it, too. A session cannot be preempted. Who can be is not in
 * one, and might be told of that of a CPU which it has left meanwhile.
 */
static bool session_is_broken(void)
{
	const struct prmem_window *win;

	return !preemptible() && !irqs_disabled() && prmem_window_here(&win) &&
	       prmem_session_of(win)->depth;
}

static noinline int refuse_word(const void *dst, size_t size,
				unsigned long caller)
{
	if (in_nmi())
		return prmem_refuse(from_nmi, -EPERM, dst, size, caller);
	if (session_is_broken())
		return prmem_refuse(irqs_on, -EPERM, dst, size, caller);
	return prmem_refuse(not_wr, -EACCES, dst, size, caller);
}

/*
 * A session and a window of its own are two ways that do not meet: which of them
 * to end is not kept anywhere.
 */
static __always_inline int write_scalar(void *dst, u64 val, size_t size,
					unsigned long caller)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(dst);
	const struct prmem_window *win;
	struct open_page page __uninitialized;
	void *alias;

	trace_prmem_write(dst, size, caller);
	/* Nothing must be opened there. */
	if (unlikely(in_nmi()))
		return refuse_word(dst, size, caller);
	win = open_session();
	if (win) {
		alias = session_page(win, addr, size);
		if (unlikely(!alias))
			return refuse_word(dst, size, caller);
		store(alias, val, size);
	} else {
		alias = open_page(&page, addr, size);
		if (unlikely(!alias))
			return refuse_word(dst, size, caller);
		store(alias, val, size);
		close_page(&page);
	}
	/* After the window is closed: a report takes long and may be fatal. */
	__kasan_check_write(dst, size);
	return 0;
}

static bool whole_pages(void)
{
	const struct prmem_window *win = open_session();

	return win && session_whole_pages(win);
}

/* Why a destination cannot be written, or NULL. */
static const char *check_dst(const void *dst, size_t len, int *err)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(dst);

	if (in_nmi()) {
		*err = -EPERM;
		return from_nmi;
	}
	if (session_is_broken()) {
		*err = -EPERM;
		return irqs_on;
	}
	if (!len || addr + len - 1 < addr) {
		*err = -EINVAL;
		return "length is 0 or wraps around";
	}
	if (!range_is_wr(addr, len, whole_pages())) {
		*err = -EACCES;
		return not_wr;
	}
	return NULL;
}

/* A word that has the byte @c everywhere. */
static u64 repeat_byte(int c)
{
	return (u8)c * (~0ULL / 0xff);
}

/* Reads one byte of each page of the source, before anything is written. */
static bool src_is_readable(const void *src, size_t len)
{
	const void *last = src + len - 1;
	u8 byte;

	for (; src < last; src = PTR_ALIGN_DOWN(src, PAGE_SIZE) + PAGE_SIZE) {
		if (copy_from_kernel_nofault(&byte, src, 1))
			return false;
	}
	return !copy_from_kernel_nofault(&byte, last, 1);
}

static const char *check_src(const void *dst, const void *src, size_t len,
			     int *err)
{
	unsigned long to = (unsigned long)kasan_reset_tag(dst);
	unsigned long from = (unsigned long)kasan_reset_tag(src);

	if (from + len - 1 < from) {
		*err = -EINVAL;
		return "length wraps around";
	}
	/* Not left to the hardware: not all of it can refuse to read there. */
	if (from < PRMEM_KERNEL_START) {
		*err = -EFAULT;
		return "source is not kernel memory";
	}
	if ((to < from ? from - to : to - from) < len) {
		*err = -EINVAL;
		return "source and destination overlap";
	}
	if (!src_is_readable(src, len)) {
		*err = -EFAULT;
		return "source is not readable kernel memory";
	}
	return NULL;
}

/* A session has interrupts off for as long as the copies in it take. */
static const char *check_budget(size_t len, int *err)
{
	const struct prmem_window *win = open_session();
	struct prmem_session *session;
	size_t budget;

	if (likely(!win) || session_whole_pages(win))
		return NULL;
	session = prmem_session_of(win);
	budget = prmem_session_get(session, budget);
	if (len > budget) {
		*err = -E2BIG;
		return "too much for one session";
	}
	prmem_session_set(session, budget, budget - len);
	return NULL;
}

/*
 * Inside the window a fault would leave the scheduler's state half switched, so
 * the copy cannot be a plain memcpy(): the source may go away after the check.
 * Four words at a time, because one word costs as much as to count it.
 */
static __always_inline int copy_nofault(void *dst, const void *src, size_t len)
{
	for (; len >= 4 * sizeof(u64); len -= 4 * sizeof(u64)) {
		__get_kernel_nofault(dst, src, u64, fault);
		__get_kernel_nofault(dst + 8, src + 8, u64, fault);
		__get_kernel_nofault(dst + 16, src + 16, u64, fault);
		__get_kernel_nofault(dst + 24, src + 24, u64, fault);
		dst += 4 * sizeof(u64);
		src += 4 * sizeof(u64);
	}
	for (; len >= sizeof(u64); len -= sizeof(u64)) {
		__get_kernel_nofault(dst, src, u64, fault);
		dst += sizeof(u64);
		src += sizeof(u64);
	}
	for (; len; len--) {
		__get_kernel_nofault(dst, src, u8, fault);
		dst++;
		src++;
	}
	return 0;
fault:
	return -EFAULT;
}

static __always_inline bool chunk_in_bounds(unsigned long addr, size_t len)
{
	return len <= PAGE_SIZE - offset_in_page(addr) &&
	       !(in_static(addr, 1) && !in_static(addr, len));
}

static __in_window int copy_in_session(const struct prmem_window *win,
				       unsigned long dst, const void *src, size_t len)
{
	void *alias = session_page(win, dst, len);

	if (!alias || !alias_allows(alias, len))
		return -EACCES;
	return copy_nofault(alias, src, len);
}

/* From the look-up to the last byte there is no call: bounds stay in registers. */
static __in_window int copy_alone(unsigned long dst, const void *src, size_t len)
{
	struct open_page page __uninitialized;
	int err = -EACCES;
	void *alias;

	/* A fault must not get as far as the caller's address space. */
	pagefault_disable();
	alias = __open_page(&page, dst, len);
	if (alias) {
		if (likely(chunk_in_bounds(dst, len)))
			err = copy_nofault(alias, src, len);
		close_page(&page);
	}
	pagefault_enable();
	return err;
}

static int copy_chunk(unsigned long dst, const void *src, size_t len)
{
	const struct prmem_window *win = open_session();

	return win ? copy_in_session(win, dst, src, len) : copy_alone(dst, src, len);
}

/* Not memset(), which may be probed. */
static __always_inline void fill(void *alias, int c, size_t len)
{
	const u64 val = repeat_byte(c);

	for (; len >= sizeof(u64); len -= sizeof(u64), alias += sizeof(u64))
		put_unaligned(val, (u64 *)alias);
	for (; len; len--)
		*(u8 *)alias++ = c;
}

static __in_window int set_in_session(const struct prmem_window *win,
				      unsigned long dst, int c, size_t len)
{
	void *alias = session_page(win, dst, len);

	if (!alias || !alias_allows(alias, len))
		return -EACCES;
	fill(alias, c, len);
	return 0;
}

static __in_window int set_alone(unsigned long dst, int c, size_t len)
{
	struct open_page page __uninitialized;
	int err = -EACCES;
	void *alias;

	alias = __open_page(&page, dst, len);
	if (!alias)
		return -EACCES;
	if (likely(chunk_in_bounds(dst, len))) {
		fill(alias, c, len);
		err = 0;
	}
	close_page(&page);
	return err;
}

static int set_chunk(unsigned long dst, int c, size_t len)
{
	const struct prmem_window *win = open_session();

	return win ? set_in_session(win, dst, c, len) : set_alone(dst, c, len);
}

static size_t chunk_len(unsigned long dst, size_t len)
{
	return min(len, PAGE_SIZE - offset_in_page(dst));
}

static const char raced[] = "pool or source went away during the write";

static bool is_scalar(const void *dst, size_t len)
{
	return len <= sizeof(u64) && is_power_of_2(len) &&
	       IS_ALIGNED((unsigned long)dst, len);
}

/* For a caller that has more to do than one word. */
static noinline __in_window int write_word(void *dst, u64 val, size_t size,
					   unsigned long caller)
{
	return write_scalar(dst, val, size, caller);
}

static int copy(void *dst, const void *src, size_t len, unsigned long caller)
{
	unsigned long to = (unsigned long)kasan_reset_tag(dst);
	size_t chunk, rest = len;
	const char *why;
	u64 val;
	int err;

	why = check_dst(dst, len, &err) ?: check_src(dst, src, len, &err) ?:
	      check_budget(len, &err);
	if (unlikely(why))
		return prmem_refuse(why, err, dst, len, caller);

	__kasan_check_read(src, len);
	if (is_scalar(dst, len) && !copy_from_kernel_nofault(&val, src, len))
		return write_word(dst, __wr_bits(&val, len), len, caller);
	trace_prmem_write(dst, len, caller);
	__kasan_check_write(dst, len);
	for (; rest; to += chunk, src += chunk, rest -= chunk) {
		chunk = chunk_len(to, rest);
		err = copy_chunk(to, src, chunk);
		if (unlikely(err))
			return prmem_refuse(raced, err, dst, len, caller);
	}
	return 0;
}

int wr_memcpy(void *dst, const void *src, size_t len)
{
	return copy(dst, src, len, _RET_IP_);
}
EXPORT_SYMBOL_GPL(wr_memcpy);

/* No promise of one store for these, and maybe two pages. */
static noinline int copy_unaligned(void *dst, u64 val, size_t size,
				   unsigned long caller)
{
	return copy(dst, &val, size, caller);
}

/*
 * Stores through the first slot of the session of this CPU, if that is what the
 * page has. With interrupts off. That the page tables are loaded is proof enough of
 * whose window it is, and of the session: no tag speaks of the window of a single
 * write, and what __wr_stores() has open alone has been found to be write-rare.
 */
static __always_inline bool store_in_first_slot(unsigned long addr, u64 val)
{
	unsigned int cpu = raw_smp_processor_id();
	const struct prmem_window *win = &prmem_windows[cpu];

	if (unlikely(cpu >= prmem_nr_windows || !prmem_arch_inside(&win->arch) ||
		     prmem_session_of(win)->tags[0] != (addr & PAGE_MASK)))
		return false;
	store((void *)win->alias + offset_in_page(addr), val, sizeof(val));
	return true;
}

/* As long as there is one CPU, and nothing is protected. */
static noinline int word_early(void *dst, u64 val, unsigned long caller)
{
	void *alias = open_early((unsigned long)kasan_reset_tag(dst), sizeof(val));

	if (!alias)
		return refuse_word(dst, sizeof(val), caller);
	store(alias, val, sizeof(val));
	return 0;
}

/*
 * What open_page() and close_page() do, with the store in between. No function is
 * called from the look-up on, so that everything stays in registers.
 */
static noinline __in_window int word_alone(void *dst, u64 val, unsigned long caller)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(dst), flags, frame;
	const struct prmem_window *win;
	struct prmem_saved saved __uninitialized;
	int err;

	RCU_LOCKDEP_WARN(!rcu_is_watching(),
			 "prmem: a write that synchronize_rcu() cannot see");

	prmem_irq_save(flags);
	if (unlikely(!prmem_window_here(&win))) {
		if (!prmem_nr_windows) {
			err = word_early(dst, val, caller);
			prmem_irq_restore(flags);
			return err;
		}
		win = prmem_find_window();
	}
	if (unlikely(prmem_session_of(win)->depth)) {
		prmem_irq_restore(flags);
		return refuse_word(dst, sizeof(val), caller);
	}
	prmem_arch_enter(&win->arch, &saved);
	prmem_count_inside(switches);
	prmem_count_inside(remaps);
	frame = wr_frame(addr, sizeof(val));
	if (unlikely(frame == NO_FRAME)) {
		prmem_arch_leave(&saved);
		prmem_irq_restore(flags);
		return refuse_word(dst, sizeof(val), caller);
	}
	prmem_arch_map(win->slots, win->alias, frame);
	store((void *)win->alias + offset_in_page(addr), val, sizeof(val));
	prmem_arch_unmap(win->slots, win->alias);
	prmem_arch_leave(&saved);
	prmem_irq_restore(flags);
	/* After the window is closed: a report takes long and may be fatal. */
	__kasan_check_write(dst, sizeof(val));
	return 0;
}

/**
 * __wr_word - store an object of 8 bytes
 * @dst: destination
 * @val: the value
 *
 * What __wr_scalar() does, for the size of a pointer. No function is called, and
 * nothing is on the stack, if a session has the page in its first slot.
 *
 * Context: Any but NMI.
 * Return: 0, -EACCES or -EPERM as wr_memset().
 */
__in_window int __wr_word(void *dst, u64 val)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(dst);

	if (unlikely(!IS_ALIGNED(addr, sizeof(val))))
		return copy_unaligned(dst, val, sizeof(val), _RET_IP_);
	if (trace_prmem_write_enabled() || unlikely(in_nmi()))
		return write_word(dst, val, sizeof(val), _RET_IP_);
	if (!irqs_disabled())
		return word_alone(dst, val, _RET_IP_);
	if (unlikely(!store_in_first_slot(addr, val))) {
		if (!open_session())
			return word_alone(dst, val, _RET_IP_);
		return write_word(dst, val, sizeof(val), _RET_IP_);
	}
	__kasan_check_write(dst, sizeof(val));
	return 0;
}
EXPORT_SYMBOL_GPL(__wr_word);

/**
 * __wr_scalar - store an object of 1, 2, 4 or 8 bytes
 * @dst: destination
 * @val: the value, in the low bytes
 * @size: 1, 2, 4 or 8
 *
 * Context: Any but NMI.
 * Return: 0, -EACCES or -EPERM as wr_memset().
 */
__in_window int __wr_scalar(void *dst, u64 val, size_t size)
{
	if (likely(IS_ALIGNED((unsigned long)dst, size)))
		return write_scalar(dst, val, size, _RET_IP_);
	return copy_unaligned(dst, val, size, _RET_IP_);
}
EXPORT_SYMBOL_GPL(__wr_scalar);

int wr_memset(void *dst, int c, size_t len)
{
	unsigned long to = (unsigned long)kasan_reset_tag(dst);
	size_t chunk, rest = len;
	const char *why;
	int err;

	why = check_dst(dst, len, &err) ?: check_budget(len, &err);
	if (unlikely(why))
		return prmem_refuse(why, err, dst, len, _RET_IP_);

	if (is_scalar(dst, len))
		return write_word(dst, repeat_byte(c), len, _RET_IP_);
	trace_prmem_write(dst, len, _RET_IP_);
	__kasan_check_write(dst, len);
	for (; rest; to += chunk, rest -= chunk) {
		chunk = chunk_len(to, rest);
		err = set_chunk(to, c, chunk);
		if (unlikely(err))
			return prmem_refuse(raced, err, dst, len, _RET_IP_);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(wr_memset);

/*
 * Stores that belong together, as those of a list operation do. All places are
 * checked before the first one is written. The aliases that were found, and how
 * many they are, are kept where the session keeps what it knows: on the stack a
 * wrong number would lead to aliases of an earlier call.
 */

static __always_inline unsigned long place_of(const struct wr_store *store)
{
	return (unsigned long)kasan_reset_tag(READ_ONCE(store->where));
}

/* How many places are open. Read each time, so that no copy lies on the stack. */
static __always_inline u64 next_place(const struct prmem_session *session)
{
	return READ_ONCE(session->nr_places) >> 1;
}

static __always_inline void keep_place(struct prmem_session *session, u64 i,
				       unsigned long alias)
{
	session->places[i] = alias;
	prmem_session_set(session, nr_places, i + 1);
}

/*
 * Keeps it, and for the stores that follow the page as well, if all of it may be
 * written: the tag of any other page is no address of a page.
 */
static __always_inline void keep_page(const struct prmem_window *win,
				      unsigned long alias)
{
	struct prmem_session *session = prmem_session_of(win);

	session->page_alias = alias & PAGE_MASK;
	session->page = session->tags[(alias - win->alias) >> PAGE_SHIFT];
	keep_place(session, next_place(session), alias);
}

/*
 * Opens an alias for each store. Which one is next is not kept on the stack, and
 * what this returns decides what is reported, but not what is written.
 */
static noinline __in_window int open_places(const struct prmem_window *win,
					    const struct wr_store *stores,
					    unsigned int nr)
{
	struct prmem_session *session = prmem_session_of(win);
	unsigned long addr;
	void *alias;
	u64 i;

	while ((i = next_place(session)) < nr) {
		if (unlikely(i >= PRMEM_STORES))
			return -E2BIG;
		addr = place_of(&stores[i]);
		if (unlikely(!IS_ALIGNED(addr, sizeof(void *))))
			return -EINVAL;
		if (session->page == (addr & PAGE_MASK)) {
			keep_place(session, i, session->page_alias + offset_in_page(addr));
			continue;
		}
		alias = session_alias(win, addr, sizeof(void *), /*keep=*/true);
		if (unlikely(alias <= ALIAS_NO_SLOT))
			return alias ? -E2BIG : -EACCES;
		keep_page(win, (unsigned long)alias);
	}
	return 0;
}

/* As many as were opened by this call, and none but all. */
static __always_inline bool fill_places(const struct prmem_window *win,
					const struct wr_store *stores, unsigned int nr)
{
	struct prmem_session *session = prmem_session_of(win);
	unsigned int i;

	if (unlikely(prmem_session_get(session, nr_places) != nr || nr - 1 >= PRMEM_STORES))
		return false;
	/* open_places() has seen that they are aligned. Release order as in store(). */
	for (i = 0; i < nr; i++)
		smp_store_release((u64 *)session->places[i], /* as above */
				  (unsigned long)READ_ONCE(stores[i].val));
	return true;
}

static noinline __in_window bool fill_in_session(const struct wr_store *stores,
						 unsigned int nr)
{
	return fill_places(prmem_this_window(), stores, nr);
}

/* The caller's code ran since the page table was met that @region speaks of. */
static noinline __in_window void start_places(void)
{
	const struct prmem_window *win = prmem_this_window();
	struct prmem_session *session = prmem_session_of(win);

	session_resume(win);
	session->region = REGION_NONE;
	session->nr_places = 0;
	session->page = REGION_NONE;
}

static noinline __in_window void empty_slots(void)
{
	const struct prmem_window *win = prmem_this_window();
	unsigned int slot;

	for (slot = 0; slot < PRMEM_SLOTS; slot++)
		prmem_arch_unmap(&win->slots[slot], slot_addr(win, slot));
	session_forget(prmem_session_of(win));
}

static int check_place(const struct wr_store *store)
{
	if (!IS_ALIGNED(place_of(store), sizeof(void *)))
		return -EINVAL;
	return range_is_wr(place_of(store), sizeof(void *), whole_pages()) ? 0 : -EACCES;
}

/*
 * The first one that is at fault is reported, or else the last one. Not that there are
 * too many pages if one of them is what an attack looks like.
 */
static noinline int refuse_stores(const struct wr_store *stores, unsigned int nr,
				  int err, unsigned long caller)
{
	const char *why;
	unsigned int i = 0;

	while (i + 1 < nr && !check_place(&stores[i]))
		i++;
	if (err == -E2BIG)
		err = check_place(&stores[i]) ?: err;
	why = err == -EINVAL ? "not aligned to its size" :
	      err == -E2BIG ? "stores to too many pages" :
	      err == -EPERM ? irqs_on : not_wr;
	return prmem_refuse(why, err, stores[i].where, sizeof(void *), caller);
}

/* After the window is closed, see write_scalar(). */
static __always_inline int stores_done(const struct wr_store *stores, unsigned int nr,
				       int err, unsigned long caller)
{
	unsigned int i;

	if (unlikely(err))
		return refuse_stores(stores, nr, err, caller);
	for (i = 0; IS_ENABLED(CONFIG_KASAN) && i < nr; i++)
		__kasan_check_write(stores[i].where, sizeof(void *));
	return 0;
}

/* If the slots do not last with what they have already, they are emptied. */
static noinline __in_window int stores_in_session(const struct wr_store *stores,
						  unsigned int nr,
						  unsigned long caller)
{
	int err;

	start_places();
	err = open_places(prmem_this_window(), stores, nr);
	if (unlikely(err == -E2BIG)) {
		empty_slots();
		err = open_places(prmem_this_window(), stores, nr);
	}
	err = fill_in_session(stores, nr) ? 0 : err ?: -EACCES;
	return stores_done(stores, nr, err, caller);
}

/* Before other CPUs run and anything is protected. */
static noinline int stores_early(const struct wr_store *stores, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!IS_ALIGNED(place_of(&stores[i]), sizeof(void *)))
			return -EINVAL;
		if (!range_is_wr(place_of(&stores[i]), sizeof(void *), false))
			return -EACCES;
	}
	for (i = 0; i < nr; i++)
		store(stores[i].where, (unsigned long)stores[i].val, sizeof(void *));
	return 0;
}

static noinline __in_window int stores_alone(const struct wr_store *stores,
					     unsigned int nr, unsigned long caller)
{
	const struct prmem_window *win;
	struct open_page page __uninitialized;
	int err;

	RCU_LOCKDEP_WARN(!rcu_is_watching(),
			 "prmem: a write that synchronize_rcu() cannot see");

	prmem_irq_save(page.flags);
	if (unlikely(!prmem_window_here(&win))) {
		if (!prmem_nr_windows) {
			prmem_irq_restore(page.flags);
			return stores_done(stores, nr, stores_early(stores, nr), caller);
		}
		win = prmem_find_window();
	}
	if (unlikely(prmem_session_of(win)->depth)) {
		prmem_irq_restore(page.flags);
		return refuse_stores(stores, nr, -EPERM, caller);
	}
	session_enter(win, &page.saved);
	err = open_places(win, stores, nr);
	/* Not the one from before: it may have been on the stack. */
	win = prmem_this_window();
	err = fill_places(win, stores, nr) ? 0 : err ?: -EACCES;
	session_leave(win, &page.saved);
	prmem_irq_restore(page.flags);
	return stores_done(stores, nr, err, caller);
}

static noinline void trace_stores(const struct wr_store *stores, unsigned int nr,
				  unsigned long caller)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		trace_prmem_write(stores[i].where, sizeof(void *), caller);
}

__in_window int __wr_stores(const struct wr_store *stores, unsigned int nr)
{
	if (trace_prmem_write_enabled())
		trace_stores(stores, nr, _RET_IP_);
	if (unlikely(in_nmi()))
		return refuse_word(stores->where, sizeof(void *), _RET_IP_);
	if (unlikely(!nr || nr > PRMEM_STORES))
		return prmem_refuse("too many stores, or none", -E2BIG, stores->where,
				    nr * sizeof(void *), _RET_IP_);
	if (open_session())
		return stores_in_session(stores, nr, _RET_IP_);
	return stores_alone(stores, nr, _RET_IP_);
}
EXPORT_SYMBOL_GPL(__wr_stores);

/* Atomics */

static __always_inline u64 xchg_word(void *alias, u64 val, size_t size)
{
	switch (size) {
	case 1:
		return xchg(word_at(u8, alias), (u8)val);
	case 2:
		return xchg(word_at(u16, alias), (u16)val);
	case 4:
		return xchg(word_at(u32, alias), (u32)val);
	default:
		return xchg(word_at(u64, alias), val);
	}
}

static __always_inline u64 cmpxchg_word(void *alias, u64 expected, u64 val,
					size_t size)
{
	switch (size) {
	case 1:
		return cmpxchg(word_at(u8, alias), (u8)expected, (u8)val);
	case 2:
		return cmpxchg(word_at(u16, alias), (u16)expected, (u16)val);
	case 4:
		return cmpxchg(word_at(u32, alias), (u32)expected, (u32)val);
	default:
		return cmpxchg(word_at(u64, alias), expected, val);
	}
}

/* Bytes and halves have no atomic_fetch_*(). */
#define fetch_loop(type, alias, op, i)					\
({									\
	type *word = word_at(type, alias);				\
	type sum, found = READ_ONCE(*word);				\
									\
	do {								\
		sum = (type)(i) op found;				\
	} while (!try_cmpxchg(word, &found, sum));			\
	found;								\
})

#define DEFINE_FETCH(name, op)						\
static __always_inline u64 name##_word(void *alias, u64 i, size_t size)	\
{									\
	switch (size) {							\
	case 1:								\
		return fetch_loop(u8, alias, op, i);			\
	case 2:								\
		return fetch_loop(u16, alias, op, i);			\
	case 4:								\
		return (u32)atomic_##name((int)i, word_at(atomic_t, alias)); \
	default:							\
		return atomic64_##name((s64)i, word_at(atomic64_t, alias)); \
	}								\
}

DEFINE_FETCH(fetch_add, +)
DEFINE_FETCH(fetch_and, &)
DEFINE_FETCH(fetch_or, |)
DEFINE_FETCH(fetch_xor, ^)

static noinline int refuse_atomic(const void *p, size_t size,
				  unsigned long caller)
{
	if (!IS_ALIGNED((unsigned long)p, size))
		return prmem_refuse("not aligned to its size", -EINVAL, p, size, caller);
	return refuse_word(p, size, caller);
}

/* What is atomic on the alias is atomic: it is the same memory. */
#define DEFINE_WR_ATOMIC(name, params, ...)				\
__in_window int __wr_##name params					\
{									\
	unsigned long addr = (unsigned long)kasan_reset_tag(p);		\
	const struct prmem_window *win;					\
	struct open_page page __uninitialized;				\
	void *alias;							\
	u64 found;							\
									\
	trace_prmem_write(p, size, _RET_IP_);				\
	if (!IS_ALIGNED(addr, size) || in_nmi())			\
		return refuse_atomic(p, size, _RET_IP_);		\
	win = open_session();						\
	if (win) {							\
		alias = session_page(win, addr, size);			\
		if (unlikely(!alias))					\
			return refuse_atomic(p, size, _RET_IP_);	\
		found = name##_word(alias, __VA_ARGS__, size);		\
	} else {							\
		alias = open_page(&page, addr, size);			\
		if (unlikely(!alias))					\
			return refuse_atomic(p, size, _RET_IP_);	\
		found = name##_word(alias, __VA_ARGS__, size);		\
		close_page(&page);					\
	}								\
	__kasan_check_write(p, size);					\
	*old = found;							\
	return 0;							\
}									\
EXPORT_SYMBOL_GPL(__wr_##name)

DEFINE_WR_ATOMIC(xchg, (void *p, u64 val, u64 *old, size_t size), val);
DEFINE_WR_ATOMIC(cmpxchg, (void *p, u64 expected, u64 val, u64 *old, size_t size),
		 expected, val);
DEFINE_WR_ATOMIC(fetch_add, (void *p, u64 i, u64 *old, size_t size), i);
DEFINE_WR_ATOMIC(fetch_and, (void *p, u64 i, u64 *old, size_t size), i);
DEFINE_WR_ATOMIC(fetch_or, (void *p, u64 i, u64 *old, size_t size), i);
DEFINE_WR_ATOMIC(fetch_xor, (void *p, u64 i, u64 *old, size_t size), i);

/*
 * An early initcall runs before the other CPUs, and after the page allocator and
 * vmalloc are there. There is no going on without the private page tables: the
 * first write after mark_rodata_ro() would have nowhere to go.
 */
static int __init prmem_init(void)
{
	const char *inactive;
	int err;

	static_pfn = PHYS_PFN(__pa_symbol(__start_wr_after_init));
	vmalloc_first = VMALLOC_START;
	vmalloc_size = VMALLOC_END - VMALLOC_START;
	err = prmem_arch_init() ?: prmem_windows_init() ?: pmalloc_init() ?:
	      register_die_notifier(&prmem_die_block) ?:
	      atomic_notifier_chain_register(&panic_notifier_list, &prmem_panic_block);
	if (err)
		panic("prmem: cannot set up the private page tables: error %d\n", err);

	/* The section is outside .data, where kmemleak looks by itself. */
	kmemleak_alloc(__start_wr_after_init,
		       __end_wr_after_init - __start_wr_after_init, 0,
		       GFP_KERNEL);

	inactive = prmem_arch_inactive();
	if (inactive)
		pr_info("prmem: " PRMEM_ARCH_NAME ": private page tables, inactive (%s)\n",
			inactive);
	else
		pr_info("prmem: " PRMEM_ARCH_NAME ": private page tables, active\n");
	return 0;
}
early_initcall(prmem_init);

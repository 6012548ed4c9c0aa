// SPDX-License-Identifier: GPL-2.0
/*
 * Pools of write-rare and read-only memory.
 *
 * An area is a vmap() of single pages. Its page-table entries carry all state
 * that the write path trusts: the software bit says that wr_*() may write here,
 * the hardware's write permission says whether a plain store may. The pages are
 * found through these entries, too, when an area is given back, because
 * vm_struct is ordinary memory.
 *
 * Descriptors of pools and areas live in areas of the same kind, and are changed
 * through wr_*() like anything else. What is not protected is the mutex: who
 * breaks it can make two callers race, but not change an entry.
 */
#include <linux/export.h>
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "prmem_internal.h"

#define PMALLOC_ALIGN	sizeof(u64)

/* Serialises everything that changes a descriptor. */
static DEFINE_MUTEX(pmalloc_mutex);

/* All pools, newest first. */
static struct pmalloc_pool *pools __wr_after_init;

/* Areas that hold descriptors, newest first, and the descriptors that are free. */
static struct pmalloc_area *desc_areas __wr_after_init;
static union desc *free_descs __wr_after_init;

union desc {
	union desc *next_free;
	struct pmalloc_area area;
	struct pmalloc_pool pool;
};

/* Pages */

static void free_pages_of(struct page **pages, unsigned int nr_pages)
{
	while (nr_pages--)
		__free_page(pages[nr_pages]);
}

static int alloc_pages_of(struct page **pages, unsigned int nr_pages)
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i]) {
			free_pages_of(pages, i);
			return -ENOMEM;
		}
	}
	return 0;
}

/* Maps zeroed pages that accept both plain stores and wr_*(). */
static unsigned long map_pages(unsigned int nr_pages)
{
	struct page **pages;
	void *addr = NULL;

	pages = kvmalloc_array(nr_pages, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return 0;
	if (alloc_pages_of(pages, nr_pages))
		goto free_array;

	addr = vmap(pages, nr_pages, VM_MAP, pgprot_wr_rare(PAGE_KERNEL));
	if (!addr) {
		free_pages_of(pages, nr_pages);
		goto free_array;
	}
	/* Pools may hold the only pointer to an ordinary object. */
	kmemleak_alloc(addr, nr_pages * PAGE_SIZE, 0, GFP_KERNEL);

free_array:
	kvfree(pages);
	return (unsigned long)addr;
}

static void unmap_pages(unsigned long addr, unsigned int nr_pages)
{
	struct page *page, *next;
	LIST_HEAD(list);
	unsigned int i;

	for (i = 0; i < nr_pages; i++) {
		page = vmalloc_to_page((void *)addr + i * PAGE_SIZE);
		list_add(&page->lru, &list);
	}
	kmemleak_free((void *)addr);
	vunmap((void *)addr);
	list_for_each_entry_safe(page, next, &list, lru)
		__free_page(page);
}

/* Areas */

static int set_pte_writable_rarely(pte_t *ptep, unsigned long addr, void *on)
{
	pte_t pte = ptep_get(ptep);

	set_pte_at(&init_mm, addr, ptep,
		   on ? pte_mkwr_rare(pte) : pte_clear_wr_rare(pte));
	return 0;
}

/*
 * No TLB flush: the bit means nothing to the hardware. After it was taken away
 * the caller waits for the writes that still saw it.
 */
static void area_set_wr(const struct pmalloc_area *area, bool on)
{
	apply_to_existing_page_range(&init_mm, area->addr,
				     area->nr_pages * PAGE_SIZE,
				     set_pte_writable_rarely,
				     on ? (void *)1 : NULL);
}

static int area_protect(struct pmalloc_area *area)
{
	int err = 0;

	if (area->protected)
		return 0;
	/* Changes the linear map as well, and flushes the TLBs of all CPUs. */
	if (prmem_active())
		err = set_memory_ro(area->addr, area->nr_pages);
	/* The way back needs no memory, because what had to be split is split. */
	if (err && !WARN_ON_ONCE(set_memory_rw(area->addr, area->nr_pages)))
		return err;
	wr_assign(area->protected, true);
	return err;
}

/* Gives the memory of an area back that nobody can write any more. */
static void area_release(const struct pmalloc_area *area)
{
	/*
	 * Pages must not go back to the page allocator while the linear map
	 * refuses writes to them. What cannot be made writable is lost.
	 */
	if (area->protected && prmem_active() &&
	    WARN_ON_ONCE(set_memory_rw(area->addr, area->nr_pages)))
		return;
	unmap_pages(area->addr, area->nr_pages);
}

/* Descriptors */

static void desc_free(union desc *desc)
{
	wr_memset(desc, 0, sizeof(*desc));
	wr_ptr(&desc->next_free, free_descs);
	wr_ptr(&free_descs, desc);
}

/* The first descriptor of a new area describes the area itself. */
static int desc_refill(void)
{
	struct pmalloc_area area = { .nr_pages = 1, .next = desc_areas };
	union desc *desc;
	unsigned int i;
	int err;

	area.addr = map_pages(area.nr_pages);
	if (!area.addr)
		return -ENOMEM;

	desc = (union desc *)area.addr;
	desc->area = area;
	/* Before the windows exist nothing can be protected: pmalloc_init() does. */
	if (prmem_ready()) {
		err = area_protect(&desc->area);
		if (err) {
			unmap_pages(area.addr, area.nr_pages);
			return err;
		}
	}
	wr_ptr(&desc_areas, &desc->area);
	for (i = 1; i < PAGE_SIZE / sizeof(*desc); i++)
		desc_free(&desc[i]);
	return 0;
}

static union desc *desc_alloc(void)
{
	union desc *desc;

	if (!free_descs && desc_refill())
		return NULL;
	desc = free_descs;
	wr_ptr(&free_descs, desc->next_free);
	wr_ptr(&desc->next_free, NULL);
	return desc;
}

/* Pools */

struct pmalloc_pool *pmalloc_create_pool(const char *name,
					 enum pmalloc_mode mode)
{
	struct pmalloc_pool init = { .mode = mode };
	union desc *desc;

	if (!name || !*name || mode > PMALLOC_MODE_WR)
		return NULL;
	strscpy(init.name, name);

	guard(mutex)(&pmalloc_mutex);
	desc = desc_alloc();
	if (!desc)
		return NULL;
	init.next = pools;
	wr_assign(desc->pool, init);
	wr_ptr(&pools, &desc->pool);
	return &desc->pool;
}
EXPORT_SYMBOL_GPL(pmalloc_create_pool);

static int pool_grow(struct pmalloc_pool *pool, unsigned int nr_pages)
{
	struct pmalloc_area area = { .nr_pages = nr_pages, .next = pool->areas };
	union desc *desc;

	desc = desc_alloc();
	if (!desc)
		return -ENOMEM;
	area.addr = map_pages(nr_pages);
	if (!area.addr) {
		desc_free(desc);
		return -ENOMEM;
	}
	wr_assign(desc->area, area);
	wr_ptr(&pool->areas, &desc->area);
	wr_assign(pool->offset, 0);
	return 0;
}

/* Does the newest area take @size more bytes as ordinary memory? */
static bool pool_has_room(const struct pmalloc_pool *pool, size_t size)
{
	const struct pmalloc_area *area = pool->areas;

	return area && !area->protected &&
	       size <= area->nr_pages * PAGE_SIZE - pool->offset;
}

void *pmalloc(struct pmalloc_pool *pool, size_t size)
{
	unsigned long offset;

	if (!size || size > totalram_pages() << PAGE_SHIFT)
		return NULL;
	size = ALIGN(size, PMALLOC_ALIGN);

	guard(mutex)(&pmalloc_mutex);
	if (!pool_has_room(pool, size) &&
	    pool_grow(pool, DIV_ROUND_UP(size, PAGE_SIZE)))
		return NULL;
	offset = pool->offset;
	wr_assign(pool->offset, offset + size);
	return (void *)pool->areas->addr + offset;
}
EXPORT_SYMBOL_GPL(pmalloc);

static void pool_clear_wr(const struct pmalloc_pool *pool)
{
	const struct pmalloc_area *area;

	for (area = pool->areas; area; area = area->next)
		area_set_wr(area, false);
	/*
	 * A write that saw the bit has interrupts off, which is an RCU read-side
	 * critical section. Only now does nothing write any more.
	 */
	synchronize_rcu();
}

static int pool_protect(struct pmalloc_pool *pool)
{
	struct pmalloc_area *area;
	int err;

	for (area = pool->areas; area; area = area->next) {
		err = area_protect(area);
		if (err)
			return err;
	}
	return 0;
}

int pmalloc_protect_pool(struct pmalloc_pool *pool)
{
	int err;

	guard(mutex)(&pmalloc_mutex);
	err = pool_protect(pool);
	if (!err && pool->mode == PMALLOC_MODE_RO)
		pool_clear_wr(pool);
	return err;
}
EXPORT_SYMBOL_GPL(pmalloc_protect_pool);

int pmalloc_make_pool_ro(struct pmalloc_pool *pool)
{
	int err;

	guard(mutex)(&pmalloc_mutex);
	err = pool_protect(pool);
	if (err)
		return err;
	wr_assign(pool->mode, PMALLOC_MODE_RO);
	pool_clear_wr(pool);
	return 0;
}
EXPORT_SYMBOL_GPL(pmalloc_make_pool_ro);

/* Only what is on the list is a pool. */
static bool pool_unlink(const struct pmalloc_pool *pool)
{
	struct pmalloc_pool **link;

	for (link = &pools; *link; link = &(*link)->next) {
		if (*link == pool)
			return !wr_ptr(link, pool->next);
	}
	return false;
}

void pmalloc_destroy_pool(struct pmalloc_pool *pool)
{
	struct pmalloc_area *area, *next;

	if (!pool)
		return;

	guard(mutex)(&pmalloc_mutex);
	if (WARN(!pool_unlink(pool), "prmem: no such pool: %pS\n", pool))
		return;
	pool_clear_wr(pool);
	for (area = pool->areas; area; area = next) {
		next = area->next;
		area_release(area);
		desc_free(container_of(area, union desc, area));
	}
	desc_free(container_of(pool, union desc, pool));
}
EXPORT_SYMBOL_GPL(pmalloc_destroy_pool);

int pmalloc_walk_areas(pmalloc_area_fn fn, void *arg)
{
	const struct pmalloc_pool *pool;
	const struct pmalloc_area *area;
	int err;

	guard(mutex)(&pmalloc_mutex);
	for (area = desc_areas; area; area = area->next) {
		err = fn(area, arg);
		if (err)
			return err;
	}
	for (pool = pools; pool; pool = pool->next) {
		for (area = pool->areas; area; area = area->next) {
			err = fn(area, arg);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Protects the descriptors that were needed before the windows existed. */
int __init pmalloc_init(void)
{
	struct pmalloc_area *area;
	int err;

	for (area = desc_areas; area; area = area->next) {
		err = area_protect(area);
		if (err)
			return err;
	}
	return 0;
}

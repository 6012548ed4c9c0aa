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
 * Descriptors of pools and areas lie in a range of addresses of their own, in
 * write-rare memory, and are changed through wr_*() like anything else. A pool
 * that somebody hands in must be one of them. What is not protected is the
 * mutex. Whoever breaks it finds the write-rare lock word behind it taken.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kasan.h>
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <kunit/visibility.h>

#define PMALLOC_ALIGN	sizeof(u64)

/*
 * Serialises everything that changes a descriptor. The mutex is for waiting, the
 * word decides.
 */
VISIBLE_IF_KUNIT DEFINE_MUTEX(pmalloc_mutex);
static u32 locked __wr_after_init;

/* All pools, newest first. */
static struct pmalloc_pool *pools __wr_after_init;

/*
 * Descriptors. Pages are added to the front of the range, and stay. The first
 * descriptor of each describes the page itself.
 */
#define DESC_RANGE		SZ_16M
#define DESCS_PER_PAGE		(PAGE_SIZE / sizeof(struct desc))

enum desc_type { DESC_FREE, DESC_AREA, DESC_POOL };

struct desc {
	enum desc_type type;
	union {
		struct desc *next_free;
		struct pmalloc_area area;
		struct pmalloc_pool pool;
	};
};

static_assert(sizeof(struct desc) == 64);

static struct vm_struct *desc_vm __wr_after_init;
static unsigned long desc_base __wr_after_init;
static unsigned long desc_size __wr_after_init;
static struct desc *free_descs __wr_after_init;
static struct pmalloc_area *desc_areas __wr_after_init;

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

	addr = vmap(pages, nr_pages, VM_MAP, pgprot_prmem(pgprot_wr_rare(PAGE_KERNEL)));
	if (!addr) {
		free_pages_of(pages, nr_pages);
		goto free_array;
	}
	/* Pools may hold the only pointer to an ordinary object. */
	kmemleak_alloc(addr, nr_pages * PAGE_SIZE, 0, GFP_KERNEL);

free_array:
	kvfree(pages);
	/* Some kinds of KASAN tag the address. */
	return (unsigned long)kasan_reset_tag(addr);
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

static int mark_desc_page(pte_t *ptep, unsigned long addr, void *unused)
{
	pte_t pte = pte_mkprmem(pte_mkwr_rare(ptep_get(ptep)));

	set_pte_at(&init_mm, addr, ptep, pte);
	return 0;
}

static int clear_wr_rare(pte_t *ptep, unsigned long addr, void *unused)
{
	set_pte_at(&init_mm, addr, ptep, pte_clear_wr_rare(ptep_get(ptep)));
	return 0;
}

/*
 * No TLB flush: the bit means nothing to the hardware. After it was taken away
 * the caller waits for the writes that still saw it. It cannot fail, because an
 * area has all its page tables.
 */
static void area_update_ptes(const struct pmalloc_area *area, pte_fn_t fn)
{
	WARN_ON_ONCE(apply_to_existing_page_range(&init_mm, area->addr,
						  area->nr_pages * PAGE_SIZE,
						  fn, NULL));
}

/* Is this an area as map_pages() makes it? The page tables know. */
static bool area_is_open(const struct pmalloc_area *area)
{
	unsigned int i;
	pte_t pte;

	for (i = 0; i < area->nr_pages; i++) {
		pte = prmem_pte(area->addr + i * PAGE_SIZE);
		if (!pte_wr_rare(pte) || !pte_write(pte))
			return false;
	}
	return true;
}

/*
 * Is an area closed to plain stores, in the linear map as well? What changed the
 * page tables looks at ordinary memory on its way: init_mm.pgd, for one.
 */
static bool area_is_closed(const struct pmalloc_area *area)
{
	unsigned int i;
	pte_t pte;

	for (i = 0; i < area->nr_pages; i++) {
		pte = prmem_pte(area->addr + i * PAGE_SIZE);
		if (!pte_prmem(pte) || pte_write(pte))
			return false;
		if (prmem_active() &&
		    prmem_maps_writable((unsigned long)__va(PFN_PHYS(pte_pfn(pte)))))
			return false;
	}
	return true;
}

static int area_close(const struct pmalloc_area *area)
{
	int err = prmem_arch_set_ro(area->addr, area->nr_pages);

	if (!err && CHECK_DATA_CORRUPTION(!area_is_closed(area),
					  "prmem: area at %#lx stays writable\n",
					  area->addr))
		err = -EIO;
	return err;
}

static int area_protect(struct pmalloc_area *area)
{
	int err = 0;

	if (area->protected)
		return 0;
	if (CHECK_DATA_CORRUPTION(!area_is_open(area),
				  "prmem: area at %#lx is not what it should be\n",
				  area->addr))
		return -EINVAL;
	if (rodata_enabled)
		err = area_close(area);
	/* The way back needs no memory, because what had to be split is split. */
	if (err && !WARN_ON_ONCE(prmem_arch_set_rw(area->addr, area->nr_pages)))
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
	if (area->protected && rodata_enabled &&
	    WARN_ON_ONCE(prmem_arch_set_rw(area->addr, area->nr_pages)))
		return;
	unmap_pages(area->addr, area->nr_pages);
}

/* Descriptors */

static void desc_free(struct desc *desc)
{
	wr_assign(desc->type, DESC_FREE);
	wr_ptr(&desc->next_free, free_descs);
	wr_ptr(&free_descs, desc);
}

static struct desc *desc_of_pool(struct pmalloc_pool *pool)
{
	return container_of(pool, struct desc, pool);
}

static struct desc *desc_of_area(struct pmalloc_area *area)
{
	return container_of(area, struct desc, area);
}

/* Whatever @pool is, only write-rare memory and constants are asked. */
static bool is_pool(struct pmalloc_pool *pool)
{
	unsigned long offset = (unsigned long)desc_of_pool(pool) - desc_base;
	unsigned long in_page = offset_in_page(offset);

	return offset < desc_size &&
	       !(in_page % sizeof(struct desc)) &&
	       in_page / sizeof(struct desc) < DESCS_PER_PAGE &&
	       desc_of_pool(pool)->type == DESC_POOL;
}

/* Maps one more page of descriptors; returns its address or 0. */
static unsigned long desc_map_page(void)
{
	unsigned long addr = desc_base + desc_size;
	struct pmalloc_area area = { .addr = addr, .nr_pages = 1 };
	struct page *page;

	if (desc_size == DESC_RANGE)
		return 0;
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return 0;
	if (vm_area_map_pages(desc_vm, addr, addr + PAGE_SIZE, &page)) {
		__free_page(page);
		return 0;
	}
	area_update_ptes(&area, mark_desc_page);
	return addr;
}

static void desc_unmap_page(unsigned long addr)
{
	struct page *page = vmalloc_to_page((void *)addr);

	vm_area_unmap_pages(desc_vm, addr, addr + PAGE_SIZE);
	__free_page(page);
}

static int desc_refill(void)
{
	struct desc *desc = (struct desc *)desc_map_page();
	struct pmalloc_area init = {
		.next = desc_areas, .addr = (unsigned long)desc, .nr_pages = 1,
	};
	unsigned int i;
	int err;

	if (!desc)
		return -ENOMEM;
	wr_assign(desc->type, DESC_AREA);
	wr_assign(desc->area, init);
	/* Before the windows exist nothing can be protected: pmalloc_init() does. */
	if (prmem_ready()) {
		err = area_protect(&desc->area);
		if (err) {
			/* If it could not be undone, the page is lost. */
			if (desc->area.protected)
				wr_assign(desc_size, desc_size + PAGE_SIZE);
			else
				desc_unmap_page(init.addr);
			return err;
		}
	}
	wr_ptr(&desc_areas, &desc->area);
	wr_assign(desc_size, desc_size + PAGE_SIZE);
	for (i = 1; i < DESCS_PER_PAGE; i++)
		desc_free(&desc[i]);
	return 0;
}

static struct desc *desc_alloc(enum desc_type type)
{
	struct desc *desc;

	if (!free_descs && desc_refill())
		return NULL;
	desc = free_descs;
	wr_ptr(&free_descs, desc->next_free);
	wr_assign(desc->type, type);
	return desc;
}

/* Pools */

static bool pools_lock(void)
{
	u32 taken = 1;

	mutex_lock(&pmalloc_mutex);
	if (!CHECK_DATA_CORRUPTION(wr_xchg(&locked, 1, &taken) || taken,
				   "prmem: the lock of the pools is broken\n"))
		return true;
	mutex_unlock(&pmalloc_mutex);
	return false;
}

static void pools_unlock(void)
{
	wr_assign(locked, 0);
	mutex_unlock(&pmalloc_mutex);
}

static int pool_lock(struct pmalloc_pool *pool)
{
	if (!pools_lock())
		return -EINVAL;
	if (!CHECK_DATA_CORRUPTION(!is_pool(pool), "prmem: no such pool: %p\n",
				   pool))
		return 0;
	pools_unlock();
	return -EINVAL;
}

static struct pmalloc_pool *pool_create(const char *name,
					enum pmalloc_mode mode, bool permanent)
{
	struct pmalloc_pool init = { .mode = mode, .permanent = permanent };
	struct desc *desc;

	if (!name || !*name || mode > PMALLOC_MODE_WR)
		return NULL;
	strscpy(init.name, name);

	if (!pools_lock())
		return NULL;
	desc = desc_alloc(DESC_POOL);
	if (desc) {
		init.next = pools;
		wr_assign(desc->pool, init);
		wr_ptr(&pools, &desc->pool);
	}
	pools_unlock();
	return desc ? &desc->pool : NULL;
}

struct pmalloc_pool *pmalloc_create_pool(const char *name,
					 enum pmalloc_mode mode)
{
	if (!prmem_ready())
		return NULL;
	return pool_create(name, mode, /*permanent=*/false);
}
EXPORT_SYMBOL_GPL(pmalloc_create_pool);

/* The first caller is prmem_windows_init(), which brings the range to life. */
struct pmalloc_pool *__init pmalloc_create_permanent(const char *name,
						     enum pmalloc_mode mode)
{
	if (!desc_vm) {
		wr_ptr(&desc_vm, get_vm_area(DESC_RANGE, VM_SPARSE));
		if (!desc_vm)
			return NULL;
		wr_assign(desc_base, (unsigned long)desc_vm->addr);
	}
	return pool_create(name, mode, /*permanent=*/true);
}

static int pool_grow(struct pmalloc_pool *pool, unsigned int nr_pages)
{
	struct pmalloc_area init = { .nr_pages = nr_pages, .next = pool->areas };
	struct desc *desc;

	desc = desc_alloc(DESC_AREA);
	if (!desc)
		return -ENOMEM;
	init.addr = map_pages(nr_pages);
	if (!init.addr) {
		desc_free(desc);
		return -ENOMEM;
	}
	wr_assign(desc->area, init);
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

static void *pool_alloc(struct pmalloc_pool *pool, size_t size)
{
	unsigned long offset;

	if (!pool_has_room(pool, size) &&
	    pool_grow(pool, DIV_ROUND_UP(size, PAGE_SIZE)))
		return NULL;
	offset = pool->offset;
	wr_assign(pool->offset, offset + size);
	return (void *)pool->areas->addr + offset;
}

void *pmalloc(struct pmalloc_pool *pool, size_t size)
{
	void *object;

	/* The number of pages of an area is an int. */
	if (!size || size >> PAGE_SHIFT >= INT_MAX ||
	    size > totalram_pages() << PAGE_SHIFT || pool_lock(pool))
		return NULL;
	object = pool_alloc(pool, ALIGN(size, PMALLOC_ALIGN));
	pools_unlock();
	return object;
}
EXPORT_SYMBOL_GPL(pmalloc);

static bool area_is_wr(const struct pmalloc_area *area)
{
	unsigned int i;

	for (i = 0; i < area->nr_pages; i++) {
		if (pte_wr_rare(prmem_pte(area->addr + i * PAGE_SIZE)))
			return true;
	}
	return false;
}

static int pool_clear_wr(const struct pmalloc_pool *pool)
{
	const struct pmalloc_area *area;
	int err = 0;

	for (area = pool->areas; area; area = area->next) {
		area_update_ptes(area, clear_wr_rare);
		if (CHECK_DATA_CORRUPTION(area_is_wr(area),
					  "prmem: area at %#lx stays write-rare\n",
					  area->addr))
			err = -EIO;
	}
	/*
	 * A write that saw the bit has interrupts off, which is an RCU read-side
	 * critical section. Only now does nothing write any more.
	 */
	synchronize_rcu();
	return err;
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
	int err = pool_lock(pool);

	if (err)
		return err;
	err = pool_protect(pool);
	if (!err && pool->mode == PMALLOC_MODE_RO)
		err = pool_clear_wr(pool);
	pools_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(pmalloc_protect_pool);

int pmalloc_make_pool_ro(struct pmalloc_pool *pool)
{
	int err = pool_lock(pool);

	if (err)
		return err;
	err = pool_protect(pool);
	if (!err) {
		wr_assign(pool->mode, PMALLOC_MODE_RO);
		err = pool_clear_wr(pool);
	}
	pools_unlock();
	return err;
}
EXPORT_SYMBOL_GPL(pmalloc_make_pool_ro);

static void pool_unlink(const struct pmalloc_pool *pool)
{
	struct pmalloc_pool **link = &pools;

	while (*link != pool)
		link = &(*link)->next;
	wr_ptr(link, pool->next);
}

static void pool_destroy(struct pmalloc_pool *pool)
{
	struct pmalloc_area *area, *next;

	/* What can still be written is lost, rather than given back. */
	if (pool_clear_wr(pool))
		return;
	pool_unlink(pool);
	for (area = pool->areas; area; area = next) {
		next = area->next;
		area_release(area);
		desc_free(desc_of_area(area));
	}
	desc_free(desc_of_pool(pool));
}

void pmalloc_destroy_pool(struct pmalloc_pool *pool)
{
	if (!pool || pool_lock(pool))
		return;
	if (!CHECK_DATA_CORRUPTION(pool->permanent,
				   "prmem: pool %s cannot be destroyed\n",
				   pool->name))
		pool_destroy(pool);
	pools_unlock();
}
EXPORT_SYMBOL_GPL(pmalloc_destroy_pool);

static int walk_areas(const struct pmalloc_area *area, pmalloc_area_fn fn,
		      void *arg)
{
	int err;

	for (; area; area = area->next) {
		err = fn(area, arg);
		if (err)
			return err;
	}
	return 0;
}

int pmalloc_walk_areas(pmalloc_area_fn fn, void *arg)
{
	const struct pmalloc_pool *pool;
	int err;

	if (!pools_lock())
		return -EINVAL;
	err = walk_areas(desc_areas, fn, arg);
	for (pool = pools; pool && !err; pool = pool->next)
		err = walk_areas(pool->areas, fn, arg);
	pools_unlock();
	return err;
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

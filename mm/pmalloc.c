// SPDX-License-Identifier: GPL-2.0
/*
 * Pools of write-rare and read-only memory.
 *
 * An area is a mapping of its own. Its page-table entries carry all state that
 * the write path trusts: software bits say that wr_*() may write here, the
 * hardware's write permission says whether a plain store may.
 *
 * A pool that somebody hands in must be a descriptor of one. How far its newest
 * area has been handed out is in ordinary memory: an allocation is a
 * compare-exchange. As long as that area is ordinary memory as well, who corrupts
 * this word gets memory handed out twice that he could have written anyway. Where
 * the newest area is write-rare from birth, a write-rare mark follows the word, and
 * nothing below the mark is handed out; nor is anything once the pool is protected,
 * until it has another area.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kasan.h>
#include <linux/kmemleak.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/prmem.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <trace/events/prmem.h>

#include "prmem_alloc.h"

#define DEFAULT_ALIGN_ORDER	ilog2(sizeof(u64))

/* All pools, newest first. */
static struct pmalloc_pool *pools __wr_after_init;

/* Areas */

static bool mode_is_auto(enum pmalloc_mode mode)
{
	return mode == PMALLOC_MODE_AUTO_RO || mode == PMALLOC_MODE_AUTO_WR;
}

static bool mode_is_ro(enum pmalloc_mode mode)
{
	return mode == PMALLOC_MODE_RO || mode == PMALLOC_MODE_AUTO_RO;
}

static unsigned long area_size(const struct pmalloc_area *area)
{
	return area->nr_pages * PAGE_SIZE;
}

static bool pte_is_open(pte_t pte)
{
	return pte_wr_rare(pte) && !pte_is_object(pte) && pte_write(pte);
}

/*
 * The linear map was closed with the block. That it still is, is asked again,
 * because this is the moment at which somebody relies on it.
 */
static bool pte_is_protected(pte_t pte)
{
	return pte_prmem(pte) && !pte_write(pte) &&
	       !(prmem_active() &&
		 prmem_maps_writable((unsigned long)__va(PFN_PHYS(pte_pfn(pte)))));
}

static int area_close(const struct pmalloc_area *area)
{
	int err;

	err = prmem_update_ptes(area->addr, area->nr_pages, prmem_pte_close);
	flush_tlb_kernel_range(area->addr, area->addr + area_size(area));
	if (CHECK_DATA_CORRUPTION(err || !prmem_all_ptes(area->addr, area->nr_pages,
							 pte_is_protected),
				  "prmem: area at %#lx stays writable\n",
				  area->addr))
		err = -EIO;
	if (err)
		prmem_update_ptes(area->addr, area->nr_pages, prmem_pte_open);
	return err;
}

int prmem_close_area(struct pmalloc_area *area)
{
	int err = 0;

	if (area->protected)
		return 0;
	if (CHECK_DATA_CORRUPTION(!prmem_all_ptes(area->addr, area->nr_pages,
						  pte_is_open),
				  "prmem: area at %#lx is not what it should be\n",
				  area->addr))
		return -EINVAL;
	if (rodata_enabled)
		err = area_close(area);
	if (!err)
		wr_assign(area->protected, true);
	return err;
}

/* After this the caller waits for writers, and only then is it final. */
static int area_make_ro(struct pmalloc_area *area)
{
	if (area->ro)
		return 0;
	prmem_update_ptes(area->addr, area->nr_pages, prmem_pte_to_ro);
	if (CHECK_DATA_CORRUPTION(!prmem_all_ptes(area->addr, area->nr_pages,
						  prmem_pte_is_ro),
				  "prmem: area at %#lx stays write-rare\n",
				  area->addr))
		return -EIO;
	wr_assign(area->ro, true);
	return 0;
}

static void area_release(const struct pmalloc_area *area)
{
	kmemleak_free((void *)area->addr);
	prmem_unmap_pages(area->addr, area->nr_pages);
	vunmap((void *)area->addr);
}

/* Pools */

static int pool_lock(struct pmalloc_pool *pool)
{
	if (!prmem_lock())
		return -EINVAL;
	if (!CHECK_DATA_CORRUPTION(!prmem_is_desc(prmem_desc_of(pool, pool),
						  PRMEM_DESC_POOL),
				   "prmem: no such pool: %p\n", pool))
		return 0;
	prmem_unlock();
	return -EINVAL;
}

static bool pool_is_open(const struct pmalloc_pool *pool)
{
	return pool->open;
}

/* What has been handed out of the newest area, up to @pos. */
static unsigned long pool_used(const struct pmalloc_pool *pool, unsigned long pos)
{
	return min(pos - pool->areas->addr, area_size(pool->areas));
}

/*
 * The newest area gives nothing more. Without a position, an allocation that is
 * under way fails to move it.
 */
static void pool_seal(struct pmalloc_pool *pool)
{
	if (!pool_is_open(pool))
		return;
	wr_assign(pool->open, false);
	wr_assign(pool->areas->used, pool_used(pool, xchg(&pool->side->pos, 0)));
}

static struct pmalloc_pool *pool_create(const struct pmalloc_pool *init)
{
	struct pmalloc_side *side = kzalloc(sizeof(*side), GFP_KERNEL);
	struct prmem_desc *desc = NULL;

	if (!side || !prmem_lock())
		goto free_side;
	desc = prmem_desc_alloc(PRMEM_DESC_POOL);
	if (desc) {
		struct pmalloc_pool *pool = &desc->pool;

		wr_assign(*pool, *init);
		wr_ptr(&pool->side, side);
		wr_ptr(&pool->next, pools);
		wr_ptr(&pools, pool);
	}
	prmem_unlock();
free_side:
	if (!desc) {
		kfree(side);
		return NULL;
	}
	trace_pmalloc_create(&desc->pool);
	return &desc->pool;
}

static struct pmalloc_pool *create(const char *name, size_t refill,
				   int align_order, enum pmalloc_mode mode,
				   bool permanent)
{
	struct pmalloc_pool init = {
		.mode = mode, .permanent = permanent, .align_order = align_order,
		.refill = DIV_ROUND_UP(refill, PAGE_SIZE),
	};

	if (!name || !*name || (unsigned int)mode > PMALLOC_MODE_START_WR ||
	    align_order < 0 || align_order > PAGE_SHIFT ||
	    !refill || refill > PMALLOC_REFILL_MAX)
		return NULL;
	strscpy(init.name, name);
	return pool_create(&init);
}

struct pmalloc_pool *pmalloc_create_custom_pool(const char *name, size_t refill,
						int align_order,
						enum pmalloc_mode mode)
{
	if (!prmem_ready())
		return NULL;
	return create(name, refill, align_order, mode, /*permanent=*/false);
}
EXPORT_SYMBOL_GPL(pmalloc_create_custom_pool);

struct pmalloc_pool *pmalloc_create_pool(const char *name,
					 enum pmalloc_mode mode)
{
	return pmalloc_create_custom_pool(name, PMALLOC_REFILL_DEFAULT,
					  DEFAULT_ALIGN_ORDER, mode);
}
EXPORT_SYMBOL_GPL(pmalloc_create_pool);

/* The first caller is prmem_windows_init(), which brings the range to life. */
struct pmalloc_pool *__init pmalloc_create_permanent(const char *name,
						     enum pmalloc_mode mode)
{
	if (!prmem_desc_areas && prmem_desc_create_range())
		return NULL;
	return create(name, PMALLOC_REFILL_DEFAULT, DEFAULT_ALIGN_ORDER, mode,
		      /*permanent=*/true);
}

/*
 * Maps an area for @pool; its descriptor is where the vm_struct leads to. It comes
 * first, and all is done from there: on the stack it could be changed, and pages
 * would be mapped that nobody ever protects.
 */
static int area_map(struct prmem_desc *desc, struct pmalloc_pool *pool,
		    unsigned int nr_pages)
{
	enum prmem_birth birth = pool->mode == PMALLOC_MODE_START_WR ?
				 PRMEM_BORN_WR : PRMEM_BORN_OPEN;
	struct pmalloc_area init = {
		.next = pool->areas, .nr_pages = nr_pages,
		.protected = birth == PRMEM_BORN_WR,
		.owner = prmem_desc_of(pool, pool),
	};
	struct pmalloc_area *area = &desc->area;
	struct vm_struct *vm;
	int err;

	vm = get_vm_area_caller(nr_pages * PAGE_SIZE, VM_MAP, desc);
	if (!vm)
		return -ENOMEM;
	/* Some kinds of KASAN tag the address. */
	init.addr = (unsigned long)kasan_reset_tag(vm->addr);
	wr_assign(*area, init);
	err = prmem_map_pages(area->addr, area->nr_pages, birth);
	if (err) {
		vunmap((void *)area->addr);
		return err;
	}
	/* Pools may hold the only pointer to an ordinary object. */
	kmemleak_alloc((void *)area->addr, area_size(area), 0, GFP_KERNEL);
	return 0;
}

/*
 * What is older than the newest area is protected in some modes. Nobody writes the
 * newest one by plain stores any more: a caller fills what it was given before it
 * asks for more.
 */
static int pool_protect_older(struct pmalloc_pool *pool)
{
	int err;

	if (!mode_is_auto(pool->mode) || !pool->areas)
		return 0;
	err = prmem_close_area(pool->areas);
	if (err || pool->areas->ro || pool->mode != PMALLOC_MODE_AUTO_RO)
		return err;
	err = area_make_ro(pool->areas);
	if (!err)
		prmem_wait_for_writers();
	return err;
}

/*
 * Adds an area, and returns what it begins with: others may have taken the rest
 * before this caller could.
 */
static void *pool_grow(struct pmalloc_pool *pool, size_t size)
{
	unsigned int nr_pages = max_t(size_t, DIV_ROUND_UP(size, PAGE_SIZE),
				      pool->refill);
	struct prmem_desc *desc;
	unsigned long pos;

	if (nr_pages > totalram_pages())
		return NULL;
	desc = prmem_desc_alloc(PRMEM_DESC_AREA);
	if (!desc)
		return NULL;
	if (area_map(desc, pool, nr_pages))
		goto free_desc;
	/* First, or others would be given what is protected already. */
	pool_seal(pool);
	if (pool_protect_older(pool))
		goto release_area;
	pos = desc->area.addr + size;
	/*
	 * pool_take() looks at these without the lock: no area comes with the mark of
	 * another one, and the position is last.
	 */
	wr_assign(pool->mark, pos);
	wr_ptr(&pool->areas, &desc->area);
	wr_assign(pool->open, true);
	smp_store_release(&pool->side->pos, pos); /* pool_take() */
	atomic_long_inc(&pool->side->nr_objects);
	trace_pmalloc_refill(pool, desc->area.addr, nr_pages);
	return (void *)desc->area.addr;

release_area:
	area_release(&desc->area);
free_desc:
	prmem_desc_free(desc);
	return NULL;
}

/* Nothing below this is handed out any more. */
static unsigned long pool_mark(const struct pmalloc_pool *pool,
			       const struct pmalloc_area *area)
{
	return pool->mode == PMALLOC_MODE_START_WR ? READ_ONCE(pool->mark) :
						     area->addr;
}

/*
 * In a pool of START_WR, @start to @end was taken from the position. What lies
 * PMALLOC_UNMARKED or more behind @mark moves it. Returns false if that is not
 * possible, because somebody else has moved it beyond @start, or there is another
 * area by now: what was taken is not used then.
 */
static bool pool_move_mark(struct pmalloc_pool *pool, unsigned long mark,
			   unsigned long start, unsigned long end)
{
	const unsigned long lowest = mark;
	unsigned long seen = mark;

	while (end - mark > PMALLOC_UNMARKED) {
		if (wr_cmpxchg(&pool->mark, mark, end, &seen))
			return false;
		if (seen == mark)
			break;
		if (seen < lowest || seen > start)
			return false;
		mark = seen;
	}
	return true;
}

/*
 * The position was moved beyond @start: is this still to be had? Whoever was kept from
 * going on in between has seen a mark and an area of long ago, and the position may
 * have been put back since. After the compare-exchange, so that what is seen now is
 * not older than that.
 */
static bool pool_confirms(struct pmalloc_pool *pool, const struct pmalloc_area *area,
			  unsigned long start, unsigned long end)
{
	unsigned long mark;

	/* In this order: pool_grow() gives up the old area before there is another. */
	if (!smp_load_acquire(&pool->open) || smp_load_acquire(&pool->areas) != area)
		return false;
	mark = pool_mark(pool, area);
	if (mark < area->addr || mark > start)
		return false;
	return pool->mode != PMALLOC_MODE_START_WR ||
	       pool_move_mark(pool, mark, start, end);
}

/*
 * Without a lock. No area goes away as long as the pool exists, so no two areas
 * have a position in common. Wherever the position says, an object is within the
 * newest area, above its mark, and that area is open: before the position is moved,
 * and after. What was taken in vain is waste.
 */
static void *pool_take(struct pmalloc_pool *pool, size_t size)
{
	unsigned long align = 1UL << pool->align_order;
	unsigned long pos, mark, start, end;
	const struct pmalloc_area *area;

	do {
		/* Pairs with the release in pool_grow(): what comes first there is seen. */
		pos = smp_load_acquire(&pool->side->pos);
		/* Pairs with the one before: an area comes with its own mark. */
		area = smp_load_acquire(&pool->areas);
		if (!area || !READ_ONCE(pool->open))
			return NULL;
		end = area->addr + area_size(area);
		mark = pool_mark(pool, area);
		start = ALIGN(pos, align);
		if (mark < area->addr || pos < mark || start < pos || start > end ||
		    size > end - start)
			return NULL;
	} while (!try_cmpxchg(&pool->side->pos, &pos, start + size) ||
		 !pool_confirms(pool, area, start, start + size));
	atomic_long_inc(&pool->side->nr_objects);
	return (void *)start;
}

/* The number of pages of an area is an int. */
static bool size_is_bad(size_t size)
{
	return !size || size >> PAGE_SHIFT >= INT_MAX ||
	       size > totalram_pages() << PAGE_SHIFT;
}

/* Under the lock. Somebody else may have been here. */
static void *pool_take_or_grow(struct pmalloc_pool *pool, size_t size)
{
	void *object = pool_take(pool, size);

	return object || pool->sealed ? object : pool_grow(pool, size);
}

static void *pool_take_slowly(struct pmalloc_pool *pool, size_t size)
{
	void *object;

	if (size_is_bad(size) || pool_lock(pool))
		return NULL;
	object = pool_take_or_grow(pool, size);
	prmem_unlock();
	return object;
}

void *pmalloc(struct pmalloc_pool *pool, size_t size)
{
	void *object = NULL;

	might_sleep();
	if (!size)
		return NULL;
	if (likely(prmem_is_desc(prmem_desc_of(pool, pool), PRMEM_DESC_POOL)))
		object = pool_take(pool, size);
	return object ?: pool_take_slowly(pool, size);
}
EXPORT_SYMBOL_GPL(pmalloc);

/*
 * Under the lock until the copy is there: in the AUTO modes the next allocation
 * protects the area, and pmalloc_protect_pool() does in any.
 */
void *pmemdup(struct pmalloc_pool *pool, const void *src, size_t size)
{
	void *object;

	might_sleep();
	if (!src || size_is_bad(size) || pool_lock(pool))
		return NULL;
	object = pool_take_or_grow(pool, size);
	/* What cannot be read is reported there. */
	if (object && wr_memcpy(object, src, size))
		object = NULL;
	prmem_unlock();
	return object;
}
EXPORT_SYMBOL_GPL(pmemdup);

char *pstrdup(struct pmalloc_pool *pool, const char *s)
{
	return s ? pmemdup(pool, s, strlen(s) + 1) : NULL;
}
EXPORT_SYMBOL_GPL(pstrdup);

static int pool_protect(struct pmalloc_pool *pool)
{
	struct pmalloc_area *area;
	int err;

	/* START_WR as well: what is beyond its mark cannot be handed out twice. */
	pool_seal(pool);
	for (area = pool->areas; area; area = area->next) {
		err = prmem_close_area(area);
		if (err)
			return err;
	}
	return 0;
}

static int pool_make_ro(struct pmalloc_pool *pool)
{
	struct pmalloc_area *area;
	int err = 0, any = 0;

	for (area = pool->areas; area; area = area->next) {
		any |= !area->ro;
		err = area_make_ro(area) ?: err;
	}
	if (any)
		prmem_wait_for_writers();
	return err;
}

int pmalloc_protect_pool(struct pmalloc_pool *pool)
{
	int err = pool_lock(pool);

	if (err)
		return err;
	err = pool_protect(pool);
	if (!err && mode_is_ro(pool->mode))
		err = pool_make_ro(pool);
	prmem_unlock();
	trace_pmalloc_protect(pool, err);
	return err;
}
EXPORT_SYMBOL_GPL(pmalloc_protect_pool);

/* What is allocated later is filled and protected as the mode says. */
static const enum pmalloc_mode ro_modes[] = {
	[PMALLOC_MODE_RO]	= PMALLOC_MODE_RO,
	[PMALLOC_MODE_WR]	= PMALLOC_MODE_RO,
	[PMALLOC_MODE_AUTO_RO]	= PMALLOC_MODE_AUTO_RO,
	[PMALLOC_MODE_AUTO_WR]	= PMALLOC_MODE_AUTO_RO,
	[PMALLOC_MODE_START_WR]	= PMALLOC_MODE_START_WR,
};

int pmalloc_make_pool_ro(struct pmalloc_pool *pool)
{
	int err = pool_lock(pool);

	if (err)
		return err;
	err = pool_protect(pool);
	if (!err) {
		/* Memory that nobody could ever write is of no use. */
		if (pool->mode == PMALLOC_MODE_START_WR)
			wr_assign(pool->sealed, true);
		wr_assign(pool->mode, ro_modes[pool->mode]);
		err = pool_make_ro(pool);
	}
	prmem_unlock();
	trace_pmalloc_protect(pool, err);
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
	struct pmalloc_side *side = pool->side;

	pool_seal(pool);
	/* What can still be written is lost, rather than given back. */
	if (pool_make_ro(pool))
		return;
	pool_unlink(pool);
	for (area = pool->areas; area; area = next) {
		next = area->next;
		area_release(area);
		prmem_desc_free(prmem_desc_of(area, area));
	}
	prmem_desc_free(prmem_desc_of(pool, pool));
	kfree(side);
}

void pmalloc_destroy_pool(struct pmalloc_pool *pool)
{
	if (!pool || pool_lock(pool))
		return;
	if (!CHECK_DATA_CORRUPTION(pool->permanent,
				   "prmem: pool %s cannot be destroyed\n",
				   pool->name)) {
		trace_pmalloc_destroy(pool);
		pool_destroy(pool);
	}
	prmem_unlock();
}
EXPORT_SYMBOL_GPL(pmalloc_destroy_pool);

int pmalloc_walk_pools(pmalloc_pool_fn fn, void *arg)
{
	const struct pmalloc_pool *pool;
	int err = 0;

	if (!prmem_lock())
		return -EINVAL;
	for (pool = pools; pool && !err; pool = pool->next)
		err = fn(pool, arg);
	prmem_unlock();
	return err;
}

void pmalloc_usage(const struct pmalloc_pool *pool, struct pmalloc_usage *usage)
{
	const struct pmalloc_area *area;

	*usage = (struct pmalloc_usage) {
		.objects = atomic_long_read(&pool->side->nr_objects),
	};
	for (area = pool->areas; area; area = area->next) {
		usage->areas++;
		usage->size += area_size(area);
		usage->used += area == pool->areas && pool_is_open(pool) ?
			       pool_used(pool, READ_ONCE(pool->side->pos)) : area->used;
		if (area->protected && prmem_active())
			usage->protected += area_size(area);
	}
}

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

	if (!prmem_lock())
		return -EINVAL;
	err = walk_areas(prmem_desc_areas, fn, arg);
	for (pool = pools; pool && !err; pool = pool->next)
		err = walk_areas(pool->areas, fn, arg);
	prmem_unlock();
	return err;
}

int __init pmalloc_init(void)
{
	return prmem_desc_protect_early();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Caches of write-rare objects.
 *
 * A slab is aligned to its size, so that the address of an object leads to the
 * head of its slab, and that to the bounds of the object. The page-table entries
 * say that these are objects: who writes is held to one that somebody has. The
 * heads are behind the same bounds, so that no caller reaches one; this file
 * writes them in a session of its own, see prmem_session_whole_pages().
 *
 * Allocation and freeing take no lock. Who owns an object is decided by an atomic
 * operation on a write-rare bitmap. What has to be writable is the work that
 * frees after a grace period; when it is run too early, it does nothing.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/kasan.h>
#include <linux/kmemleak.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/prmem.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include <trace/events/prmem.h>

#include "prmem_alloc.h"

/* All caches, newest first. */
static struct prmem_cache *caches __wr_after_init;

/* Objects */

static bool is_cache(const struct prmem_cache *cache)
{
	return prmem_is_desc(prmem_desc_of(cache, cache), PRMEM_DESC_CACHE);
}

/* A session in which the heads of slabs can be written, and objects of nobody. */
static void heads_open(void)
{
	wr_session_begin();
	prmem_session_whole_pages(true);
}

static void heads_close(void)
{
	prmem_session_whole_pages(false);
	wr_session_end();
}

/* The number of the object at @addr exactly, or -1. */
static long object_index(const struct prmem_slab *slab, unsigned long addr)
{
	u32 offset = addr - (unsigned long)slab;

	if (offset < slab->first || (offset - slab->first) % slab->stride)
		return -1;
	offset = (offset - slab->first) / slab->stride;
	return offset < slab->nr_objects ? offset : -1;
}

static void *object_at(const struct prmem_slab *slab, unsigned int index)
{
	return (void *)slab + slab->first + index * slab->stride;
}

static bool in_map(struct prmem_slab *slab, unsigned int map, unsigned int index)
{
	return test_bit(index, prmem_slab_map(slab, map));
}

/* Sets a bit; returns whether it was clear. In a session. */
static bool set_in_map(struct prmem_slab *slab, unsigned int map,
		       unsigned int index)
{
	unsigned long bit = BIT_MASK(index), old = bit;

	wr_fetch_or(&prmem_slab_map(slab, map)[BIT_WORD(index)], bit, &old);
	return !(old & bit);
}

/* Clears a bit; returns whether it was set. In a session. */
static bool clear_in_map(struct prmem_slab *slab, unsigned int map,
			 unsigned int index)
{
	unsigned long bit = BIT_MASK(index), old = 0;

	wr_fetch_and(&prmem_slab_map(slab, map)[BIT_WORD(index)], ~bit, &old);
	return old & bit;
}

/*
 * For KASAN, which knows what lies between objects as well. Its tags are for
 * memory that is allocated as a whole.
 */
static void poison_object(const void *object, size_t size)
{
	if (IS_ENABLED(CONFIG_KASAN_GENERIC))
		kasan_poison_vmalloc(object, size);
}

static void unpoison_object(const void *object, size_t size)
{
	if (IS_ENABLED(CONFIG_KASAN_GENERIC))
		kasan_unpoison_vmalloc(object, size, KASAN_VMALLOC_NONE);
}

/* Allocation */

/* A number below nr_objects that is not taken, from the hint on, or -1. */
static long find_object(const struct prmem_slab *slab)
{
	unsigned long *taken = prmem_slab_map((void *)slab, PRMEM_MAP_TAKEN);
	unsigned int nr = READ_ONCE(slab->nr_objects), hint = slab->hint;
	unsigned long index = find_next_zero_bit(taken, nr, min(hint, nr));

	if (index >= nr)
		index = find_first_zero_bit(taken, nr);
	return index < nr ? index : -1;
}

/* Makes the object ours, unless somebody else was faster. */
static bool take_object(struct prmem_slab *slab, unsigned int index)
{
	bool taken;

	heads_open();
	taken = set_in_map(slab, PRMEM_MAP_TAKEN, index);
	if (taken) {
		wr_inc(&slab->nr_taken);
		wr_assign(slab->hint, index + 1);
		wr_inc(&slab->cache->nr_live);
	}
	heads_close();
	return taken;
}

static void *take_from_slab(struct prmem_slab *slab)
{
	long index;

	do {
		index = find_object(slab);
	} while (index >= 0 && !take_object(slab, index));
	return index < 0 ? NULL : object_at(slab, index);
}

static void *cache_take(struct prmem_cache *cache)
{
	struct prmem_slab *slab;
	void *object;

	/* Pairs with the release that publishes a slab in slab_create(). */
	slab = smp_load_acquire(&cache->slabs);
	for (; slab; slab = slab->next) {
		if (READ_ONCE(slab->nr_taken) >= READ_ONCE(slab->nr_objects))
			continue;
		object = take_from_slab(slab);
		if (object)
			return object;
	}
	return NULL;
}

/*
 * The contents are there before anybody else can know the object. It is zero, and
 * counts as given out from the moment the bit is set: wr_memcpy() can do the rest.
 */
static int object_birth(void *object, const void *init, size_t size)
{
	struct prmem_slab *slab = prmem_slab_of((unsigned long)object);
	unsigned int index = object_index(slab, (unsigned long)object);

	unpoison_object(object, size);
	heads_open();
	set_in_map(slab, PRMEM_MAP_LIVE, index);
	heads_close();
	return init ? wr_memcpy(object, init, size) : 0;
}

/* Slabs */

static bool range_add(struct prmem_cache *cache)
{
	size_t size = (PRMEM_RANGE_SLABS + 1) * PRMEM_SLAB_SIZE - PAGE_SIZE;
	struct prmem_desc *desc = prmem_desc_alloc(PRMEM_DESC_AREA);
	struct pmalloc_area init = {
		.next = cache->ranges,
		.owner = prmem_desc_of(cache, cache),
	};
	struct vm_struct *vm;

	if (!desc)
		return false;
	vm = get_vm_area_caller(size, VM_SPARSE, desc);
	if (!vm) {
		prmem_desc_free(desc);
		return false;
	}
	init.addr = (unsigned long)kasan_reset_tag(vm->addr);
	wr_assign(desc->area, init);
	wr_ptr(&cache->ranges, &desc->area);
	wr_assign(cache->nr_slots, PRMEM_RANGE_SLABS);
	return true;
}

/* Room for objects in the first @nr_pages of a slab. */
static unsigned int objects_in(const struct prmem_cache *cache,
			       unsigned int nr_pages)
{
	unsigned long size = nr_pages * PAGE_SIZE;

	if (size < cache->first + cache->size)
		return 0;
	return (size - cache->first - cache->size) / cache->stride + 1;
}

/* Maps pages behind those that @slab has, and is not visible to anybody. */
static int slab_map_pages(struct prmem_slab *slab, unsigned int nr_mapped,
			  unsigned int nr_pages)
{
	unsigned long addr = (unsigned long)slab + nr_mapped * PAGE_SIZE;

	return prmem_map_pages(addr, nr_pages, PRMEM_BORN_WR);
}

static void slab_bound(struct prmem_slab *slab, unsigned int nr_mapped,
		       unsigned int nr_pages)
{
	unsigned long addr = (unsigned long)slab + nr_mapped * PAGE_SIZE;
	unsigned long first = (unsigned long)object_at(slab, 0);

	if (first < addr)
		first = addr;
	poison_object((void *)first, addr + nr_pages * PAGE_SIZE - first);
	prmem_update_ptes(addr, nr_pages, prmem_pte_to_object);
}

/* How many pages it takes to have one more object. */
static unsigned int pages_for_more(const struct prmem_cache *cache,
				   unsigned int nr_pages)
{
	unsigned int have = objects_in(cache, nr_pages), more = 1;

	while (nr_pages + more <= PRMEM_SLAB_PAGES &&
	       objects_in(cache, nr_pages + more) == have)
		more++;
	return more;
}

static int slab_create(struct prmem_cache *cache)
{
	unsigned int nr_pages = pages_for_more(cache, 0);
	struct prmem_slab init = {
		.cache = cache, .next = cache->slabs,
		.first = cache->first, .stride = cache->stride, .size = cache->size,
		.map_words = BITS_TO_LONGS(cache->max_objects),
		.nr_pages = nr_pages, .nr_objects = objects_in(cache, nr_pages),
	};
	struct prmem_slab *slab;
	int err;

	if (!cache->nr_slots && !range_add(cache))
		return -ENOMEM;
	slab = (void *)ALIGN(cache->ranges->addr, PRMEM_SLAB_SIZE) +
	       (cache->nr_slots - 1) * PRMEM_SLAB_SIZE;
	err = slab_map_pages(slab, 0, nr_pages);
	if (err)
		return err;
	wr_assign(*slab, init);
	slab_bound(slab, 0, nr_pages);
	wr_assign(cache->nr_slots, cache->nr_slots - 1);
	/* A release: pairs with cache_take(). */
	wr_ptr(&cache->slabs, slab);
	return 0;
}

static int slab_grow(struct prmem_slab *slab, unsigned int more)
{
	unsigned int nr_pages = slab->nr_pages + more;
	int err = slab_map_pages(slab, slab->nr_pages, more);

	if (err)
		return err;
	slab_bound(slab, slab->nr_pages, more);
	heads_open();
	wr_assign(slab->nr_pages, nr_pages);
	wr_assign(slab->nr_objects, objects_in(slab->cache, nr_pages));
	heads_close();
	return 0;
}

static int cache_grow(struct prmem_cache *cache)
{
	struct prmem_slab *slab = cache->slabs;
	unsigned int more;

	if (slab) {
		more = pages_for_more(cache, slab->nr_pages);
		if (slab->nr_pages + more <= PRMEM_SLAB_PAGES)
			return slab_grow(slab, more);
	}
	return slab_create(cache);
}

static void *cache_take_slowly(struct prmem_cache *cache)
{
	void *object;

	if (!prmem_lock())
		return NULL;
	do {
		/* Somebody else may have been here. */
		object = cache_take(cache);
	} while (!object && !cache_grow(cache));
	prmem_unlock();
	return object;
}

static bool check_cache(const struct prmem_cache *cache)
{
	return !CHECK_DATA_CORRUPTION(!is_cache(cache),
				      "prmem: no such cache: %p\n", cache);
}

void *prmem_cache_alloc(struct prmem_cache *cache, const void *init)
{
	void *object;

	might_sleep();
	if (!check_cache(cache))
		return NULL;
	object = cache_take(cache) ?: cache_take_slowly(cache);
	if (!object)
		return NULL;
	kmemleak_alloc(object, cache->size, 1, GFP_KERNEL);
	if (object_birth(object, init, cache->size)) {
		prmem_cache_free(cache, object);
		return NULL;
	}
	return object;
}
EXPORT_SYMBOL_GPL(prmem_cache_alloc);

/* Freeing */

/* With interrupts off, so that the slab does not go away. */
static bool slab_is_of(const struct prmem_slab *slab, const struct prmem_cache *cache,
		       unsigned long addr)
{
	unsigned long flags;
	bool yes;

	local_irq_save(flags);
	yes = pte_is_object(prmem_pte(addr)) && slab->cache == cache;
	local_irq_restore(flags);
	return yes;
}

/* The slab of an object that was given out by @cache, or NULL with a report. */
static struct prmem_slab *slab_of_object(struct prmem_cache *cache,
					 const void *object, unsigned long caller)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(object);
	struct prmem_slab *slab = prmem_slab_of(addr);
	const char *why = NULL;

	if (in_nmi())
		why = "freed from NMI";
	else if (!slab_is_of(slab, cache, addr) || object_index(slab, addr) < 0)
		why = "freed object is not of this cache";
	else if (!in_map(slab, PRMEM_MAP_LIVE, object_index(slab, addr)) ||
		 in_map(slab, PRMEM_MAP_RCU, object_index(slab, addr)) ||
		 in_map(slab, PRMEM_MAP_RCU + 1, object_index(slab, addr)))
		why = "object is freed twice";
	if (!why)
		return slab;
	prmem_refuse(why, -EACCES, object, cache->size, caller);
	return NULL;
}

/*
 * The object that was freed PRMEM_RING_SIZE frees ago can be handed out again. In
 * a session.
 */
static void ring_push(struct prmem_cache *cache, void *object)
{
	struct prmem_slab *slab;
	unsigned long old = 0;
	u32 pos = 0;

	wr_fetch_add(&cache->ring_pos, 1, &pos);
	wr_xchg(&cache->ring->objects[pos % PRMEM_RING_SIZE],
		(unsigned long)object, &old);
	if (!old)
		return;
	slab = prmem_slab_of(old);
	if (clear_in_map(slab, PRMEM_MAP_TAKEN, object_index(slab, old)))
		wr_dec(&slab->nr_taken);
}

/*
 * After its bit is cleared nobody but us can write the object. It is zero before
 * it can be taken again, and before KASAN minds. Interrupts come in between pages.
 */
static bool free_object(struct prmem_cache *cache, struct prmem_slab *slab,
			void *object)
{
	unsigned int index = object_index(slab, (unsigned long)object);
	size_t size = cache->size, done, len;
	bool live;

	heads_open();
	live = clear_in_map(slab, PRMEM_MAP_LIVE, index);
	for (done = 0; live && done < size; done += len) {
		if (done) {
			heads_close();
			heads_open();
		}
		len = min(size - done, PAGE_SIZE);
		wr_memset(object + done, 0, len);
	}
	if (live) {
		poison_object(object, size);
		wr_dec(&cache->nr_live);
		ring_push(cache, object);
	}
	heads_close();
	return live;
}

static void cache_free(struct prmem_cache *cache, struct prmem_slab *slab,
		       void *object, unsigned long caller)
{
	object = kasan_reset_tag(object);
	/* Before somebody else has it. */
	kmemleak_free(object);
	if (!free_object(cache, slab, object))
		prmem_refuse("object is freed twice", -EACCES, object,
			     cache->size, caller);
}

void prmem_cache_free(struct prmem_cache *cache, void *object)
{
	struct prmem_slab *slab;

	if (!object || !check_cache(cache))
		return;
	slab = slab_of_object(cache, object, _RET_IP_);
	if (slab)
		cache_free(cache, slab, object, _RET_IP_);
}
EXPORT_SYMBOL_GPL(prmem_cache_free);

/*
 * Freeing after a grace period. Objects that wait are marked in one of two
 * bitmaps of their slab. One collects, the other one belongs to the batch whose
 * grace period runs.
 */

/*
 * The full state: the short one forgets a grace period that runs beside an expedited
 * one, and pools wait for many of these.
 */
static void note_grace_period(struct prmem_cache *cache)
{
	struct rcu_gp_oldstate cookie;

	get_state_synchronize_rcu_full(&cookie);
	wr_assign(cache->gp_cookie, cookie);
}

static bool grace_period_is_over(const struct prmem_cache *cache)
{
	struct rcu_gp_oldstate cookie = cache->gp_cookie;

	return poll_state_synchronize_rcu_full(&cookie);
}

enum { BATCH_NONE, BATCH_WAITS, BATCH_IS_FREED };

static void batch_start(struct prmem_cache *cache)
{
	u16 busy = BATCH_WAITS;

	if (wr_cmpxchg(&cache->rcu_busy, BATCH_NONE, BATCH_WAITS, &busy) ||
	    busy != BATCH_NONE)
		return;
	/* So that at no time a batch comes with the cookie of the one before. */
	note_grace_period(cache);
	wr_assign(cache->rcu_batch, !cache->rcu_batch);
	/*
	 * Whoever reads the old value of rcu_batch has interrupts off, and the
	 * grace period that starts here waits for him.
	 */
	smp_mb();
	note_grace_period(cache);
	queue_rcu_work(system_wq, &cache->side->free_batch);
}

static void free_marked(struct prmem_cache *cache, struct prmem_slab *slab,
			unsigned int map)
{
	unsigned long *marks = prmem_slab_map(slab, map);
	unsigned int index;
	void *object;
	bool marked;

	for_each_set_bit(index, marks, slab->nr_objects) {
		object = object_at(slab, index);
		heads_open();
		marked = clear_in_map(slab, map, index);
		if (marked)
			wr_dec(&cache->nr_rcu);
		heads_close();
		if (marked)
			cache_free(cache, slab, object, _THIS_IP_);
		cond_resched();
	}
}

static void free_batch(struct work_struct *work)
{
	struct prmem_side *side = container_of(to_rcu_work(work),
					       struct prmem_side, free_batch);
	struct prmem_cache *cache = READ_ONCE(side->cache);
	u16 busy = BATCH_NONE;
	struct prmem_slab *slab;
	unsigned int map;

	if (CHECK_DATA_CORRUPTION(!is_cache(cache) || cache->side != side,
				  "prmem: no cache has this batch\n"))
		return;
	/* The work is ordinary memory, and may be run by anybody at any time. */
	if (CHECK_DATA_CORRUPTION(!grace_period_is_over(cache) ||
				  wr_cmpxchg(&cache->rcu_busy, BATCH_WAITS,
					     BATCH_IS_FREED, &busy) ||
				  busy != BATCH_WAITS,
				  "prmem: objects would be freed too early\n"))
		return;
	map = PRMEM_MAP_RCU + !cache->rcu_batch;
	slab = smp_load_acquire(&cache->slabs); /* as in cache_take() */
	for (; slab; slab = slab->next)
		free_marked(cache, slab, map);

	wr_assign(cache->rcu_busy, BATCH_NONE);
	/* Pairs with the one in prmem_cache_free_rcu(). */
	smp_mb();
	if (READ_ONCE(cache->nr_rcu))
		batch_start(cache);
}

void prmem_cache_free_rcu(struct prmem_cache *cache, void *object)
{
	struct prmem_slab *slab;
	unsigned int index;
	bool first;

	if (!object || !check_cache(cache))
		return;
	slab = slab_of_object(cache, object, _RET_IP_);
	if (!slab)
		return;
	object = kasan_reset_tag(object);
	index = object_index(slab, (unsigned long)object);
	kmemleak_ignore(object);

	heads_open();
	/*
	 * That nobody finds the object any more was stored before it is looked
	 * which batch collects. Pairs with the one in batch_start().
	 */
	smp_mb();
	first = !in_map(slab, PRMEM_MAP_RCU + !cache->rcu_batch, index) &&
		set_in_map(slab, PRMEM_MAP_RCU + cache->rcu_batch, index);
	if (first)
		wr_inc(&cache->nr_rcu);
	heads_close();

	if (!first) {
		prmem_refuse("object is freed twice", -EACCES, object,
			     cache->size, _RET_IP_);
		return;
	}
	/* Pairs with the one in free_batch(): one of us sees the other. */
	smp_mb();
	batch_start(cache);
}
EXPORT_SYMBOL_GPL(prmem_cache_free_rcu);

/* Caches */

static int cache_layout(struct prmem_cache *cache, size_t size, size_t align)
{
	size_t words;

	if (!size || size > PRMEM_CACHE_MAX_SIZE || align > PAGE_SIZE ||
	    (align && !is_power_of_2(align)))
		return -EINVAL;
	align = max(align, PRMEM_CACHE_MIN_ALIGN);
	cache->size = size;
	cache->stride = ALIGN(size, align);
	cache->max_objects = PRMEM_SLAB_SIZE / cache->stride;
	words = PRMEM_NR_MAPS * BITS_TO_LONGS(cache->max_objects);
	cache->first = ALIGN(sizeof(struct prmem_slab) + words * sizeof(long), align);
	return objects_in(cache, PRMEM_SLAB_PAGES) ? 0 : -EINVAL;
}

static struct prmem_cache *cache_create(const struct prmem_cache *init)
{
	struct prmem_desc *desc = prmem_desc_alloc(PRMEM_DESC_CACHE);
	struct prmem_desc *ring = desc ? prmem_desc_alloc(PRMEM_DESC_RING) : NULL;
	struct prmem_cache *cache;

	if (!ring) {
		if (desc)
			prmem_desc_free(desc);
		return NULL;
	}
	cache = &desc->cache;
	wr_memset(&ring->ring, 0, sizeof(ring->ring));
	wr_assign(*cache, *init);
	wr_ptr(&cache->ring, &ring->ring);
	wr_ptr(&cache->next, caches);
	wr_ptr(&caches, cache);
	return cache;
}

struct prmem_cache *prmem_cache_create(const char *name, size_t size, size_t align)
{
	struct prmem_cache init = { }, *cache = NULL;
	struct prmem_side *side;

	if (!prmem_ready() || !name || !*name || cache_layout(&init, size, align))
		return NULL;
	side = kzalloc(sizeof(*side), GFP_KERNEL);
	if (!side)
		return NULL;
	INIT_RCU_WORK(&side->free_batch, free_batch);
	strscpy(init.name, name);
	init.side = side;
	if (prmem_lock()) {
		cache = cache_create(&init);
		if (cache)
			side->cache = cache;
		prmem_unlock();
	}
	if (!cache)
		kfree(side);
	else
		trace_prmem_cache_create(cache, cache->name, cache->size);
	return cache;
}
EXPORT_SYMBOL_GPL(prmem_cache_create);

static void slab_release(struct prmem_slab *slab)
{
	unsigned int nr_pages = slab->nr_pages;

	unpoison_object(slab, nr_pages * PAGE_SIZE);
	prmem_unmap_pages((unsigned long)slab, nr_pages);
}

static void cache_destroy(struct prmem_cache *cache)
{
	struct prmem_cache **link = &caches;
	struct pmalloc_area *range, *next_range;
	struct prmem_slab *slab, *next;

	while (*link != cache)
		link = &(*link)->next;
	wr_ptr(link, cache->next);
	/* A write that is under way asks the head of the slab. */
	for (slab = cache->slabs; slab; slab = slab->next)
		prmem_update_ptes((unsigned long)slab, slab->nr_pages, prmem_pte_to_ro);
	prmem_wait_for_writers();
	for (slab = cache->slabs; slab; slab = next) {
		next = slab->next;
		slab_release(slab);
	}
	for (range = cache->ranges; range; range = next_range) {
		next_range = range->next;
		vunmap((void *)range->addr);
		prmem_desc_free(prmem_desc_of(range, area));
	}
	prmem_desc_free(prmem_desc_of(cache->ring, ring));
	prmem_desc_free(prmem_desc_of(cache, cache));
}

void prmem_cache_destroy(struct prmem_cache *cache)
{
	struct prmem_side *side;

	if (!cache || !check_cache(cache))
		return;
	side = cache->side;
	/* A batch may start another one, which has all that is left. */
	while (flush_rcu_work(&side->free_batch) && READ_ONCE(cache->rcu_busy))
		;
	if (!prmem_lock())
		return;
	if (CHECK_DATA_CORRUPTION(cache->nr_live,
				  "prmem: cache %s still has %u objects\n",
				  cache->name, cache->nr_live)) {
		prmem_unlock();
		return;
	}
	trace_prmem_cache_destroy(cache, cache->name, cache->size);
	cache_destroy(cache);
	prmem_unlock();
	kfree(side);
}
EXPORT_SYMBOL_GPL(prmem_cache_destroy);

int prmem_walk_caches(prmem_cache_fn fn, void *arg)
{
	const struct prmem_cache *cache;
	const struct prmem_slab *slab;
	int err = 0;

	if (!prmem_lock())
		return -EINVAL;
	for (cache = caches; cache && !err; cache = cache->next) {
		struct prmem_cache_usage usage = {
			.name = cache->name, .objects = READ_ONCE(cache->nr_live),
		};

		usage.used = usage.objects * cache->size;
		for (slab = cache->slabs; slab; slab = slab->next) {
			usage.slabs++;
			usage.size += slab->nr_pages * PAGE_SIZE;
		}
		err = fn(&usage, arg);
	}
	prmem_unlock();
	return err;
}

static int walk_slabs(const struct prmem_cache *cache, pmalloc_area_fn fn, void *arg)
{
	const struct prmem_slab *slab;
	int err = 0;

	for (slab = cache->slabs; slab && !err; slab = slab->next) {
		struct pmalloc_area area = {
			.addr = (unsigned long)slab,
			.nr_pages = slab->nr_pages, .protected = true,
		};

		err = fn(&area, arg);
	}
	return err;
}

int prmem_walk_slabs(pmalloc_area_fn fn, void *arg)
{
	const struct prmem_cache *cache;
	int err = 0;

	if (!prmem_lock())
		return -EINVAL;
	for (cache = caches; cache && !err; cache = cache->next)
		err = walk_slabs(cache, fn, arg);
	prmem_unlock();
	return err;
}

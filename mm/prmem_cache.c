// SPDX-License-Identifier: GPL-2.0
/*
 * Caches of write-rare objects.
 *
 * A slab is aligned to its size, so that the address of an object leads to the
 * head of its slab, and that to the bounds of the object. The page-table entries
 * say that these are objects: who writes is held to one that somebody has. The
 * heads are behind the same bounds, so that no caller reaches one; this file
 * writes them in a session of its own, see prmem_session_whole_pages(). There are no
 * bounds in it, and what was known before it began was on the stack, where another
 * CPU could change it: so slab and number of an object are found and checked anew
 * each time that a bit of it is changed.
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

#include <asm/tlbflush.h>

#include <trace/events/prmem.h>

#include "prmem_alloc.h"

/* All caches, newest first. */
static struct prmem_cache *caches __wr_after_init;

/*
 * Nothing that the compiler knows of @var from before is of use after this. Volatile,
 * unlike OPTIMIZER_HIDE_VAR(), which may be moved to before a call.
 */
#define forget(var)	({ asm volatile("" : "+r" (var)); })

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
	unsigned long offset = addr - (unsigned long)slab;
	/* Pairs with the release in head_fill(): what else there is, is there. */
	u32 first = smp_load_acquire(&slab->first);

	if (offset >= PRMEM_SLAB_SIZE || offset < first || (offset - first) % slab->stride)
		return -1;
	offset = (offset - first) / slab->stride;
	return offset < slab->nr_objects ? offset : -1;
}

static void *object_at(const struct prmem_slab *slab, unsigned int index)
{
	return (void *)slab + slab->first + index * slab->stride;
}

/*
 * With interrupts off, so that the slab does not go away. The page table comes first:
 * it is a call, and what was asked before it would be of what is on the stack.
 */
static bool is_slab_of(const struct prmem_cache *cache,
		       const struct prmem_slab *slab)
{
	pte_t pte = prmem_pte((unsigned long)slab);

	/* Tied to what the call returned, so that it stays behind it. */
	asm volatile("" : "+r" (slab) : "r" (pte_val(pte)));
	return pte_is_object(pte) && IS_ALIGNED((unsigned long)slab, PRMEM_SLAB_SIZE) &&
	       slab->cache == cache;
}

/* The slab of an object, if it is one of @cache. With interrupts off. */
static struct prmem_slab *slab_of(const struct prmem_cache *cache,
				  unsigned long addr)
{
	struct prmem_slab *slab = prmem_slab_of(addr);

	if (!is_slab_of(cache, slab))
		return NULL;
	/* No address that was computed before the check is of use after it. */
	forget(slab);
	return object_index(slab, addr) >= 0 ? slab : NULL;
}

static bool in_map(struct prmem_slab *slab, unsigned int map, unsigned long addr)
{
	return test_bit(object_index(slab, addr), prmem_slab_map(slab, map));
}

/* Does the object wait for a grace period? */
static bool is_marked(struct prmem_slab *slab, unsigned long addr)
{
	return in_map(slab, PRMEM_MAP_RCU, addr) || in_map(slab, PRMEM_MAP_RCU + 1, addr);
}

/*
 * The two that change a bit tell what was there. In heads_open(), after a check of the
 * slab with no call in between.
 */

/* Returns whether the bit was set before, or -errno if it could not be. */
static __always_inline int set_bit_of(struct prmem_slab *slab, unsigned int map,
				      unsigned long index)
{
	unsigned long bit = BIT_MASK(index), old = bit;
	int err = wr_fetch_or(&prmem_slab_map(slab, map)[BIT_WORD(index)], bit, &old);

	return err ?: !!(old & bit);
}

static __always_inline bool clear_bit_of(struct prmem_slab *slab, unsigned int map,
					 unsigned long index)
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

/* Slabs with room */

/* The first word with a free object, or -1. */
static long find_word(const struct prmem_slab *slab)
{
	unsigned long *taken = prmem_slab_map((void *)slab, PRMEM_MAP_TAKEN);
	unsigned int nr = READ_ONCE(slab->nr_objects);
	unsigned long index = find_first_zero_bit(taken, nr);

	return index < nr ? BIT_WORD(index) : -1;
}

/*
 * A slab that may have room is in a list, and knows it. The list is a hint: who finds
 * nothing there adds memory. Each write is a call, and what was known before it is
 * not known any more. In heads_open().
 */
static void list_slab(struct prmem_cache *cache, struct prmem_slab *slab)
{
	struct prmem_slab *first, *found;
	u32 listed = true;

	if (!is_slab_of(cache, slab) || READ_ONCE(slab->listed) ||
	    wr_xchg(&slab->listed, true, &listed) || listed)
		return;
	found = READ_ONCE(cache->room);
	do {
		first = found;
		if (!is_slab_of(cache, slab) || wr_ptr(&slab->next_room, first))
			return;
		if (!is_slab_of(cache, slab) ||
		    wr_cmpxchg(&cache->room, first, slab, &found))
			return;
	} while (found != first);
}

/*
 * Takes the first slab out of the list, unless it has room. Under the lock, so that
 * nobody else does. Returns false if the list is empty.
 */
static bool unlist_full(struct prmem_cache *cache)
{
	/* Pairs with the release in list_slab(). */
	struct prmem_slab *slab = smp_load_acquire(&cache->room), *found = slab;

	if (!slab)
		return false;
	if (CHECK_DATA_CORRUPTION(!is_slab_of(cache, slab),
				  "prmem: cache %s has a slab that is none\n",
				  cache->name)) {
		wr_ptr(&cache->room, NULL);
		return false;
	}
	if (wr_cmpxchg(&cache->room, slab, slab->next_room, &found))
		return false;
	/* Another one may have come before it. */
	if (found != slab)
		return true;
	heads_open();
	if (is_slab_of(cache, slab))
		wr_assign(slab->listed, false);
	/* Pairs with the atomic in reuse(): one of us sees the other. */
	smp_mb();
	if (is_slab_of(cache, slab) && find_word(slab) >= 0)
		list_slab(cache, slab);
	heads_close();
	return READ_ONCE(cache->room);
}

/* The object at @addr can be handed out again. In heads_open(). */
static void reuse(struct prmem_cache *cache, unsigned long addr)
{
	struct prmem_slab *slab = slab_of(cache, addr);

	if (slab && !in_map(slab, PRMEM_MAP_LIVE, addr) &&
	    clear_bit_of(slab, PRMEM_MAP_TAKEN, object_index(slab, addr)))
		list_slab(cache, slab);
}

/* Allocation */

/*
 * One try to get a free object among those of one word of the bitmap. Returns 0 with
 * it, 1 if there is none or somebody else was faster, or -errno. In heads_open().
 */
static int take_from_word(const struct prmem_cache *cache, struct prmem_slab *slab,
			  unsigned long *addr)
{
	unsigned long free, index;
	int err;

	if (!is_slab_of(cache, slab))
		return -ENOENT;
	forget(slab);
	index = READ_ONCE(slab->hint);
	if (index >= slab->map_words)
		return 1;
	free = ~READ_ONCE(prmem_slab_map(slab, PRMEM_MAP_TAKEN)[index]);
	if (!free)
		return 1;
	index = index * BITS_PER_LONG + __ffs(free);
	if (index >= READ_ONCE(slab->nr_objects))
		return 1;
	err = set_bit_of(slab, PRMEM_MAP_TAKEN, index);
	*addr = (unsigned long)object_at(slab, index);
	return err;
}

/* Where to look next. Returns false if there is nothing. In heads_open(). */
static bool move_hint(const struct prmem_cache *cache, struct prmem_slab *slab)
{
	long word = is_slab_of(cache, slab) ? find_word(slab) : -1;

	if (word < 0 || !is_slab_of(cache, slab))
		return false;
	forget(slab);
	return !wr_assign(slab->hint, word);
}

/*
 * Somebody has it from here on: it can be written. Not with a mark of somebody who
 * has freed it twice: that would free it once more. In heads_open().
 */
static bool give_birth(const struct prmem_cache *cache, unsigned long addr)
{
	struct prmem_slab *slab = slab_of(cache, addr);

	if (!slab || is_marked(slab, addr) ||
	    set_bit_of(slab, PRMEM_MAP_LIVE, object_index(slab, addr)))
		return false;
	unpoison_object((void *)addr, cache->size);
	return true;
}

/* An object of the first slab that may have room. It is zero. In heads_open(). */
static void *take_object(const struct prmem_cache *cache)
{
	/* Pairs with the release in list_slab(). */
	struct prmem_slab *slab = smp_load_acquire(&cache->room);
	unsigned long addr;
	int err;

	if (!slab)
		return NULL;
	while ((err = take_from_word(cache, slab, &addr))) {
		/* With interrupts off, nothing is tried for ever. */
		if (err < 0 || !move_hint(cache, slab))
			return NULL;
	}
	return give_birth(cache, addr) ? (void *)addr : NULL;
}

/* The contents are there before anybody else can know the object. */
static void *cache_take(struct prmem_cache *cache, const void *init, int *err)
{
	void *object;

	heads_open();
	object = take_object(cache);
	/* The copy is held to the bounds of the object. */
	prmem_session_whole_pages(false);
	if (object && init && cache->size <= PAGE_SIZE)
		*err = wr_memcpy(object, init, cache->size);
	wr_session_end();
	return object;
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

/* No object begins there: nothing can be written within such bounds. */
#define NO_OBJECTS	U32_MAX

static bool pte_is_closed_pool(pte_t pte)
{
	return pte_prmem(pte) && !pte_wr_rare(pte);
}

static bool head_is_empty(struct prmem_slab *slab)
{
	size_t behind = offsetofend(struct prmem_slab, first);

	return pte_is_closed_pool(prmem_pte((unsigned long)slab)) &&
	       slab->first == NO_OBJECTS &&
	       !memchr_inv(slab, 0, offsetof(struct prmem_slab, first)) &&
	       !memchr_inv((void *)slab + behind, 0, PAGE_SIZE - behind);
}

/* The next try will be at the same address. */
static void head_drop(struct prmem_slab *slab)
{
	unsigned long addr = (unsigned long)slab;

	prmem_unmap_pages(addr, 1);
	flush_tlb_kernel_range(addr, addr + PAGE_SIZE);
}

/*
 * The page of the head. What it held before could be taken for a head, so it cannot
 * be objects at once. As memory of a pool it could be written by whoever is misled.
 * So it is filled as such, made read-only, and looked at when no write can be under
 * way any more. Then it becomes objects, of which there are none.
 */
static int head_create(struct prmem_slab *slab)
{
	unsigned long addr = (unsigned long)slab;
	int err = prmem_map_pages(addr, 1, PRMEM_BORN_WR);
	bool good;

	if (err)
		return err;
	wr_assign(slab->first, NO_OBJECTS);
	prmem_update_ptes(addr, 1, prmem_pte_to_ro);
	prmem_wait_for_writers();
	good = head_is_empty(slab);
	if (good) {
		prmem_update_ptes(addr, 1, prmem_pte_to_object);
		good = prmem_all_ptes(addr, 1, pte_is_object);
	}
	if (!CHECK_DATA_CORRUPTION(!good, "prmem: head of a slab was written\n"))
		return 0;
	head_drop(slab);
	return -EIO;
}

/* Now there is something to be found in it. The bounds are the cache's own. */
static void head_fill(struct prmem_cache *cache, struct prmem_slab *slab,
		      unsigned int nr_pages)
{
	heads_open();
	wr_ptr(&slab->cache, cache);
	wr_ptr(&slab->next, cache->slabs);
	wr_assign(slab->stride, cache->stride);
	wr_assign(slab->size, cache->size);
	wr_assign(slab->map_words, BITS_TO_LONGS(cache->max_objects));
	wr_assign(slab->nr_pages, nr_pages);
	wr_assign(slab->nr_objects, objects_in(cache, nr_pages));
	/*
	 * A release: pairs with the acquire in in_object(). No bit is set yet, so there
	 * is nothing to be written either.
	 */
	wr_assign(slab->first, cache->first);
	heads_close();
}

/* For KASAN; all objects are free. */
static void poison_pages(const struct prmem_slab *slab, unsigned int nr_mapped,
			 unsigned int nr_pages)
{
	unsigned long addr = (unsigned long)slab + nr_mapped * PAGE_SIZE;
	unsigned long first = max_t(unsigned long, addr,
				    (unsigned long)object_at(slab, 0));

	poison_object((void *)first, addr + nr_pages * PAGE_SIZE - first);
}

static int slab_create(struct prmem_cache *cache)
{
	unsigned int nr_pages = pages_for_more(cache, 0);
	struct prmem_slab *slab;
	int err;

	if (!cache->nr_slots && !range_add(cache))
		return -ENOMEM;
	slab = (void *)ALIGN(cache->ranges->addr, PRMEM_SLAB_SIZE) +
	       (cache->nr_slots - 1) * PRMEM_SLAB_SIZE;
	err = head_create(slab);
	if (err)
		return err;
	err = prmem_map_pages((unsigned long)slab + PAGE_SIZE, nr_pages - 1,
			      PRMEM_BORN_OBJECT);
	if (err) {
		head_drop(slab);
		return err;
	}
	head_fill(cache, slab, nr_pages);
	poison_pages(slab, 0, nr_pages);
	wr_assign(cache->nr_slots, cache->nr_slots - 1);
	/* A release: pairs with the acquire in free_batch(). */
	wr_ptr(&cache->slabs, slab);
	return 0;
}

/* By the page table: what was mapped just now is on the stack. */
static unsigned int count_pages(const struct prmem_slab *slab)
{
	unsigned long addr = (unsigned long)slab;
	unsigned int nr = 0;

	while (nr < PRMEM_SLAB_PAGES && pte_is_object(prmem_pte(addr + nr * PAGE_SIZE)))
		nr++;
	return nr;
}

static int slab_grow(struct prmem_slab *slab, unsigned int more)
{
	unsigned long addr = (unsigned long)slab + slab->nr_pages * PAGE_SIZE;
	int err = prmem_map_pages(addr, more, PRMEM_BORN_OBJECT);

	if (err)
		return err;
	poison_pages(slab, slab->nr_pages, more);
	heads_open();
	wr_assign(slab->nr_pages, count_pages(slab));
	wr_assign(slab->nr_objects, objects_in(slab->cache, slab->nr_pages));
	heads_close();
	return 0;
}

/* A new slab, or pages for the newest one. Whatever it is, it has room. */
static int cache_grow(struct prmem_cache *cache)
{
	struct prmem_slab *slab = cache->slabs;
	unsigned int more = slab ? pages_for_more(cache, slab->nr_pages) : 0;
	int err;

	if (slab && slab->nr_pages + more <= PRMEM_SLAB_PAGES)
		err = slab_grow(slab, more);
	else
		err = slab_create(cache);
	if (err)
		return err;
	heads_open();
	list_slab(cache, cache->slabs);
	heads_close();
	return 0;
}

static bool check_cache(const struct prmem_cache *cache)
{
	return !CHECK_DATA_CORRUPTION(!is_cache(cache),
				      "prmem: no such cache: %p\n", cache);
}

/* Whoever waited for the lock may have waited for the end of the cache. */
static bool lock_cache(const struct prmem_cache *cache)
{
	if (!prmem_lock())
		return false;
	if (check_cache(cache))
		return true;
	prmem_unlock();
	return false;
}

static void *cache_take_slowly(struct prmem_cache *cache, const void *init, int *err)
{
	void *object;

	if (!lock_cache(cache))
		return NULL;
	do {
		/* Somebody else may have been here. */
		object = cache_take(cache, init, err);
	} while (!object && (unlist_full(cache) || !cache_grow(cache)));
	prmem_unlock();
	return object;
}

void *prmem_cache_alloc(struct prmem_cache *cache, const void *init)
{
	void *object;
	int err = 0;

	might_sleep();
	if (!check_cache(cache))
		return NULL;
	object = cache_take(cache, init, &err) ?: cache_take_slowly(cache, init, &err);
	if (!object)
		return NULL;
	kmemleak_alloc(object, cache->size, 1, GFP_KERNEL);
	/* Interrupts were not off for as long as this takes. */
	if (init && cache->size > PAGE_SIZE)
		err = wr_memcpy(object, init, cache->size);
	if (!err)
		return object;
	prmem_cache_free(cache, object);
	return NULL;
}
EXPORT_SYMBOL_GPL(prmem_cache_alloc);

/* Freeing */

/* An object that somebody has, and that does not wait for a grace period. */
static bool can_be_freed(struct prmem_slab *slab, unsigned long addr)
{
	return in_map(slab, PRMEM_MAP_LIVE, addr) && !is_marked(slab, addr);
}

/* Why the object at @addr was not freed. */
static const char *why_not_freed(struct prmem_cache *cache, unsigned long addr)
{
	unsigned long flags;
	bool known;

	if (in_nmi())
		return "freed from NMI";
	local_irq_save(flags);
	known = slab_of(cache, addr);
	local_irq_restore(flags);
	return known ? "object is freed twice" : "freed object is not of this cache";
}

static void refuse_free(struct prmem_cache *cache, const void *object,
			unsigned long caller)
{
	prmem_refuse(why_not_freed(cache, (unsigned long)object), -EACCES, object,
		     cache->size, caller);
}

/*
 * The object that was freed PRMEM_RING_SIZE frees ago can be handed out again. In
 * heads_open().
 */
static void ring_push(struct prmem_cache *cache, unsigned long addr)
{
	unsigned long old = 0;
	u32 pos = 0;

	if (!is_cache(cache) || wr_fetch_add(&cache->ring_pos, 1, &pos))
		return;
	if (!is_cache(cache) ||
	    wr_xchg(&cache->ring->objects[pos % PRMEM_RING_SIZE], addr, &old))
		return;
	if (old)
		reuse(cache, old);
}

/*
 * Nobody but us can write the object. Interrupts come in between pages. Returns false
 * if it is not zero all over, or somebody has it. In heads_open().
 */
static bool zero_object(struct prmem_cache *cache, unsigned long addr)
{
	struct prmem_slab *slab;
	size_t done, len;

	for (done = 0; done < cache->size; done += len) {
		if (done) {
			heads_close();
			heads_open();
		}
		slab = slab_of(cache, addr);
		if (!slab || in_map(slab, PRMEM_MAP_LIVE, addr))
			return false;
		len = min(cache->size - done, PAGE_SIZE);
		if (wr_memset((void *)addr + done, 0, len))
			return false;
	}
	return true;
}

/* Takes a mark back. Returns whether there was one. In heads_open(). */
static bool unmark_object(struct prmem_cache *cache, unsigned long addr,
			  unsigned int batch)
{
	struct prmem_slab *slab = slab_of(cache, addr);

	/* Whatever it has become on the stack, it is one of the two. */
	forget(batch);
	if (!slab || !clear_bit_of(slab, PRMEM_MAP_RCU + (batch & 1),
				   object_index(slab, addr)))
		return false;
	wr_dec(&cache->nr_rcu);
	return true;
}

/* Both marks, which are hardly ever there. In heads_open(). */
static bool unmark_twice_freed(struct prmem_cache *cache, unsigned long addr)
{
	struct prmem_slab *slab = slab_of(cache, addr);
	bool first;

	if (!slab || !is_marked(slab, addr))
		return false;
	first = unmark_object(cache, addr, 0);
	return unmark_object(cache, addr, 1) || first;
}

/*
 * Whoever clears the bit frees the object. It is zero before it can be taken again,
 * and before KASAN minds. A mark that is there afterwards is of somebody who has freed
 * it as well: false, though the object is gone. What could not be zeroed is never
 * handed out again. In heads_open().
 */
static bool free_object(struct prmem_cache *cache, unsigned long addr)
{
	struct prmem_slab *slab = slab_of(cache, addr);
	bool twice;

	if (!slab || !can_be_freed(slab, addr) ||
	    !clear_bit_of(slab, PRMEM_MAP_LIVE, object_index(slab, addr)))
		return false;
	/* Pairs with the look at PRMEM_MAP_LIVE in mark_object(). */
	twice = unmark_twice_freed(cache, addr);
	/* Before somebody else has it. */
	kmemleak_free((void *)addr);
	if (zero_object(cache, addr)) {
		poison_object((void *)addr, cache->size);
		ring_push(cache, addr);
	}
	return !twice;
}

void prmem_cache_free(struct prmem_cache *cache, void *object)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(object);
	bool freed;

	if (!object || !check_cache(cache))
		return;
	/* In NMI there is no session. */
	if (in_nmi()) {
		refuse_free(cache, object, _RET_IP_);
		return;
	}
	heads_open();
	freed = free_object(cache, addr);
	heads_close();
	if (!freed)
		refuse_free(cache, object, _RET_IP_);
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

/* Returns whether the batch was in state @from. */
static bool batch_moves(struct prmem_cache *cache, enum prmem_batch from,
			enum prmem_batch to)
{
	u16 found = to;

	return !wr_cmpxchg(&cache->rcu_busy, from, to, &found) && found == from;
}

static void batch_start(struct prmem_cache *cache)
{
	if (!batch_moves(cache, PRMEM_BATCH_NONE, PRMEM_BATCH_STARTS))
		return;
	wr_assign(cache->rcu_batch, !cache->rcu_batch);
	/*
	 * Whoever reads the old value of rcu_batch has interrupts off, and the
	 * grace period that starts here waits for him.
	 */
	smp_mb();
	note_grace_period(cache);
	wr_assign(cache->rcu_busy, PRMEM_BATCH_WAITS);
	queue_rcu_work(system_wq, &cache->side->free_batch);
}

/*
 * The work is ordinary memory, and may be run by anybody at any time. Between the
 * first look and the move the batch may have become another one: hence the second.
 */
static bool batch_take(struct prmem_cache *cache)
{
	if (!grace_period_is_over(cache) ||
	    !batch_moves(cache, PRMEM_BATCH_WAITS, PRMEM_BATCH_IS_FREED))
		return false;
	if (grace_period_is_over(cache))
		return true;
	wr_assign(cache->rcu_busy, PRMEM_BATCH_WAITS);
	return false;
}

static void free_marked(struct prmem_cache *cache, struct prmem_slab *slab,
			unsigned int batch)
{
	unsigned long addr, *marks = prmem_slab_map(slab, PRMEM_MAP_RCU + batch);
	unsigned int index;
	bool marked, freed;

	for_each_set_bit(index, marks, slab->nr_objects) {
		addr = (unsigned long)object_at(slab, index);
		heads_open();
		marked = unmark_object(cache, addr, batch);
		freed = marked && free_object(cache, addr);
		heads_close();
		if (marked && !freed)
			refuse_free(cache, (void *)addr, _THIS_IP_);
		cond_resched();
	}
}

static void free_batch(struct work_struct *work)
{
	struct prmem_side *side = container_of(to_rcu_work(work),
					       struct prmem_side, free_batch);
	struct prmem_cache *cache = READ_ONCE(side->cache);
	struct prmem_slab *slab;
	unsigned int batch;

	if (CHECK_DATA_CORRUPTION(!is_cache(cache) || cache->side != side,
				  "prmem: no cache has this batch\n"))
		return;
	if (CHECK_DATA_CORRUPTION(!batch_take(cache),
				  "prmem: objects would be freed too early\n"))
		return;
	batch = !cache->rcu_batch;
	/* Pairs with the release in slab_create(). */
	slab = smp_load_acquire(&cache->slabs);
	for (; slab; slab = slab->next)
		free_marked(cache, slab, batch);

	wr_assign(cache->rcu_busy, PRMEM_BATCH_NONE);
	/* Pairs with the one in prmem_cache_free_rcu(). */
	smp_mb();
	if (READ_ONCE(cache->nr_rcu))
		batch_start(cache);
}

/*
 * Marks the object for the batch that collects, unless it waits already, or somebody
 * frees it at the same time: one of the two sees the other. In heads_open().
 */
static bool mark_object(struct prmem_cache *cache, unsigned long addr)
{
	struct prmem_slab *slab = slab_of(cache, addr);

	if (!slab || !can_be_freed(slab, addr) ||
	    set_bit_of(slab, PRMEM_MAP_RCU + !!READ_ONCE(cache->rcu_batch),
		       object_index(slab, addr)))
		return false;
	/* First: whoever takes the mark back counts it. */
	wr_inc(&cache->nr_rcu);
	slab = slab_of(cache, addr);
	/* Pairs with the look for marks in free_object(). */
	if (!slab || !in_map(slab, PRMEM_MAP_LIVE, addr)) {
		unmark_twice_freed(cache, addr);
		return false;
	}
	/* While it is there: no grace period ends before interrupts are on. */
	kmemleak_ignore((void *)addr);
	return true;
}

void prmem_cache_free_rcu(struct prmem_cache *cache, void *object)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(object);
	bool first;

	if (!object || !check_cache(cache))
		return;
	if (in_nmi()) {
		refuse_free(cache, object, _RET_IP_);
		return;
	}
	heads_open();
	/*
	 * That nobody finds the object any more was stored before it is looked
	 * which batch collects. Pairs with the one in batch_start().
	 */
	smp_mb();
	first = mark_object(cache, addr);
	heads_close();
	if (!first) {
		refuse_free(cache, object, _RET_IP_);
		return;
	}
	/* Pairs with the one in free_batch(): one of us sees the other. */
	smp_mb();
	batch_start(cache);
}
EXPORT_SYMBOL_GPL(prmem_cache_free_rcu);

/* Caches */

/* Objects that were given out and not freed. */
unsigned long prmem_cache_nr_live(const struct prmem_cache *cache)
{
	/* Pairs with the release in slab_create(). */
	struct prmem_slab *slab = smp_load_acquire(&cache->slabs);
	unsigned long nr = 0;

	for (; slab; slab = slab->next)
		nr += bitmap_weight(prmem_slab_map(slab, PRMEM_MAP_LIVE),
				    READ_ONCE(slab->nr_objects));
	return nr;
}

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

static bool slab_make_ro(const struct prmem_slab *slab)
{
	unsigned long addr = (unsigned long)slab;

	prmem_update_ptes(addr, slab->nr_pages, prmem_pte_to_ro);
	return !CHECK_DATA_CORRUPTION(!prmem_all_ptes(addr, slab->nr_pages,
						      prmem_pte_is_ro),
				      "prmem: slab at %#lx stays write-rare\n", addr);
}

static bool cache_make_ro(const struct prmem_cache *cache)
{
	const struct prmem_slab *slab;
	bool done = true;

	for (slab = cache->slabs; slab; slab = slab->next)
		done &= slab_make_ro(slab);
	prmem_wait_for_writers();
	return done;
}

static void cache_unlink(const struct prmem_cache *cache)
{
	struct prmem_cache **link = &caches;

	while (*link != cache)
		link = &(*link)->next;
	wr_ptr(link, cache->next);
}

static void cache_release(struct prmem_cache *cache)
{
	struct pmalloc_area *range, *next_range;
	struct prmem_slab *slab, *next;

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

/* Returns whether there is nothing left. Under the lock. */
static bool cache_destroy(struct prmem_cache *cache)
{
	unsigned long nr_live = prmem_cache_nr_live(cache);

	if (CHECK_DATA_CORRUPTION(nr_live, "prmem: cache %s still has %lu objects\n",
				  cache->name, nr_live))
		return false;
	/*
	 * A write that is under way asks the head of the slab. What can still be
	 * written is lost, rather than given back.
	 */
	if (!cache_make_ro(cache))
		return false;
	trace_prmem_cache_destroy(cache, cache->name, cache->size);
	cache_unlink(cache);
	cache_release(cache);
	return true;
}

void prmem_cache_destroy(struct prmem_cache *cache)
{
	struct prmem_side *side;
	bool done;

	if (!cache || !check_cache(cache))
		return;
	side = cache->side;
	/* A batch may start another one, which has all that is left. */
	while (flush_rcu_work(&side->free_batch) && READ_ONCE(cache->rcu_busy))
		;
	if (!lock_cache(cache))
		return;
	side = cache->side;
	done = cache_destroy(cache);
	prmem_unlock();
	if (done)
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
			.name = cache->name, .objects = prmem_cache_nr_live(cache),
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

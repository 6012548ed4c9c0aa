/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the allocators of protected memory share: blocks of pages, descriptors,
 * and the lock around both.
 */
#ifndef _MM_PRMEM_ALLOC_H
#define _MM_PRMEM_ALLOC_H

#include <linux/bitmap.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

/*
 * Pages come in blocks, whose part of the linear map is closed as a whole while
 * any page of it is in use: a huge page of the linear map stays one.
 */
#define PRMEM_BLOCK_ORDER	(ilog2(SZ_2M) - PAGE_SHIFT)
#define PRMEM_BLOCK_PAGES	BIT(PRMEM_BLOCK_ORDER)

/**
 * struct prmem_block - pages that are next to each other
 * @next: the next block that has free pages; NULL for one that has none
 * @pfn: the first frame
 * @nr_pages: how many there are
 * @nr_used: how many are in use
 * @used: which
 */
struct prmem_block {
	struct prmem_block *next;
	unsigned long pfn;
	unsigned int nr_pages;
	unsigned int nr_used;
	DECLARE_BITMAP(used, PRMEM_BLOCK_PAGES);
};

/**
 * struct prmem_cache - a pool of equal objects
 * @next: the next cache
 * @slabs: where the objects are, newest first
 * @room: slabs that may have a free object; no more than a hint
 * @ranges: the addresses of the slabs
 * @ring: objects that were freed a short time ago
 * @side: what has to be writable
 * @gp_cookie: tells when the batch of @rcu_batch has waited long enough
 * @size: of an object, as asked for
 * @stride: from one object to the next
 * @first: from the start of a slab to the first object
 * @max_objects: in one slab
 * @nr_slots: slabs that the newest range still has room for
 * @ring_pos: how many objects were freed so far
 * @rcu_busy: what becomes of a batch of objects, enum prmem_batch
 * @rcu_batch: which of the two bitmaps collects what comes next
 * @nr_rcu: objects in both batches
 * @name: for people
 */
struct prmem_cache {
	struct prmem_cache *next;
	struct prmem_slab *slabs;
	struct prmem_slab *room;
	struct pmalloc_area *ranges;
	struct prmem_ring *ring;
	struct prmem_side *side;
	struct rcu_gp_oldstate gp_cookie;
	u32 size;
	u32 stride;
	u32 first;
	u32 max_objects;
	u32 ring_pos;
	u32 nr_rcu;
	u8 nr_slots;
	u8 rcu_batch;
	u16 rcu_busy;
	char name[PMALLOC_NAME_LEN];
};

/*
 * What becomes of a batch. It waits from the moment that its cookie is known, so that
 * nobody ever takes it with the cookie of the one before.
 */
enum prmem_batch {
	PRMEM_BATCH_NONE,
	PRMEM_BATCH_STARTS,
	PRMEM_BATCH_WAITS,
	PRMEM_BATCH_IS_FREED,
};

/* An object is handed out again after as many others have been freed. */
#define PRMEM_RING_SIZE		8

struct prmem_ring {
	unsigned long objects[PRMEM_RING_SIZE];
};

/**
 * struct prmem_side - the part of a cache that stays writable
 * @free_batch: waits for a grace period
 * @cache: whose it is; checked before it is used
 */
struct prmem_side {
	struct rcu_work free_batch;
	struct prmem_cache *cache;
};

/*
 * A slab is as long as its alignment, so that the address of an object leads to
 * it. Its pages are mapped as they are needed, the first of them begins with
 * this.
 */
#define PRMEM_SLAB_PAGES	16
#define PRMEM_SLAB_SIZE		(PRMEM_SLAB_PAGES * PAGE_SIZE)

/* Slabs in one range of addresses. */
#define PRMEM_RANGE_SLABS	16

/**
 * enum prmem_slab_map - the bitmaps of a slab
 * @PRMEM_MAP_LIVE: may be written, because somebody has it
 * @PRMEM_MAP_TAKEN: cannot be handed out
 * @PRMEM_MAP_RCU: the first of two batches that wait for a grace period
 * @PRMEM_NR_MAPS: how many there are
 */
enum prmem_slab_map {
	PRMEM_MAP_LIVE,
	PRMEM_MAP_TAKEN,
	PRMEM_MAP_RCU,
	PRMEM_NR_MAPS = PRMEM_MAP_RCU + 2,
};

/**
 * struct prmem_slab - objects of one cache
 * @cache: whose they are
 * @next: the next older slab
 * @next_room: the next slab that may have room
 * @first: as in the cache
 * @stride: as in the cache
 * @size: as in the cache
 * @map_words: length of a bitmap
 * @nr_pages: pages that are mapped
 * @nr_objects: objects there is room for in them
 * @hint: the word of PRMEM_MAP_TAKEN to look for one that can be handed out
 * @listed: whether this is in the list of slabs that may have room
 * @maps: the bitmaps, one after the other
 */
struct prmem_slab {
	struct prmem_cache *cache;
	struct prmem_slab *next;
	struct prmem_slab *next_room;
	u32 first;
	u32 stride;
	u32 size;
	u32 map_words;
	u32 nr_pages;
	u32 nr_objects;
	u32 hint;
	u32 listed;
	unsigned long maps[];
};

static __always_inline struct prmem_slab *prmem_slab_of(unsigned long addr)
{
	return (struct prmem_slab *)ALIGN_DOWN(addr, PRMEM_SLAB_SIZE);
}

static __always_inline unsigned long *prmem_slab_map(struct prmem_slab *slab,
						     unsigned int map)
{
	return slab->maps + map * slab->map_words;
}

/* prmem_cache.c */
unsigned long prmem_cache_nr_live(const struct prmem_cache *cache);

enum prmem_desc_type {
	PRMEM_DESC_FREE,
	PRMEM_DESC_BLOCK,
	PRMEM_DESC_AREA,
	PRMEM_DESC_POOL,
	PRMEM_DESC_CACHE,
	PRMEM_DESC_RING,
};

/* Descriptors are write-rare, and lie in a range of addresses of their own. */
struct prmem_desc {
	enum prmem_desc_type type;
	union {
		struct prmem_desc *next_free;
		struct prmem_block block;
		struct pmalloc_area area;
		struct pmalloc_pool pool;
		struct prmem_cache cache;
		struct prmem_ring ring;
	};
} __aligned(128);

static_assert(sizeof(struct prmem_desc) == 128);

/* The descriptor that a member @ptr belongs to. */
#define prmem_desc_of(ptr, member)	container_of(ptr, struct prmem_desc, member)

/* prmem_desc.c */
struct prmem_desc *prmem_desc_alloc(enum prmem_desc_type type);
void prmem_desc_free(struct prmem_desc *desc);
int prmem_desc_top_up(void);
bool prmem_is_desc(const struct prmem_desc *desc, enum prmem_desc_type type);
int prmem_desc_create_range(void);
int prmem_desc_protect_early(void);

extern struct pmalloc_area *prmem_desc_areas;

/*
 * Serialises everything that changes a descriptor, except where that is atomic.
 * Returns false if the lock was tampered with.
 */
bool prmem_lock(void);
void prmem_unlock(void);

/* prmem_blocks.c, all under prmem_lock() */

/**
 * enum prmem_birth - how pages are mapped
 * @PRMEM_BORN_OPEN: plain stores go through, wr_*() as well
 * @PRMEM_BORN_WR: write-rare
 * @PRMEM_BORN_OBJECT: write-rare within the bounds that a slab has
 */
enum prmem_birth {
	PRMEM_BORN_OPEN,
	PRMEM_BORN_WR,
	PRMEM_BORN_OBJECT,
};

/* Maps zeroed pages at @addr, in a range of vmalloc's that the caller has got. */
int prmem_map_pages(unsigned long addr, unsigned int nr_pages,
		    enum prmem_birth birth);

/*
 * Gives the pages at @addr back, and waits for writes to them if they are still
 * write-rare. What is left to the caller is vunmap(), which need not flush at once:
 * nothing can write through what a TLB still knows.
 */
void prmem_unmap_pages(unsigned long addr, unsigned int nr_pages);

/* For the tests: where pages come from, and how one is mapped. */
struct page *prmem_alloc_block_pages(unsigned int order);
int prmem_vmap_page(unsigned long addr, pgprot_t prot, struct page *page);

/* Applies @fn to the entry of each page. */
int prmem_update_ptes(unsigned long addr, unsigned int nr_pages, pte_fn_t fn);

/* For prmem_update_ptes(). */
int prmem_pte_close(pte_t *ptep, unsigned long addr, void *unused);
int prmem_pte_open(pte_t *ptep, unsigned long addr, void *unused);
int prmem_pte_to_object(pte_t *ptep, unsigned long addr, void *unused);
int prmem_pte_to_ro(pte_t *ptep, unsigned long addr, void *unused);

/* Does each entry satisfy this? */
bool prmem_all_ptes(unsigned long addr, unsigned int nr_pages, bool (*fn)(pte_t));

/* Refuses plain stores. */
bool prmem_pte_is_closed(pte_t pte);

/* Refuses wr_*(). */
bool prmem_pte_is_ro(pte_t pte);

/* After prmem_pte_to_ro(): waits for the writes that still saw the bit. */
void prmem_wait_for_writers(void);

/* Refuses plain stores to an area, in all mappings. */
int prmem_close_area(struct pmalloc_area *area);

#endif /* _MM_PRMEM_ALLOC_H */

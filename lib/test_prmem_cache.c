// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: caches. Contents at birth, the bounds of one
 * object, freeing at once and after a grace period, from all contexts, and what an
 * attacker could hand in or run too early.
 *
 * What was freed is looked at through the linear map, because KASAN watches the
 * address that the object had.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hardirq.h>
#include <linux/irq_work.h>
#include <linux/kasan.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "../mm/prmem_alloc.h"
#include "test_prmem.h"

KUNIT_DEFINE_ACTION_WRAPPER(destroy_cache, prmem_cache_destroy, struct prmem_cache *);

static struct prmem_cache *new_cache(struct kunit *test, size_t size, size_t align)
{
	struct prmem_cache *cache = prmem_cache_create("kunit", size, align);

	KUNIT_ASSERT_NOT_NULL(test, cache);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy_cache, cache), 0);
	return cache;
}

/* An object with all bytes set to @fill. */
static void *new_object(struct kunit *test, struct prmem_cache *cache, u8 fill)
{
	u8 *init = kunit_kmalloc(test, cache->size, GFP_KERNEL);
	void *object;

	KUNIT_ASSERT_NOT_NULL(test, init);
	memset(init, fill, cache->size);
	object = prmem_cache_alloc(cache, init);
	kunit_kfree(test, init);
	KUNIT_ASSERT_NOT_NULL(test, object);
	return object;
}

/* What is there, free or not. */
static bool memory_is(u8 *object, u8 fill, size_t size)
{
	size_t len;

	for (; size; object += len, size -= len) {
		len = min(size, PAGE_SIZE - offset_in_page(object));
		if (memchr_inv(prmem_test_linear_alias(object), fill, len))
			return false;
	}
	return true;
}

static bool takes_a_store(void *dst)
{
	u8 byte = 0xe1;

	return !copy_to_kernel_nofault(dst, &byte, 1) ||
	       !copy_to_kernel_nofault(prmem_test_linear_alias(dst), &byte, 1);
}

/* Birth */

static void contents_at_birth(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 100, 0);
	u8 *filled, *zeroed, *again;
	int i;

	filled = new_object(test, cache, 0xa5);
	zeroed = prmem_cache_alloc(cache, NULL);
	KUNIT_ASSERT_NOT_NULL(test, zeroed);
	KUNIT_EXPECT_NULL(test, memchr_inv(filled, 0xa5, 100));
	KUNIT_EXPECT_NULL(test, memchr_inv(zeroed, 0, 100));
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)filled, 8));

	/* An object that is handed out again is as good as new. */
	for (i = 0; i < 4 * PRMEM_RING_SIZE; i++) {
		prmem_cache_free(cache, new_object(test, cache, 0xff));
		again = prmem_cache_alloc(cache, NULL);
		KUNIT_ASSERT_NOT_NULL(test, again);
		KUNIT_EXPECT_NULL(test, memchr_inv(again, 0, 100));
		prmem_cache_free(cache, again);
	}
	prmem_cache_free(cache, filled);
	prmem_cache_free(cache, zeroed);
}

static void birth_of_what_cannot_be_read(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	struct prmem_test_usage before;
	u8 *pages = vmalloc(PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	prmem_cache_free(cache, new_object(test, cache, 1));
	prmem_test_usage(test, &before);
	prmem_test_watch_reports(test);
	KUNIT_EXPECT_NULL(test, prmem_cache_alloc(cache, (void *)0x10000));
	KUNIT_EXPECT_NULL(test, prmem_cache_alloc(cache, pages + PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, prmem_cache_alloc(cache, pages + PAGE_SIZE - 32));
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 3);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.err, -EFAULT);
	KUNIT_EXPECT_EQ(test, prmem_cache_nr_live(cache), 0);
	prmem_test_same_usage(test, "bad contents", &before);
	vfree(pages);
}

static void never_plainly_writable(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	void *object = new_object(test, cache, 0x5a);

	prmem_test_stores_fault(test, object);
	prmem_test_stores_fault(test, object + 56);
	KUNIT_EXPECT_TRUE(test, prmem_is_protected(object, 64));
	/* The one behind it has never been handed out. */
	KUNIT_EXPECT_FALSE(test, takes_a_store(object + cache->stride));
	KUNIT_EXPECT_FALSE(test, takes_a_store(prmem_slab_of((unsigned long)object)));
	KUNIT_EXPECT_FALSE(test, takes_a_store(cache));
	KUNIT_EXPECT_FALSE(test, takes_a_store(cache->ring));

	prmem_cache_free(cache, object);
	KUNIT_EXPECT_TRUE(test, memory_is(object, 0, 64));
	KUNIT_EXPECT_FALSE(test, takes_a_store(object));
	KUNIT_EXPECT_TRUE(test, memory_is(object, 0, 64));
}

static void limits_of_caches(struct kunit *test)
{
	static const size_t bad_sizes[] = {
		0, PRMEM_CACHE_MAX_SIZE + 1, PRMEM_SLAB_SIZE, SIZE_MAX, 1UL << 32,
		(1UL << 32) + 64,
	};
	static const size_t bad_aligns[] = {
		3, 6, 12, PAGE_SIZE + 1, 2 * PAGE_SIZE, SIZE_MAX, 1UL << 32, 1UL << 63,
	};
	struct prmem_test_usage before;
	struct prmem_cache *cache;
	int i;

	prmem_test_usage(test, &before);
	for (i = 0; i < ARRAY_SIZE(bad_sizes); i++)
		KUNIT_EXPECT_NULL_MSG(test, prmem_cache_create("size", bad_sizes[i], 0),
				      "size %#zx", bad_sizes[i]);
	for (i = 0; i < ARRAY_SIZE(bad_aligns); i++)
		KUNIT_EXPECT_NULL_MSG(test,
				      prmem_cache_create("align", 64, bad_aligns[i]),
				      "align %#zx", bad_aligns[i]);
	KUNIT_EXPECT_NULL(test, prmem_cache_create(NULL, 64, 0));
	KUNIT_EXPECT_NULL(test, prmem_cache_create("", 64, 0));
	prmem_test_same_usage(test, "refused caches", &before);

	cache = prmem_cache_create("a-name-of-23-characters-and-more", 1, 1);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	KUNIT_EXPECT_STREQ(test, cache->name, "a-name-of-23-characters");
	prmem_cache_destroy(cache);
	prmem_cache_destroy(NULL);
}

/* All sizes around the edges: each object is all there, and stays by itself. */
static void check_size(struct kunit *test, size_t size, size_t align)
{
	struct prmem_cache *cache = new_cache(test, size, align);
	u8 *objects[4];
	int i;

	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i] = new_object(test, cache, 0x10 + i);
		KUNIT_EXPECT_TRUE_MSG(test,
				      IS_ALIGNED((unsigned long)objects[i], align ?: 8),
				      "size %zu, align %zu", size, align);
	}
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		KUNIT_EXPECT_EQ_MSG(test, wr_memset(objects[i], i + 1, size), 0,
				    "size %zu, align %zu", size, align);
	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		KUNIT_EXPECT_NULL_MSG(test, memchr_inv(objects[i], i + 1, size),
				      "size %zu, align %zu", size, align);
		KUNIT_EXPECT_FALSE(test, prmem_is_wr(objects[i], size + 1));
		KUNIT_EXPECT_FALSE(test, prmem_is_wr(objects[i] - 1, size + 1));
		prmem_cache_free(cache, objects[i]);
		KUNIT_EXPECT_TRUE(test, memory_is(objects[i], 0, size));
		KUNIT_EXPECT_FALSE(test, takes_a_store(objects[i]));
		KUNIT_EXPECT_FALSE(test, takes_a_store(objects[i] + size - 1));
	}
	kunit_release_action(test, destroy_cache, cache);
}

static void sizes_and_alignments(struct kunit *test)
{
	static const size_t sizes[] = {
		1, 7, 8, 9, 40, 64, 3000, 20000, PAGE_SIZE - 1, PAGE_SIZE,
		PAGE_SIZE + 1, PAGE_SIZE / 4 * 3, 5 * PAGE_SIZE - 480,
		PRMEM_CACHE_MAX_SIZE,
	};
	struct prmem_test_usage before;
	int i;

	prmem_test_usage(test, &before);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		check_size(test, sizes[i], 0);
	check_size(test, 1, 1);
	check_size(test, 40, 64);
	check_size(test, 24, PAGE_SIZE);
	check_size(test, PAGE_SIZE + 8, PAGE_SIZE);
	prmem_test_same_usage(test, "sizes", &before);
}

/* I3: bounds */

/*
 * Calls at an address where at least one of the @len bytes is out of bounds. With
 * @warm, in a session that has an alias of the same page already.
 */
static int write_range(void *dst, size_t len)
{
	static const u8 source[64];
	u64 found = 0;
	int done = 0;

	done += !wr_memcpy(dst, source, len);
	done += !wr_memset(dst, 0xee, len);
	if (len != sizeof(u64) || !IS_ALIGNED((unsigned long)dst, len))
		return done;
	done += !wr_assign(*(u64 *)dst, 0xbad);
	done += !wr_xchg((u64 *)dst, 0xbad, &found);
	done += !wr_cmpxchg((u64 *)dst, 0, 0xbad, &found);
	done += !wr_inc((u64 *)dst);
	return done;
}

static int write_range_warm(u64 *live, void *dst, size_t len, int *err)
{
	int done;

	guard(wr_session)();
	*err = wr_assign(*live, *live);
	done = write_range(dst, len);
	*err |= wr_assign(*live, *live);
	return done;
}

static void refused_range(struct kunit *test, const char *what, u64 *live, void *dst,
			  size_t len)
{
	u8 before[80], after[80];
	int err;

	/* KASAN does not see these. */
	KUNIT_ASSERT_EQ(test, copy_from_kernel_nofault(before, dst - 8, sizeof(before)),
			0);
	KUNIT_EXPECT_EQ_MSG(test, write_range(dst, len), 0, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, write_range_warm(live, dst, len, &err), 0,
			    "%s, with an alias", what);
	KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s", what);
	KUNIT_EXPECT_EQ(test, copy_from_kernel_nofault(after, dst - 8, sizeof(after)),
			0);
	KUNIT_EXPECT_MEMEQ_MSG(test, before, after, sizeof(before), "%s", what);
	KUNIT_EXPECT_FALSE_MSG(test, prmem_is_wr(dst, len), "%s", what);
}

static void i3_bounds_of_an_object(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *first = new_object(test, cache, 1), *second = new_object(test, cache, 2);
	u8 *third = new_object(test, cache, 3);
	size_t len;

	KUNIT_ASSERT_PTR_EQ(test, second, first + 64);
	KUNIT_ASSERT_PTR_EQ(test, third, second + 64);
	prmem_test_watch_reports(test);
	for (len = 2; len <= 64; len++)
		refused_range(test, "from one into the next", (u64 *)second,
			      third - 1, len);
	for (len = 2; len <= 64; len++)
		refused_range(test, "ends a byte too late", (u64 *)second,
			      third - len + 1, len);
	refused_range(test, "starts in the one before", (u64 *)second, second - 8, 16);
	refused_range(test, "starts a byte before", (u64 *)second, second - 1, 64);
	KUNIT_EXPECT_GT(test, prmem_test_reports.nr, 0);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.err, -EACCES);

	KUNIT_EXPECT_NULL(test, memchr_inv(first, 1, 64));
	KUNIT_EXPECT_NULL(test, memchr_inv(second, 2, 64));
	KUNIT_EXPECT_NULL(test, memchr_inv(third, 3, 64));
	prmem_cache_free(cache, first);
	prmem_cache_free(cache, second);
	prmem_cache_free(cache, third);
}

static void i3_free_object(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *live = new_object(test, cache, 1), *object = new_object(test, cache, 2);

	prmem_cache_free(cache, object);
	prmem_test_watch_reports(test);
	prmem_test_refused_everywhere(test, "free object", object);
	prmem_test_refused_everywhere(test, "in a free object", object + 32);
	prmem_test_refused_everywhere(test, "never handed out", object + 64);
	refused_range(test, "free object", (u64 *)live, object, 8);
	refused_range(test, "free object, all of it", (u64 *)live, object, 64);
	refused_range(test, "never handed out", (u64 *)live, object + 64, 8);
	KUNIT_EXPECT_TRUE(test, memory_is(object, 0, 128));
	prmem_cache_free(cache, live);
}

static void i3_head_of_a_slab(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *live = new_object(test, cache, 1);
	struct prmem_slab *slab = prmem_slab_of((unsigned long)live);

	KUNIT_ASSERT_PTR_EQ(test, slab->cache, cache);
	prmem_test_watch_reports(test);
	prmem_test_refused_everywhere(test, "link", &slab->next);
	prmem_test_refused_everywhere(test, "limits", &slab->first);
	prmem_test_refused_everywhere(test, "bitmaps", slab->maps);
	refused_range(test, "limits", (u64 *)live, &slab->first, 8);
	refused_range(test, "bitmaps", (u64 *)live, slab->maps, 8);
	refused_range(test, "end of the head", (u64 *)live, (void *)slab + slab->first - 8,
		      8);
	refused_range(test, "from the head into an object", (u64 *)live,
		      (void *)slab + slab->first - 8, 16);
	prmem_cache_free(cache, live);
}

/* Pages of a slab from the moment that they are mapped */

static struct {
	struct kunit *test;
	u8 *live;
	unsigned long addr;
	bool was_wr;
	int written;
} young;

static int map_and_write(unsigned long addr, pgprot_t prot, struct page *page)
{
	int err;

	kunit_deactivate_static_stub(young.test, prmem_vmap_page);
	err = prmem_vmap_page(addr, prot, page);
	young.addr = addr;
	young.was_wr |= prmem_is_wr((void *)addr, 8);
	young.written += !wr_memset((void *)addr, 0xff, 16);
	young.written += !wr_memset((void *)addr + PAGE_SIZE - 8, 0xff, 8);
	return err;
}

/* Nobody is between the page table and the bounds. */
static void i3_page_of_a_growing_slab(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, PAGE_SIZE, 0);
	u8 *live = new_object(test, cache, 1), *object;

	prmem_test_watch_reports(test);
	memset(&young, 0, sizeof(young));
	young.test = test;
	kunit_activate_static_stub(test, prmem_vmap_page, map_and_write);
	object = prmem_cache_alloc(cache, NULL);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_ASSERT_EQ(test, young.addr, (unsigned long)PTR_ALIGN(object, PAGE_SIZE));
	KUNIT_EXPECT_FALSE(test, young.was_wr);
	KUNIT_EXPECT_EQ(test, young.written, 0);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 2);
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0, PAGE_SIZE));
	prmem_cache_free(cache, live);
	prmem_cache_free(cache, object);
}

/* While the head of a new slab waits for writers. */
static void write_to_head(void)
{
	kunit_deactivate_static_stub(young.test, prmem_wait_for_writers);
	young.was_wr |= prmem_is_wr((void *)young.addr, 8);
	young.written += !wr_memset((void *)young.addr, 0xff, 16);
	prmem_wait_for_writers();
}

static int make_wr(pte_t *ptep, unsigned long addr, void *unused)
{
	pgprot_t prot = pgprot_prmem(pgprot_wr_rare(pgprot_nx(PAGE_KERNEL_RO)));

	set_pte_at(&init_mm, addr, ptep, pfn_pte(pte_pfn(ptep_get(ptep)), prot));
	return 0;
}

/* A write that saw the page as it was before, and is late. */
static void write_late(void)
{
	unsigned long *maps = ((struct prmem_slab *)young.addr)->maps;

	kunit_deactivate_static_stub(young.test, prmem_wait_for_writers);
	prmem_update_ptes(young.addr, 1, make_wr);
	young.written += !wr_assign(maps[3], 1);
	prmem_update_ptes(young.addr, 1, prmem_pte_to_ro);
	prmem_wait_for_writers();
}

static int map_and_note(unsigned long addr, pgprot_t prot, struct page *page)
{
	kunit_deactivate_static_stub(young.test, prmem_vmap_page);
	young.addr = addr;
	return prmem_vmap_page(addr, prot, page);
}

static void *first_object(struct kunit *test, struct prmem_cache *cache,
			  bool late)
{
	memset(&young, 0, sizeof(young));
	young.test = test;
	kunit_activate_static_stub(test, prmem_vmap_page, map_and_note);
	if (late)
		kunit_activate_static_stub(test, prmem_wait_for_writers, write_late);
	else
		kunit_activate_static_stub(test, prmem_wait_for_writers, write_to_head);
	return prmem_cache_alloc(cache, NULL);
}

static void i3_head_of_a_new_slab(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	struct prmem_test_usage before;
	void *object;

	prmem_test_watch_reports(test);
	object = first_object(test, cache, /*late=*/false);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_ASSERT_EQ(test, young.addr, (unsigned long)cache->slabs);
	KUNIT_EXPECT_FALSE(test, young.was_wr);
	KUNIT_EXPECT_EQ(test, young.written, 0);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 1);
	prmem_cache_free(cache, object);

	cache = new_cache(test, 64, 0);
	prmem_test_usage(test, &before);
	pr_info("prmem-expect: begin 1 prmem: head of a slab was written\n");
	KUNIT_EXPECT_NULL(test, first_object(test, cache, /*late=*/true));
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_EQ(test, young.written, 1);
	/* The cache may keep the addresses it got, for the next time. */
	before.descs++;
	prmem_test_same_usage(test, "bad head", &before);
	object = prmem_cache_alloc(cache, NULL);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0, 64));
	prmem_cache_free(cache, object);
}

static void i3_gap_of_alignment(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 40, 64);
	u8 *live = new_object(test, cache, 1), *next = new_object(test, cache, 2);

	KUNIT_ASSERT_PTR_EQ(test, next, live + 64);
	prmem_test_watch_reports(test);
	prmem_test_refused_everywhere(test, "gap", live + 40);
	prmem_test_refused_everywhere(test, "end of the gap", live + 48);
	refused_range(test, "gap", (u64 *)live, live + 40, 8);
	refused_range(test, "into the gap", (u64 *)live, live + 32, 16);
	refused_range(test, "over the gap", (u64 *)live, live + 32, 40);
	refused_range(test, "from the gap", (u64 *)live, live + 56, 16);
	KUNIT_EXPECT_EQ(test, wr_memset(live + 32, 1, 8), 0);
	prmem_cache_free(cache, live);
	prmem_cache_free(cache, next);
}

static void i3_object_across_pages(struct kunit *test)
{
	size_t size = PAGE_SIZE + 64;
	struct prmem_cache *cache = new_cache(test, size, 0);
	u8 *first = new_object(test, cache, 1), *second = new_object(test, cache, 2);
	u8 *edge = PTR_ALIGN(first + 1, PAGE_SIZE);

	KUNIT_ASSERT_PTR_EQ(test, second, first + size);
	KUNIT_EXPECT_EQ(test, wr_memset(edge - 8, 1, 16), 0);
	KUNIT_EXPECT_EQ(test, wr_memset(first, 1, size), 0);
	prmem_test_watch_reports(test);
	KUNIT_EXPECT_EQ(test, wr_memset(first, 0xee, size + 1), -EACCES);
	KUNIT_EXPECT_EQ(test, wr_memset(first - 1, 0xee, size), -EACCES);
	KUNIT_EXPECT_EQ(test, wr_memset(first, 0xee, 2 * size), -EACCES);
	refused_range(test, "into the next", (u64 *)PTR_ALIGN_DOWN(second - 8, 8),
		      second - 8, 16);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 3 + 2 * 2);
	KUNIT_EXPECT_NULL(test, memchr_inv(first, 1, size));
	KUNIT_EXPECT_NULL(test, memchr_inv(second, 2, size));
	prmem_cache_free(cache, first);
	KUNIT_EXPECT_NULL(test, memchr_inv(second, 2, size));
	KUNIT_EXPECT_TRUE(test, memory_is(first, 0, size));
	prmem_cache_free(cache, second);
}

static void is_wr_by_object(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 48, 64);
	u8 *object = new_object(test, cache, 1), *next = new_object(test, cache, 2);

	KUNIT_EXPECT_TRUE(test, prmem_is_wr(object, 48));
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(object + 47, 1));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object, 0));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object, 49));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object + 48, 1));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object, 64 + 48));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object, 1UL << 32));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object, SIZE_MAX));
	KUNIT_EXPECT_TRUE(test, prmem_is_protected(object, 48));
	/* Plain stores are refused to all of the slab, free or not. */
	KUNIT_EXPECT_TRUE(test, prmem_is_protected(object, 64 + 48));
	prmem_cache_free(cache, next);
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(next, 1));
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(object, 48));
	prmem_cache_free(cache, object);
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object, 1));
}

/* Freeing */

static void rests_before_it_is_used_again(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	struct prmem_test_usage before;
	u8 *object = new_object(test, cache, 1), *other;
	bool back = false;
	int i;

	prmem_cache_free(cache, object);
	for (i = 0; i < PRMEM_RING_SIZE; i++) {
		other = new_object(test, cache, 2);
		KUNIT_EXPECT_PTR_NE_MSG(test, other, object, "after %d", i);
		KUNIT_EXPECT_TRUE(test, memory_is(object, 0, 64));
		prmem_cache_free(cache, other);
	}
	/* But it is not lost. */
	prmem_test_usage(test, &before);
	for (i = 0; i < 3 * PAGE_SIZE / 64 && !back; i++) {
		other = new_object(test, cache, 2);
		back = other == object;
		prmem_cache_free(cache, other);
	}
	KUNIT_EXPECT_TRUE(test, back);
	prmem_test_same_usage(test, "frees", &before);
}

/*
 * What is freed in old slabs is used before there is a new one. @nr objects of which
 * a slab has a few; then those that were first are freed.
 */
#define MANY_HELD	60

static void freed_objects_are_found_again(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 3 * PAGE_SIZE, 0);
	u8 **objects = kunit_kcalloc(test, MANY_HELD, sizeof(*objects), GFP_KERNEL);
	const int nr = MANY_HELD / 2 - PRMEM_RING_SIZE;
	struct prmem_test_usage full;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, objects);
	for (i = 0; i < MANY_HELD; i++)
		objects[i] = new_object(test, cache, i);
	prmem_test_usage(test, &full);
	for (i = 0; i < MANY_HELD / 2; i++)
		prmem_cache_free(cache, objects[i]);
	for (i = 0; i < nr; i++)
		objects[i] = new_object(test, cache, i);
	prmem_test_same_usage(test, "again", &full);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(objects[i], i, cache->size));
	for (i = 0; i < nr; i++)
		prmem_cache_free(cache, objects[i]);
	for (i = MANY_HELD / 2; i < MANY_HELD; i++) {
		KUNIT_EXPECT_NULL(test, memchr_inv(objects[i], i, cache->size));
		prmem_cache_free(cache, objects[i]);
	}
	KUNIT_EXPECT_EQ(test, prmem_cache_nr_live(cache), 0);
}

/* Allocates as if nothing was wrong, whatever the list of slabs with room says. */
static void allocate_with_room(struct kunit *test, struct prmem_cache *cache,
			       void *room, int reports)
{
	u8 *objects[3];
	int i;

	KUNIT_ASSERT_EQ(test, wr_ptr(&cache->room, room), 0);
	pr_info("prmem-expect: begin %d prmem: cache kunit has a slab that is none\n",
		reports);
	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i] = new_object(test, cache, 0x11);
		KUNIT_EXPECT_PTR_EQ(test, cache,
				    prmem_slab_of((unsigned long)objects[i])->cache);
	}
	pr_info("prmem-expect: end\n");
	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		KUNIT_EXPECT_NULL(test, memchr_inv(objects[i], 0x11, cache->size));
		prmem_cache_free(cache, objects[i]);
	}
}

/* The list is no more than a hint, and who corrupts it gets nothing. */
static void i9_corrupted_list_of_slabs(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 100, 0);
	struct prmem_cache *other = new_cache(test, 100, 0);
	u8 *object = new_object(test, cache, 1), *foreign = new_object(test, other, 2);
	u8 *heap = kunit_kzalloc(test, 64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, heap);
	allocate_with_room(test, cache, NULL, 0);
	allocate_with_room(test, cache, other->slabs, 1);
	allocate_with_room(test, cache, heap, 1);
	allocate_with_room(test, cache, cache, 1);
	allocate_with_room(test, cache, (void *)cache->slabs + PAGE_SIZE, 1);
	allocate_with_room(test, cache, (void *)0x10000, 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 1, 100));
	KUNIT_EXPECT_NULL(test, memchr_inv(foreign, 2, 100));
	prmem_cache_free(cache, object);
	prmem_cache_free(other, foreign);
}

/*
 * The ring is write-rare memory like any. Who has something written there gets no
 * object that somebody has.
 */
static void i9_corrupted_ring(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	struct prmem_cache *other = new_cache(test, 64, 0);
	u8 *live = new_object(test, cache, 1), *foreign = new_object(test, other, 2);
	unsigned long evil[PRMEM_RING_SIZE] = {
		(unsigned long)live, (unsigned long)foreign, (unsigned long)cache,
		(unsigned long)cache->slabs, (unsigned long)live + 8, 0x10000, -1UL,
		(unsigned long)cache->slabs + PRMEM_SLAB_SIZE - 64,
	};
	u8 *objects[PRMEM_RING_SIZE + 1];
	int i;

	for (i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = new_object(test, cache, 3);
	KUNIT_ASSERT_EQ(test, wr_memcpy(cache->ring->objects, evil, sizeof(evil)), 0);
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		prmem_cache_free(cache, objects[i]);
	for (i = 0; i < PAGE_SIZE / 64; i++) {
		u8 *object = new_object(test, cache, 4);

		KUNIT_EXPECT_PTR_NE(test, object, live);
		prmem_cache_free(cache, object);
		object = new_object(test, other, 5);
		KUNIT_EXPECT_PTR_NE(test, object, foreign);
		prmem_cache_free(other, object);
	}
	KUNIT_EXPECT_NULL(test, memchr_inv(live, 1, 64));
	KUNIT_EXPECT_NULL(test, memchr_inv(foreign, 2, 64));
	prmem_cache_free(cache, live);
	prmem_cache_free(other, foreign);
}

static void expect_refused_free(struct kunit *test, const char *what,
				struct prmem_cache *cache, void *object)
{
	prmem_test_reports.nr = 0;
	prmem_cache_free(cache, object);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.nr, 1, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.err, -EACCES, "%s", what);
	prmem_test_reports.nr = 0;
	prmem_cache_free_rcu(cache, object);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.nr, 1, "%s, after RCU", what);
	KUNIT_EXPECT_EQ_MSG(test, cache->nr_rcu, 0, "%s", what);
}

static void double_free(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *object = new_object(test, cache, 1), *other = new_object(test, cache, 2);

	prmem_test_watch_reports(test);
	prmem_cache_free(cache, object);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 0);
	expect_refused_free(test, "twice", cache, object);
	expect_refused_free(test, "never handed out", cache, other + 64);
	KUNIT_EXPECT_EQ(test, prmem_cache_nr_live(cache), 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(other, 2, 64));
	prmem_cache_free(cache, other);
	KUNIT_EXPECT_EQ(test, prmem_cache_nr_live(cache), 0);
}

/* Changes a bit of the head of a slab. */
static int change_mark(struct prmem_slab *slab, unsigned int map, unsigned int index,
		       bool mark)
{
	unsigned long *word = &prmem_slab_map(slab, map)[BIT_WORD(index)], bits;
	int err;

	guard(wr_session)();
	prmem_session_whole_pages(true);
	bits = READ_ONCE(*word) & ~BIT_MASK(index);
	err = wr_assign(*word, mark ? bits | BIT_MASK(index) : bits);
	prmem_session_whole_pages(false);
	return err;
}

/*
 * What is left of a prmem_cache_free_rcu() that came while the object was freed: the
 * mark would free what somebody else was given since.
 */
static void nothing_is_born_with_a_mark(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *object = new_object(test, cache, 1), *marked = object + 64, *born[2];
	struct prmem_slab *slab = prmem_slab_of((unsigned long)object);
	unsigned int index = (marked - (u8 *)slab - slab->first) / slab->stride;
	unsigned int map, i;

	for (map = PRMEM_MAP_RCU; map < PRMEM_NR_MAPS; map++, index++, marked += 64) {
		KUNIT_ASSERT_EQ(test, change_mark(slab, map, index, true), 0);
		for (i = 0; i < ARRAY_SIZE(born); i++) {
			born[i] = new_object(test, cache, 2);
			KUNIT_EXPECT_PTR_NE(test, born[i], marked);
		}
		KUNIT_EXPECT_FALSE(test, prmem_is_wr(marked, 1));
		KUNIT_ASSERT_EQ(test, change_mark(slab, map, index, false), 0);
		for (i = 0; i < ARRAY_SIZE(born); i++)
			prmem_cache_free(cache, born[i]);
		index += ARRAY_SIZE(born);
		marked += ARRAY_SIZE(born) * 64;
	}
	prmem_cache_free(cache, object);
	KUNIT_EXPECT_EQ(test, prmem_cache_nr_live(cache), 0);
}

static void foreign_free(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	struct prmem_cache *other = new_cache(test, 64, 0);
	u8 *object = new_object(test, cache, 1), *foreign = new_object(test, other, 2);
	u8 *pool = prmem_test_protected(test, PMALLOC_MODE_WR, PAGE_SIZE, 3);
	u8 *heap = kunit_kzalloc(test, 64, GFP_KERNEL), *area = vmalloc(PAGE_SIZE);
	u64 on_stack[8] = { 1 };

	KUNIT_ASSERT_NOT_NULL(test, heap);
	KUNIT_ASSERT_NOT_NULL(test, area);
	prmem_test_watch_reports(test);
	expect_refused_free(test, "of another cache", cache, foreign);
	expect_refused_free(test, "middle of an object", cache, object + 8);
	expect_refused_free(test, "end of an object", cache, object + 63);
	expect_refused_free(test, "head", cache, prmem_slab_of((unsigned long)object));
	expect_refused_free(test, "a page further", cache,
			    (void *)prmem_slab_of((unsigned long)object) + PAGE_SIZE);
	expect_refused_free(test, "linear alias", cache,
			    prmem_test_linear_alias(object));
	expect_refused_free(test, "pool", cache, pool);
	expect_refused_free(test, "heap", cache, heap);
	expect_refused_free(test, "vmalloc", cache, area);
	expect_refused_free(test, "stack", cache, on_stack);
	expect_refused_free(test, "descriptor", cache, cache);
	expect_refused_free(test, "user", cache, (void *)0x10000);
	expect_refused_free(test, "not canonical", cache, (void *)(1UL << 62));
	expect_refused_free(test, "last byte", cache, (void *)-1UL);

	prmem_test_reports.nr = 0;
	prmem_cache_free(cache, NULL);
	prmem_cache_free_rcu(cache, NULL);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 1, 64));
	KUNIT_EXPECT_NULL(test, memchr_inv(foreign, 2, 64));
	KUNIT_EXPECT_NULL(test, memchr_inv(pool, 3, PAGE_SIZE));
	prmem_cache_free(cache, object);
	prmem_cache_free(other, foreign);
	vfree(area);
}

static void i9_only_caches_are_caches(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0), *forged;
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	u8 *object = new_object(test, cache, 1);

	forged = prmem_test_protected(test, PMALLOC_MODE_WR, sizeof(*forged), 0);
	KUNIT_ASSERT_EQ(test, wr_memcpy(forged, cache, sizeof(*forged)), 0);
	pr_info("prmem-expect: begin 6 prmem: no such cache\n");
	KUNIT_EXPECT_NULL(test, prmem_cache_alloc(forged, NULL));
	KUNIT_EXPECT_NULL(test, prmem_cache_alloc(NULL, NULL));
	KUNIT_EXPECT_NULL(test, prmem_cache_alloc((void *)pool, NULL));
	prmem_cache_free(forged, object);
	prmem_cache_free_rcu((void *)cache + 8, object);
	prmem_cache_destroy(forged);
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 1, 64));
	prmem_cache_free(cache, object);
}

struct free_in_irq {
	struct irq_work work;
	struct completion done;
	struct prmem_cache *cache;
	void *objects[2];
	bool hardirq;
};

static void free_from_hard_irq(struct irq_work *work)
{
	struct free_in_irq *irq = container_of(work, struct free_in_irq, work);

	irq->hardirq = in_hardirq();
	prmem_cache_free(irq->cache, irq->objects[0]);
	prmem_cache_free_rcu(irq->cache, irq->objects[1]);
	complete(&irq->done);
}

/* A grace period takes what it takes, and what frees comes to its end. */
static bool is_freed_soon(struct prmem_cache *cache, void *object)
{
	int i;

	for (i = 0; i < 1000 && prmem_is_wr(object, 1); i++)
		msleep(20);
	flush_rcu_work(&cache->side->free_batch);
	return !prmem_is_wr(object, 1);
}

static void free_in_interrupts(struct kunit *test)
{
	struct free_in_irq *irq = kunit_kzalloc(test, sizeof(*irq), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, irq);
	irq->cache = new_cache(test, 64, 0);
	irq->objects[0] = new_object(test, irq->cache, 1);
	irq->objects[1] = new_object(test, irq->cache, 2);
	init_completion(&irq->done);
	irq->work = IRQ_WORK_INIT_HARD(free_from_hard_irq);
	irq_work_queue(&irq->work);
	wait_for_completion(&irq->done);
	irq_work_sync(&irq->work);
	KUNIT_EXPECT_TRUE(test, irq->hardirq);
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(irq->objects[0], 1));
	KUNIT_EXPECT_TRUE(test, memory_is(irq->objects[0], 0, 64));
	KUNIT_EXPECT_TRUE(test, is_freed_soon(irq->cache, irq->objects[1]));
	KUNIT_EXPECT_TRUE(test, memory_is(irq->objects[1], 0, 64));
}

static void free_in_a_session(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u64 *live = new_object(test, cache, 1), *object = new_object(test, cache, 2);
	int err;

	scoped_guard(wr_session) {
		err = wr_assign(*live, 3);
		prmem_cache_free(cache, object);
		/* The bounds of objects hold again. */
		err |= wr_assign(*live, 4);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, *live, 4);
	KUNIT_EXPECT_TRUE(test, memory_is((u8 *)object, 0, 64));
	prmem_test_watch_reports(test);
	scoped_guard(wr_session) {
		err = wr_assign(*live, 5);
		prmem_cache_free(cache, object);
		err |= wr_assign(*object, 6) != -EACCES;
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 2);
	prmem_cache_free(cache, live);
}

/*
 * A session that has written all it may. Freeing is refused, or done: no object that
 * still has its contents can be handed out as new.
 */
static void free_in_a_session_without_budget(struct kunit *test)
{
	u8 *field = prmem_test_protected(test, PMALLOC_MODE_WR, WR_SESSION_BYTES, 0);
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *object = new_object(test, cache, 0xa5);
	int err;

	prmem_test_watch_reports(test);
	scoped_guard(wr_session) {
		err = wr_memset(field, 1, WR_SESSION_BYTES);
		prmem_cache_free(cache, object);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	if (prmem_is_wr(object, 64)) {
		KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 1);
		KUNIT_EXPECT_NULL(test, memchr_inv(object, 0xa5, 64));
		prmem_cache_free(cache, object);
	}
	KUNIT_EXPECT_TRUE(test, memory_is(object, 0, 64));
	KUNIT_EXPECT_EQ(test, prmem_cache_nr_live(cache), 0);
}

/* Freeing after a grace period */

static void rcu_waits_for_readers(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *object = new_object(test, cache, 0xa5);
	bool live, intact;

	rcu_read_lock();
	prmem_cache_free_rcu(cache, object);
	mdelay(50);
	live = prmem_is_wr(object, 64);
	intact = !memchr_inv(object, 0xa5, 64);
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, live);
	KUNIT_EXPECT_TRUE(test, intact);
	KUNIT_EXPECT_TRUE(test, is_freed_soon(cache, object));
	KUNIT_EXPECT_TRUE(test, memory_is(object, 0, 64));
	KUNIT_EXPECT_FALSE(test, takes_a_store(object));
}

/* What comes while a batch waits has to wait for a grace period of its own. */
static void rcu_two_batches(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *objects[4];
	bool intact;
	int i;

	for (i = 0; i < 4; i++)
		objects[i] = new_object(test, cache, i + 1);
	prmem_cache_free_rcu(cache, objects[0]);
	prmem_cache_free_rcu(cache, objects[1]);
	KUNIT_EXPECT_TRUE(test, is_freed_soon(cache, objects[0]));
	rcu_read_lock();
	prmem_cache_free_rcu(cache, objects[2]);
	prmem_cache_free_rcu(cache, objects[3]);
	mdelay(20);
	intact = !memchr_inv(objects[2], 3, 64) && !memchr_inv(objects[3], 4, 64);
	rcu_read_unlock();
	KUNIT_EXPECT_TRUE(test, intact);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_TRUE(test, is_freed_soon(cache, objects[i]));
		KUNIT_EXPECT_TRUE(test, memory_is(objects[i], 0, 64));
	}
	KUNIT_EXPECT_EQ(test, cache->nr_rcu, 0);
}

/*
 * On another CPU, so that the work which frees can run there: frees the first object,
 * and keeps its grace period from its end.
 */
struct reader {
	struct prmem_cache *cache;
	u8 *first;
	struct completion reads;
	struct completion done;
	bool stop;
};

/*
 * Reads from a moment on in which no grace period is under way.  Returns what tells the
 * next one.  Within one that others wait for, a reader would hold that one up, and the
 * one of the first object would begin only after the reader; kmemleak alone makes many.
 */
static unsigned long read_between_grace_periods(void)
	__acquires(RCU)
{
	unsigned long last, next;
	int i;

	for (i = 0; ; i++) {
		last = start_poll_synchronize_rcu();
		while ((next = get_state_synchronize_rcu()) == last)
			cond_resched();
		while (!poll_state_synchronize_rcu(last))
			cond_resched();
		rcu_read_lock();
		if (get_state_synchronize_rcu() == next || i == 100)
			return next;
		rcu_read_unlock();
	}
}

static int read_in_thread(void *arg)
{
	struct reader *reader = arg;
	unsigned long next = read_between_grace_periods();

	prmem_cache_free_rcu(reader->cache, reader->first);
	while (get_state_synchronize_rcu() == next)
		cpu_relax();
	complete(&reader->reads);
	while (!READ_ONCE(reader->stop))
		cpu_relax();
	rcu_read_unlock();
	complete(&reader->done);
	return 0;
}

/*
 * The grace period of the first object has begun, and @ms later it need not wait for this
 * CPU; then we read; then the second object is freed. What ends then is no grace period
 * for the second one. Returns whether it was left alone until the first one was gone;
 * @gone says whether that was seen.
 */
static bool first_goes_alone(struct reader *reader, u8 *second, unsigned int ms, bool *gone)
{
	bool intact;
	int i;

	wait_for_completion(&reader->reads);
	msleep(ms);
	rcu_read_lock();
	prmem_cache_free_rcu(reader->cache, second);
	WRITE_ONCE(reader->stop, true);
	for (i = 0; i < 1000 + ms && prmem_is_wr(reader->first, 1) && prmem_is_wr(second, 1); i++)
		mdelay(1);
	*gone = !prmem_is_wr(reader->first, 1);
	intact = prmem_is_wr(second, 64) && memory_is(second, 2, 64);
	rcu_read_unlock();
	wait_for_completion(&reader->done);
	return intact;
}

static void read_on_other_cpu(struct kunit *test, struct reader *reader)
{
	unsigned int cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	struct task_struct *thread;

	init_completion(&reader->reads);
	init_completion(&reader->done);
	reader->stop = false;
	/* Callbacks of what was freed before would begin the grace period early. */
	rcu_barrier();
	thread = kthread_run_on_cpu(read_in_thread, reader, cpu, "prmem_reader/%u");
	KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
}

static void rcu_grace_period_of_its_own(struct kunit *test)
{
	struct reader *reader = kunit_kzalloc(test, sizeof(*reader), GFP_KERNEL);
	bool intact = true, gone = false;
	u8 *second;
	int i;

	/* The reader holds up the grace period from a CPU of its own. */
	if (num_online_cpus() == 1)
		kunit_skip(test, "no other CPU");
	KUNIT_ASSERT_NOT_NULL(test, reader);
	reader->cache = new_cache(test, 64, 0);
	/* A busy host makes all of it slow: wait longer each time. No stall yet. */
	for (i = 0; i < 20 && intact && !gone; i++) {
		reader->first = new_object(test, reader->cache, 1);
		second = new_object(test, reader->cache, 2);
		read_on_other_cpu(test, reader);
		intact = first_goes_alone(reader, second, 100 * (i + 1), &gone);
		KUNIT_EXPECT_TRUE(test, is_freed_soon(reader->cache, reader->first));
		KUNIT_EXPECT_TRUE(test, is_freed_soon(reader->cache, second));
	}
	KUNIT_EXPECT_TRUE(test, intact);
	KUNIT_EXPECT_TRUE(test, gone);
}

#define MANY_RCU	500

static void rcu_many_objects(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 200, 0);
	u8 **objects = kunit_kcalloc(test, MANY_RCU, sizeof(*objects), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, objects);
	for (i = 0; i < MANY_RCU; i++)
		objects[i] = new_object(test, cache, i);
	for (i = 0; i < MANY_RCU; i++) {
		prmem_cache_free_rcu(cache, objects[i]);
		/* Some batches begin and end meanwhile. */
		if (i % 100 == 99)
			synchronize_rcu();
	}
	for (i = 0; i < MANY_RCU; i++) {
		KUNIT_ASSERT_TRUE(test, is_freed_soon(cache, objects[i]));
		KUNIT_EXPECT_TRUE(test, memory_is(objects[i], 0, 200));
	}
	KUNIT_EXPECT_EQ(test, prmem_cache_nr_live(cache), 0);
}

/*
 * Both ways: a second free is reported at once, and changes nothing. A reader may
 * still be there.
 */
static void rcu_double_free(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *object = new_object(test, cache, 0xa5);
	int again, plain;
	bool intact;

	prmem_test_watch_reports(test);
	rcu_read_lock();
	prmem_cache_free_rcu(cache, object);
	prmem_cache_free_rcu(cache, object);
	again = prmem_test_reports.nr;
	prmem_cache_free(cache, object);
	plain = prmem_test_reports.nr - again;
	intact = prmem_is_wr(object, 64) && memory_is(object, 0xa5, 64);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, again, 1);
	KUNIT_EXPECT_EQ(test, plain, 1);
	KUNIT_EXPECT_TRUE(test, intact);
	KUNIT_EXPECT_TRUE(test, is_freed_soon(cache, object));

	/* When it is gone, as well. */
	prmem_test_reports.nr = 0;
	prmem_cache_free_rcu(cache, object);
	prmem_cache_free(cache, object);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 2);
	KUNIT_EXPECT_EQ(test, prmem_cache_nr_live(cache), 0);
	KUNIT_EXPECT_EQ(test, cache->nr_rcu, 0);
}

/* The work is ordinary memory: whoever runs it too early gets nothing freed. */
static void i9_work_that_runs_too_early(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	struct work_struct *work = &cache->side->free_batch.work;
	u8 *object = new_object(test, cache, 0xa5);
	bool intact[2];

	pr_info("prmem-expect: begin 4 prmem: objects would be freed too early\n");
	/* There is nothing to be freed, ... */
	KUNIT_EXPECT_TRUE(test, queue_work(system_wq, work));
	flush_work(work);
	work->func(work);
	/* ... the cookie may be that of the batch before, ... */
	wr_assign(cache->rcu_busy, PRMEM_BATCH_STARTS);
	work->func(work);
	KUNIT_EXPECT_EQ(test, cache->rcu_busy, PRMEM_BATCH_STARTS);
	wr_assign(cache->rcu_busy, PRMEM_BATCH_NONE);
	/* ... or a reader is still there. */
	rcu_read_lock();
	prmem_cache_free_rcu(cache, object);
	intact[0] = prmem_is_wr(object, 64) && memory_is(object, 0xa5, 64);
	work->func(work);
	intact[1] = prmem_is_wr(object, 64) && memory_is(object, 0xa5, 64);
	rcu_read_unlock();
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_TRUE(test, intact[0]);
	KUNIT_EXPECT_TRUE(test, intact[1]);
	/* What comes at the right time does it. */
	KUNIT_EXPECT_TRUE(test, is_freed_soon(cache, object));
	KUNIT_EXPECT_TRUE(test, memory_is(object, 0, 64));
}

/* The work of a forged cache, and one that leads to a cache of somebody else. */
static void i9_work_of_another_cache(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	struct prmem_cache *other = new_cache(test, 64, 0);
	struct prmem_side *side = cache->side;
	u8 *object = new_object(test, other, 0xa5);

	pr_info("prmem-expect: begin 3 prmem: no cache has this batch\n");
	WRITE_ONCE(side->cache, other);
	side->free_batch.work.func(&side->free_batch.work);
	WRITE_ONCE(side->cache, NULL);
	side->free_batch.work.func(&side->free_batch.work);
	WRITE_ONCE(side->cache, (void *)side);
	side->free_batch.work.func(&side->free_batch.work);
	WRITE_ONCE(side->cache, cache);
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0xa5, 64));
	prmem_cache_free(other, object);
}

/* Destruction */

static void destroy_waits_for_rcu(struct kunit *test)
{
	struct prmem_test_usage before;
	struct prmem_cache *cache;
	void *object;
	int i;

	prmem_test_usage(test, &before);
	cache = new_cache(test, 3000, 0);
	for (i = 0; i < 40; i++) {
		object = new_object(test, cache, i);
		prmem_cache_free_rcu(cache, object);
	}
	kunit_release_action(test, destroy_cache, cache);
	prmem_test_same_usage(test, "destroyed", &before);
	KUNIT_EXPECT_FALSE(test, pte_present(prmem_pte((unsigned long)object)));
	KUNIT_EXPECT_NULL(test, find_vm_area(object));
}

static void destroy_with_objects_is_refused(struct kunit *test)
{
	struct prmem_test_usage before;
	struct prmem_cache *cache;
	u8 *object, *other;

	prmem_test_usage(test, &before);
	cache = prmem_cache_create("kunit", 64, 0);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	object = new_object(test, cache, 0xa5);
	pr_info("prmem-expect: begin 1 prmem: cache kunit still has 1 objects\n");
	prmem_cache_destroy(cache);
	pr_info("prmem-expect: end\n");

	/* All is as before. */
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0xa5, 64));
	KUNIT_EXPECT_EQ(test, wr_memset(object, 1, 64), 0);
	prmem_test_stores_fault(test, object);
	other = new_object(test, cache, 2);
	prmem_cache_free(cache, other);
	prmem_cache_free(cache, object);
	prmem_cache_destroy(cache);
	prmem_test_same_usage(test, "destroyed", &before);

	pr_info("prmem-expect: begin 1 prmem: no such cache\n");
	prmem_cache_destroy(cache);
	pr_info("prmem-expect: end\n");
}

static void freed_at_the_end_of_a_block(struct kunit *test)
{
	struct prmem_test_usage before;

	prmem_test_usage(test, &before);
	{
		struct prmem_cache *cache __free(prmem_cache) =
			prmem_cache_create("kunit_free", 64, 0);

		KUNIT_EXPECT_NOT_NULL(test, cache);
		prmem_cache_free(cache, prmem_cache_alloc(cache, NULL));
	}
	prmem_test_same_usage(test, "__free()", &before);
}

/* Threads */

#define THREADS		4
#define HELD		8
#define ROUNDS		300

struct identity {
	u64 thread;
	u64 serial;
	u64 check;
};

struct holder {
	struct prmem_cache *cache;
	struct completion *done;
	u64 thread;
	struct identity *held[HELD];
	unsigned int failed;
	unsigned int mixed_up;
};

static void put_object(struct holder *me, int slot, u64 serial)
{
	struct identity *object = me->held[slot];

	if (!object)
		return;
	/* Who else has it would have written his own name. */
	if (object->thread != me->thread || object->serial > serial ||
	    object->check != (object->thread ^ object->serial))
		me->mixed_up++;
	if (slot % 2)
		prmem_cache_free(me->cache, object);
	else
		prmem_cache_free_rcu(me->cache, object);
	me->held[slot] = NULL;
}

static int use_in_thread(void *arg)
{
	struct holder *me = arg;
	struct identity identity = { .thread = me->thread };
	int i, slot;

	for (i = 0; i < ROUNDS; i++) {
		slot = i * 5 % HELD;
		put_object(me, slot, i);
		identity.serial = i;
		identity.check = identity.thread ^ identity.serial;
		me->held[slot] = prmem_cache_alloc(me->cache, &identity);
		me->failed += !me->held[slot];
		cond_resched();
	}
	for (slot = 0; slot < HELD; slot++)
		put_object(me, slot, ROUNDS);
	complete(me->done);
	return 0;
}

static void threads_never_share(struct kunit *test)
{
	struct holder *all = kunit_kcalloc(test, THREADS, sizeof(*all), GFP_KERNEL);
	struct prmem_cache *cache = new_cache(test, sizeof(struct identity), 0);
	DECLARE_COMPLETION_ONSTACK(done);
	int i, started = 0;

	KUNIT_ASSERT_NOT_NULL(test, all);
	for (i = 0; i < THREADS; i++) {
		all[i] = (struct holder) {
			.cache = cache, .done = &done, .thread = 0x1111 * (i + 1),
		};
		started += !IS_ERR(kthread_run(use_in_thread, &all[i],
					       "prmem_user/%d", i));
	}
	for (i = 0; i < started; i++)
		wait_for_completion(&done);
	KUNIT_EXPECT_EQ(test, started, THREADS);
	for (i = 0; i < THREADS; i++) {
		KUNIT_EXPECT_EQ(test, all[i].failed, 0);
		KUNIT_EXPECT_EQ(test, all[i].mixed_up, 0);
	}
	/* Nothing is lost: this reports what is left. */
	kunit_release_action(test, destroy_cache, cache);
}

/* KASAN */

#ifdef CONFIG_KASAN_GENERIC
/* What KASAN thinks of 8 bytes; a report would fail the case. */
static __no_sanitize_address u8 shadow_of(const void *addr)
{
	return *(u8 *)kasan_mem_to_shadow(addr);
}

static void kasan_knows_what_is_free(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 42, 64);
	u8 *object = new_object(test, cache, 1);

	KUNIT_EXPECT_EQ(test, shadow_of(object), 0);
	KUNIT_EXPECT_EQ(test, shadow_of(object + 32), 0);
	/* The last two bytes, the gap, and the next one. */
	KUNIT_EXPECT_EQ(test, shadow_of(object + 40), 2);
	KUNIT_EXPECT_GE(test, shadow_of(object + 48), 0x80);
	KUNIT_EXPECT_GE(test, shadow_of(object + 64), 0x80);

	prmem_cache_free(cache, object);
	KUNIT_EXPECT_GE(test, shadow_of(object), 0x80);
	KUNIT_EXPECT_GE(test, shadow_of(object + 40), 0x80);
}

static void kasan_knows_what_rcu_frees(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64, 0);
	u8 *object = new_object(test, cache, 1), shadow;

	rcu_read_lock();
	prmem_cache_free_rcu(cache, object);
	shadow = shadow_of(object);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, shadow, 0);
	KUNIT_EXPECT_TRUE(test, is_freed_soon(cache, object));
	KUNIT_EXPECT_GE(test, shadow_of(object), 0x80);
}
#endif

/* I1 */

static void i1_after_each_operation(struct kunit *test)
{
	struct prmem_cache *cache = prmem_cache_create("kunit", 3 * PAGE_SIZE, 0);
	void *objects[6];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	objects[0] = new_object(test, cache, 1);
	prmem_test_no_writable_alias(test);
	/* This slab grows, and there is another one. */
	for (i = 1; i < ARRAY_SIZE(objects); i++)
		objects[i] = new_object(test, cache, 1);
	KUNIT_EXPECT_NE(test, (unsigned long)prmem_slab_of((unsigned long)objects[0]),
			(unsigned long)prmem_slab_of((unsigned long)objects[5]));
	prmem_test_no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, wr_memset(objects[5], 2, 3 * PAGE_SIZE), 0);
	prmem_test_no_writable_alias(test);
	for (i = 0; i < 3; i++)
		prmem_cache_free(cache, objects[i]);
	prmem_test_no_writable_alias(test);
	for (; i < ARRAY_SIZE(objects); i++)
		prmem_cache_free_rcu(cache, objects[i]);
	prmem_test_no_writable_alias(test);
	prmem_cache_destroy(cache);
	prmem_test_no_writable_alias(test);
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(contents_at_birth),
	KUNIT_CASE(birth_of_what_cannot_be_read),
	KUNIT_CASE(never_plainly_writable),
	KUNIT_CASE(limits_of_caches),
	KUNIT_CASE(sizes_and_alignments),
	KUNIT_CASE(i3_bounds_of_an_object),
	KUNIT_CASE(i3_free_object),
	KUNIT_CASE(i3_head_of_a_slab),
	KUNIT_CASE(i3_page_of_a_growing_slab),
	KUNIT_CASE(i3_head_of_a_new_slab),
	KUNIT_CASE(i3_gap_of_alignment),
	KUNIT_CASE(i3_object_across_pages),
	KUNIT_CASE(is_wr_by_object),
	KUNIT_CASE(rests_before_it_is_used_again),
	KUNIT_CASE(freed_objects_are_found_again),
	KUNIT_CASE(i9_corrupted_list_of_slabs),
	KUNIT_CASE(i9_corrupted_ring),
	KUNIT_CASE(double_free),
	KUNIT_CASE(nothing_is_born_with_a_mark),
	KUNIT_CASE(foreign_free),
	KUNIT_CASE(i9_only_caches_are_caches),
	KUNIT_CASE(free_in_interrupts),
	KUNIT_CASE(free_in_a_session),
	KUNIT_CASE(free_in_a_session_without_budget),
	KUNIT_CASE(rcu_waits_for_readers),
	KUNIT_CASE(rcu_two_batches),
	KUNIT_CASE(rcu_grace_period_of_its_own),
	KUNIT_CASE(rcu_many_objects),
	KUNIT_CASE(rcu_double_free),
	KUNIT_CASE(i9_work_that_runs_too_early),
	KUNIT_CASE(i9_work_of_another_cache),
	KUNIT_CASE(destroy_waits_for_rcu),
	KUNIT_CASE(destroy_with_objects_is_refused),
	KUNIT_CASE(freed_at_the_end_of_a_block),
	KUNIT_CASE(threads_never_share),
#ifdef CONFIG_KASAN_GENERIC
	KUNIT_CASE(kasan_knows_what_is_free),
	KUNIT_CASE(kasan_knows_what_rcu_frees),
#endif
	KUNIT_CASE(i1_after_each_operation),
	{}
};

static struct kunit_suite cache_suite = {
	.name = "prmem_cache",
	.init = prmem_test_need_protection,
	.test_cases = cache_cases,
};

kunit_test_suite(cache_suite);

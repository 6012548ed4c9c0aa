// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: pools. What each mode says about the newest
 * area, the older ones and the time after it was protected; sizes, alignment and
 * names; what a pool costs, and that all of it comes back.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/vmstat.h>

#include "../mm/prmem_alloc.h"
#include "../mm/prmem_hooks.h"
#include "test_prmem.h"

/* What is in use */

static int count_descs(const struct pmalloc_area *area, void *arg)
{
	struct prmem_test_usage *usage = arg;
	const struct prmem_desc *desc = (const void *)area->addr;
	unsigned int i;

	/* Only the pages of descriptors belong to nobody. */
	if (area->owner)
		return 0;
	usage->desc_pages++;
	for (i = 0; i < PAGE_SIZE / sizeof(*desc); i++)
		usage->descs += desc[i].type != PRMEM_DESC_FREE;
	return 0;
}

void prmem_test_usage(struct kunit *test, struct prmem_test_usage *usage)
{
	*usage = (struct prmem_test_usage) { };
	prmem_block_counts(&usage->blocks, &usage->pages, &usage->used);
	KUNIT_EXPECT_EQ(test, pmalloc_walk_areas(count_descs, usage), 0);
}

void prmem_test_same_usage(struct kunit *test, const char *what,
			   const struct prmem_test_usage *before)
{
	struct prmem_test_usage now;
	unsigned long grown;

	prmem_test_usage(test, &now);
	grown = now.desc_pages - before->desc_pages;
	KUNIT_EXPECT_EQ_MSG(test, now.used, before->used + grown, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, now.descs - now.blocks - grown,
			    before->descs - before->blocks, "%s", what);
	/* A page of descriptors may have needed a block, and keeps it. */
	if (grown)
		return;
	KUNIT_EXPECT_EQ_MSG(test, now.blocks, before->blocks, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, now.pages, before->pages, "%s", what);
}

/* Modes */

enum state {
	OPEN,
	WR,
	RO,
	NONE,
};

/* One row of the table in the kernel-doc, and what comes after its last column. */
struct mode {
	enum pmalloc_mode mode;
	enum state newest;
	enum state older;
	enum state protected;
	enum state later;	/* allocated after pmalloc_protect_pool() */
	enum state after_ro;	/* allocated after pmalloc_make_pool_ro() */
	enum state after_ro_older;
};

static const struct mode modes[] = {
	{ PMALLOC_MODE_RO,	 OPEN, OPEN, RO, OPEN, OPEN, OPEN },
	{ PMALLOC_MODE_WR,	 OPEN, OPEN, WR, OPEN, OPEN, OPEN },
	{ PMALLOC_MODE_AUTO_RO,	 OPEN, RO,   RO, OPEN, OPEN, RO },
	{ PMALLOC_MODE_AUTO_WR,	 OPEN, WR,   WR, OPEN, OPEN, RO },
	{ PMALLOC_MODE_START_WR, WR,   WR,   WR, WR,   NONE, NONE },
};

static void expect_store(struct kunit *test, const char *what, u64 *object,
			 bool open)
{
	u64 was = *object, evil = ~was;

	KUNIT_EXPECT_EQ_MSG(test, copy_to_kernel_nofault(object, &evil, 8),
			    open ? 0 : -EFAULT, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, *object, open ? evil : was, "%s", what);
	if (*object != was)
		*object = was;
	/* The linear map never takes a store. */
	KUNIT_EXPECT_EQ_MSG(test,
			    copy_to_kernel_nofault(prmem_test_linear_alias(object),
						   &evil, 8),
			    -EFAULT, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, *object, was, "%s", what);
}

static void expect_write(struct kunit *test, const char *what, u64 *object, bool wr)
{
	u64 was = *object;

	prmem_test_reports.nr = 0;
	KUNIT_EXPECT_EQ_MSG(test, wr_assign(*object, was + 1), wr ? 0 : -EACCES, "%s",
			    what);
	KUNIT_EXPECT_EQ_MSG(test, *object, was + wr, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, wr_memset(object, 0xee, 16), wr ? 0 : -EACCES, "%s",
			    what);
	KUNIT_EXPECT_EQ_MSG(test, *object, wr ? 0xeeeeeeeeeeeeeeeeULL : was, "%s",
			    what);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.nr, wr ? 0 : 2, "%s", what);
	if (wr)
		KUNIT_EXPECT_EQ_MSG(test, wr_assign(*object, was), 0, "%s", what);
}

static void expect_state(struct kunit *test, const char *what, u64 *object,
			 enum state state)
{
	KUNIT_ASSERT_NOT_NULL_MSG(test, object, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, prmem_is_protected(object, 16), state != OPEN, "%s",
			    what);
	KUNIT_EXPECT_EQ_MSG(test, prmem_is_wr(object, 16), state != RO, "%s", what);
	expect_store(test, what, object, state == OPEN);
	expect_write(test, what, object, state != RO);
}

static u64 *allocate(struct kunit *test, struct pmalloc_pool *pool, u64 value)
{
	u64 *object = pmalloc(pool, PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0, PAGE_SIZE));
	/* Whatever the mode is, this works on what was just allocated. */
	KUNIT_EXPECT_EQ(test, wr_assign(*object, value), 0);
	return object;
}

static void check_after_ro(struct kunit *test, struct pmalloc_pool *pool,
			   const struct mode *mode)
{
	u64 *first, *second;

	if (mode->after_ro == NONE) {
		KUNIT_EXPECT_NULL(test, pmalloc(pool, 8));
		KUNIT_EXPECT_NULL(test, pmalloc(pool, 2 * PAGE_SIZE));
		return;
	}
	first = allocate(test, pool, 4);
	expect_state(test, "newest after make_ro", first, mode->after_ro);
	second = allocate(test, pool, 5);
	expect_state(test, "older after make_ro", first, mode->after_ro_older);
	expect_state(test, "newest after make_ro", second, mode->after_ro);
	/* Whatever the pool was, it is read-only for good. */
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	expect_state(test, "protected after make_ro", first, RO);
	expect_state(test, "protected after make_ro", second, RO);
	KUNIT_EXPECT_EQ(test, *first, 4);
	KUNIT_EXPECT_EQ(test, *second, 5);
}

static void check_mode(struct kunit *test, const struct mode *mode)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, mode->mode);
	u64 *objects[3];
	int i;

	prmem_test_watch_reports(test);
	objects[0] = allocate(test, pool, 1);
	expect_state(test, "newest", objects[0], mode->newest);
	objects[1] = allocate(test, pool, 2);
	expect_state(test, "older", objects[0], mode->older);
	expect_state(test, "newest", objects[1], mode->newest);

	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	for (i = 0; i < 2; i++)
		expect_state(test, "protected", objects[i], mode->protected);
	objects[2] = allocate(test, pool, 3);
	expect_state(test, "later", objects[2], mode->later);
	for (i = 0; i < 2; i++)
		expect_state(test, "protected before", objects[i], mode->protected);

	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	for (i = 0; i < 3; i++)
		expect_state(test, "made RO", objects[i], RO);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	check_after_ro(test, pool, mode);
	for (i = 0; i < 3; i++) {
		expect_state(test, "still RO", objects[i], RO);
		KUNIT_EXPECT_EQ(test, *objects[i], i + 1);
	}
	prmem_test_no_writable_alias(test);
}

static void mode_ro(struct kunit *test)
{
	check_mode(test, &modes[PMALLOC_MODE_RO]);
}

static void mode_wr(struct kunit *test)
{
	check_mode(test, &modes[PMALLOC_MODE_WR]);
}

static void mode_auto_ro(struct kunit *test)
{
	check_mode(test, &modes[PMALLOC_MODE_AUTO_RO]);
}

static void mode_auto_wr(struct kunit *test)
{
	check_mode(test, &modes[PMALLOC_MODE_AUTO_WR]);
}

static void mode_start_wr(struct kunit *test)
{
	check_mode(test, &modes[PMALLOC_MODE_START_WR]);
}

/* Nothing was allocated yet, and each call has nothing to do. */
static void modes_of_empty_pools(struct kunit *test)
{
	struct pmalloc_pool *pool;
	int mode;

	for (mode = PMALLOC_MODE_RO; mode <= PMALLOC_MODE_START_WR; mode++) {
		pool = prmem_test_pool(test, mode);
		KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
		KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), 0);
		KUNIT_EXPECT_EQ(test, !pmalloc(pool, 8),
				mode == PMALLOC_MODE_START_WR);
		prmem_test_destroy(test, pool);
	}
}

/* Areas */

KUNIT_DEFINE_ACTION_WRAPPER(destroy_pool, pmalloc_destroy_pool,
			    struct pmalloc_pool *);

static struct pmalloc_pool *custom_pool(struct kunit *test, size_t refill, int order,
					enum pmalloc_mode mode)
{
	struct pmalloc_pool *pool;

	pool = pmalloc_create_custom_pool("kunit_custom", refill, order, mode);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy_pool, pool), 0);
	return pool;
}

static void expect_usage(struct kunit *test, struct pmalloc_pool *pool,
			 unsigned long areas, unsigned long pages,
			 unsigned long objects, unsigned long used)
{
	struct pmalloc_usage usage;

	pmalloc_usage(pool, &usage);
	KUNIT_EXPECT_EQ(test, usage.areas, areas);
	KUNIT_EXPECT_EQ(test, usage.size, pages * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, usage.objects, objects);
	KUNIT_EXPECT_EQ(test, usage.used, used);
}

static void default_refill(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);

	expect_usage(test, pool, 0, 0, 0, 0);
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 1));
	expect_usage(test, pool, 1, 1, 1, 1);
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, PAGE_SIZE - 8));
	expect_usage(test, pool, 1, 1, 2, PAGE_SIZE);
	/* What is left of an area when the next one begins is not used. */
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, PAGE_SIZE / 2));
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, PAGE_SIZE / 2 + 8));
	expect_usage(test, pool, 3, 3, 4, 2 * PAGE_SIZE + 8);
}

static void custom_refill(struct kunit *test)
{
	/* Rounded up to 3 pages. */
	struct pmalloc_pool *pool = custom_pool(test, 2 * PAGE_SIZE + 1, 3,
						PMALLOC_MODE_WR);
	int i;

	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, PAGE_SIZE));
	expect_usage(test, pool, 1, 3, 3, 3 * PAGE_SIZE);
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 8));
	expect_usage(test, pool, 2, 6, 4, 3 * PAGE_SIZE + 8);
	/* An object that is larger gets an area of its own size. */
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 5 * PAGE_SIZE - 8));
	expect_usage(test, pool, 3, 11, 5, 8 * PAGE_SIZE);
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 8));
	expect_usage(test, pool, 3, 11, 6, 8 * PAGE_SIZE + 8);
}

/* Objects of a byte lie as close as the alignment allows. */
static void check_order(struct kunit *test, int order)
{
	struct pmalloc_pool *pool = custom_pool(test, 4 * PAGE_SIZE, order,
						PMALLOC_MODE_WR);
	unsigned long step = 1UL << order;
	u8 *last = pmalloc(pool, 1), *object;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, last);
	for (i = 0; i < 3; i++, last = object) {
		object = pmalloc(pool, 1);
		KUNIT_EXPECT_PTR_EQ_MSG(test, object, last + step, "order %d", order);
		KUNIT_EXPECT_TRUE_MSG(test, IS_ALIGNED((unsigned long)object, step),
				      "order %d", order);
	}
	expect_usage(test, pool, 1, 4, 4, 3 * step + 1);
	object = pmalloc(pool, 4 * PAGE_SIZE - 3 * step);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)object, step));
	kunit_release_action(test, destroy_pool, pool);
}

static void alignment_and_packing(struct kunit *test)
{
	int order;

	for (order = 0; order <= PAGE_SHIFT; order++)
		check_order(test, order);
}

/* Arguments */

static struct pmalloc_pool *try_create(struct kunit *test, const char *name,
				       size_t refill, int order, int mode)
{
	struct pmalloc_pool *pool = pmalloc_create_custom_pool(name, refill, order,
							       mode);

	if (pool)
		KUNIT_ASSERT_EQ(test,
				kunit_add_action_or_reset(test, destroy_pool, pool),
				0);
	return pool;
}

static void names(struct kunit *test)
{
	static const char longest[] = "a-name-of-23-characters";
	static const char longer[] = "a-name-of-23-characters-and-more";
	char changing[] = "before";
	struct pmalloc_pool *pool;

	static_assert(sizeof(longest) == PMALLOC_NAME_LEN);
	pool = try_create(test, longest, 1, 0, PMALLOC_MODE_WR);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_STREQ(test, pool->name, longest);
	pool = try_create(test, longer, 1, 0, PMALLOC_MODE_WR);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_STREQ(test, pool->name, longest);

	pool = try_create(test, changing, 1, 0, PMALLOC_MODE_WR);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	strscpy(changing, "after");
	KUNIT_EXPECT_STREQ(test, pool->name, "before");

	KUNIT_EXPECT_NULL(test, try_create(test, NULL, 1, 0, PMALLOC_MODE_WR));
	KUNIT_EXPECT_NULL(test, try_create(test, "", 1, 0, PMALLOC_MODE_WR));
}

/* What /proc/vmallocinfo says; NULL for nothing. */
static void expect_vm_name(struct kunit *test, const struct vm_struct *vm,
			   const char *name)
{
	char text[64];
	struct seq_file m = { .buf = text, .size = sizeof(text) };

	KUNIT_EXPECT_EQ(test, prmem_show_vm(&m, vm), !!name);
	KUNIT_ASSERT_LT(test, m.count, sizeof(text));
	text[m.count] = '\0';
	KUNIT_EXPECT_STREQ(test, text, name ?: "");
}

static void names_in_vmallocinfo(struct kunit *test)
{
	struct pmalloc_pool *one, *two;
	struct prmem_cache *cache = prmem_cache_create("kunit_three", 64, 0);
	void *objects[3], *ordinary = vmalloc(PAGE_SIZE);
	struct vm_struct *vm[3];
	const void *was;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	KUNIT_ASSERT_NOT_NULL(test, ordinary);
	one = try_create(test, "kunit_one", 1, 0, PMALLOC_MODE_WR);
	two = try_create(test, "kunit_two", 1, 0, PMALLOC_MODE_START_WR);
	objects[0] = pmalloc(one, 8);
	objects[1] = pmalloc(two, 8);
	objects[2] = prmem_cache_alloc(cache, NULL);
	for (i = 0; i < 3; i++) {
		vm[i] = find_vm_area(objects[i]);
		KUNIT_ASSERT_NOT_NULL(test, vm[i]);
	}
	expect_vm_name(test, vm[0], " pmalloc:kunit_one");
	expect_vm_name(test, vm[1], " pmalloc:kunit_two");
	expect_vm_name(test, vm[2], " prmem_cache:kunit_three");
	expect_vm_name(test, find_vm_area(ordinary), NULL);

	/* It is found through ordinary memory. */
	was = vm[0]->caller;
	vm[0]->caller = vm[1]->caller;
	expect_vm_name(test, vm[0], NULL);
	vm[0]->caller = prmem_desc_of(one, pool);
	expect_vm_name(test, vm[0], NULL);
	vm[0]->caller = ordinary;
	expect_vm_name(test, vm[0], NULL);
	vm[0]->caller = was;
	expect_vm_name(test, vm[0], " pmalloc:kunit_one");

	prmem_cache_free(cache, objects[2]);
	prmem_cache_destroy(cache);
	vfree(ordinary);
}

static void limits_of_pools(struct kunit *test)
{
	const size_t page = PAGE_SIZE;
	struct prmem_test_usage before;

	prmem_test_usage(test, &before);
	KUNIT_EXPECT_NULL(test, try_create(test, "mode", page, 0, -1));
	KUNIT_EXPECT_NULL(test, try_create(test, "mode", page, 0,
					   PMALLOC_MODE_START_WR + 1));
	KUNIT_EXPECT_NULL(test, try_create(test, "mode", page, 0, INT_MAX));
	KUNIT_EXPECT_NULL(test, try_create(test, "mode", page, 0, INT_MIN));
	KUNIT_EXPECT_NULL(test, try_create(test, "align", page, -1, 0));
	KUNIT_EXPECT_NULL(test, try_create(test, "align", page, PAGE_SHIFT + 1, 0));
	KUNIT_EXPECT_NULL(test, try_create(test, "align", page, 64, 0));
	KUNIT_EXPECT_NULL(test, try_create(test, "align", page, INT_MAX, 0));
	KUNIT_EXPECT_NULL(test, try_create(test, "refill", 0, 0, 0));
	KUNIT_EXPECT_NULL(test, try_create(test, "refill", PMALLOC_REFILL_MAX + 1, 0,
					   0));
	KUNIT_EXPECT_NULL(test, try_create(test, "refill", SIZE_MAX, 0, 0));
	prmem_test_same_usage(test, "refused pools", &before);
	KUNIT_EXPECT_NOT_NULL(test, try_create(test, "refill", PMALLOC_REFILL_MAX, 0,
					       0));
}

static void sizes(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	u8 *small, *page;

	KUNIT_EXPECT_NULL(test, pmalloc(pool, 0));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, SIZE_MAX));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, SIZE_MAX - 7));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, SIZE_MAX - PAGE_SIZE + 1));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, SIZE_MAX / 2 + 1));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, (totalram_pages() + 1) << PAGE_SHIFT));
	expect_usage(test, pool, 0, 0, 0, 0);

	small = pmalloc(pool, 1);
	page = pmalloc(pool, PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, small);
	KUNIT_ASSERT_NOT_NULL(test, page);
	*small = 1;
	memset(page, 2, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, *small, 1);

	/* The same in an area that has room, which arithmetic could wrap around. */
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 8));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, SIZE_MAX));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, SIZE_MAX - 7));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, -(unsigned long)page));
	KUNIT_EXPECT_NULL(test, memchr_inv(page, 2, PAGE_SIZE));
}

static void arrays(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	u64 *array = pmalloc_array(pool, 5, sizeof(*array));
	u64 *zeroed = pcalloc(pool, 5, sizeof(*zeroed));

	KUNIT_ASSERT_NOT_NULL(test, array);
	KUNIT_ASSERT_NOT_NULL(test, zeroed);
	KUNIT_EXPECT_PTR_EQ(test, zeroed, array + 5);
	KUNIT_EXPECT_NULL(test, memchr_inv(array, 0, 10 * sizeof(*array)));

	KUNIT_EXPECT_NULL(test, pmalloc_array(pool, 0, 8));
	KUNIT_EXPECT_NULL(test, pmalloc_array(pool, 8, 0));
	KUNIT_EXPECT_NULL(test, pcalloc(pool, 0, 0));
	/* These wrap around to 0, to 8, and to a page. */
	KUNIT_EXPECT_NULL(test, pmalloc_array(pool, 1UL << 32, 1UL << 32));
	KUNIT_EXPECT_NULL(test, pmalloc_array(pool, SIZE_MAX / 8 + 2, 8));
	KUNIT_EXPECT_NULL(test, pcalloc(pool, SIZE_MAX / PAGE_SIZE + 2, PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, pcalloc(pool, SIZE_MAX, SIZE_MAX));
	expect_usage(test, pool, 1, 1, 2, 10 * sizeof(*array));
}

/* KASAN looks at each byte. */
#define HUGE		(IS_ENABLED(CONFIG_KASAN) ? SZ_16M : SZ_64M)

/* More than one block, of which the ends are used. */
static void huge_object(struct kunit *test)
{
	struct prmem_test_usage before;
	struct pmalloc_pool *pool;
	u8 *object;

	prmem_test_usage(test, &before);
	pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	object = pmalloc(pool, HUGE);
	KUNIT_ASSERT_NOT_NULL(test, object);
	object[0] = 1;
	object[HUGE - 1] = 2;
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	KUNIT_EXPECT_TRUE(test, prmem_is_protected(object, HUGE));
	KUNIT_EXPECT_EQ(test, wr_assign(object[HUGE - 1], 3), 0);
	KUNIT_EXPECT_EQ(test, object[0], 1);
	KUNIT_EXPECT_EQ(test, object[HUGE - 1], 3);
	KUNIT_EXPECT_EQ(test, object[HUGE / 2], 0);
	prmem_test_stores_fault(test, object);
	prmem_test_stores_fault(test, object + HUGE - 8);
	prmem_test_destroy(test, pool);
	prmem_test_same_usage(test, "huge object", &before);
}

#ifndef CONFIG_KASAN_VMALLOC
/* Out of addresses. With KASAN each would have a shadow, and there is no memory for it. */

#define MANY_HOLES	1000

static unsigned int fill_vmalloc(struct vm_struct **holes)
{
	unsigned long size = rounddown_pow_of_two(VMALLOC_END - VMALLOC_START);
	unsigned int nr = 0;

	while (size >= PAGE_SIZE && nr < MANY_HOLES) {
		holes[nr] = get_vm_area(size, VM_SPARSE);
		if (holes[nr])
			nr++;
		else
			size /= 2;
	}
	return nr;
}

/* False if others have given addresses back meanwhile, as a thread does with its stack. */
static bool refused_without_addresses(struct kunit *test, struct vm_struct **holes)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct prmem_cache *cache __free(prmem_cache) =
		prmem_cache_create("kunit", 64, 0);
	struct prmem_test_usage before, after;
	void *object, *born;
	unsigned int i, nr;

	KUNIT_EXPECT_NOT_NULL(test, cache);
	if (!cache)
		return false;
	prmem_test_usage(test, &before);
	nr = fill_vmalloc(holes);
	object = pmalloc(pool, 8);
	born = prmem_cache_alloc(cache, NULL);
	prmem_test_usage(test, &after);
	for (i = 0; i < nr; i++)
		free_vm_area(holes[i]);

	KUNIT_EXPECT_LT(test, nr, MANY_HOLES);
	if (object || born) {
		prmem_cache_free(cache, born);
		return false;
	}
	KUNIT_EXPECT_MEMEQ(test, &after, &before, sizeof(after));
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 8));
	born = prmem_cache_alloc(cache, NULL);
	KUNIT_EXPECT_NOT_NULL(test, born);
	prmem_cache_free(cache, born);
	return true;
}

static void no_addresses_are_left(struct kunit *test)
{
	struct vm_struct **holes = kunit_kcalloc(test, MANY_HOLES, sizeof(*holes),
						 GFP_KERNEL);
	unsigned int tries;

	KUNIT_ASSERT_NOT_NULL(test, holes);
	for (tries = 0; tries < 10; tries++)
		if (refused_without_addresses(test, holes))
			break;
	KUNIT_EXPECT_LT(test, tries, 10);
	prmem_test_no_writable_alias(test);
}
#endif

/* Contents */

static void check_copies(struct kunit *test, enum pmalloc_mode mode)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, mode);
	u8 *big = kunit_kmalloc(test, 2 * PAGE_SIZE, GFP_KERNEL), *copy;
	bool wr = mode == PMALLOC_MODE_START_WR;
	char *text;

	KUNIT_ASSERT_NOT_NULL(test, big);
	memset(big, 0xa5, 2 * PAGE_SIZE);
	copy = pzalloc(pool, 100);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_NULL(test, memchr_inv(copy, 0, 100));
	text = pstrdup(pool, "some text");
	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_EXPECT_STREQ(test, text, "some text");
	copy = pmemdup(pool, big, 2 * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_MEMEQ(test, copy, big, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, prmem_is_protected(copy, 2 * PAGE_SIZE), wr);
	/* The area of the first two is older now. */
	KUNIT_EXPECT_EQ(test, prmem_is_protected(text, 10),
			mode != PMALLOC_MODE_RO && mode != PMALLOC_MODE_WR);
	text = pstrdup(pool, "");
	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_EXPECT_EQ(test, *text, 0);

	KUNIT_EXPECT_NULL(test, pstrdup(pool, NULL));
	KUNIT_EXPECT_NULL(test, pmemdup(pool, NULL, 8));
	KUNIT_EXPECT_NULL(test, pmemdup(pool, big, 0));
	KUNIT_EXPECT_NULL(test, pmemdup(pool, big, SIZE_MAX));
}

static void copies(struct kunit *test)
{
	check_copies(test, PMALLOC_MODE_WR);
	check_copies(test, PMALLOC_MODE_AUTO_RO);
	check_copies(test, PMALLOC_MODE_START_WR);
}

static void copy_of_what_cannot_be_read(struct kunit *test)
{
	struct pmalloc_pool *pool;
	int mode;

	prmem_test_watch_reports(test);
	for (mode = PMALLOC_MODE_RO; mode <= PMALLOC_MODE_START_WR; mode++) {
		pool = prmem_test_pool(test, mode);
		prmem_test_reports.nr = 0;
		KUNIT_EXPECT_NULL(test, pmemdup(pool, (void *)0x10000, 16));
		KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 1);
		KUNIT_EXPECT_EQ(test, prmem_test_reports.err, -EFAULT);
		prmem_test_destroy(test, pool);
	}
}

#define MANY_PAGES	64

static void note_frames(u8 *object, unsigned long *frames)
{
	int i;

	for (i = 0; i < MANY_PAGES; i++)
		frames[i] = vmalloc_to_pfn(object + i * PAGE_SIZE);
}

static int nr_common(const unsigned long *a, const unsigned long *b)
{
	int i, j, nr = 0;

	for (i = 0; i < MANY_PAGES; i++) {
		for (j = 0; j < MANY_PAGES; j++)
			nr += a[i] == b[j];
	}
	return nr;
}

static void used_page_is_zeroed(struct kunit *test, enum pmalloc_mode mode)
{
	/* So that the block of these pages is not given back in between. */
	void *pin = prmem_test_protected(test, PMALLOC_MODE_WR, 8, 1);
	unsigned long *frames = kunit_kcalloc(test, 2 * MANY_PAGES, sizeof(*frames),
					      GFP_KERNEL);
	struct pmalloc_pool *pool = prmem_test_pool(test, mode);
	u8 *object = pmalloc(pool, MANY_PAGES * PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, frames);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_ASSERT_EQ(test, wr_memset(object, 0xff, MANY_PAGES * PAGE_SIZE), 0);
	note_frames(object, frames);
	prmem_test_destroy(test, pool);

	pool = prmem_test_pool(test, mode);
	object = pmalloc(pool, MANY_PAGES * PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0, MANY_PAGES * PAGE_SIZE));
	note_frames(object, frames + MANY_PAGES);
	/* Or nothing was tested. */
	KUNIT_EXPECT_GT(test, nr_common(frames, frames + MANY_PAGES), 0);
	KUNIT_EXPECT_EQ(test, *(u64 *)pin, 0x0101010101010101ULL);
}

static void used_pages_are_zeroed(struct kunit *test)
{
	used_page_is_zeroed(test, PMALLOC_MODE_WR);
	used_page_is_zeroed(test, PMALLOC_MODE_START_WR);
}

static void freed_at_the_end_of_a_block(struct kunit *test)
{
	struct prmem_test_usage before;
	void *object;

	prmem_test_usage(test, &before);
	{
		struct pmalloc_pool *pool __free(pmalloc_pool) =
			pmalloc_create_pool("kunit_free", PMALLOC_MODE_WR);
		struct pmalloc_pool *none __free(pmalloc_pool) = NULL;

		KUNIT_EXPECT_NULL(test, none);
		object = pmalloc(pool, 8);
		KUNIT_EXPECT_NOT_NULL(test, object);
	}
	prmem_test_same_usage(test, "__free()", &before);
	KUNIT_EXPECT_FALSE(test, pte_present(prmem_pte((unsigned long)object)));
	KUNIT_EXPECT_NULL(test, find_vm_area(object));
}

/* Threads */

#define THREADS		4
#define PER_THREAD	200

struct allocator {
	struct pmalloc_pool *pool;
	struct completion *done;
	u8 tag;
	u8 *objects[PER_THREAD];
};

static size_t size_of_object(int i)
{
	return 1 + i * 37 % 300;
}

static int allocate_in_thread(void *arg)
{
	struct allocator *me = arg;
	int i;

	for (i = 0; i < PER_THREAD; i++) {
		me->objects[i] = pmalloc(me->pool, size_of_object(i));
		if (me->objects[i] &&
		    wr_memset(me->objects[i], me->tag, size_of_object(i)))
			me->objects[i] = NULL;
		cond_resched();
	}
	complete(me->done);
	return 0;
}

/* What two threads were given would not have the tag of one of them. */
static void judge_allocator(struct kunit *test, const struct allocator *me)
{
	int i;

	for (i = 0; i < PER_THREAD; i++) {
		KUNIT_ASSERT_NOT_NULL(test, me->objects[i]);
		KUNIT_EXPECT_NULL(test, memchr_inv(me->objects[i], me->tag,
						   size_of_object(i)));
	}
}

static void check_threads(struct kunit *test, enum pmalloc_mode mode)
{
	struct allocator *all = kunit_kcalloc(test, THREADS, sizeof(*all), GFP_KERNEL);
	struct pmalloc_pool *pool = prmem_test_pool(test, mode);
	DECLARE_COMPLETION_ONSTACK(done);
	struct pmalloc_usage usage;
	int i, started = 0;

	KUNIT_ASSERT_NOT_NULL(test, all);
	for (i = 0; i < THREADS; i++) {
		all[i].pool = pool;
		all[i].done = &done;
		all[i].tag = i + 1;
		started += !IS_ERR(kthread_run(allocate_in_thread, &all[i],
					       "prmem_alloc/%d", i));
	}
	for (i = 0; i < started; i++)
		wait_for_completion(&done);
	KUNIT_ASSERT_EQ(test, started, THREADS);
	for (i = 0; i < THREADS; i++)
		judge_allocator(test, &all[i]);
	pmalloc_usage(pool, &usage);
	KUNIT_EXPECT_EQ(test, usage.objects, THREADS * PER_THREAD);
	prmem_test_no_writable_alias(test);
}

static void threads_wr(struct kunit *test)
{
	check_threads(test, PMALLOC_MODE_WR);
}

static void threads_start_wr(struct kunit *test)
{
	check_threads(test, PMALLOC_MODE_START_WR);
}

/*
 * Each copy makes the area of the one before an older one. Half of the threads copy
 * for so long that the others get there.
 */

#define COPIES		50
#define LARGE_COPY	SZ_64K

struct copier {
	struct pmalloc_pool *pool;
	struct completion *done;
	u8 *source;
	size_t size;
	u8 *copies[COPIES];
};

static int copy_in_thread(void *arg)
{
	struct copier *me = arg;
	int i;

	for (i = 0; i < COPIES; i++)
		me->copies[i] = pmemdup(me->pool, me->source, me->size);
	complete(me->done);
	return 0;
}

static void check_copiers(struct kunit *test, enum pmalloc_mode mode)
{
	struct copier *all = kunit_kcalloc(test, THREADS, sizeof(*all), GFP_KERNEL);
	struct pmalloc_pool *pool = prmem_test_pool(test, mode);
	DECLARE_COMPLETION_ONSTACK(done);
	int i, k, started = 0;

	KUNIT_ASSERT_NOT_NULL(test, all);
	for (i = 0; i < THREADS; i++) {
		all[i].pool = pool;
		all[i].done = &done;
		all[i].size = i % 2 ? PAGE_SIZE : LARGE_COPY;
		all[i].source = kunit_kmalloc(test, all[i].size, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, all[i].source);
		memset(all[i].source, i + 1, all[i].size);
	}
	for (i = 0; i < THREADS; i++)
		started += !IS_ERR(kthread_run(copy_in_thread, &all[i],
					       "prmem_copy/%d", i));
	for (i = 0; i < started; i++)
		wait_for_completion(&done);
	KUNIT_ASSERT_EQ(test, started, THREADS);
	for (i = 0; i < THREADS; i++) {
		for (k = 0; k < COPIES; k++) {
			KUNIT_ASSERT_NOT_NULL(test, all[i].copies[k]);
			KUNIT_EXPECT_MEMEQ(test, all[i].copies[k], all[i].source,
					   all[i].size);
		}
	}
	prmem_test_destroy(test, pool);
}

static void threads_copy_in_auto_modes(struct kunit *test)
{
	check_copiers(test, PMALLOC_MODE_AUTO_RO);
	check_copiers(test, PMALLOC_MODE_AUTO_WR);
}

/* I9: what is writable of a pool */

struct victim {
	struct pmalloc_pool *pool;
	u64 *older;
	u64 *foreign;
};

static void allocate_with_pos(struct kunit *test, struct victim *victim,
			      unsigned long pos)
{
	const struct pmalloc_area *area;
	struct pmalloc_usage usage;
	unsigned long object;

	WRITE_ONCE(victim->pool->side->pos, pos);
	object = (unsigned long)pmalloc(victim->pool, 16);
	area = victim->pool->areas;
	pmalloc_usage(victim->pool, &usage);
	KUNIT_EXPECT_LE_MSG(test, usage.used, usage.size, "position %#lx", pos);
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(victim->older, 0x5a, PAGE_SIZE),
			      "position %#lx", pos);
	if (!object)
		return;
	KUNIT_EXPECT_GE_MSG(test, object, area->addr, "position %#lx", pos);
	KUNIT_EXPECT_LE_MSG(test, object + 16, area->addr + area->nr_pages * PAGE_SIZE,
			    "position %#lx", pos);
	KUNIT_EXPECT_FALSE_MSG(test, area->protected, "position %#lx", pos);
	expect_store(test, "object", (u64 *)object, true);
}

#define NR_POSITIONS	20

static void make_positions(const struct victim *victim, unsigned long *pos)
{
	const struct pmalloc_area *area = victim->pool->areas;
	unsigned long end = area->addr + area->nr_pages * PAGE_SIZE;
	unsigned long older = (unsigned long)victim->older;
	unsigned long positions[NR_POSITIONS] = {
		0, 1, ~0UL, -8UL, -16UL, 1UL << 63, LONG_MAX,
		older, older + 64, older + PAGE_SIZE - 16, older + PAGE_SIZE,
		area->addr - 1, area->addr - 16, area->addr, area->addr + 1,
		end - 16, end - 1, end, end + 1, (unsigned long)victim->foreign,
	};

	memcpy(pos, positions, sizeof(positions));
}

/*
 * @closed: the newest area is protected as well, and the position may say what it
 * wants: there is nothing to be had from it.
 */
static void corrupt_positions(struct kunit *test, enum pmalloc_mode mode, bool closed)
{
	struct victim victim = {
		.pool = prmem_test_pool(test, mode),
		.foreign = prmem_test_protected(test, PMALLOC_MODE_WR, PAGE_SIZE, 0x5a),
	};
	unsigned long pos[NR_POSITIONS];
	int i;

	victim.older = prmem_test_object(test, victim.pool, PAGE_SIZE, 0x5a);
	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(victim.pool), 0);
	for (i = 0; i < NR_POSITIONS; i++) {
		KUNIT_ASSERT_NOT_NULL(test, pmalloc(victim.pool, 16));
		if (closed)
			KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(victim.pool), 0);
		make_positions(&victim, pos);
		allocate_with_pos(test, &victim, pos[i]);
	}
	KUNIT_EXPECT_NULL(test, memchr_inv(victim.foreign, 0x5a, PAGE_SIZE));
	/* All is well with what can be protected. */
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(victim.pool), 0);
	prmem_test_no_writable_alias(test);
	prmem_test_destroy(test, victim.pool);
}

static void i9_corrupted_position(struct kunit *test)
{
	corrupt_positions(test, PMALLOC_MODE_WR, false);
	corrupt_positions(test, PMALLOC_MODE_AUTO_RO, false);
}

static void i9_corrupted_position_of_a_closed_area(struct kunit *test)
{
	corrupt_positions(test, PMALLOC_MODE_WR, true);
	corrupt_positions(test, PMALLOC_MODE_AUTO_WR, true);
}

/* Where the newest area is write-rare, there are objects of others in it. */

#define OLD_OBJECTS	16

static bool overlap(const u8 *a, size_t a_size, const u8 *b, size_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* The position goes back to each of many objects; only the last ones are not marked. */
static void go_back_to(struct kunit *test, struct pmalloc_pool *pool, int to)
{
	const int nr_marked = OLD_OBJECTS - PMALLOC_UNMARKED / 64;
	u8 *old[OLD_OBJECTS], *object;
	int i;

	for (i = 0; i < OLD_OBJECTS; i++) {
		old[i] = pmalloc(pool, 64);
		KUNIT_ASSERT_NOT_NULL(test, old[i]);
	}
	WRITE_ONCE(pool->side->pos, (unsigned long)old[to]);
	object = pmalloc(pool, 64);
	KUNIT_ASSERT_NOT_NULL(test, object);
	for (i = 0; i < nr_marked; i++)
		KUNIT_EXPECT_FALSE_MSG(test, overlap(object, 64, old[i], 64),
				       "from %d back to %d", i, to);
}

static void i9_position_of_start_wr(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_START_WR);
	u8 *large, *object;
	int i;

	for (i = 0; i < OLD_OBJECTS; i++)
		go_back_to(test, pool, i);
	prmem_test_stores_fault(test, &pool->mark);

	/* What is larger is marked at once. */
	large = pmalloc(pool, PMALLOC_UNMARKED + 8);
	KUNIT_ASSERT_NOT_NULL(test, large);
	WRITE_ONCE(pool->side->pos, (unsigned long)large);
	object = pmalloc(pool, 64);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_FALSE(test, overlap(object, 64, large, PMALLOC_UNMARKED + 8));

	memset(pool->side, 0xff, sizeof(*pool->side));
	object = pmalloc(pool, 64);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(object, 64));
	prmem_test_stores_fault(test, object);
}

/* Once the pool is protected, not even the last small objects are to be had again. */
static void i9_position_of_a_sealed_area(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_START_WR);
	u8 *first = pmalloc(pool, 8), *last = pmalloc(pool, 8), *object;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, first);
	KUNIT_ASSERT_PTR_EQ(test, last, first + 8);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	for (i = 0; i < 4; i++) {
		WRITE_ONCE(pool->side->pos, (unsigned long)first + 8 * i);
		object = pmalloc(pool, 8);
		KUNIT_ASSERT_NOT_NULL(test, object);
		KUNIT_EXPECT_FALSE(test, overlap(object, 8, first, PAGE_SIZE));
		prmem_test_stores_fault(test, object);
		KUNIT_EXPECT_EQ(test, wr_assign(*object, 1), 0);
	}
	KUNIT_EXPECT_EQ(test, wr_assign(*last, 1), 0);
}

static void use_after_destroy_is_reported(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);

	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 8));
	prmem_test_destroy(test, pool);
	pr_info("prmem-expect: begin 6 prmem: no such pool\n");
	KUNIT_EXPECT_NULL(test, pmalloc(pool, 8));
	KUNIT_EXPECT_NULL(test, pmemdup(pool, "text", 4));
	KUNIT_EXPECT_NULL(test, pstrdup(pool, "text"));
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), -EINVAL);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), -EINVAL);
	pmalloc_destroy_pool(pool);
	pr_info("prmem-expect: end\n");
}

/* What the rest of the kernel does is looked at */

static struct page *stolen;

static struct page *give_stolen(unsigned int order)
{
	return order ? NULL : stolen;
}

/* Who closes it again would open it when he gives it back. */
static void i9_block_of_somebody_else(struct kunit *test)
{
	u8 *object = prmem_test_protected(test, PMALLOC_MODE_RO, PAGE_SIZE, 0x5a);
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct prmem_test_usage before;
	size_t size;

	prmem_test_usage(test, &before);
	size = (before.pages - before.used + 1) * PAGE_SIZE;
	stolen = vmalloc_to_page(object);
	kunit_activate_static_stub(test, prmem_alloc_block_pages, give_stolen);
	pr_info("prmem-expect: begin 1 prmem: block at frame .* belongs to somebody\n");
	KUNIT_EXPECT_NULL(test, pmalloc(pool, size));
	pr_info("prmem-expect: end\n");
	kunit_deactivate_static_stub(test, prmem_alloc_block_pages);
	prmem_test_same_usage(test, "no block", &before);
	prmem_test_stores_fault(test, object);
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0x5a, PAGE_SIZE));
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, size));
	prmem_test_destroy(test, pool);
	prmem_test_stores_fault(test, object);
	prmem_test_no_writable_alias(test);
}

enum wrong {
	WRITABLE,
	READ_ONLY,
	ORDINARY,
	OBJECT,
	OTHER_PAGE,
	NOWHERE,
	NR_WRONG,
};

static struct {
	struct kunit *test;
	enum wrong wrong;
	struct page *page;
	unsigned long addr;
} mapping;

static int map_wrongly(unsigned long addr, pgprot_t prot, struct page *page)
{
	pgprot_t ro = pgprot_nx(PAGE_KERNEL_RO);
	int err;

	mapping.addr = addr;
	switch (mapping.wrong) {
	case WRITABLE:
		prot = pgprot_prmem(pgprot_wr_rare(pgprot_nx(PAGE_KERNEL)));
		break;
	case READ_ONLY:
		prot = pgprot_prmem(ro);
		break;
	case ORDINARY:
		prot = ro;
		break;
	case OBJECT:
		prot = pgprot_wr_rare(ro);
		break;
	case OTHER_PAGE:
		page = mapping.page;
		break;
	default:
		return 0;
	}
	kunit_deactivate_static_stub(mapping.test, prmem_vmap_page);
	err = prmem_vmap_page(addr, prot, page);
	kunit_activate_static_stub(mapping.test, prmem_vmap_page, map_wrongly);
	return err;
}

static void check_wrong_mapping(struct kunit *test, enum pmalloc_mode mode,
				enum wrong wrong)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, mode);
	struct prmem_test_usage before, after;
	u64 *object;

	prmem_test_usage(test, &before);
	mapping.wrong = wrong;
	kunit_activate_static_stub(test, prmem_vmap_page, map_wrongly);
	pr_info("prmem-expect: begin 1 prmem: page at .* is not mapped as it should be\n");
	KUNIT_EXPECT_NULL_MSG(test, pmalloc(pool, 8), "mode %d, %d", mode, wrong);
	pr_info("prmem-expect: end\n");
	kunit_deactivate_static_stub(test, prmem_vmap_page);
	KUNIT_EXPECT_FALSE_MSG(test, pte_present(prmem_pte(mapping.addr)),
			       "mode %d, %d", mode, wrong);
	/* Only the page is lost. */
	prmem_test_usage(test, &after);
	KUNIT_EXPECT_EQ_MSG(test, after.used, before.used + 1, "mode %d, %d", mode,
			    wrong);
	object = pmalloc(pool, 8);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_EQ(test, wr_assign(*object, 1), 0);
	prmem_test_destroy(test, pool);
}

static void spare_some_descs(struct kunit *test)
{
	struct pmalloc_pool *pools[8];
	int i;

	for (i = 0; i < ARRAY_SIZE(pools); i++)
		pools[i] = prmem_test_pool(test, PMALLOC_MODE_WR);
	for (i = 0; i < ARRAY_SIZE(pools); i++)
		prmem_test_destroy(test, pools[i]);
}

static void i9_page_that_is_mapped_otherwise(struct kunit *test)
{
	int wrong;

	mapping.test = test;
	mapping.page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, mapping.page);
	/* No page of descriptors is to be mapped meanwhile. */
	spare_some_descs(test);
	for (wrong = 0; wrong < NR_WRONG; wrong++) {
		check_wrong_mapping(test, PMALLOC_MODE_START_WR, wrong);
		check_wrong_mapping(test, PMALLOC_MODE_WR, wrong);
	}
	KUNIT_EXPECT_EQ(test, page_count(mapping.page), 1);
	__free_page(mapping.page);
	prmem_test_no_writable_alias(test);
}

static struct {
	struct kunit *test;
	unsigned long first;
	bool waited;
} half;

static int map_only_one(unsigned long addr, pgprot_t prot, struct page *page)
{
	int err;

	if (half.first)
		return -ENOMEM;
	half.first = addr;
	kunit_deactivate_static_stub(half.test, prmem_vmap_page);
	err = prmem_vmap_page(addr, prot, page);
	kunit_activate_static_stub(half.test, prmem_vmap_page, map_only_one);
	return err;
}

static void note_wait(void)
{
	pte_t pte = prmem_pte(half.first);

	half.waited = pte_present(pte) && !pte_wr_rare(pte);
	synchronize_rcu();
}

/* A page may be written as soon as it is mapped, by whoever guesses where. */
static void i1_half_an_area_waits_for_writers(struct kunit *test)
{
	static const enum pmalloc_mode some_modes[] = {
		PMALLOC_MODE_WR, PMALLOC_MODE_START_WR,
	};
	struct prmem_test_usage before;
	struct pmalloc_pool *pool;
	int i;

	half.test = test;
	spare_some_descs(test);
	for (i = 0; i < ARRAY_SIZE(some_modes); i++) {
		pool = prmem_test_pool(test, some_modes[i]);
		prmem_test_usage(test, &before);
		half.first = 0;
		half.waited = false;
		kunit_activate_static_stub(test, prmem_vmap_page, map_only_one);
		kunit_activate_static_stub(test, prmem_wait_for_writers, note_wait);
		KUNIT_EXPECT_NULL(test, pmalloc(pool, 2 * PAGE_SIZE));
		kunit_deactivate_static_stub(test, prmem_wait_for_writers);
		kunit_deactivate_static_stub(test, prmem_vmap_page);
		KUNIT_EXPECT_TRUE_MSG(test, half.waited, "mode %d", some_modes[i]);
		prmem_test_same_usage(test, "half an area", &before);
		KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 2 * PAGE_SIZE));
		prmem_test_destroy(test, pool);
	}
}

/* Costs */

static void small_pool_is_one_page(struct kunit *test)
{
	struct prmem_test_usage before, after;
	struct pmalloc_pool *pool;

	prmem_test_usage(test, &before);
	pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	prmem_test_object(test, pool, 8, 0x5a);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	prmem_test_usage(test, &after);
	/* Descriptors of other pools fit into a page of them. */
	KUNIT_EXPECT_EQ(test, after.used - after.desc_pages,
			before.used - before.desc_pages + 1);
	KUNIT_EXPECT_LE(test, after.desc_pages, before.desc_pages + 1);
	KUNIT_EXPECT_EQ(test, after.descs - after.desc_pages - after.blocks,
			before.descs - before.desc_pages - before.blocks + 2);
	prmem_test_destroy(test, pool);
	prmem_test_same_usage(test, "small pool", &before);
}

/* Splits of huge pages of the linear map; 0 where nobody counts them. */
static unsigned long nr_splits(void)
{
#if defined(CONFIG_X86) && defined(CONFIG_VM_EVENT_COUNTERS)
	unsigned long *events = kcalloc(NR_VM_EVENT_ITEMS, sizeof(*events), GFP_KERNEL);
	unsigned long nr;

	if (!events)
		return 0;
	all_vm_events(events);
	nr = events[DIRECT_MAP_LEVEL2_SPLIT] + events[DIRECT_MAP_LEVEL3_SPLIT];
	kfree(events);
	return nr;
#else
	return 0;
#endif
}

static void judge_splits(struct kunit *test, const char *what, unsigned long splits,
			 const struct prmem_test_usage *before)
{
	struct prmem_test_usage now;
	unsigned long bytes;

	prmem_test_usage(test, &now);
	splits = nr_splits() - splits;
	bytes = (now.used - before->used) * PAGE_SIZE;
	kunit_info(test, "%s: %lu splits for %lu KiB in %lu blocks\n", what, splits,
		   bytes / SZ_1K, now.blocks - before->blocks);
	KUNIT_EXPECT_GT(test, bytes, 0);
	KUNIT_EXPECT_LE(test, splits, DIV_ROUND_UP(bytes, SZ_2M));
}

#define MANY_POOLS	1000

struct many_pools {
	struct pmalloc_pool *pools[MANY_POOLS];
	void *objects[MANY_POOLS];
};

static void destroy_pools(void *arg)
{
	struct many_pools *many = arg;
	int i;

	for (i = 0; i < MANY_POOLS; i++)
		pmalloc_destroy_pool(many->pools[i]);
}

static void linear_map_of_many_pools(struct kunit *test)
{
	struct many_pools *many = kunit_kzalloc(test, sizeof(*many), GFP_KERNEL);
	struct prmem_test_usage before;
	unsigned long splits;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, many);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, destroy_pools, many), 0);
	prmem_test_usage(test, &before);
	splits = nr_splits();
	for (i = 0; i < MANY_POOLS; i++) {
		many->pools[i] = pmalloc_create_pool("kunit_many", PMALLOC_MODE_WR);
		KUNIT_ASSERT_NOT_NULL(test, many->pools[i]);
		many->objects[i] = pmalloc(many->pools[i], 8);
		KUNIT_ASSERT_NOT_NULL(test, many->objects[i]);
	}
	judge_splits(test, "pools of a page", splits, &before);

	kunit_release_action(test, destroy_pools, many);
	prmem_test_same_usage(test, "many pools", &before);
	for (i = 0; i < MANY_POOLS; i++)
		KUNIT_EXPECT_NULL(test, find_vm_area(many->objects[i]));
}

#define MANY_OBJECTS	10000

struct many_objects {
	struct prmem_cache *cache;
	void *objects[MANY_OBJECTS];
};

static void free_objects(void *arg)
{
	struct many_objects *many = arg;
	int i;

	for (i = 0; i < MANY_OBJECTS; i++)
		prmem_cache_free(many->cache, many->objects[i]);
	prmem_cache_destroy(many->cache);
}

static void linear_map_of_many_objects(struct kunit *test)
{
	struct many_objects *many = kunit_kzalloc(test, sizeof(*many), GFP_KERNEL);
	struct prmem_test_usage before;
	unsigned long splits;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, many);
	prmem_test_usage(test, &before);
	splits = nr_splits();
	many->cache = prmem_cache_create("kunit_many", 64, 0);
	KUNIT_ASSERT_NOT_NULL(test, many->cache);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_objects, many), 0);
	for (i = 0; i < MANY_OBJECTS; i++) {
		many->objects[i] = prmem_cache_alloc(many->cache, NULL);
		KUNIT_ASSERT_NOT_NULL(test, many->objects[i]);
	}
	judge_splits(test, "objects of 64 bytes", splits, &before);

	kunit_release_action(test, free_objects, many);
	prmem_test_same_usage(test, "many objects", &before);
	for (i = 0; i < MANY_OBJECTS; i += 100)
		KUNIT_EXPECT_NULL(test, find_vm_area(many->objects[i]));
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(mode_ro),
	KUNIT_CASE(mode_wr),
	KUNIT_CASE(mode_auto_ro),
	KUNIT_CASE(mode_auto_wr),
	KUNIT_CASE(mode_start_wr),
	KUNIT_CASE(modes_of_empty_pools),
	KUNIT_CASE(default_refill),
	KUNIT_CASE(custom_refill),
	KUNIT_CASE(alignment_and_packing),
	KUNIT_CASE(names),
	KUNIT_CASE(names_in_vmallocinfo),
	KUNIT_CASE(limits_of_pools),
	KUNIT_CASE(sizes),
	KUNIT_CASE(arrays),
	KUNIT_CASE_SLOW(huge_object),
#ifndef CONFIG_KASAN_VMALLOC
	KUNIT_CASE(no_addresses_are_left),
#endif
	KUNIT_CASE(copies),
	KUNIT_CASE(copy_of_what_cannot_be_read),
	KUNIT_CASE(used_pages_are_zeroed),
	KUNIT_CASE(freed_at_the_end_of_a_block),
	KUNIT_CASE(threads_wr),
	KUNIT_CASE(threads_start_wr),
	KUNIT_CASE(threads_copy_in_auto_modes),
	KUNIT_CASE(i9_corrupted_position),
	KUNIT_CASE(i9_corrupted_position_of_a_closed_area),
	KUNIT_CASE(i9_position_of_start_wr),
	KUNIT_CASE(i9_position_of_a_sealed_area),
	KUNIT_CASE(i9_block_of_somebody_else),
	KUNIT_CASE(i9_page_that_is_mapped_otherwise),
	KUNIT_CASE(i1_half_an_area_waits_for_writers),
	KUNIT_CASE(use_after_destroy_is_reported),
	KUNIT_CASE(small_pool_is_one_page),
	KUNIT_CASE_SLOW(linear_map_of_many_pools),
	KUNIT_CASE_SLOW(linear_map_of_many_objects),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "prmem_pool",
	.init = prmem_test_need_protection,
	.test_cases = pool_cases,
};

kunit_test_suite(pool_suite);

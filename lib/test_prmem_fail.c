// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: no memory. Every allocation that a call makes
 * is failed in turn. The call returns its error, leaves everything as it was, and
 * works when it is made again.
 *
 * An allocation that fails need not make its call fail: block sizes fall back,
 * and kmemleak has a reserve. What counts is that calls failed, and how many.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/mount.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "../mm/prmem_alloc.h"
#include "test_prmem.h"

/*
 * The knobs of fault injection. Their files in debugfs know where they are. By
 * default nothing is failed that could wait, and that is all of ours.
 */
struct knob {
	const char *dir;
	const char *name;
	size_t size;
	unsigned long value;
	unsigned long was;
};

static struct knob knobs[] = {
	{ "failslab", "ignore-gfp-wait", sizeof(bool), 0, },
	{ "failslab", "verbose", sizeof(unsigned long), 0, },
	{ "fail_page_alloc", "ignore-gfp-wait", sizeof(bool), 0, },
	{ "fail_page_alloc", "min-order", sizeof(u32), 0, },
	{ "fail_page_alloc", "verbose", sizeof(unsigned long), 0, },
	/* For call_without_pages(): all of those that current->make_it_fail names. */
	{ "fail_page_alloc", "task-filter", sizeof(bool), 1, },
	{ "fail_page_alloc", "probability", sizeof(unsigned long), 100, },
	{ "fail_page_alloc", "times", sizeof(atomic_t), -1, },
	{ "failslab", "times", sizeof(atomic_t), -1, },
};

static void *find_knob(const struct knob *knob)
{
	struct dentry *dir = debugfs_lookup(knob->dir, NULL), *file;
	void *data = NULL;

	if (!dir)
		return NULL;
	file = debugfs_lookup(knob->name, dir);
	if (file)
		data = d_inode(file)->i_private;
	dput(file);
	dput(dir);
	return data;
}

static int turn_knobs(void)
{
	void *data;
	int i;

	/* All of them, or none. */
	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		if (!find_knob(&knobs[i]))
			return -ENOENT;
	}
	/* Little-endian, as all that prmem runs on. */
	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		data = find_knob(&knobs[i]);
		knobs[i].was = 0;
		memcpy(&knobs[i].was, data, knobs[i].size);
		memcpy(data, &knobs[i].value, knobs[i].size);
	}
	return 0;
}

static void turn_knobs_back(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		memcpy(find_knob(&knobs[i]), &knobs[i].was, knobs[i].size);
}

/* /proc/vmallocinfo says which areas there are. */

#define TEXT_SIZE	SZ_256K

static struct vfsmount *proc;
static struct file *vmallocinfo;
static char *text;

static int open_vmallocinfo(void)
{
	struct file_system_type *type = get_fs_type("proc");

	if (!type)
		return -ENODEV;
	proc = kern_mount(type);
	put_filesystem(type);
	if (IS_ERR(proc))
		return PTR_ERR(proc);
	vmallocinfo = file_open_root_mnt(proc, "vmallocinfo", O_RDONLY, 0);
	if (!IS_ERR(vmallocinfo))
		return 0;
	kern_unmount(proc);
	return PTR_ERR(vmallocinfo);
}

static unsigned long count_flags(const char *at)
{
	unsigned long nr = 0;

	for (; *at; at++)
		nr += *at == ' ' && (strstarts(at, " vmap") || strstarts(at, " sparse"));
	return nr;
}

/* Areas of the kinds that pools and caches have; stacks come and go. */
static unsigned long nr_vm_areas(struct kunit *test)
{
	ssize_t len, total = 0;
	loff_t pos = 0;

	/* What was freed is listed until it is purged. */
	vm_unmap_aliases();
	do {
		len = kernel_read(vmallocinfo, text + total, TEXT_SIZE - 1 - total, &pos);
		if (len > 0)
			total += len;
	} while (len > 0 && total < TEXT_SIZE - 1);
	text[total] = '\0';
	KUNIT_EXPECT_GT(test, total, 0);
	KUNIT_EXPECT_LT(test, total, TEXT_SIZE - 1);
	return count_flags(text);
}

static int fail_suite_init(struct kunit_suite *suite)
{
	int err;

	text = kvmalloc(TEXT_SIZE, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	err = open_vmallocinfo();
	if (err)
		goto free_text;
	err = turn_knobs();
	if (!err)
		return 0;
	fput(vmallocinfo);
	kern_unmount(proc);
free_text:
	kvfree(text);
	return err;
}

static void fail_suite_exit(struct kunit_suite *suite)
{
	turn_knobs_back();
	fput(vmallocinfo);
	kern_unmount(proc);
	kvfree(text);
}

/* Jobs: something to call until it works */

struct job {
	const char *what;
	/* Puts things up; has no allocation failed. */
	void (*prepare)(struct kunit *test, struct job *job);
	/* Returns whether it worked. */
	bool (*call)(struct job *job);
	/* Undoes both. */
	void (*undo)(struct job *job);
	enum pmalloc_mode mode;
	size_t size;
	unsigned int nr_objects;
	bool keeps_range;
	/* What they share. */
	struct pmalloc_pool *pool;
	struct prmem_cache *cache;
	void *object;
	void **objects;
};

struct state {
	struct prmem_test_usage usage;
	unsigned long vm_areas;
};

static void take_state(struct kunit *test, struct state *state)
{
	prmem_test_usage(test, &state->usage);
	state->vm_areas = nr_vm_areas(test);
}

static void same_state(struct kunit *test, const char *what, struct state *before,
		       bool keeps_range)
{
	unsigned long vm_areas = nr_vm_areas(test);

	/* A cache may keep the addresses it got, for the next time. */
	if (keeps_range && vm_areas == before->vm_areas + 1) {
		before->vm_areas++;
		before->usage.descs++;
	}
	KUNIT_EXPECT_EQ_MSG(test, vm_areas, before->vm_areas, "%s", what);
	prmem_test_same_usage(test, what, &before->usage);
}

/* Calls with allocation @n failed. Returns whether there were as many. */
static bool call_failing(struct job *job, unsigned int n, bool *worked)
{
	unsigned int left;

	current->fail_nth = n;
	*worked = job->call(job);
	left = current->fail_nth;
	current->fail_nth = 0;
	return !left;
}

#define MAX_ALLOCATIONS	300

/* A call with allocation @n failed. Returns whether there were less. */
static bool fail_one(struct kunit *test, struct job *job, unsigned int n,
		     unsigned int *failed)
{
	struct state ready;
	bool injected, worked;

	job->prepare(test, job);
	take_state(test, &ready);
	injected = call_failing(job, n, &worked);
	if (!worked) {
		KUNIT_EXPECT_TRUE_MSG(test, injected, "%s: %u", job->what, n);
		++*failed;
		same_state(test, job->what, &ready, job->keeps_range);
		if (*failed % 8 == 1)
			prmem_test_no_writable_alias(test);
		/* And now there is memory. */
		KUNIT_EXPECT_TRUE_MSG(test, job->call(job), "%s after %u", job->what, n);
	}
	job->undo(job);
	return !injected;
}

/* At least @least failures must have come through to the caller. */
static void fail_each(struct kunit *test, struct job *job, unsigned int least)
{
	unsigned int n, failed = 0;
	struct state empty;
	bool last = false;

	take_state(test, &empty);
	for (n = 1; n < MAX_ALLOCATIONS && !last; n++) {
		last = fail_one(test, job, n, &failed);
		same_state(test, job->what, &empty, false);
	}
	KUNIT_EXPECT_TRUE_MSG(test, last, "%s", job->what);
	KUNIT_EXPECT_GE_MSG(test, failed, least, "%s", job->what);
	kunit_info(test, "%s: %u allocations, %u of them needed\n", job->what, n - 2,
		   failed);
	prmem_test_no_writable_alias(test);
}

/* Uses up what is free in all blocks, so that the next page needs a new one. */
static void fill_blocks(struct kunit *test, struct pmalloc_pool *filler)
{
	unsigned long blocks, pages, used;
	int i;

	for (i = 0; i < 16; i++) {
		prmem_block_counts(&blocks, &pages, &used);
		if (pages == used)
			return;
		KUNIT_ASSERT_NOT_NULL(test, pmalloc(filler, (pages - used) * PAGE_SIZE));
	}
	KUNIT_FAIL(test, "blocks do not get full");
}

/*
 * A block may be of any size, so that it takes more than one failure to get none:
 * there is no page for whatever the call needs, and no page is left in a block.
 */
static void call_without_pages(struct kunit *test, struct job *job)
{
	struct pmalloc_pool *filler;
	struct state empty, ready;
	bool worked;

	take_state(test, &empty);
	job->prepare(test, job);
	filler = prmem_test_pool(test, PMALLOC_MODE_WR);
	fill_blocks(test, filler);
	take_state(test, &ready);
	current->make_it_fail = 1;
	worked = job->call(job);
	current->make_it_fail = 0;
	KUNIT_EXPECT_FALSE_MSG(test, worked, "%s without pages", job->what);
	if (!worked) {
		same_state(test, job->what, &ready, job->keeps_range);
		KUNIT_EXPECT_TRUE_MSG(test, job->call(job), "%s", job->what);
	}
	job->undo(job);
	prmem_test_destroy(test, filler);
	same_state(test, job->what, &empty, false);
	prmem_test_no_writable_alias(test);
}

/* The call must not allocate at all. */
static void allocates_nothing(struct kunit *test, struct job *job)
{
	bool injected, worked;
	struct state empty;

	take_state(test, &empty);
	job->prepare(test, job);
	injected = call_failing(job, 1, &worked);
	KUNIT_EXPECT_FALSE_MSG(test, injected, "%s", job->what);
	KUNIT_EXPECT_TRUE_MSG(test, worked, "%s", job->what);
	job->undo(job);
	same_state(test, job->what, &empty, false);
}

/* Pools */

static void nothing_to_prepare(struct kunit *test, struct job *job)
{
}

static bool create_pool(struct job *job)
{
	job->pool = pmalloc_create_pool("kunit_fail", job->mode);
	return job->pool;
}

static void destroy_pool(struct job *job)
{
	pmalloc_destroy_pool(job->pool);
}

static void prepare_pool(struct kunit *test, struct job *job)
{
	KUNIT_ASSERT_TRUE(test, create_pool(job));
}

static bool allocate(struct job *job)
{
	job->object = pmalloc(job->pool, job->size);
	return job->object;
}

static void prepare_full_pool(struct kunit *test, struct job *job)
{
	prepare_pool(test, job);
	KUNIT_ASSERT_NOT_NULL(test, pmalloc(job->pool, PAGE_SIZE));
}

static void failing_pool_creation(struct kunit *test)
{
	struct job job = {
		.what = "pmalloc_create_pool()", .prepare = nothing_to_prepare,
		.call = create_pool, .undo = destroy_pool, .mode = PMALLOC_MODE_WR,
	};

	fail_each(test, &job, 1);
	job.mode = PMALLOC_MODE_START_WR;
	fail_each(test, &job, 1);
}

static void failing_first_pmalloc(struct kunit *test)
{
	struct job job = {
		.what = "first pmalloc()", .prepare = prepare_pool, .call = allocate,
		.undo = destroy_pool, .mode = PMALLOC_MODE_WR, .size = 8,
	};

	fail_each(test, &job, 1);
	job.mode = PMALLOC_MODE_START_WR;
	job.size = 3 * PAGE_SIZE;
	fail_each(test, &job, 1);
}

static void failing_refill(struct kunit *test)
{
	static const enum pmalloc_mode modes[] = {
		PMALLOC_MODE_RO, PMALLOC_MODE_AUTO_RO, PMALLOC_MODE_AUTO_WR,
		PMALLOC_MODE_START_WR,
	};
	struct job job = {
		.what = "refill", .prepare = prepare_full_pool, .call = allocate,
		.undo = destroy_pool, .size = PAGE_SIZE,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		job.mode = modes[i];
		fail_each(test, &job, 1);
	}
}

/* A refill that fails leaves an area as open as it was. */
static void failing_refill_protects_nothing(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_AUTO_RO);
	struct job job = { .call = allocate, .pool = pool, .size = PAGE_SIZE };
	u8 *object = prmem_test_object(test, pool, PAGE_SIZE - 8, 0x5a);
	bool worked;

	KUNIT_EXPECT_TRUE(test, call_failing(&job, 1, &worked));
	KUNIT_ASSERT_FALSE(test, worked);
	KUNIT_EXPECT_FALSE(test, prmem_is_protected(object, 8));
	memset(object, 1, PAGE_SIZE - 8);
	/* What is left of it can still be had. */
	KUNIT_EXPECT_PTR_EQ(test, pmalloc(pool, 8), (void *)object + PAGE_SIZE - 8);
	KUNIT_EXPECT_TRUE(test, allocate(&job));
	KUNIT_EXPECT_TRUE(test, prmem_is_protected(object, PAGE_SIZE));
}

static bool protect(struct job *job)
{
	return !pmalloc_protect_pool(job->pool);
}

static bool make_ro(struct job *job)
{
	return !pmalloc_make_pool_ro(job->pool);
}

static void protecting_needs_no_memory(struct kunit *test)
{
	struct job job = {
		.what = "pmalloc_protect_pool()", .prepare = prepare_full_pool,
		.call = protect, .undo = destroy_pool, .mode = PMALLOC_MODE_WR,
	};

	allocates_nothing(test, &job);
	job.mode = PMALLOC_MODE_RO;
	allocates_nothing(test, &job);
	job.what = "pmalloc_make_pool_ro()";
	job.call = make_ro;
	allocates_nothing(test, &job);
	job.mode = PMALLOC_MODE_START_WR;
	allocates_nothing(test, &job);
}

static bool destroy_in_call(struct job *job)
{
	if (job->pool)
		pmalloc_destroy_pool(job->pool);
	job->pool = NULL;
	return true;
}

static void nothing_to_undo(struct job *job)
{
}

/* What is allocated on the way can fail, and nothing stays behind. */
static void destroying_cannot_fail(struct kunit *test)
{
	struct job job = {
		.what = "pmalloc_destroy_pool()", .prepare = prepare_full_pool,
		.call = destroy_in_call, .undo = nothing_to_undo,
		.mode = PMALLOC_MODE_WR,
	};

	fail_each(test, &job, 0);
}

/* New blocks, and new pages of descriptors */

#define DESCS_PER_PAGE	(PAGE_SIZE / sizeof(struct prmem_desc))

struct many_pools {
	struct pmalloc_pool **pools;
	unsigned int nr;
	unsigned int room;
};

static unsigned long nr_free_descs(struct kunit *test)
{
	struct prmem_test_usage usage;

	prmem_test_usage(test, &usage);
	return usage.desc_pages * DESCS_PER_PAGE - usage.descs;
}

static void destroy_many(struct many_pools *many)
{
	while (many->nr)
		pmalloc_destroy_pool(many->pools[--many->nr]);
}

/* A pool that is empty is one descriptor. */
static void create_many(struct kunit *test, struct many_pools *many, unsigned int nr)
{
	KUNIT_ASSERT_LE(test, many->nr + nr, many->room);
	for (; nr; nr--) {
		many->pools[many->nr] = pmalloc_create_pool("kunit_many",
							    PMALLOC_MODE_WR);
		KUNIT_ASSERT_NOT_NULL(test, many->pools[many->nr]);
		many->nr++;
	}
}

static void room_for_many(struct kunit *test, struct many_pools *many,
			  unsigned int room)
{
	many->nr = 0;
	many->room = room;
	many->pools = kunit_kcalloc(test, room, sizeof(*many->pools), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, many->pools);
}

/* So that for a while no page of descriptors is needed. */
static void spare_descs(struct kunit *test)
{
	struct many_pools many;

	room_for_many(test, &many, 64);
	create_many(test, &many, 64);
	destroy_many(&many);
}

static void failing_new_block(struct kunit *test)
{
	struct pmalloc_pool *filler = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct job job = {
		.what = "first pmalloc(), new block", .prepare = prepare_pool,
		.call = allocate, .undo = destroy_pool, .mode = PMALLOC_MODE_WR,
		.size = 8,
	};
	struct prmem_test_usage before, after;

	spare_descs(test);
	fill_blocks(test, filler);
	prmem_test_usage(test, &before);
	fail_each(test, &job, 1);
	call_without_pages(test, &job);
	job.mode = PMALLOC_MODE_START_WR;
	call_without_pages(test, &job);

	/* Or this was no new block. */
	prepare_pool(test, &job);
	KUNIT_EXPECT_TRUE(test, allocate(&job));
	prmem_test_usage(test, &after);
	KUNIT_EXPECT_EQ(test, after.blocks, before.blocks + 1);
	destroy_pool(&job);
}

static void failing_refill_in_a_new_block(struct kunit *test)
{
	struct job job = {
		.what = "refill, new block", .prepare = prepare_full_pool,
		.call = allocate, .undo = destroy_pool, .mode = PMALLOC_MODE_AUTO_WR,
		.size = 3 * PAGE_SIZE,
	};

	spare_descs(test);
	call_without_pages(test, &job);
}

/* Up to the one that is kept for a block. */
static void use_up_descs(struct kunit *test, struct many_pools *many)
{
	create_many(test, many, nr_free_descs(test) - 1);
	KUNIT_ASSERT_EQ(test, nr_free_descs(test), 1);
}

/* Not a job, because a page of descriptors stays when there is one. */
static void failing_page_of_descriptors(struct kunit *test)
{
	struct job job = { .call = create_pool, .mode = PMALLOC_MODE_WR };
	bool worked, injected = true;
	unsigned int n, failed = 0;
	struct many_pools many;
	struct state before;

	room_for_many(test, &many, nr_free_descs(test) + 32 * DESCS_PER_PAGE);
	for (n = 1; injected && n < MAX_ALLOCATIONS; n++) {
		use_up_descs(test, &many);
		take_state(test, &before);
		injected = call_failing(&job, n, &worked);
		if (worked) {
			pmalloc_destroy_pool(job.pool);
			continue;
		}
		failed++;
		same_state(test, "page of descriptors", &before, false);
	}
	destroy_many(&many);
	KUNIT_EXPECT_FALSE(test, injected);
	KUNIT_EXPECT_GE(test, failed, 1);
	prmem_test_no_writable_alias(test);
}

/* The page would come from a block that there is no page for. */
static void failing_page_of_descriptors_in_a_new_block(struct kunit *test)
{
	struct pmalloc_pool *filler = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct job job = { .call = create_pool, .mode = PMALLOC_MODE_WR };
	struct many_pools many;
	struct state before;
	bool worked;

	spare_descs(test);
	room_for_many(test, &many, nr_free_descs(test));
	fill_blocks(test, filler);
	use_up_descs(test, &many);
	take_state(test, &before);
	current->make_it_fail = 1;
	worked = create_pool(&job);
	current->make_it_fail = 0;
	KUNIT_EXPECT_FALSE(test, worked);
	if (!worked) {
		same_state(test, "page of descriptors", &before, false);
		KUNIT_EXPECT_TRUE(test, create_pool(&job));
	}
	destroy_pool(&job);
	destroy_many(&many);
	prmem_test_no_writable_alias(test);
}

/* The next page of descriptors has no page table. */

static struct kunit *current_case;

static int map_but_no_descs(unsigned long addr, pgprot_t prot, struct page *page)
{
	int err;

	if (addr == prmem_desc_areas->addr + PAGE_SIZE)
		return -ENOMEM;
	kunit_deactivate_static_stub(current_case, prmem_vmap_page);
	err = prmem_vmap_page(addr, prot, page);
	kunit_activate_static_stub(current_case, prmem_vmap_page, map_but_no_descs);
	return err;
}

/*
 * The last descriptor is for a new block, and there will be no other. If a page of
 * this block was given out all the same, the next block would have none for good.
 */
static void failing_reserve_of_descriptors(struct kunit *test)
{
	struct pmalloc_pool *filler = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct prmem_test_usage before;
	struct many_pools many;

	spare_descs(test);
	room_for_many(test, &many, nr_free_descs(test));
	fill_blocks(test, filler);
	/* One for the area, and the reserve. */
	create_many(test, &many, nr_free_descs(test) - 2);
	prmem_test_usage(test, &before);
	current_case = test;
	kunit_activate_static_stub(test, prmem_vmap_page, map_but_no_descs);
	KUNIT_EXPECT_NULL(test, pmalloc(pool, 8));
	kunit_deactivate_static_stub(test, prmem_vmap_page);
	prmem_test_same_usage(test, "no reserve", &before);
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 8));
	KUNIT_EXPECT_GE(test, nr_free_descs(test), 1);
	destroy_many(&many);
	prmem_test_no_writable_alias(test);
}

/* No failure at all: an area of many blocks, with descriptors for two of them. */
static void many_blocks_find_descriptors(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct many_pools many;

	spare_descs(test);
	room_for_many(test, &many, nr_free_descs(test));
	create_many(test, &many, nr_free_descs(test) - 3);
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 5 * SZ_2M));
	destroy_many(&many);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	prmem_test_no_writable_alias(test);
}

/* Caches */

static bool create_cache(struct job *job)
{
	job->cache = prmem_cache_create("kunit_fail", job->size, 0);
	return job->cache;
}

static bool allocate_object(struct job *job)
{
	job->object = prmem_cache_alloc(job->cache, NULL);
	return job->object;
}

static void destroy_cache(struct job *job)
{
	prmem_cache_free(job->cache, job->object);
	prmem_cache_destroy(job->cache);
}

static void failing_cache_creation(struct kunit *test)
{
	struct job job = {
		.what = "prmem_cache_create()", .prepare = nothing_to_prepare,
		.call = create_cache, .undo = destroy_cache, .size = 64,
	};

	fail_each(test, &job, 1);
}

static void prepare_cache(struct kunit *test, struct job *job)
{
	KUNIT_ASSERT_TRUE(test, create_cache(job));
}

static void failing_first_object(struct kunit *test)
{
	struct job job = {
		.what = "first object", .prepare = prepare_cache,
		.call = allocate_object, .undo = destroy_cache, .size = 64,
		.keeps_range = true,
	};

	fail_each(test, &job, 2);
	/* More pages than one at a time. */
	job.size = 5 * PAGE_SIZE;
	fail_each(test, &job, 2);
}

static void failing_first_object_in_a_new_block(struct kunit *test)
{
	struct job job = {
		.what = "first object, new block", .prepare = prepare_cache,
		.call = allocate_object, .undo = destroy_cache, .size = 64,
		.keeps_range = true,
	};

	spare_descs(test);
	call_without_pages(test, &job);
	job.size = 5 * PAGE_SIZE;
	call_without_pages(test, &job);
}

/* As many objects that the next one needs what the case is about. */
static void prepare_full_cache(struct kunit *test, struct job *job)
{
	unsigned int nr = job->nr_objects;

	prepare_cache(test, job);
	for (job->nr_objects = 0; job->nr_objects < nr; job->nr_objects++) {
		KUNIT_ASSERT_TRUE(test, allocate_object(job));
		job->objects[job->nr_objects] = job->object;
	}
	job->object = NULL;
}

static void destroy_full_cache(struct job *job)
{
	unsigned int i;

	for (i = 0; i < job->nr_objects; i++)
		prmem_cache_free(job->cache, job->objects[i]);
	prmem_cache_free(job->cache, job->object);
	prmem_cache_destroy(job->cache);
}

static void fail_next_object(struct kunit *test, const char *what, size_t size,
			     unsigned int nr_objects, bool new_range)
{
	struct job job = {
		.what = what, .prepare = prepare_full_cache, .call = allocate_object,
		.undo = destroy_full_cache, .size = size, .nr_objects = nr_objects,
		.keeps_range = new_range,
	};

	job.objects = kunit_kcalloc(test, nr_objects, sizeof(void *), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, job.objects);
	spare_descs(test);
	/* Page tables and pages of blocks may all be there. */
	fail_each(test, &job, new_range);
	call_without_pages(test, &job);
}

static void failing_growth_of_a_slab(struct kunit *test)
{
	/* The first page of a slab has room for one. */
	fail_next_object(test, "growing slab", PAGE_SIZE / 2, 1, false);
	fail_next_object(test, "growing slab by pages", 5 * PAGE_SIZE, 1, false);
}

static void failing_new_slab(struct kunit *test)
{
	fail_next_object(test, "new slab", PRMEM_CACHE_MAX_SIZE, 1, false);
}

/* An object of half a slab and more needs all pages up to its end: one per slab. */
static void failing_new_range(struct kunit *test)
{
	fail_next_object(test, "new range", 8 * PAGE_SIZE, PRMEM_RANGE_SLABS, true);
}

static bool free_in_call(struct job *job)
{
	prmem_cache_free(job->cache, job->object);
	job->object = NULL;
	return true;
}

static bool free_rcu_in_call(struct job *job)
{
	prmem_cache_free_rcu(job->cache, job->object);
	job->object = NULL;
	return true;
}

static void prepare_object(struct kunit *test, struct job *job)
{
	prepare_cache(test, job);
	KUNIT_ASSERT_TRUE(test, allocate_object(job));
}

static void freeing_needs_no_memory(struct kunit *test)
{
	struct job job = {
		.what = "prmem_cache_free()", .prepare = prepare_object,
		.call = free_in_call, .undo = destroy_cache, .size = 64,
	};

	allocates_nothing(test, &job);
	job.what = "prmem_cache_free_rcu()";
	job.call = free_rcu_in_call;
	allocates_nothing(test, &job);
}

static struct kunit_case fail_cases[] = {
	KUNIT_CASE(failing_pool_creation),
	KUNIT_CASE(failing_first_pmalloc),
	KUNIT_CASE(failing_refill),
	KUNIT_CASE(failing_refill_protects_nothing),
	KUNIT_CASE(protecting_needs_no_memory),
	KUNIT_CASE(destroying_cannot_fail),
	KUNIT_CASE(failing_new_block),
	KUNIT_CASE(failing_refill_in_a_new_block),
	KUNIT_CASE(failing_page_of_descriptors),
	KUNIT_CASE(failing_page_of_descriptors_in_a_new_block),
	KUNIT_CASE(failing_reserve_of_descriptors),
	KUNIT_CASE(many_blocks_find_descriptors),
	KUNIT_CASE(failing_cache_creation),
	KUNIT_CASE(failing_first_object),
	KUNIT_CASE(failing_first_object_in_a_new_block),
	KUNIT_CASE(failing_growth_of_a_slab),
	KUNIT_CASE(failing_new_slab),
	KUNIT_CASE_SLOW(failing_new_range),
	KUNIT_CASE(freeing_needs_no_memory),
	{}
};

static struct kunit_suite fail_suite = {
	.name = "prmem_fail",
	.suite_init = fail_suite_init,
	.suite_exit = fail_suite_exit,
	.init = prmem_test_need_protection,
	.test_cases = fail_cases,
};

kunit_test_suite(fail_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: hardened usercopy. Nothing is copied from user
 * space into protected memory, and no more than one object or area is copied out.
 *
 * A refusal does not come back, except to who asked for it: here it is noted, and
 * the copy goes on. What goes on is harmless. The user's memory of a copy in cannot
 * be read, so that no byte arrives. What KASAN or the hardware would mind is not
 * copied, but given to check_object_size(), as copy_to_user() does first of all.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/slab.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "../mm/prmem_alloc.h"
#include "test_prmem.h"

/* One word in the middle, so that a copy around it stays in the section. */
static struct {
	u8 below[64];
	u64 word;
	u8 above[64];
} static_data __wr_after_init;

static u64 ordinary_static[8];

static struct {
	int nr;
	bool to_user;
	unsigned long n;
	char what[32];
} refused;

static bool note_refusal(const char *what, bool to_user, unsigned long n)
{
	refused.nr++;
	refused.to_user = to_user;
	refused.n = n;
	strscpy(refused.what, what);
	return true;
}

static void watch_refusals(struct kunit *test)
{
	refused.nr = 0;
	kunit_activate_static_stub(test, prmem_usercopy_refused, note_refusal);
}

static void judge_refusal(struct kunit *test, const char *what, bool to_user,
			  unsigned long n, int expected)
{
	KUNIT_EXPECT_EQ_MSG(test, refused.nr, expected, "%s", what);
	if (refused.nr) {
		KUNIT_EXPECT_EQ_MSG(test, refused.to_user, to_user, "%s", what);
		KUNIT_EXPECT_EQ_MSG(test, refused.n, n, "%s", what);
	}
	refused.nr = 0;
}

/* Where no user can read. */
static const void __user *bad_user(unsigned long user)
{
	return (const void __user *)(user + PAGE_SIZE);
}

/*
 * The inatomic variant, because the other one clears what could not be copied. The
 * length is hidden: one that the compiler knows is not checked.
 */
static void copy_in(struct kunit *test, const char *what, void *dst, size_t n,
		    unsigned long user, int expected)
{
	u8 before[64], after[64];
	unsigned long left;

	OPTIMIZER_HIDE_VAR(n);
	KUNIT_ASSERT_EQ(test, copy_from_kernel_nofault(before, dst, sizeof(before)), 0);
	pagefault_disable();
	left = __copy_from_user_inatomic(dst, bad_user(user), n);
	pagefault_enable();
	KUNIT_EXPECT_EQ_MSG(test, left, n, "%s", what);
	judge_refusal(test, what, false, n, expected);
	KUNIT_EXPECT_EQ(test, copy_from_kernel_nofault(after, dst, sizeof(after)), 0);
	KUNIT_EXPECT_MEMEQ_MSG(test, before, after, sizeof(before), "%s", what);
}

/* Without the copy. */
static void check_in(struct kunit *test, const char *what, const void *dst, size_t n,
		     int expected)
{
	OPTIMIZER_HIDE_VAR(n);
	check_object_size(dst, n, false);
	judge_refusal(test, what, false, n, expected);
}

static void check_out(struct kunit *test, const char *what, const void *src, size_t n,
		      int expected)
{
	OPTIMIZER_HIDE_VAR(n);
	check_object_size(src, n, true);
	judge_refusal(test, what, true, n, expected);
}

/* A copy out that is all right arrives. */
static void copy_out(struct kunit *test, const char *what, const void *src, size_t n,
		     unsigned long user)
{
	u8 *back = kunit_kzalloc(test, n, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, back);
	OPTIMIZER_HIDE_VAR(n);
	KUNIT_EXPECT_EQ_MSG(test, clear_user((void __user *)user, n), 0, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, copy_to_user((void __user *)user, src, n), 0, "%s",
			    what);
	judge_refusal(test, what, true, n, 0);
	KUNIT_EXPECT_EQ_MSG(test, copy_from_user(back, (void __user *)user, n), 0, "%s",
			    what);
	KUNIT_EXPECT_MEMEQ_MSG(test, back, src, n, "%s", what);
	kunit_kfree(test, back);
}

/* Both ways, of memory that takes a store. */
static void copy_both_ways(struct kunit *test, const char *what, u8 *object, size_t n,
			   unsigned long user)
{
	u8 *was = kunit_kmalloc(test, n, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, was);
	memset(object, 0xa5, n);
	memcpy(was, object, n);
	copy_out(test, what, object, n, user);
	memset(object, 0, n);
	OPTIMIZER_HIDE_VAR(n);
	KUNIT_EXPECT_EQ_MSG(test, copy_from_user(object, (void __user *)user, n), 0,
			    "%s", what);
	judge_refusal(test, what, false, n, 0);
	KUNIT_EXPECT_MEMEQ_MSG(test, object, was, n, "%s", what);
	kunit_kfree(test, was);
}

static struct prmem_cache *new_cache(struct kunit *test, size_t size)
{
	struct prmem_cache *cache = prmem_cache_create("kunit", size, 64);

	KUNIT_ASSERT_NOT_NULL(test, cache);
	return cache;
}

static u8 *new_object(struct kunit *test, struct prmem_cache *cache, u8 fill)
{
	u8 *object = prmem_cache_alloc(cache, NULL);

	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_ASSERT_EQ(test, wr_memset(object, fill, cache->size), 0);
	return object;
}

static void into_pools_is_refused(struct kunit *test)
{
	u8 *wr = prmem_test_protected(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE, 0x5a);
	u8 *ro = prmem_test_protected(test, PMALLOC_MODE_RO, PAGE_SIZE, 0x5a);
	unsigned long user = prmem_test_user_begin(test);

	watch_refusals(test);
	copy_in(test, "write-rare", wr, 64, user, 1);
	copy_in(test, "a byte", wr, 1, user, 1);
	copy_in(test, "across pages", wr + PAGE_SIZE - 8, 64, user, 1);
	copy_in(test, "all of it", wr, 2 * PAGE_SIZE, user, 1);
	copy_in(test, "read-only", ro, 64, user, 1);
	check_in(test, "past the end", wr + 2 * PAGE_SIZE - 8, 16, 1);
	prmem_test_user_end();
	KUNIT_EXPECT_NULL(test, memchr_inv(wr, 0x5a, 2 * PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(ro, 0x5a, PAGE_SIZE));
}

static void into_start_wr_is_refused(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_START_WR);
	u8 *object = pmalloc(pool, 64);
	unsigned long user = prmem_test_user_begin(test);

	KUNIT_EXPECT_NOT_NULL(test, object);
	watch_refusals(test);
	copy_in(test, "from birth", object, 64, user, 1);
	prmem_test_user_end();
}

static void into_objects_is_refused(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 64);
	u8 *object = new_object(test, cache, 0x5a), *next = new_object(test, cache, 1);
	unsigned long user = prmem_test_user_begin(test);

	watch_refusals(test);
	copy_in(test, "object", object, 64, user, 1);
	copy_in(test, "in an object", object + 8, 8, user, 1);
	copy_in(test, "two objects", object, 128, user, 1);
	prmem_test_user_end();
	prmem_cache_free(cache, next);
	check_in(test, "free object", next, 64, 1);
	check_in(test, "head of a slab", prmem_slab_of((unsigned long)object), 8, 1);
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0x5a, 64));
	prmem_cache_free(cache, object);
	prmem_cache_destroy(cache);
}

static void into_static_data_is_refused(struct kunit *test)
{
	unsigned long user = prmem_test_user_begin(test);

	watch_refusals(test);
	copy_in(test, "static data", &static_data.word, 8, user, 1);
	copy_in(test, "all of it", &static_data, sizeof(static_data), user, 1);
	check_in(test, "first byte", __start_wr_after_init, 1, 1);
	check_in(test, "last byte", __end_wr_after_init - 1, 1, 1);
	copy_in(test, "ordinary static data", ordinary_static, 8, user, 0);
	prmem_test_user_end();
}

static void descriptors_are_refused(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	unsigned long user = prmem_test_user_begin(test);

	watch_refusals(test);
	copy_in(test, "pool", pool, sizeof(*pool), user, 1);
	prmem_test_user_end();
}

static void out_of_objects(struct kunit *test)
{
	struct prmem_cache *cache = new_cache(test, 40);
	u8 *object = new_object(test, cache, 0x5a), *next = new_object(test, cache, 1);
	unsigned long user = prmem_test_user_begin(test);

	KUNIT_EXPECT_PTR_EQ(test, next, object + 64);
	watch_refusals(test);
	copy_out(test, "object", object, 40, user);
	copy_out(test, "end of an object", object + 32, 8, user);
	copy_out(test, "a byte", object + 39, 1, user);
	check_out(test, "a byte too much", object, 41, 1);
	check_out(test, "over the end", object + 39, 2, 1);
	check_out(test, "gap", object + 40, 8, 1);
	check_out(test, "two objects", object, 64 + 40, 1);
	check_out(test, "from before", object - 8, 16, 1);
	check_out(test, "head of a slab", prmem_slab_of((unsigned long)object), 8, 1);
	prmem_test_user_end();

	prmem_cache_free(cache, next);
	check_out(test, "free object", next, 40, 1);
	check_out(test, "never handed out", next + 64, 8, 1);
	check_out(test, "object", object, 40, 0);
	prmem_cache_free(cache, object);
	check_out(test, "free object", object, 40, 1);
	prmem_cache_destroy(cache);
}

static void out_of_objects_across_pages(struct kunit *test)
{
	size_t size = PAGE_SIZE - 128;
	struct prmem_cache *cache = new_cache(test, size);
	u8 *objects[3];
	unsigned long user = prmem_test_user_begin(test);
	int i;

	watch_refusals(test);
	for (i = 0; i < ARRAY_SIZE(objects); i++) {
		objects[i] = new_object(test, cache, i + 1);
		copy_out(test, "object", objects[i], size, user);
		check_out(test, "a byte too much", objects[i], size + 1, 1);
	}
	prmem_test_user_end();
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		prmem_cache_free(cache, objects[i]);
	prmem_cache_destroy(cache);
}

static void out_of_pools(struct kunit *test)
{
	u8 *wr = prmem_test_protected(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE, 0x5a);
	u8 *ro = prmem_test_protected(test, PMALLOC_MODE_RO, PAGE_SIZE, 0x5b);
	unsigned long user = prmem_test_user_begin(test);

	watch_refusals(test);
	copy_out(test, "write-rare", wr, PAGE_SIZE, user);
	copy_out(test, "across pages", wr + PAGE_SIZE / 2, PAGE_SIZE, user);
	copy_out(test, "read-only", ro, PAGE_SIZE, user);
	copy_out(test, "last byte", wr + 2 * PAGE_SIZE - 1, 1, user);
	copy_out(test, "static data", &static_data, sizeof(static_data), user);
	prmem_test_user_end();
	check_out(test, "all of it", wr, 2 * PAGE_SIZE, 0);
	check_out(test, "past the end", wr, 2 * PAGE_SIZE + 1, 1);
	check_out(test, "over the end", wr + 2 * PAGE_SIZE - 1, 2, 1);
	check_out(test, "past the end of read-only", ro, PAGE_SIZE + 1, 1);
}

static void ordinary_memory_is_not_affected(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	u8 *open = prmem_test_object(test, pool, PAGE_SIZE, 0);
	u8 *heap = kunit_kmalloc(test, 256, GFP_KERNEL), *area = vmalloc(2 * PAGE_SIZE);
	unsigned long user = prmem_test_user_begin(test);
	u8 on_stack[32];

	KUNIT_EXPECT_NOT_NULL(test, heap);
	KUNIT_EXPECT_NOT_NULL(test, area);
	watch_refusals(test);
	copy_both_ways(test, "heap", heap, 256, user);
	copy_both_ways(test, "vmalloc", area + PAGE_SIZE / 2, PAGE_SIZE, user);
	copy_both_ways(test, "stack", on_stack, sizeof(on_stack), user);
	copy_both_ways(test, "static data", (u8 *)ordinary_static,
		       sizeof(ordinary_static), user);
	/* A pool that is not protected yet is filled like any memory. */
	copy_both_ways(test, "open pool", open, PAGE_SIZE, user);
	prmem_test_user_end();
	check_in(test, "past the end of an open pool", open, PAGE_SIZE + 1, 1);
	vfree(area);
}

static struct kunit_case usercopy_cases[] = {
	KUNIT_CASE(into_pools_is_refused),
	KUNIT_CASE(into_start_wr_is_refused),
	KUNIT_CASE(into_objects_is_refused),
	KUNIT_CASE(into_static_data_is_refused),
	KUNIT_CASE(descriptors_are_refused),
	KUNIT_CASE(out_of_objects),
	KUNIT_CASE(out_of_objects_across_pages),
	KUNIT_CASE(out_of_pools),
	KUNIT_CASE(ordinary_memory_is_not_affected),
	{}
};

static struct kunit_suite usercopy_suite = {
	.name = "prmem_usercopy",
	.init = prmem_test_need_protection,
	.test_cases = usercopy_cases,
};

kunit_test_suite(usercopy_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: bad input. Every call that writes is made on
 * every kind of memory that is not write-rare, outside of a session and in one.
 * It must return its error, be reported once with its caller, and leave what is
 * there as it was, byte for byte.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/kallsyms.h>
#include <linux/moduleloader.h>
#include <linux/percpu.h>
#include <linux/pratomic.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <asm/fixmap.h>
#include <asm/sections.h>

#include "test_prmem.h"

struct prmem_test_reports prmem_test_reports;

static bool note_report(const char *why, int err, const void *dst, size_t len,
			unsigned long caller)
{
	prmem_test_reports.nr++;
	prmem_test_reports.err = err;
	prmem_test_reports.caller = caller;
	return true;
}

static void watch_no_reports(void *unused)
{
	wr_ptr(&prmem_report_stub, NULL);
}

void prmem_test_watch_reports(struct kunit *test)
{
	prmem_test_reports.nr = 0;
	wr_ptr(&prmem_report_stub, note_report);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, watch_no_reports, NULL), 0);
}

/* The calls */

#define EVIL	0xe1e2e3e4e5e6e7e8ULL
#define EVIL_AS(type)	((type)(EVIL & GENMASK_ULL(8 * sizeof(type) - 1, 0)))

struct two {
	u64 words[2];
};

static const struct two two_evil = { { EVIL, EVIL } };
static const u8 source[64] = { 1, 2, 3, 4 };

/* After the call: a tail call would name the caller of the caller. */
#define CALL(name, expr)						\
static noinline int refused_##name(void *dst)				\
{									\
	int err = (expr);						\
									\
	barrier();							\
	return err;							\
}

/* Where a result would go must be left alone, too. */
#define CALL_OLD(name, type, expr)					\
static noinline int refused_##name(void *at)				\
{									\
	type old = 0x33, *dst = at;					\
	int err = (expr);						\
									\
	return old == 0x33 ? err : 1;					\
}

#define CALLS_OF(type)							\
CALL(assign_##type, wr_assign(*(type *)dst, EVIL_AS(type)))		\
CALL_OLD(xchg_##type, type, wr_xchg(dst, EVIL_AS(type), &old))		\
CALL_OLD(cmpxchg_##type, type, wr_cmpxchg(dst, 0, EVIL_AS(type), &old))	\
CALL_OLD(fetch_add_##type, type, wr_fetch_add(dst, 1, &old))		\
CALL_OLD(fetch_or_##type, type, wr_fetch_or(dst, 0x55, &old))		\
CALL_OLD(fetch_and_##type, type, wr_fetch_and(dst, 0x55, &old))		\
CALL_OLD(fetch_xor_##type, type, wr_fetch_xor(dst, 0x55, &old))		\
CALL(inc_##type, wr_inc((type *)dst))					\
CALL(dec_##type, wr_dec((type *)dst))

CALLS_OF(u8)
CALLS_OF(u16)
CALLS_OF(u32)
CALLS_OF(u64)
CALL(memcpy, wr_memcpy(dst, source, 16))
CALL(memset, wr_memset(dst, 0xee, 16))
CALL(assign_two, wr_assign(*(struct two *)dst, two_evil))
CALL(ptr, wr_ptr((void **)dst, dst))
CALL(rcu, wr_rcu_assign_pointer(*(void __rcu **)dst, dst))
CALL(char, wr_char(dst, 1))
CALL(short, wr_short(dst, 0x0101))
CALL(ushort, wr_ushort(dst, 0x0101))
CALL(int, wr_int(dst, 0x01010101))
CALL(uint, wr_uint(dst, 0x01010101))
CALL(long, wr_long(dst, 0x01010101))
CALL(ulong, wr_ulong(dst, 0x01010101))
CALL(longlong, wr_longlong(dst, 0x01010101))
CALL(ulonglong, wr_ulonglong(dst, 0x01010101))

struct call {
	const char *name;
	int (*fn)(void *dst);
	size_t size;
	bool atomic;
};

#define PLAIN(name, size)	{ #name, refused_##name, size, false }
#define ATOMIC(name, size)	{ #name, refused_##name, size, true }

#define LIST_OF(type)							\
	PLAIN(assign_##type, sizeof(type)),				\
	ATOMIC(xchg_##type, sizeof(type)),				\
	ATOMIC(cmpxchg_##type, sizeof(type)),				\
	ATOMIC(fetch_add_##type, sizeof(type)),				\
	ATOMIC(fetch_or_##type, sizeof(type)),				\
	ATOMIC(fetch_and_##type, sizeof(type)),				\
	ATOMIC(fetch_xor_##type, sizeof(type)),				\
	ATOMIC(inc_##type, sizeof(type)),				\
	ATOMIC(dec_##type, sizeof(type))

static const struct call calls[] = {
	PLAIN(memcpy, 16),
	PLAIN(memset, 16),
	PLAIN(assign_two, 16),
	LIST_OF(u8),
	LIST_OF(u16),
	LIST_OF(u32),
	LIST_OF(u64),
	PLAIN(ptr, sizeof(void *)),
	PLAIN(rcu, sizeof(void *)),
	PLAIN(char, 1),
	PLAIN(short, 2),
	PLAIN(ushort, 2),
	PLAIN(int, 4),
	PLAIN(uint, 4),
	PLAIN(long, sizeof(long)),
	PLAIN(ulong, sizeof(long)),
	PLAIN(longlong, 8),
	PLAIN(ulonglong, 8),
};

/* What is there, from a word before to some words after, as far as it can be read. */
struct picture {
	u8 bytes[40];
	bool readable[40];
};

static void take_picture(struct picture *picture, void *dst)
{
	const u8 *from = dst - 8;
	int i;

	memset(picture, 0, sizeof(*picture));
	if (!copy_from_kernel_nofault(picture->bytes, from, sizeof(picture->bytes)))
		return;
	for (i = 0; i < sizeof(picture->bytes); i++)
		picture->readable[i] =
			!copy_from_kernel_nofault(&picture->bytes[i], from + i, 1);
}

/*
 * The session around a call that is refused goes on. It writes here, away from
 * the ends of the section, which are looked at.
 */
static struct {
	u8 below[64];
	u64 word;
	u8 above[64];
} good __wr_after_init;

static int call_in_session(const struct call *call, void *dst, int *good_err)
{
	int err;

	guard(wr_session)();
	*good_err = wr_inc(&good.word);
	err = call->fn(dst);
	*good_err |= wr_inc(&good.word);
	return err;
}

static void judge_refusal(struct kunit *test, const char *what, const char *name,
			  int err, int expected)
{
	char caller[KSYM_SYMBOL_LEN];

	snprintf(caller, sizeof(caller), "%ps", (void *)prmem_test_reports.caller);
	KUNIT_EXPECT_EQ_MSG(test, err, expected, "%s: %s", what, name);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.nr, 1, "%s: %s", what, name);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.err, expected, "%s: %s",
			    what, name);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(caller, "refused_"),
			      "%s: %s: reported as called from %s", what, name,
			      caller);
	prmem_test_reports.nr = 0;
}

static void call_must_be_refused(struct kunit *test, const char *what,
				 const struct call *call, void *dst, int expected)
{
	u64 was = good.word;
	struct picture before, after;
	int err, good_err;

	take_picture(&before, dst);
	err = call->fn(dst);
	take_picture(&after, dst);
	judge_refusal(test, what, call->name, err, expected);
	KUNIT_EXPECT_MEMEQ_MSG(test, &before, &after, sizeof(before), "%s: %s",
			       what, call->name);

	err = call_in_session(call, dst, &good_err);
	take_picture(&after, dst);
	judge_refusal(test, what, call->name, err, expected);
	KUNIT_EXPECT_MEMEQ_MSG(test, &before, &after, sizeof(before),
			       "%s: %s in a session", what, call->name);
	KUNIT_EXPECT_EQ_MSG(test, good_err, 0, "%s: %s", what, call->name);
	KUNIT_EXPECT_EQ_MSG(test, good.word, was + 2, "%s: %s", what, call->name);
}

void prmem_test_refused_everywhere(struct kunit *test, const char *what, void *dst)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		call_must_be_refused(test, what, &calls[i], dst, -EACCES);
	KUNIT_EXPECT_FALSE_MSG(test, prmem_is_wr(dst, 1), "%s", what);
}

#define refused_everywhere(test, what, dst)				\
	prmem_test_refused_everywhere(test, what, (void *)(dst))

/* Calls that are longer than a word, where the range alone is wrong. */
static void refused_range(struct kunit *test, const char *what, void *dst)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(calls) && calls[i].size == 16; i++)
		call_must_be_refused(test, what, &calls[i], dst, -EACCES);
	KUNIT_EXPECT_FALSE_MSG(test, prmem_is_wr(dst, 16), "%s", what);
	KUNIT_EXPECT_FALSE_MSG(test, prmem_is_protected(dst, 16), "%s", what);
}

/* Destinations */

/* A picture shows what is beside it, and that must be nobody's who writes. */
struct with_room {
	u64 below[8];
	u64 words[4];
	u64 above[8];
};

static struct with_room ordinary;
static u64 *const ordinary_static = ordinary.words;
static u64 never_again[4] __ro_after_init;
static DEFINE_PER_CPU(struct with_room, per_cpu_words);

static void i3_no_memory(struct kunit *test)
{
	prmem_test_watch_reports(test);
	refused_everywhere(test, "NULL", NULL);
	refused_everywhere(test, "page of NULL", 64);
	refused_everywhere(test, "user address", 0x10000);
	refused_everywhere(test, "not canonical", 1UL << 62);
	refused_everywhere(test, "start of the kernel's half", PRMEM_KERNEL_START);
	refused_everywhere(test, "end of the address space", -64UL);
	refused_everywhere(test, "below vmalloc", VMALLOC_START - 64);
	refused_everywhere(test, "end of vmalloc", (VMALLOC_END & PAGE_MASK) - PAGE_SIZE);
	refused_everywhere(test, "behind vmalloc", PAGE_ALIGN(VMALLOC_END));
	refused_everywhere(test, "alias",
			   prmem_window_alias(raw_smp_processor_id()));
	refused_everywhere(test, "alias in a session",
			   prmem_window_alias(raw_smp_processor_id()) + PAGE_SIZE);
}

static void i3_user_memory(struct kunit *test)
{
	unsigned long addr = prmem_test_user_begin(test);
	u64 seen;

	KUNIT_ASSERT_EQ(test, put_user(0x1234ULL, (u64 __user *)addr), 0);
	prmem_test_watch_reports(test);
	refused_everywhere(test, "user memory", addr);
	KUNIT_EXPECT_EQ(test, get_user(seen, (u64 __user *)addr), 0);
	KUNIT_EXPECT_EQ(test, seen, 0x1234);
	prmem_test_user_end();
}

static void i3_kernel_image(struct kunit *test)
{
	prmem_test_watch_reports(test);
	refused_everywhere(test, "kernel text", _stext);
	refused_everywhere(test, "rodata", source);
	refused_everywhere(test, "__ro_after_init", never_again);
	refused_everywhere(test, "static data", ordinary_static);
	refused_everywhere(test, "linear alias of static data",
			   lm_alias(ordinary_static));
	refused_everywhere(test, "linear alias of write-rare static data",
			   lm_alias(&good));
	refused_everywhere(test, "kernel page table", swapper_pg_dir);
	refused_everywhere(test, "fixmap", fix_to_virt(0));
}

static void *module_memory(struct kunit *test)
{
	void *addr = __vmalloc_node_range(PAGE_SIZE, PAGE_SIZE, MODULES_VADDR,
					  MODULES_END, GFP_KERNEL, PAGE_KERNEL, 0,
					  NUMA_NO_NODE, __builtin_return_address(0));

	KUNIT_ASSERT_NOT_NULL(test, addr);
	return addr;
}

static void i3_ordinary_memory(struct kunit *test)
{
	struct with_room on_stack = { .words = { 1, 2, 3, 4 } };
	void *heap = kunit_kzalloc(test, 64, GFP_KERNEL);
	void *area = vmalloc(PAGE_SIZE), *module = module_memory(test);
	struct with_room __percpu *dynamic = alloc_percpu(struct with_room);

	KUNIT_ASSERT_NOT_NULL(test, heap);
	KUNIT_ASSERT_NOT_NULL(test, area);
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)dynamic);
	prmem_test_watch_reports(test);
	refused_everywhere(test, "heap", heap + 16);
	refused_everywhere(test, "vmalloc", area);
	refused_everywhere(test, "module", module);
	refused_everywhere(test, "stack", on_stack.words);
	refused_everywhere(test, "per-cpu variable",
			   raw_cpu_ptr(&per_cpu_words)->words);
	refused_everywhere(test, "per-cpu memory", raw_cpu_ptr(dynamic)->words);
	refused_everywhere(test, "struct page", (u64 *)vmalloc_to_page(area) + 1);
	free_percpu(dynamic);
	vfree(module);
	vfree(area);
}

static void i3_pool_memory(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	void *object = prmem_test_object(test, pool, PAGE_SIZE, 0x5a);
	void *ro = prmem_test_protected(test, PMALLOC_MODE_RO, PAGE_SIZE, 0x5a);

	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	prmem_test_watch_reports(test);
	refused_everywhere(test, "RO pool", ro);
	refused_everywhere(test, "linear alias", prmem_test_linear_alias(object));
	refused_everywhere(test, "struct page", (u64 *)vmalloc_to_page(object) + 1);
	refused_everywhere(test, "before the area", object - 64);
	refused_everywhere(test, "behind the area", object + PAGE_SIZE + 64);
	refused_everywhere(test, "table of windows", prmem_windows);
	refused_everywhere(test, "private page table", prmem_window_pgd(0));
	refused_range(test, "starts before the area", object - 8);
	refused_range(test, "starts just before the area", object - 15);
	refused_range(test, "ends after the area", object + PAGE_SIZE - 8);
	refused_range(test, "ends just after the area", object + PAGE_SIZE - 15);

	KUNIT_ASSERT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	refused_everywhere(test, "made RO", object);
	prmem_test_destroy(test, pool);
	refused_everywhere(test, "freed pool memory", object);
}

/* A scalar that is not aligned can leave the area, too. */
struct unaligned {
	u64 value;
} __packed;

static noinline int refused_unaligned(void *dst)
{
	struct unaligned *at = dst;
	int err = wr_assign(at->value, EVIL);

	barrier();
	return err;
}

static void i3_unaligned_scalars(struct kunit *test)
{
	static const struct call call = { "unaligned", refused_unaligned, 8, false };
	void *object = prmem_test_protected(test, PMALLOC_MODE_WR, PAGE_SIZE, 0x5a);
	int i;

	prmem_test_watch_reports(test);
	for (i = 1; i < 8; i++) {
		call_must_be_refused(test, "starts before the area", &call,
				     object - i, -EACCES);
		call_must_be_refused(test, "ends after the area", &call,
				     object + PAGE_SIZE - i, -EACCES);
		call_must_be_refused(test, "heap", &call, ordinary_static, -EACCES);
	}
}

static void i5_unaligned_atomics(struct kunit *test)
{
	u8 *object = prmem_test_protected(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE, 0x5a);
	unsigned int i, offset;

	prmem_test_watch_reports(test);
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		if (!calls[i].atomic)
			continue;
		for (offset = 1; offset < calls[i].size; offset++) {
			call_must_be_refused(test, "unaligned", &calls[i],
					     object + 8 + offset, -EINVAL);
			call_must_be_refused(test, "across pages", &calls[i],
					     object + PAGE_SIZE - offset, -EINVAL);
			call_must_be_refused(test, "unaligned and foreign",
					     &calls[i],
					     (u8 *)ordinary_static + offset, -EINVAL);
		}
	}
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0x5a, 2 * PAGE_SIZE));
}

static void i3_static_bounds(struct kunit *test)
{
	void *start = __start_wr_after_init, *end = __end_wr_after_init;
	size_t size = end - start;

	prmem_test_watch_reports(test);
	refused_everywhere(test, "before the section",
			   PTR_ALIGN_DOWN(start, 8) - 16);
	refused_everywhere(test, "behind the section", PTR_ALIGN(end, 8));
	refused_range(test, "starts before the section", start - 8);
	refused_range(test, "starts just before the section", start - 1);
	refused_range(test, "ends after the section", end - 8);
	refused_range(test, "ends just after the section", end - 15);
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(start, size));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(start, size + 1));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(start - 1, size));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(start - 1, size + 2));
}

/* Lengths and sources */

static noinline int refused_copy(void *dst, const void *src, size_t len)
{
	int err = wr_memcpy(dst, src, len);

	barrier();
	return err;
}

static noinline int refused_set(void *dst, size_t len)
{
	int err = wr_memset(dst, 0xee, len);

	barrier();
	return err;
}

/* @src is NULL for a memset; a source at NULL is spelled 1. */
struct bad_range {
	const char *what;
	void *dst;
	const void *src;
	size_t len;
	int err;
	bool set;
};

static int make_bad(const struct bad_range *bad)
{
	return bad->set ? refused_set(bad->dst, bad->len) :
			  refused_copy(bad->dst, bad->src, bad->len);
}

static void bad_range_must_be_refused(struct kunit *test,
				      const struct bad_range *bad)
{
	struct picture before, after;
	int err, good_err;

	take_picture(&before, bad->dst);
	err = make_bad(bad);
	take_picture(&after, bad->dst);
	judge_refusal(test, bad->what, "", err, bad->err);
	KUNIT_EXPECT_MEMEQ_MSG(test, &before, &after, sizeof(before), "%s",
			       bad->what);

	scoped_guard(wr_session) {
		good_err = wr_inc(&good.word);
		err = make_bad(bad);
		good_err |= wr_inc(&good.word);
	}
	take_picture(&after, bad->dst);
	judge_refusal(test, bad->what, "in a session", err, bad->err);
	KUNIT_EXPECT_MEMEQ_MSG(test, &before, &after, sizeof(before),
			       "%s in a session", bad->what);
	KUNIT_EXPECT_EQ_MSG(test, good_err, 0, "%s", bad->what);
}

#define COPY(what, dst, src, len, err)	{ what, dst, src, len, err, false }
#define SET(what, dst, len, err)	{ what, dst, NULL, len, err, true }

static void i4_bad_length(struct kunit *test)
{
	u8 *object = prmem_test_protected(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE, 0x5a);
	const struct bad_range table[] = {
		COPY("length 0", object, source, 0, -EINVAL),
		SET("length 0", object, 0, -EINVAL),
		SET("length 0 at NULL", NULL, 0, -EINVAL),
		COPY("length 0 at NULL", NULL, NULL, 0, -EINVAL),
		SET("all memory", object, SIZE_MAX, -EINVAL),
		SET("wraps around", object, -(unsigned long)object + 1, -EINVAL),
		COPY("wraps around", object, source,
		     -(unsigned long)object + 1, -EINVAL),
		SET("to the last byte", object, -(unsigned long)object, -EACCES),
		SET("longer than the area", object, 2 * PAGE_SIZE + 1, -EACCES),
		COPY("longer than the area", object, object + 2 * PAGE_SIZE,
		     2 * PAGE_SIZE + 1, -EACCES),
		COPY("from before the area", object - 1, source, 2, -EACCES),
		COPY("all of the static section and a byte", __start_wr_after_init,
		     object, __end_wr_after_init - __start_wr_after_init + 1,
		     -EACCES),
	};
	int i;

	prmem_test_watch_reports(test);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		bad_range_must_be_refused(test, &table[i]);
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0x5a, 2 * PAGE_SIZE));
}

static void i4_bad_source(struct kunit *test)
{
	u8 *object = prmem_test_protected(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE, 0x5a);
	u8 *pages = vmalloc(PAGE_SIZE);
	unsigned long user = prmem_test_user_begin(test);

	KUNIT_ASSERT_EQ(test, put_user(0x1234ULL, (u64 __user *)user), 0);
	KUNIT_ASSERT_NOT_NULL(test, pages);

	const struct bad_range table[] = {
		COPY("source wraps around", object, (void *)-8UL, 16, -EINVAL),
		COPY("onto itself", object, object, 8, -EINVAL),
		COPY("overlaps from below", object + 8, object, 9, -EINVAL),
		COPY("overlaps from above", object, object + 8, 9, -EINVAL),
		COPY("overlaps by a byte", object, object + PAGE_SIZE - 1,
		     PAGE_SIZE, -EINVAL),
		COPY("source NULL", object, NULL, 8, -EFAULT),
		COPY("source NULL, long", object, NULL, 100, -EFAULT),
		COPY("source not canonical", object, (void *)(1UL << 62), 8, -EFAULT),
		COPY("source in user space", object, (void *)0x10000, 8, -EFAULT),
		COPY("source is user memory", object, (void *)user, 8, -EFAULT),
		COPY("source is user memory, long", object, (void *)user, 100,
		     -EFAULT),
		COPY("source unmapped", object, pages + PAGE_SIZE, 8, -EFAULT),
		/* The first page could be copied, and must not be. */
		COPY("source ends unmapped", object, pages + PAGE_SIZE - 64, 65,
		     -EFAULT),
		COPY("source begins unmapped", object, pages - 8, 64, -EFAULT),
		COPY("source has a hole", object, pages, PAGE_SIZE + 8, -EFAULT),
	};
	int i;

	prmem_test_watch_reports(test);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		bad_range_must_be_refused(test, &table[i]);
	prmem_test_user_end();
	KUNIT_EXPECT_NULL(test, memchr_inv(object, 0x5a, 2 * PAGE_SIZE));
	vfree(pages);
}

/* The verbs of pratomic_t pass the error on. */
static void i4_pratomic_is_refused(struct kunit *test)
{
	pratomic_t *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);
	int old = 5;
	bool did = true;

	KUNIT_ASSERT_NOT_NULL(test, v);
	prmem_test_watch_reports(test);
	KUNIT_EXPECT_EQ(test, pratomic_set(v, 1), -EACCES);
	KUNIT_EXPECT_EQ(test, pratomic_inc(v), -EACCES);
	KUNIT_EXPECT_EQ(test, pratomic_add_return(1, v, &old), -EACCES);
	KUNIT_EXPECT_EQ(test, pratomic_fetch_or(1, v, &old), -EACCES);
	KUNIT_EXPECT_EQ(test, pratomic_xchg(v, 1, &old), -EACCES);
	KUNIT_EXPECT_EQ(test, pratomic_cmpxchg(v, 0, 1, &old), -EACCES);
	KUNIT_EXPECT_EQ(test, pratomic_try_cmpxchg(v, &old, 1, &did), -EACCES);
	KUNIT_EXPECT_EQ(test, pratomic_dec_and_test(v, &did), -EACCES);
	KUNIT_EXPECT_EQ(test, pratomic_add_unless(v, 1, 2, &did), -EACCES);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 9);
	KUNIT_EXPECT_EQ(test, pratomic_read(v), 0);
	KUNIT_EXPECT_EQ(test, old, 5);
	KUNIT_EXPECT_TRUE(test, did);
}

/* Every refusal comes to the one place that decides, each time. */
static void i4_each_refusal_is_told(struct kunit *test)
{
	int i;

	prmem_test_watch_reports(test);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wr_assign(ordinary_static[0], 1), -EACCES);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 3);
	KUNIT_EXPECT_EQ(test, ordinary_static[0], 0);
}

/* The suite may run more than once. */
static bool already;

static void i4_a_site_is_reported_once(struct kunit *test)
{
	/* Addresses of no code, so that nothing real is marked as reported. */
	const unsigned long site = (unsigned long)ordinary_static;
	int i;

	/* The table fills up, and knows its entries for as long as it lasts. */
	for (i = 0; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, prmem_is_new_site(site + i), !already);
		KUNIT_EXPECT_FALSE(test, prmem_is_new_site(site + i));
	}
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_FALSE(test, prmem_is_new_site(site + i));
	already = true;
}

/* What the queries say */

static void both(struct kunit *test, const char *what, const void *p, size_t n,
		 bool wr, bool protected)
{
	KUNIT_EXPECT_EQ_MSG(test, prmem_is_wr(p, n), wr, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, prmem_is_protected(p, n), protected, "%s", what);
}

static void is_wr_and_is_protected(struct kunit *test)
{
	struct pmalloc_pool *wr = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct pmalloc_pool *ro = prmem_test_pool(test, PMALLOC_MODE_RO);
	u8 *a = prmem_test_object(test, wr, 2 * PAGE_SIZE, 0), *later;
	u8 *b = prmem_test_object(test, ro, 2 * PAGE_SIZE, 0);

	both(test, "WR, open", a, 2 * PAGE_SIZE, true, false);
	both(test, "RO, open", b, 2 * PAGE_SIZE, true, false);
	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(wr), 0);
	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(ro), 0);
	both(test, "WR", a, 2 * PAGE_SIZE, true, true);
	both(test, "RO", b, 2 * PAGE_SIZE, false, true);
	both(test, "WR, a byte", a + 2 * PAGE_SIZE - 1, 1, true, true);
	both(test, "WR, across pages", a + PAGE_SIZE - 1, 2, true, true);
	both(test, "WR, nothing", a, 0, false, false);
	both(test, "WR, and a byte before", a - 1, 2, false, false);
	both(test, "WR, and a byte after", a, 2 * PAGE_SIZE + 1, false, false);
	both(test, "RO, and a byte after", b, 2 * PAGE_SIZE + 1, false, false);
	both(test, "all that follows", a, SIZE_MAX, false, false);
	both(test, "wraps around", a, -(unsigned long)a + 1, false, false);
	both(test, "to the end", a, -(unsigned long)a, false, false);
	both(test, "linear alias", prmem_test_linear_alias(a), 1, false, false);

	later = prmem_test_object(test, wr, PAGE_SIZE, 0);
	both(test, "WR, grown", later, PAGE_SIZE, true, false);
	both(test, "WR, old area", a, 2 * PAGE_SIZE, true, true);
	KUNIT_ASSERT_EQ(test, pmalloc_make_pool_ro(wr), 0);
	both(test, "made RO", a, 2 * PAGE_SIZE, false, true);
	both(test, "made RO, grown", later, PAGE_SIZE, false, true);
	prmem_test_destroy(test, wr);
	both(test, "destroyed", a, 1, false, false);
}

static void is_wr_and_is_protected_elsewhere(struct kunit *test)
{
	char *start = __start_wr_after_init, *end = __end_wr_after_init;
	bool closed = prmem_test_static_protected();
	void *heap = kunit_kzalloc(test, 64, GFP_KERNEL), *area = vmalloc(PAGE_SIZE);
	u64 on_stack = 0;

	KUNIT_ASSERT_NOT_NULL(test, heap);
	KUNIT_ASSERT_NOT_NULL(test, area);
	both(test, "static", &good, sizeof(good), true, closed);
	both(test, "section", start, end - start, true, closed);
	both(test, "section and a byte before", start - 1, end - start + 1, false,
	     false);
	both(test, "section and a byte after", start, end - start + 1, false, false);
	both(test, "static, linear alias", lm_alias(&good), 8, false, false);
	both(test, "NULL", NULL, 1, false, false);
	both(test, "user", (void *)0x10000, 8, false, false);
	both(test, "not canonical", (void *)(1UL << 62), 8, false, false);
	both(test, "last byte", (void *)-1UL, 1, false, false);
	both(test, "text", _stext, 8, false, false);
	both(test, "rodata", source, 8, false, false);
	both(test, "stack", &on_stack, 8, false, false);
	both(test, "heap", heap, 64, false, false);
	both(test, "vmalloc", area, 64, false, false);
	vfree(area);
}

static struct kunit_case input_cases[] = {
	KUNIT_CASE(i3_no_memory),
	KUNIT_CASE(i3_user_memory),
	KUNIT_CASE(i3_kernel_image),
	KUNIT_CASE(i3_ordinary_memory),
	KUNIT_CASE(i3_pool_memory),
	KUNIT_CASE(i3_unaligned_scalars),
	KUNIT_CASE(i3_static_bounds),
	KUNIT_CASE(i4_bad_length),
	KUNIT_CASE(i4_bad_source),
	KUNIT_CASE(i4_pratomic_is_refused),
	KUNIT_CASE(i4_each_refusal_is_told),
	KUNIT_CASE(i4_a_site_is_reported_once),
	KUNIT_CASE(i5_unaligned_atomics),
	KUNIT_CASE(is_wr_and_is_protected),
	KUNIT_CASE(is_wr_and_is_protected_elsewhere),
	{}
};

static struct kunit_suite input_suite = {
	.name = "prmem_input",
	.init = prmem_test_need_protection,
	.test_cases = input_cases,
};

kunit_test_suite(input_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: what things cost.
 *
 * With "qemu -icount shift=0" a nanosecond of the guest is one instruction, so that
 * ktime_get_ns() counts instructions; tools/cost boots a kernel this way. In other
 * boots the figures mean little, and nothing is made of them. What is always
 * checked is that the work was done.
 */
#include <kunit/test.h>
#include <linux/log2.h>
#include <linux/moduleparam.h>
#include <linux/pratomic.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "test_prmem.h"

/* Are the nanoseconds instructions, which have to be few enough? */
static bool counted;
module_param(counted, bool, 0);

/* Fewer where nothing is made of the figures, and debugging options take long. */
#define NR		(counted ? 10000U : 500U)
#define OBJECT_SIZE	64

struct bench {
	struct kunit *test;
	void **objects;
};

static u64 say(struct kunit *test, const char *what, u64 start, unsigned int nr)
{
	u64 cost = (ktime_get_ns() - start) / nr;

	kunit_info(test, "cost: %s: %llu", what, cost);
	return cost;
}

/* The smallest step of the clock. Where it is coarse, many operations average it. */
static u64 resolution(void)
{
	u64 start, step, least = U64_MAX;
	int i;

	for (i = 0; i < 100; i++) {
		start = ktime_get_ns();
		do {
			step = ktime_get_ns() - start;
		} while (!step);
		least = min(least, step);
	}
	return least;
}

#if defined(CONFIG_X86_64)
#define TWO_INSTRUCTIONS	"1: dec %0\n\tjnz 1b"
#elif defined(CONFIG_ARM64)
#define TWO_INSTRUCTIONS	"1: subs %0, %0, #1\n\tb.ne 1b"
#endif

/* Does the clock count instructions? */
static void cost_of_the_clock(struct kunit *test)
{
	unsigned long loops = 100 * NR;
	u64 start = ktime_get_ns(), ns;

	asm volatile(TWO_INSTRUCTIONS : "+r" (loops) : : "cc");
	ns = ktime_get_ns() - start;
	kunit_info(test, "cost: 1000 instructions, by the clock: %llu",
		   ns * 1000 / (200 * NR));
	kunit_info(test, "cost: smallest step of the clock: %llu", resolution());
	if (counted) {
		KUNIT_EXPECT_GE(test, ns, 198 * NR);
		KUNIT_EXPECT_LE(test, ns, 202 * NR);
	}
}

static void new_bench(struct kunit *test, struct bench *bench)
{
	bench->test = test;
	bench->objects = kvcalloc(NR, sizeof(*bench->objects), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bench->objects);
}

static void all_there(struct bench *bench)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR; i++)
		nr += !!bench->objects[i];
	KUNIT_EXPECT_EQ(bench->test, nr, NR);
}

static u64 cost_of_kmalloc(struct bench *bench)
{
	unsigned int i;
	u64 cost, start = ktime_get_ns();

	for (i = 0; i < NR; i++)
		bench->objects[i] = kmalloc(OBJECT_SIZE, GFP_KERNEL);
	cost = say(bench->test, "kmalloc(64)", start, NR);
	all_there(bench);
	for (i = 0; i < NR; i++)
		kfree(bench->objects[i]);
	return cost;
}

static u64 cost_of_pmalloc(struct bench *bench, enum pmalloc_mode mode,
			   unsigned int nr_pages, const char *what)
{
	struct pmalloc_pool *pool;
	unsigned int i;
	u64 cost, start;

	pool = pmalloc_create_custom_pool("kunit_cost", nr_pages * PAGE_SIZE, 3, mode);
	KUNIT_ASSERT_NOT_NULL(bench->test, pool);
	start = ktime_get_ns();
	for (i = 0; i < NR; i++)
		bench->objects[i] = pmalloc(pool, OBJECT_SIZE);
	cost = say(bench->test, what, start, NR);
	all_there(bench);
	pmalloc_destroy_pool(pool);
	return cost;
}

/* The default refill first. */
static void cost_pmalloc(struct kunit *test)
{
	static const struct {
		enum pmalloc_mode mode;
		unsigned int nr_pages;
		const char *what;
	} pools[] = {
		{ PMALLOC_MODE_RO, 1, "pmalloc(64), RO" },
		{ PMALLOC_MODE_WR, 1, "pmalloc(64), WR" },
		{ PMALLOC_MODE_AUTO_RO, 1, "pmalloc(64), AUTO_RO" },
		{ PMALLOC_MODE_AUTO_WR, 1, "pmalloc(64), AUTO_WR" },
		{ PMALLOC_MODE_START_WR, 1, "pmalloc(64), START_WR" },
		{ PMALLOC_MODE_WR, 16, "pmalloc(64), WR, areas of 16 pages" },
		{ PMALLOC_MODE_AUTO_RO, 16, "pmalloc(64), AUTO_RO, areas of 16 pages" },
		{ PMALLOC_MODE_AUTO_WR, 16, "pmalloc(64), AUTO_WR, areas of 16 pages" },
		{ PMALLOC_MODE_START_WR, 16, "pmalloc(64), START_WR, areas of 16 pages" },
	};
	u64 kmalloc_cost, cost;
	struct bench bench;
	int i;

	new_bench(test, &bench);
	kmalloc_cost = cost_of_kmalloc(&bench);
	for (i = 0; i < ARRAY_SIZE(pools); i++) {
		cost = cost_of_pmalloc(&bench, pools[i].mode, pools[i].nr_pages,
				       pools[i].what);
		if (counted)
			KUNIT_EXPECT_LE_MSG(test, cost, 3 * kmalloc_cost, "%s",
					    pools[i].what);
	}
	kvfree(bench.objects);
}

static void cost_cache(struct kunit *test)
{
	const u8 init[OBJECT_SIZE] = { 1 };
	struct prmem_cache *cache = prmem_cache_create("kunit_cost", OBJECT_SIZE, 0);
	struct bench bench;
	unsigned int i;
	u64 start;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	new_bench(test, &bench);
	start = ktime_get_ns();
	for (i = 0; i < NR; i++)
		bench.objects[i] = prmem_cache_alloc(cache, init);
	say(test, "prmem_cache_alloc(64)", start, NR);
	all_there(&bench);
	start = ktime_get_ns();
	for (i = 0; i < NR; i++)
		prmem_cache_free(cache, bench.objects[i]);
	say(test, "prmem_cache_free(64)", start, NR);
	prmem_cache_destroy(cache);
	kvfree(bench.objects);
}

/* What it takes to get an object and to give it back. */
static u64 cost_of_pairs(struct kunit *test, struct prmem_cache *cache,
			 const char *what)
{
	unsigned int i, failed = 0;
	u64 start = ktime_get_ns(), cost;
	void *object;

	for (i = 0; i < NR; i++) {
		object = prmem_cache_alloc(cache, NULL);
		failed += !object;
		prmem_cache_free(cache, object);
	}
	cost = say(test, what, start, NR);
	KUNIT_EXPECT_EQ(test, failed, 0);
	return cost;
}

#define FEW	64

/* Only the oldest slab has room, and that must not matter. */
static void cost_full_slabs(struct kunit *test)
{
	struct prmem_cache *cache = prmem_cache_create("kunit_cost", 1000, 0);
	struct bench bench;
	unsigned int i;
	u64 one, many;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	new_bench(test, &bench);
	one = cost_of_pairs(test, cache, "alloc and free of 1000 bytes");
	for (i = 0; i < NR; i++)
		bench.objects[i] = prmem_cache_alloc(cache, NULL);
	all_there(&bench);
	for (i = 0; i < FEW; i++)
		prmem_cache_free(cache, bench.objects[i]);
	many = cost_of_pairs(test, cache, "the same, all slabs full but the oldest");
	if (counted)
		KUNIT_EXPECT_LE(test, many, one + one / 5);
	for (; i < NR; i++)
		prmem_cache_free(cache, bench.objects[i]);
	prmem_cache_destroy(cache);
	kvfree(bench.objects);
}

static void cost_writes(struct kunit *test)
{
	u64 *words = prmem_test_protected(test, PMALLOC_MODE_WR, PAGE_SIZE, 0);
	unsigned int i, k;
	u64 start;

	start = ktime_get_ns();
	for (i = 0; i < NR; i++)
		wr_assign(words[0], i);
	say(test, "8-byte write", start, NR);
	KUNIT_EXPECT_EQ(test, words[0], NR - 1);

	start = ktime_get_ns();
	for (i = 0; i < NR; i++) {
		guard(wr_session)();
		for (k = 0; k < 16; k++)
			wr_assign(words[k], i + k);
	}
	say(test, "session of 16 writes to one page", start, NR);
	for (k = 0; k < 16; k++)
		KUNIT_EXPECT_EQ(test, words[k], NR - 1 + k);
}

/* What a list does that adds a node between two others, each in a page of its own. */
static void cost_stores(struct kunit *test)
{
	const unsigned int words = PAGE_SIZE / sizeof(u64);
	void **page = prmem_test_protected(test, PMALLOC_MODE_WR, 3 * PAGE_SIZE, 0);
	unsigned int i;
	u64 start;

	start = ktime_get_ns();
	for (i = 0; i < NR; i++) {
		const struct wr_store stores[] = {
			{ &page[2 * words + 1], page }, { &page[words], page },
			{ &page[words + 1], page }, { &page[0], page },
		};

		__wr_stores(stores, ARRAY_SIZE(stores));
	}
	say(test, "four pointers in three pages at once", start, NR);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_PTR_EQ(test, page[i * words + !!i], (void *)page);

	start = ktime_get_ns();
	for (i = 0; i < NR; i++) {
		const struct wr_store stores[] = {
			{ &page[8], page }, { &page[9], page },
			{ &page[10], page }, { &page[11], page },
		};

		__wr_stores(stores, ARRAY_SIZE(stores));
	}
	say(test, "four pointers in one page at once", start, NR);
	KUNIT_EXPECT_PTR_EQ(test, page[11], (void *)page);
}

static void cost_of_handler(struct kunit *test, proc_handler *handler, void *data,
			    size_t size, const char *what)
{
	const struct ctl_table init = {
		.procname = "cost", .data = data, .maxlen = size,
	};
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_RO);
	struct ctl_table *table = pmemdup(pool, &init, sizeof(init));
	unsigned int i, failed = 0;
	u64 start;

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	start = ktime_get_ns();
	/* Two values in turn: what stays the same is not written. */
	for (i = 0; i < NR; i++) {
		char *text = i & 1 ? "1" : "2";
		loff_t pos = 0;
		size_t len = 1;

		failed += !!handler(table, 1, text, &len, &pos);
	}
	say(test, what, start, NR);
	KUNIT_EXPECT_EQ(test, failed, 0);
	KUNIT_EXPECT_EQ(test, *(char *)data & 0xf, NR & 1 ? 2 : 1);
}

/* A write to a file of sysctl, without the file. */
static void cost_sysctl(struct kunit *test)
{
	char *text = prmem_test_protected(test, PMALLOC_MODE_WR, 256, 0);
	int *number = prmem_test_protected(test, PMALLOC_MODE_WR, sizeof(int), 0);
	char *plain = kunit_kzalloc(test, 256, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, plain);
	cost_of_handler(test, proc_dointvec, plain, sizeof(int), "proc_dointvec()");
	cost_of_handler(test, proc_dointvec_wr, number, sizeof(int), "proc_dointvec_wr()");
	cost_of_handler(test, proc_dostring, plain, 256, "proc_dostring(), 256 bytes");
	cost_of_handler(test, proc_dostring_wr, text, 256, "proc_dostring_wr(), 256 bytes");
}

/* What a log is made of, whose entries are found by a hash as well. */
struct record {
	struct hlist_node hash;
	struct list_head list;
	u8 *data;
	u8 bytes[256];
};

struct protected_record {
	struct prhlist_node hash;
	struct prlist_head list;
	u8 *data;
	u8 bytes[256];
};

static PRLIST_HEAD(log);
static struct prhlist_head buckets[16] __wr_after_init;
static pratomic_long_t nr_records __wr_after_init;

static int add_record(struct pmalloc_pool *pool, const u8 *bytes)
{
	struct protected_record *record = pmalloc(pool, sizeof(*record));

	if (!record)
		return -ENOMEM;

	guard(wr_session)();

	return wr_memcpy(record->bytes, bytes, sizeof(record->bytes)) ?:
	       wr_ptr(&record->data, record->bytes) ?:
	       prlist_add_tail_rcu(&record->list, &log) ?:
	       prhlist_add_head_rcu(&record->hash, &buckets[bytes[0] % 16]) ?:
	       pratomic_long_inc(&nr_records);
}

static struct record *add_plain(const u8 *bytes, struct list_head *list,
				struct hlist_head *heads, atomic_long_t *nr)
{
	struct record *record = kmalloc(sizeof(*record), GFP_KERNEL);

	if (!record)
		return NULL;
	memcpy(record->bytes, bytes, sizeof(record->bytes));
	record->data = record->bytes;
	list_add_tail_rcu(&record->list, list);
	hlist_add_head_rcu(&record->hash, &heads[bytes[0] % 16]);
	atomic_long_inc(nr);
	return record;
}

static void cost_plain_log(struct kunit *test, u8 *bytes)
{
	struct hlist_head heads[16] = { };
	atomic_long_t nr = ATOMIC_LONG_INIT(0);
	struct bench bench;
	LIST_HEAD(list);
	unsigned int i;
	u64 start;

	new_bench(test, &bench);
	start = ktime_get_ns();
	for (i = 0; i < NR; i++) {
		bytes[0] = i;
		bench.objects[i] = add_plain(bytes, &list, heads, &nr);
	}
	say(test, "an entry of an ordinary log", start, NR);
	all_there(&bench);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&nr), NR);
	for (i = 0; i < NR; i++)
		kfree(bench.objects[i]);
	kvfree(bench.objects);
}

/* A log that nobody can change, as that of IMA. */
static void cost_log(struct kunit *test)
{
	u8 *bytes = kunit_kzalloc(test, sizeof_field(struct record, bytes), GFP_KERNEL);
	struct pmalloc_pool *pool;
	unsigned int i, failed = 0;
	u64 start;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	cost_plain_log(test, bytes);
	pool = pmalloc_create_custom_pool("kunit_cost", SZ_16K,
					  ilog2(__alignof__(struct protected_record)),
					  PMALLOC_MODE_START_WR);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	start = ktime_get_ns();
	for (i = 0; i < NR; i++) {
		bytes[0] = i;
		failed += !!add_record(pool, bytes);
	}
	say(test, "an entry of a write-rare log", start, NR);
	KUNIT_EXPECT_EQ(test, failed, 0);
	KUNIT_EXPECT_EQ(test, pratomic_long_read(&nr_records), NR);
	KUNIT_EXPECT_EQ(test, prlist_count_nodes(&log), NR);
	KUNIT_EXPECT_EQ(test, INIT_PRLIST_HEAD(&log), 0);
	KUNIT_EXPECT_EQ(test, wr_memset(buckets, 0, sizeof(buckets)), 0);
	KUNIT_EXPECT_EQ(test, pratomic_long_set(&nr_records, 0), 0);
	pmalloc_destroy_pool(pool);
}

/* For ordinary memory, of which prmem has to find out that it is that. */
static void cost_usercopy_check(struct kunit *test)
{
#ifdef CONFIG_HARDENED_USERCOPY
	void *object = kunit_kmalloc(test, OBJECT_SIZE, GFP_KERNEL);
	unsigned int i;
	u64 start;

	KUNIT_ASSERT_NOT_NULL(test, object);
	start = ktime_get_ns();
	for (i = 0; i < NR; i++)
		__check_object_size(object, OBJECT_SIZE, true);
	say(test, "__check_object_size() of kmalloc(64)", start, NR);
#else
	kunit_skip(test, "HARDENED_USERCOPY=n");
#endif
}

static struct kunit_case cost_cases[] = {
	KUNIT_CASE(cost_of_the_clock),
	KUNIT_CASE(cost_pmalloc),
	KUNIT_CASE(cost_cache),
	KUNIT_CASE(cost_full_slabs),
	KUNIT_CASE(cost_writes),
	KUNIT_CASE(cost_stores),
	KUNIT_CASE(cost_sysctl),
	KUNIT_CASE(cost_log),
	KUNIT_CASE(cost_usercopy_check),
	{}
};

static struct kunit_suite cost_suite = {
	.name = "prmem_cost",
	.test_cases = cost_cases,
};

kunit_test_suite(cost_suite);

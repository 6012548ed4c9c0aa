// SPDX-License-Identifier: GPL-2.0
/*
 * The examples of Documentation/core-api/prmem.rst, and the KUnit test of them. What is
 * between the marks is quoted there.
 */
#include <kunit/test.h>

/* [begin static] */
#include <linux/prmem.h>

struct policy {
	int version;
};

static int limit __wr_after_init = 10;
static struct policy *current_policy __wr_after_init;

static int set_limit(int new)
{
	return wr_assign(limit, new);
}

static int publish(struct policy *new)
{
	return wr_ptr(&current_policy, new);
}

/* [end static] */

/* [begin pool] */
static struct pmalloc_pool *policy_pool __wr_after_init;
static struct policy *policy __wr_after_init;

static int policy_init(void)
{
	struct policy *first;

	wr_ptr(&policy_pool, pmalloc_create_pool("policy", PMALLOC_MODE_WR));
	if (!policy_pool)
		return -ENOMEM;
	first = pmalloc(policy_pool, sizeof(*first));
	if (!first)
		return -ENOMEM;
	first->version = 1;
	wr_ptr(&policy, first);
	return pmalloc_protect_pool(policy_pool);
}

static int policy_set_version(int version)
{
	return wr_assign(policy->version, version);
}

/* [end pool] */

/* [begin cache] */
struct entry {
	u64 key;
	u64 value;
	unsigned int generation;
};

static struct prmem_cache *entries __wr_after_init;

static struct entry *entry_new(u64 key)
{
	struct entry init = { .key = key };

	return prmem_cache_alloc(entries, &init);
}

static void entry_put(struct entry *entry)
{
	prmem_cache_free_rcu(entries, entry);
}

/* [end cache] */

/* [begin session] */
static int entry_update(struct entry *entry, u64 value)
{
	guard(wr_session)();

	return wr_assign(entry->value, value) ?:
	       wr_inc(&entry->generation);
}

/* [end session] */

/* [begin atomics] */
#include <linux/pratomic.h>

static pratomic_t users __wr_after_init = PRATOMIC_INIT(0);

static int get(void)
{
	return pratomic_inc(&users);
}

static int put(bool *was_last)
{
	return pratomic_dec_and_test(&users, was_last);
}

/* [end atomics] */

static void static_data(struct kunit *test)
{
	struct policy *was = current_policy, other = { .version = 4 };

	KUNIT_EXPECT_EQ(test, set_limit(11), 0);
	KUNIT_EXPECT_EQ(test, limit, 11);
	KUNIT_EXPECT_EQ(test, publish(&other), 0);
	KUNIT_EXPECT_PTR_EQ(test, current_policy, &other);
	KUNIT_EXPECT_EQ(test, publish(was), 0);
	KUNIT_EXPECT_EQ(test, set_limit(10), 0);
}

static void pool(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, policy_init(), 0);
	KUNIT_EXPECT_EQ(test, policy->version, 1);
	KUNIT_EXPECT_EQ(test, policy_set_version(2), 0);
	KUNIT_EXPECT_EQ(test, policy->version, 2);
	pmalloc_destroy_pool(policy_pool);
	wr_ptr(&policy_pool, NULL);
	wr_ptr(&policy, NULL);
}

static void cache_and_session(struct kunit *test)
{
	struct entry *entry;

	wr_ptr(&entries, prmem_cache_create("entries", sizeof(struct entry), 0));
	KUNIT_ASSERT_NOT_NULL(test, entries);
	entry = entry_new(5);
	KUNIT_EXPECT_NOT_NULL(test, entry);
	if (entry) {
		KUNIT_EXPECT_EQ(test, entry->key, 5);
		KUNIT_EXPECT_EQ(test, entry_update(entry, 6), 0);
		KUNIT_EXPECT_EQ(test, entry->value, 6);
		KUNIT_EXPECT_EQ(test, entry->generation, 1);
		entry_put(entry);
	}
	prmem_cache_destroy(entries);
	wr_ptr(&entries, NULL);
}

static void atomics(struct kunit *test)
{
	bool was_last = true;

	KUNIT_EXPECT_EQ(test, get(), 0);
	KUNIT_EXPECT_EQ(test, get(), 0);
	KUNIT_EXPECT_EQ(test, put(&was_last), 0);
	KUNIT_EXPECT_FALSE(test, was_last);
	KUNIT_EXPECT_EQ(test, put(&was_last), 0);
	KUNIT_EXPECT_TRUE(test, was_last);
}

static struct kunit_case example_cases[] = {
	KUNIT_CASE(static_data),
	KUNIT_CASE(pool),
	KUNIT_CASE(cache_and_session),
	KUNIT_CASE(atomics),
	{}
};

static struct kunit_suite example_suite = {
	.name = "prmem_example",
	.test_cases = example_cases,
};

kunit_test_suite(example_suite);

MODULE_DESCRIPTION("KUnit test of the examples of write-rare memory");
MODULE_LICENSE("GPL");

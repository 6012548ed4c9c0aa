// SPDX-License-Identifier: GPL-2.0
/*
 * The example of Documentation/core-api/prmem.rst, and the KUnit test of it. What is
 * between the marks is quoted there.
 */
#include <kunit/test.h>

#include "test_prlist.h"

/* [begin example] */
#include <linux/mutex.h>
#include <linux/prlist.h>
#include <linux/prmem.h>

struct rule {
	struct prlist_head list;	/* was: struct list_head */
	u32 id;
	bool allow;
};

static PRLIST_HEAD(rules);		/* was: LIST_HEAD() */
static struct prmem_cache *rule_cache __wr_after_init;
static unsigned int rule_changes __wr_after_init;
static DEFINE_MUTEX(rules_lock);	/* protects nothing by itself, so it can stay */

static int rules_init(void)
{
	/* An object begins where the node in it can be aligned. */
	wr_ptr(&rule_cache, prmem_cache_create("rules", sizeof(struct rule),
					       __alignof__(struct rule)));
	return rule_cache ? 0 : -ENOMEM;
}

static int rule_add(u32 id, bool allow)
{
	const struct rule init = { .id = id, .allow = allow };
	struct rule *rule = prmem_cache_alloc(rule_cache, &init); /* was: kmalloc() */
	int err;

	if (!rule)
		return -ENOMEM;
	mutex_lock(&rules_lock);
	err = prlist_add_tail_rcu(&rule->list, &rules);
	mutex_unlock(&rules_lock);
	if (err)
		prmem_cache_free(rule_cache, rule);
	return err;
}

static int rule_del(u32 id)
{
	struct rule *rule;
	int err = -ENOENT;

	mutex_lock(&rules_lock);
	prlist_for_each_entry(rule, &rules, list) {
		if (rule->id != id)
			continue;
		err = prlist_del_rcu(&rule->list);
		if (!err)
			prmem_cache_free_rcu(rule_cache, rule);	/* was: kfree_rcu() */
		break;
	}
	mutex_unlock(&rules_lock);
	return err;
}

/* Readers: nothing but the prefix has changed. */
static bool rule_allows(u32 id)
{
	struct rule *rule;
	bool allow = false;

	rcu_read_lock();
	prlist_for_each_entry_rcu(rule, &rules, list) {
		if (rule->id == id) {
			allow = rule->allow;
			break;
		}
	}
	rcu_read_unlock();
	return allow;
}

/*
 * Two writes in one session: one switch of the address space, one remap for each page.
 * It is no transaction: what was written before a refusal stays.
 */
static int rule_set(struct rule *rule, bool allow)
{
	lockdep_assert_held(&rules_lock);
	guard(wr_session)();

	return wr_assign(rule->allow, allow) ?: wr_inc(&rule_changes);
}

/* [end example] */

static struct rule *first_rule(void)
{
	return prlist_first_entry_or_null(&rules, struct rule, list);
}

static void rules_are_kept(struct kunit *test)
{
	const unsigned int changes = rule_changes;

	KUNIT_ASSERT_EQ(test, rules_init(), 0);
	KUNIT_EXPECT_EQ(test, rule_add(1, true), 0);
	KUNIT_EXPECT_EQ(test, rule_add(2, false), 0);
	KUNIT_EXPECT_EQ(test, rule_add(3, true), 0);
	KUNIT_EXPECT_TRUE(test, rule_allows(1));
	KUNIT_EXPECT_FALSE(test, rule_allows(2));
	KUNIT_EXPECT_TRUE(test, rule_allows(3));
	KUNIT_EXPECT_FALSE(test, rule_allows(4));

	scoped_guard(mutex, &rules_lock) {
		KUNIT_EXPECT_EQ(test, first_rule()->id, 1);
		KUNIT_EXPECT_EQ(test, rule_set(first_rule(), false), 0);
	}
	KUNIT_EXPECT_FALSE(test, rule_allows(1));
	KUNIT_EXPECT_EQ(test, rule_changes, changes + 1);

	KUNIT_EXPECT_EQ(test, rule_del(1), 0);
	KUNIT_EXPECT_EQ(test, rule_del(1), -ENOENT);
	KUNIT_EXPECT_FALSE(test, rule_allows(1));
	KUNIT_EXPECT_EQ(test, rule_del(2), 0);
	KUNIT_EXPECT_EQ(test, rule_del(3), 0);
	KUNIT_EXPECT_TRUE(test, prlist_empty(&rules));
	prmem_cache_destroy(rule_cache);
}

static struct kunit_case example_cases[] = {
	KUNIT_CASE(rules_are_kept),
	{}
};

static struct kunit_suite example_suite = {
	.name = "prlist_example",
	.test_cases = example_cases,
};

kunit_test_suite(example_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the sysctl handlers for write-rare variables: each does what its
 * parent does to ordinary ones, and hands on what is refused.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/prmem.h>
#include <linux/sysctl.h>
#include <linux/workqueue.h>

#include "test_prmem.h"

/* Whatever a handler takes, as long as the longest of it. */
union value {
	char text[24];
	bool truth;
	int ints[3];
	unsigned long ulongs[3];
};

static union value protected_value __wr_after_init;
static union value plain_value;

static int int_range[] = { -5, 100 };
static unsigned long ulong_range[] = { 2, 100000 };

/* A handler next to its parent. Its table must be read-only, and that is what const is. */
struct pair {
	struct ctl_table ours;
	struct ctl_table parents;
};

#define TABLE(handler, where, member, min, max) {			\
	.procname = #handler, .proc_handler = handler, .data = &(where), \
	.maxlen = sizeof_field(union value, member), .extra1 = min, .extra2 = max }

#define PAIR(name, ...) {						\
	TABLE(name##_wr, protected_value, __VA_ARGS__),			\
	TABLE(name, plain_value, __VA_ARGS__) }

static const struct pair pairs[] = {
	PAIR(proc_dostring, text, NULL, NULL),
	PAIR(proc_dobool, truth, NULL, NULL),
	PAIR(proc_dointvec, ints[0], NULL, NULL),
	PAIR(proc_dointvec, ints, NULL, NULL),
	PAIR(proc_dointvec_minmax, ints[0], &int_range[0], &int_range[1]),
	PAIR(proc_dointvec_minmax, ints, &int_range[0], &int_range[1]),
	PAIR(proc_doulongvec_minmax, ulongs[0], &ulong_range[0], &ulong_range[1]),
	PAIR(proc_doulongvec_minmax, ulongs, &ulong_range[0], &ulong_range[1]),
};

static const char * const inputs[] = {
	"1\n", "0", "7", "-1\n", " 42 ", "\t5\n", "100", "101", "-5", "-6", "2147483647",
	"2147483648", "99999999999999999999", "0x10", "017", "+3", "x", "8x", "1 2 3\n",
	"1 2", "1 x 3", "1 1000 3", "1 2 3 4", "", "\n", "abc\ndef", "true", "N",
	"a text that is longer than what it is written to",
};

/* What a call has to say, and what it has done. */
struct outcome {
	int err;
	size_t len;
	loff_t pos;
	union value value;
};

static void ask(const struct ctl_table *table, int write, char *buffer, size_t len,
		loff_t pos, struct outcome *outcome)
{
	memset(outcome, 0, sizeof(*outcome));
	outcome->len = len;
	outcome->pos = pos;
	outcome->err = table->proc_handler(table, write, buffer, &outcome->len,
					   &outcome->pos);
	memcpy(&outcome->value, table->data, sizeof(outcome->value));
}

static void same_write(struct kunit *test, const struct pair *pair,
		       const char *input, const union value *before, loff_t pos)
{
	char copy[64], copy_for_parent[64];
	struct outcome ours, parents;

	/* Both may cut it into words. */
	strscpy(copy, input);
	strscpy(copy_for_parent, input);
	plain_value = *before;
	KUNIT_ASSERT_EQ(test, wr_assign(protected_value, *before), 0);
	ask(&pair->ours, 1, copy, strlen(input), pos, &ours);
	ask(&pair->parents, 1, copy_for_parent, strlen(input), pos, &parents);
	KUNIT_EXPECT_MEMEQ_MSG(test, &ours, &parents, sizeof(ours),
			       "%s: \"%s\" at %lld: %d, parent %d",
			       pair->parents.procname, input, pos, ours.err, parents.err);
}

static void same_read(struct kunit *test, const struct pair *pair,
		      const union value *value, size_t len, loff_t pos)
{
	char ours_says[64] = "", parent_says[64] = "";
	struct outcome ours, parents;

	plain_value = *value;
	KUNIT_ASSERT_EQ(test, wr_assign(protected_value, *value), 0);
	ask(&pair->ours, 0, ours_says, len, pos, &ours);
	ask(&pair->parents, 0, parent_says, len, pos, &parents);
	KUNIT_EXPECT_MEMEQ_MSG(test, &ours, &parents, sizeof(ours),
			       "%s: read %zu at %lld", pair->parents.procname, len, pos);
	KUNIT_EXPECT_STREQ_MSG(test, ours_says, parent_says, "%s: read %zu at %lld",
			       pair->parents.procname, len, pos);
}

static void same_as_parent(struct kunit *test)
{
	static const union value values[] = {
		{ .text = "" }, { .text = "/sbin/helper" },
		{ .ints = { 1, 2, 3 } }, { .ulongs = { 5, 6, 7 } },
	};
	int i, j, k;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		for (j = 0; j < ARRAY_SIZE(values); j++) {
			/* A byte of text makes no bool. */
			if (pairs[i].ours.maxlen == sizeof(bool) && values[j].text[0] > 1)
				continue;
			for (k = 0; k < ARRAY_SIZE(inputs); k++) {
				same_write(test, &pairs[i], inputs[k], &values[j], 0);
				same_write(test, &pairs[i], inputs[k], &values[j], 3);
			}
			same_read(test, &pairs[i], &values[j], 40, 0);
			same_read(test, &pairs[i], &values[j], 2, 0);
			same_read(test, &pairs[i], &values[j], 40, 2);
		}
	}
}

static int write_int(const struct ctl_table *table, const char *text)
{
	size_t len = strlen(text);
	loff_t pos = 0;
	char copy[8];

	strscpy(copy, text);
	return proc_dointvec_wr(table, 1, copy, &len, &pos);
}

/* What it leads to can be chosen, what leads there cannot be written. */
static const struct ctl_table *table_of(struct kunit *test, int *data)
{
	const struct ctl_table init = {
		.procname = "chosen", .data = data, .maxlen = sizeof(*data),
	};
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_RO);
	struct ctl_table *table = pmemdup(pool, &init, sizeof(init));

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	return table;
}

/* What cannot be written is an error for who wants to, and stays as it is. */
static void refusals(struct kunit *test)
{
#ifdef CONFIG_PRMEM
	int *final, *ordinary = kunit_kzalloc(test, sizeof(*ordinary), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ordinary);
	final = prmem_test_protected(test, PMALLOC_MODE_RO, sizeof(*final), 0);
	prmem_test_watch_reports(test);

	KUNIT_EXPECT_EQ(test, write_int(table_of(test, final), "7"), -EACCES);
	KUNIT_EXPECT_EQ(test, *final, 0);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 1);
	KUNIT_EXPECT_EQ(test, write_int(table_of(test, ordinary), "7"), -EACCES);
	KUNIT_EXPECT_EQ(test, *ordinary, 0);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 2);

	/* What does not change is not written, nor is what is no number. */
	KUNIT_EXPECT_EQ(test, write_int(table_of(test, final), "0"), 0);
	KUNIT_EXPECT_EQ(test, write_int(table_of(test, final), "x"), -EINVAL);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 2);
#else
	int value = 0;

	KUNIT_EXPECT_EQ(test, write_int(table_of(test, &value), "7"), 0);
	KUNIT_EXPECT_EQ(test, value, 7);
#endif
}

#ifdef CONFIG_PRMEM
static struct ctl_table write_rare_table __wr_after_init = {
	.procname = "in the section", .data = &protected_value, .maxlen = sizeof(int),
};

/* Where nothing is protected, no table is, and each is taken. */
static void refused_by_table(struct kunit *test, const char *where,
			     const struct ctl_table *table)
{
	bool active = prmem_active();
	int want = active ? -EACCES : 0, nr = prmem_test_reports.nr;

	KUNIT_ASSERT_EQ(test, wr_assign(protected_value.ints[0], 5), 0);
	KUNIT_EXPECT_EQ_MSG(test, write_int(table, "7"), want, "%s", where);
	KUNIT_EXPECT_EQ_MSG(test, proc_check_table_wr(table), want, "%s", where);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.nr, nr + (active ? 2 : 0), "%s", where);
	KUNIT_EXPECT_EQ_MSG(test, protected_value.ints[0], active ? 5 : 7, "%s", where);
}

/* Who can write a table could have its handler write anything that is write-rare. */
static void i9_forged_tables(struct kunit *test)
{
	const struct ctl_table init = {
		.procname = "forged", .data = &protected_value, .maxlen = sizeof(int),
	};
	struct ctl_table *in_wr, *not_protected, *heap;

	heap = kunit_kmalloc(test, sizeof(init), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, heap);
	*heap = init;
	in_wr = prmem_test_protected(test, PMALLOC_MODE_WR, sizeof(init), 0);
	KUNIT_ASSERT_EQ(test, wr_memcpy(in_wr, &init, sizeof(init)), 0);
	not_protected = prmem_test_object(test, prmem_test_pool(test, PMALLOC_MODE_RO),
					  sizeof(init), 0);
	*not_protected = init;
	prmem_test_watch_reports(test);

	refused_by_table(test, "stack", &init);
	refused_by_table(test, "heap", heap);
	refused_by_table(test, "write-rare pool", in_wr);
	refused_by_table(test, "pool that is not protected", not_protected);
	refused_by_table(test, "write-rare section", &write_rare_table);
	KUNIT_EXPECT_EQ(test, proc_check_table_wr(&pairs[0].ours), 0);
	KUNIT_EXPECT_EQ(test, write_int(table_of(test, protected_value.ints), "7"), 0);
	KUNIT_EXPECT_EQ(test, protected_value.ints[0], 7);
}

/* Somebody stores to the variable while a handler refuses what it was given. */
static int refuse_meanwhile(const struct ctl_table *table, int write, void *buffer,
			    size_t *lenp, loff_t *ppos)
{
	return wr_assign(protected_value.ints[0], 6) ?: -EINVAL;
}

static int add_one(const struct ctl_table *table, int write, void *buffer,
		   size_t *lenp, loff_t *ppos)
{
	int value = *(int *)table->data;

	usleep_range(10, 20);
	*(int *)table->data = value + 1;
	return 0;
}

static int by_handler(proc_handler *handler)
{
	static const struct ctl_table table = {
		.procname = "by_handler", .data = &protected_value, .maxlen = sizeof(int),
	};
	size_t len = 0;
	loff_t pos = 0;

	return proc_handler_wr(handler, &table, 1, NULL, &len, &pos);
}

static void refused_write_undoes_nothing(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, wr_assign(protected_value.ints[0], 5), 0);
	KUNIT_EXPECT_EQ(test, by_handler(refuse_meanwhile), -EINVAL);
	KUNIT_EXPECT_EQ(test, protected_value.ints[0], 6);
}

static atomic_t added;

static void add_some(struct work_struct *work)
{
	int i;

	for (i = 0; i < 50; i++)
		if (!by_handler(add_one))
			atomic_inc(&added);
}

/* From what a handler reads to what it leaves, nobody else writes through one. */
static void writers_exclude_each_other(struct kunit *test)
{
	atomic_set(&added, 0);
	KUNIT_ASSERT_EQ(test, wr_assign(protected_value.ints[0], 0), 0);
	KUNIT_ASSERT_EQ(test, schedule_on_each_cpu(add_some), 0);
	KUNIT_EXPECT_GE(test, atomic_read(&added), 50);
	KUNIT_EXPECT_EQ(test, protected_value.ints[0], atomic_read(&added));
}
#endif

static struct kunit_case sysctl_cases[] = {
	KUNIT_CASE(same_as_parent),
	KUNIT_CASE(refusals),
#ifdef CONFIG_PRMEM
	KUNIT_CASE(i9_forged_tables),
	KUNIT_CASE(refused_write_undoes_nothing),
	KUNIT_CASE(writers_exclude_each_other),
#endif
	{}
};

static struct kunit_suite sysctl_suite = {
	.name = "prmem_sysctl",
	.test_cases = sysctl_cases,
};

kunit_test_suite(sysctl_suite);

MODULE_DESCRIPTION("KUnit tests of sysctl handlers for write-rare variables");
MODULE_LICENSE("GPL");

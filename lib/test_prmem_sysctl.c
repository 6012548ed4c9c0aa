// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of the sysctl handlers for write-rare variables: each does what its
 * parent does to ordinary ones, and hands on what is refused.
 */
#include <kunit/test.h>
#include <linux/prmem.h>
#include <linux/sysctl.h>

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

struct pair {
	const char *name;
	proc_handler *ours;
	proc_handler *parent;
	size_t size;
	void *range;
	size_t range_size;
};

#define PAIR(name, member, ...)						\
	{ #name, name##_wr, name, sizeof_field(union value, member), __VA_ARGS__ }

static const struct pair pairs[] = {
	PAIR(proc_dostring, text),
	PAIR(proc_dobool, truth),
	PAIR(proc_dointvec, ints[0]),
	PAIR(proc_dointvec, ints),
	PAIR(proc_dointvec_minmax, ints[0], int_range, sizeof(int_range[0])),
	PAIR(proc_dointvec_minmax, ints, int_range, sizeof(int_range[0])),
	PAIR(proc_doulongvec_minmax, ulongs[0], ulong_range, sizeof(ulong_range[0])),
	PAIR(proc_doulongvec_minmax, ulongs, ulong_range, sizeof(ulong_range[0])),
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

static void ask(const struct pair *pair, proc_handler *handler, void *data,
		int write, char *buffer, size_t len, loff_t pos, struct outcome *outcome)
{
	struct ctl_table table = {
		.procname = pair->name, .data = data, .maxlen = pair->size,
		.extra1 = pair->range,
		.extra2 = pair->range ? pair->range + pair->range_size : NULL,
	};

	memset(outcome, 0, sizeof(*outcome));
	outcome->len = len;
	outcome->pos = pos;
	outcome->err = handler(&table, write, buffer, &outcome->len, &outcome->pos);
	memcpy(&outcome->value, data, sizeof(outcome->value));
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
	ask(pair, pair->ours, &protected_value, 1, copy, strlen(input), pos, &ours);
	ask(pair, pair->parent, &plain_value, 1, copy_for_parent, strlen(input), pos,
	    &parents);
	KUNIT_EXPECT_MEMEQ_MSG(test, &ours, &parents, sizeof(ours),
			       "%s: \"%s\" at %lld: %d, parent %d", pair->name, input,
			       pos, ours.err, parents.err);
}

static void same_read(struct kunit *test, const struct pair *pair,
		      const union value *value, size_t len, loff_t pos)
{
	char ours_says[64] = "", parent_says[64] = "";
	struct outcome ours, parents;

	plain_value = *value;
	KUNIT_ASSERT_EQ(test, wr_assign(protected_value, *value), 0);
	ask(pair, pair->ours, &protected_value, 0, ours_says, len, pos, &ours);
	ask(pair, pair->parent, &plain_value, 0, parent_says, len, pos, &parents);
	KUNIT_EXPECT_MEMEQ_MSG(test, &ours, &parents, sizeof(ours),
			       "%s: read %zu at %lld", pair->name, len, pos);
	KUNIT_EXPECT_STREQ_MSG(test, ours_says, parent_says, "%s: read %zu at %lld",
			       pair->name, len, pos);
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
			if (pairs[i].size == sizeof(bool) && values[j].text[0] > 1)
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

static int write_int(int *data, const char *text)
{
	struct ctl_table table = {
		.procname = "refused", .data = data, .maxlen = sizeof(*data),
	};
	size_t len = strlen(text);
	loff_t pos = 0;
	char copy[8];

	strscpy(copy, text);
	return proc_dointvec_wr(&table, 1, copy, &len, &pos);
}

/* What cannot be written is an error for who wants to, and stays as it is. */
static void refusals(struct kunit *test)
{
#ifdef CONFIG_PRMEM
	int *final, *ordinary = kunit_kzalloc(test, sizeof(*ordinary), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ordinary);
	final = prmem_test_protected(test, PMALLOC_MODE_RO, sizeof(*final), 0);
	prmem_test_watch_reports(test);

	KUNIT_EXPECT_EQ(test, write_int(final, "7"), -EACCES);
	KUNIT_EXPECT_EQ(test, *final, 0);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 1);
	KUNIT_EXPECT_EQ(test, write_int(ordinary, "7"), -EACCES);
	KUNIT_EXPECT_EQ(test, *ordinary, 0);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 2);

	/* What does not change is not written, nor is what is no number. */
	KUNIT_EXPECT_EQ(test, write_int(final, "0"), 0);
	KUNIT_EXPECT_EQ(test, write_int(final, "x"), -EINVAL);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 2);
#else
	int value = 0;

	KUNIT_EXPECT_EQ(test, write_int(&value, "7"), 0);
	KUNIT_EXPECT_EQ(test, value, 7);
#endif
}

static struct kunit_case sysctl_cases[] = {
	KUNIT_CASE(same_as_parent),
	KUNIT_CASE(refusals),
	{}
};

static struct kunit_suite sysctl_suite = {
	.name = "prmem_sysctl",
	.test_cases = sysctl_cases,
};

kunit_test_suite(sysctl_suite);

MODULE_DESCRIPTION("KUnit tests of sysctl handlers for write-rare variables");
MODULE_LICENSE("GPL");

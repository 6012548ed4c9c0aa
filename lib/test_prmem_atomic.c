// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: typed accessors and atomics, each against
 * what the plain operation does to a copy in ordinary memory. The same with
 * PRMEM=n.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/pratomic.h>
#include <linux/prmem.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "test_prmem.h"

/* The words that are written are in the middle, between neighbours. */
#define FIELD	64
#define WORD	24

static u8 static_field[FIELD] __wr_after_init __aligned(8);
static u8 model[FIELD] __aligned(8);

/* Write-rare memory of each kind, with the contents of the model. */
static void on_each_field(struct kunit *test,
			  void (*fn)(struct kunit *test, u8 *field))
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);

	memset(model, 0x5a, FIELD);
	fn(test, prmem_test_object(test, pool, FIELD, 0x5a));
	memset(model, 0x5a, FIELD);
	fn(test, prmem_test_protected(test, PMALLOC_MODE_WR, FIELD, 0x5a));
	memset(model, 0x5a, FIELD);
	KUNIT_ASSERT_EQ(test, wr_memset(static_field, 0x5a, FIELD), 0);
	fn(test, static_field);
}

/* Typed accessors */

#define CHECK_STORE(field, type, call, value)				\
do {									\
	type *word = (type *)((field) + WORD);				\
									\
	KUNIT_EXPECT_EQ(test, call, 0);					\
	*(type *)(model + WORD) = (value);				\
	KUNIT_EXPECT_MEMEQ_MSG(test, field, model, FIELD, "%s", #call);	\
} while (0)

#define CHECK_TYPED(field, type, fn, least, most)			\
do {									\
	CHECK_STORE(field, type, fn(word, least), least);		\
	CHECK_STORE(field, type, fn(word, most), most);			\
	CHECK_STORE(field, type, fn(word, 0), 0);			\
	CHECK_STORE(field, type, fn(word, 0x35), 0x35);			\
} while (0)

static void typed(struct kunit *test, u8 *field)
{
	CHECK_TYPED(field, char, wr_char, (char)0x80, (char)0xff);
	CHECK_TYPED(field, short, wr_short, SHRT_MIN, SHRT_MAX);
	CHECK_TYPED(field, unsigned short, wr_ushort, 1, USHRT_MAX);
	CHECK_TYPED(field, int, wr_int, INT_MIN, INT_MAX);
	CHECK_TYPED(field, unsigned int, wr_uint, 1, UINT_MAX);
	CHECK_TYPED(field, long, wr_long, LONG_MIN, LONG_MAX);
	CHECK_TYPED(field, unsigned long, wr_ulong, 1, ULONG_MAX);
	CHECK_TYPED(field, long long, wr_longlong, LLONG_MIN, LLONG_MAX);
	CHECK_TYPED(field, unsigned long long, wr_ulonglong, 1, ULLONG_MAX);
}

static void accessors_of_each_type(struct kunit *test)
{
	on_each_field(test, typed);
}

struct three {
	u8 bytes[3];
};

struct sixteen {
	u64 words[2];
};

static void objects(struct kunit *test, u8 *field)
{
	const struct sixteen sixteen = { { 0x1122334455667788, 0x99 } };
	const struct three three = { { 1, 2, 3 } };
	void __rcu **published = (void __rcu **)(field + WORD);

	CHECK_STORE(field, struct three, wr_assign(*word, three), three);
	CHECK_STORE(field, struct sixteen, wr_assign(*word, sixteen), sixteen);
	CHECK_STORE(field, bool, wr_assign(*word, true), true);
	CHECK_STORE(field, void *, wr_assign(*word, field), field);
	CHECK_STORE(field, void *, wr_ptr(word, (void *)test), (void *)test);
	CHECK_STORE(field, void *, wr_ptr(word, NULL), NULL);
	CHECK_STORE(field, void *,
		    ({ (void)word; wr_rcu_assign_pointer(*published, field); }),
		    field);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference(*published), (void *)field);
	rcu_read_unlock();
}

static void assign_objects_and_pointers(struct kunit *test)
{
	on_each_field(test, objects);
}

/* A value is evaluated once, and so is the place. */
static void arguments_are_evaluated_once(struct kunit *test)
{
	u32 *words = prmem_test_protected(test, PMALLOC_MODE_WR, 64, 0), *p = words;
	u32 n = 1, old = 77;

	KUNIT_EXPECT_EQ(test, wr_assign(*p++, n++), 0);
	KUNIT_EXPECT_EQ(test, wr_uint(p++, n++), 0);
	KUNIT_EXPECT_EQ(test, wr_xchg(p++, n++, &old), 0);
	KUNIT_EXPECT_EQ(test, old, 0);
	KUNIT_EXPECT_EQ(test, wr_cmpxchg(p++, 0, n++, &old), 0);
	KUNIT_EXPECT_EQ(test, wr_fetch_add(p++, n++, NULL), 0);
	KUNIT_EXPECT_EQ(test, wr_fetch_or(p++, n++, NULL), 0);
	KUNIT_EXPECT_EQ(test, wr_inc(p++), 0);
	KUNIT_EXPECT_PTR_EQ(test, p, words + 7);
	KUNIT_EXPECT_EQ(test, n, 7);
	for (n = 0; n < 6; n++)
		KUNIT_EXPECT_EQ(test, words[n], n + 1);
	KUNIT_EXPECT_EQ(test, words[6], 1);
}

/* Atomics: the ends of the range, both signs, and bits that alternate. */
static const u64 inputs[] = {
	0, 1, 2, -1ULL, -2ULL, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff,
	0x80000000, 0xffffffff, S64_MAX, 1ULL << 63, 0x5a5a5a5a5a5a5a5aULL,
	0xa5a5a5a5a5a5a5a5ULL,
};

/* @call must leave @next, and hand out what was there. */
#define CHECK_ATOMIC(call, next)					\
do {									\
	was = *word;							\
	old = (typeof(old))0x33;					\
	KUNIT_EXPECT_EQ(test, call, 0);					\
	KUNIT_EXPECT_TRUE_MSG(test, old == was, "%s", #call);		\
	*copy = (next);							\
	KUNIT_EXPECT_MEMEQ_MSG(test, field, model, FIELD, "%s", #call);	\
} while (0)

/* The same when nobody wants to know what was there. */
#define CHECK_ATOMIC_NULL(call, next)					\
do {									\
	was = *word;							\
	KUNIT_EXPECT_EQ(test, call, 0);					\
	*copy = (next);							\
	KUNIT_EXPECT_MEMEQ_MSG(test, field, model, FIELD, "%s", #call);	\
} while (0)

#define CHECK_FETCH(name, op)						\
do {									\
	CHECK_ATOMIC(wr_fetch_##name(word, i, &old), was op i);		\
	CHECK_ATOMIC_NULL(wr_fetch_##name(word, i, NULL), was op i);	\
} while (0)

/* Sums of signed types wrap around as those of unsigned types do. */
#define DEFINE_ATOMICS(type)						\
static void type##_with(struct kunit *test, u8 *field, type i)		\
{									\
	type *word = (type *)(field + WORD);				\
	type *copy = (type *)(model + WORD);				\
	type was, old;							\
									\
	CHECK_FETCH(xor, ^);						\
	CHECK_FETCH(or, |);						\
	CHECK_ATOMIC(wr_fetch_add(word, i, &old), (u64)was + (u64)i);	\
	CHECK_ATOMIC_NULL(wr_fetch_add(word, i, NULL), (u64)was + (u64)i); \
	CHECK_ATOMIC_NULL(wr_inc(word), (u64)was + 1);			\
	CHECK_ATOMIC_NULL(wr_dec(word), (u64)was - 1);			\
	CHECK_FETCH(and, &);						\
	CHECK_ATOMIC(wr_xchg(word, i, &old), i);			\
	CHECK_ATOMIC_NULL(wr_xchg(word, (type)~i, NULL), (type)~i);	\
	CHECK_ATOMIC(wr_cmpxchg(word, (type)~i, i, &old), i);		\
	/* A miss: nothing is stored, and what was found is told. */	\
	CHECK_ATOMIC(wr_cmpxchg(word, (type)~i, 0x11, &old), was);	\
}									\
									\
static void type##_each(struct kunit *test, u8 *field)			\
{									\
	int i;								\
									\
	for (i = 0; i < ARRAY_SIZE(inputs); i++)			\
		type##_with(test, field, inputs[i]);			\
}									\
									\
static void atomics_##type(struct kunit *test)				\
{									\
	on_each_field(test, type##_each);				\
}

DEFINE_ATOMICS(u8)
DEFINE_ATOMICS(s8)
DEFINE_ATOMICS(u16)
DEFINE_ATOMICS(s16)
DEFINE_ATOMICS(u32)
DEFINE_ATOMICS(s32)
DEFINE_ATOMICS(u64)
DEFINE_ATOMICS(s64)

static void pointers(struct kunit *test, u8 *field)
{
	void **word = (void **)(field + WORD), **copy = (void **)(model + WORD);
	void *was, *old;

	CHECK_ATOMIC(wr_xchg(word, (void *)test, &old), test);
	CHECK_ATOMIC(wr_cmpxchg(word, (void *)test, (void *)field, &old), field);
	CHECK_ATOMIC(wr_cmpxchg(word, (void *)test, NULL, &old), was);
	CHECK_ATOMIC_NULL(wr_xchg(word, NULL, NULL), NULL);
}

static void atomics_pointer(struct kunit *test)
{
	on_each_field(test, pointers);
}

/* Each verb of pratomic_t and its kin, beside its model on the same inputs. */

#define TWIN_SET(at, pr)						\
do {									\
	at##_set(&twin, start);						\
	KUNIT_EXPECT_EQ(test, pr##_set(v, start), 0);			\
	KUNIT_EXPECT_EQ(test, pr##_read(v), at##_read(&twin));		\
} while (0)

#define TWIN_SAME(at, pr, verb)						\
do {									\
	KUNIT_EXPECT_EQ_MSG(test, pr##_read(v), at##_read(&twin),	\
			    "%s of %lld and %lld", #verb, (s64)start, (s64)i); \
	KUNIT_EXPECT_EQ(test, pr##_read_acquire(v), at##_read(&twin));	\
} while (0)

#define TWIN_VOID(at, pr, verb, ...)					\
do {									\
	TWIN_SET(at, pr);						\
	at##_##verb(__VA_ARGS__ &twin);					\
	KUNIT_EXPECT_EQ(test, pr##_##verb(__VA_ARGS__ v), 0);		\
	TWIN_SAME(at, pr, verb);					\
} while (0)

/* What the model returns, the twin stores; NULL is a place for it, too. */
#define TWIN_VALUE(at, pr, verb, ...)					\
do {									\
	TWIN_SET(at, pr);						\
	want = at##_##verb(__VA_ARGS__ &twin);				\
	KUNIT_EXPECT_EQ(test, pr##_##verb(__VA_ARGS__ v, &got), 0);	\
	KUNIT_EXPECT_EQ_MSG(test, got, want, "%s of %lld and %lld", #verb, \
			    (s64)start, (s64)i);			\
	TWIN_SAME(at, pr, verb);					\
	at##_##verb(__VA_ARGS__ &twin);					\
	KUNIT_EXPECT_EQ(test, pr##_##verb(__VA_ARGS__ v, NULL), 0);	\
	TWIN_SAME(at, pr, verb);					\
} while (0)

#define TWIN_BOOL(at, pr, verb, ...)					\
do {									\
	bool twin_did, did;						\
									\
	TWIN_SET(at, pr);						\
	twin_did = at##_##verb(__VA_ARGS__ &twin);			\
	did = !twin_did;						\
	KUNIT_EXPECT_EQ(test, pr##_##verb(__VA_ARGS__ v, &did), 0);	\
	KUNIT_EXPECT_EQ_MSG(test, did, twin_did, "%s of %lld and %lld", #verb, \
			    (s64)start, (s64)i);			\
	TWIN_SAME(at, pr, verb);					\
} while (0)

/* These take the counter first. */
#define TWIN_UNLESS(at, pr, u)						\
do {									\
	bool twin_did, did;						\
									\
	TWIN_SET(at, pr);						\
	want = at##_fetch_add_unless(&twin, i, u);			\
	KUNIT_EXPECT_EQ(test, pr##_fetch_add_unless(v, i, u, &got), 0);	\
	KUNIT_EXPECT_EQ(test, got, want);				\
	TWIN_SAME(at, pr, fetch_add_unless);				\
	TWIN_SET(at, pr);						\
	twin_did = at##_add_unless(&twin, i, u);			\
	did = !twin_did;						\
	KUNIT_EXPECT_EQ(test, pr##_add_unless(v, i, u, &did), 0);	\
	KUNIT_EXPECT_EQ(test, did, twin_did);				\
	TWIN_SAME(at, pr, add_unless);					\
} while (0)

#define TWIN_XCHG(at, pr, expected)					\
do {									\
	bool twin_did, did;						\
									\
	TWIN_SET(at, pr);						\
	want = at##_xchg(&twin, i);					\
	KUNIT_EXPECT_EQ(test, pr##_xchg(v, i, &got), 0);		\
	KUNIT_EXPECT_EQ(test, got, want);				\
	TWIN_SAME(at, pr, xchg);					\
	TWIN_SET(at, pr);						\
	want = at##_cmpxchg(&twin, expected, i);			\
	KUNIT_EXPECT_EQ(test, pr##_cmpxchg(v, expected, i, &got), 0);	\
	KUNIT_EXPECT_EQ(test, got, want);				\
	TWIN_SAME(at, pr, cmpxchg);					\
	TWIN_SET(at, pr);						\
	want = (expected);						\
	got = want;							\
	twin_did = at##_try_cmpxchg(&twin, &want, i);			\
	did = !twin_did;						\
	KUNIT_EXPECT_EQ(test, pr##_try_cmpxchg(v, &got, i, &did), 0);	\
	KUNIT_EXPECT_EQ(test, did, twin_did);				\
	KUNIT_EXPECT_EQ(test, got, want);				\
	TWIN_SAME(at, pr, try_cmpxchg);					\
} while (0)

/*
 * From the lowest number some models wrap around, and others do not. What is told
 * must be what was done.
 */
#define TWIN_IF_POSITIVE(at, pr, type)					\
do {									\
	TWIN_SET(at, pr);						\
	KUNIT_EXPECT_EQ(test, pr##_dec_if_positive(v, &got), 0);	\
	if ((type)((u64)start - 1) > start) {				\
		KUNIT_EXPECT_EQ(test, got >= 0, pr##_read(v) != start);	\
		break;							\
	}								\
	want = at##_dec_if_positive(&twin);				\
	KUNIT_EXPECT_EQ(test, got, want);				\
	TWIN_SAME(at, pr, dec_if_positive);				\
} while (0)

/* The argument before the counter, and none. */
#define WITH_I		i,
#define ALONE

#define DEFINE_TWINS(at, pr, type)					\
static void pr##_with(struct kunit *test, pr##_t *v, type start, type i) \
{									\
	at##_t twin;							\
	type want, got;							\
									\
	TWIN_VOID(at, pr, add, WITH_I);				\
	TWIN_VOID(at, pr, sub, WITH_I);				\
	TWIN_VOID(at, pr, and, WITH_I);				\
	TWIN_VOID(at, pr, andnot, WITH_I);				\
	TWIN_VOID(at, pr, or, WITH_I);					\
	TWIN_VOID(at, pr, xor, WITH_I);				\
	TWIN_VOID(at, pr, inc, ALONE);					\
	TWIN_VOID(at, pr, dec, ALONE);					\
	TWIN_VALUE(at, pr, add_return, WITH_I);			\
	TWIN_VALUE(at, pr, sub_return, WITH_I);			\
	TWIN_VALUE(at, pr, inc_return, ALONE);				\
	TWIN_VALUE(at, pr, dec_return, ALONE);				\
	TWIN_VALUE(at, pr, fetch_add, WITH_I);				\
	TWIN_VALUE(at, pr, fetch_sub, WITH_I);				\
	TWIN_VALUE(at, pr, fetch_and, WITH_I);				\
	TWIN_VALUE(at, pr, fetch_andnot, WITH_I);			\
	TWIN_VALUE(at, pr, fetch_or, WITH_I);				\
	TWIN_VALUE(at, pr, fetch_xor, WITH_I);				\
	TWIN_VALUE(at, pr, fetch_inc, ALONE);				\
	TWIN_VALUE(at, pr, fetch_dec, ALONE);				\
	TWIN_BOOL(at, pr, sub_and_test, WITH_I);			\
	TWIN_BOOL(at, pr, inc_and_test, ALONE);				\
	TWIN_BOOL(at, pr, dec_and_test, ALONE);				\
	TWIN_BOOL(at, pr, add_negative, WITH_I);			\
	TWIN_BOOL(at, pr, inc_not_zero, ALONE);				\
	TWIN_BOOL(at, pr, inc_unless_negative, ALONE);			\
	TWIN_BOOL(at, pr, dec_unless_positive, ALONE);			\
	TWIN_UNLESS(at, pr, start);					\
	TWIN_UNLESS(at, pr, i);						\
	TWIN_XCHG(at, pr, start);					\
	TWIN_XCHG(at, pr, i);						\
	TWIN_IF_POSITIVE(at, pr, type);					\
	KUNIT_EXPECT_EQ(test, pr##_set_release(v, i), 0);		\
	KUNIT_EXPECT_EQ(test, pr##_read(v), i);				\
}									\
									\
static void pr##_is_its_model(struct kunit *test)			\
{									\
	pr##_t *v = prmem_test_protected(test, PMALLOC_MODE_WR,		\
					 3 * sizeof(*v), 0x5a);		\
	u8 beside[sizeof(*v)];						\
	int s, i;							\
									\
	memset(beside, 0x5a, sizeof(beside));				\
	for (s = 0; s < ARRAY_SIZE(inputs); s++)			\
		for (i = 0; i < ARRAY_SIZE(inputs); i++)		\
			pr##_with(test, v + 1, inputs[s], inputs[i]);	\
	KUNIT_EXPECT_MEMEQ(test, &v[0], beside, sizeof(beside));	\
	KUNIT_EXPECT_MEMEQ(test, &v[2], beside, sizeof(beside));	\
}

DEFINE_TWINS(atomic, pratomic, int)
DEFINE_TWINS(atomic_long, pratomic_long, long)
DEFINE_TWINS(atomic64, pratomic64, s64)

static pratomic_t counter __wr_after_init = PRATOMIC_INIT(-7);
static pratomic_long_t long_counter __wr_after_init = PRATOMIC_LONG_INIT(-8);
static pratomic64_t counter64 __wr_after_init = PRATOMIC64_INIT(-9);

static void pratomic_initialisers(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, pratomic_read(&counter), -7);
	KUNIT_EXPECT_EQ(test, pratomic_long_read(&long_counter), -8);
	KUNIT_EXPECT_EQ(test, pratomic64_read(&counter64), -9);
	KUNIT_EXPECT_EQ(test, pratomic_inc(&counter), 0);
	KUNIT_EXPECT_EQ(test, pratomic_read(&counter), -6);
	KUNIT_EXPECT_EQ(test, pratomic_dec(&counter), 0);
}

/* I5: atomic against all CPUs and against interrupts on the same CPU */

#define COUNTS	1000
#define IPIS	200
/* Far longer than the work of a tick, also where a CPU is emulated. */
#define TICK_NS	(5 * NSEC_PER_MSEC)

struct counters {
	u64 quad;
	u64 compared;
	u32 word;
	u32 mask;
	u16 half;
	u8 byte;
	u8 other_byte;
	pratomic_t typed;
};

struct race {
	struct counters *shared;
	struct completion done;
	struct hrtimer timer;
	atomic_t begun;
	atomic_t errors;
	atomic_t ticks;
	bool stop;
};

static int count_compared(u64 *word)
{
	u64 seen = READ_ONCE(*word), found;
	int err;

	for (;; seen = found) {
		err = wr_cmpxchg(word, seen, seen + 1, &found);
		if (err || found == seen)
			return err;
	}
}

static void count_once(struct race *race)
{
	struct counters *c = race->shared;
	u32 bit = BIT(smp_processor_id() % 32), old;
	int err;

	err = wr_inc(&c->quad) ?: count_compared(&c->compared) ?:
	      wr_inc(&c->word) ?: wr_fetch_add(&c->half, 3, NULL) ?:
	      wr_inc(&c->byte) ?: wr_dec(&c->other_byte) ?:
	      pratomic_inc(&c->typed);
	if (err)
		atomic_inc(&race->errors);
	/* A bit of its own: nobody else changes it. */
	if (wr_fetch_or(&c->mask, bit, NULL) || wr_fetch_xor(&c->mask, bit, &old))
		atomic_inc(&race->errors);
	if (!(old & bit))
		atomic_inc(&race->errors);
}

static void count_in_interrupt(void *arg)
{
	struct race *race = arg;

	count_once(race);
	atomic_inc(&race->ticks);
}

static enum hrtimer_restart count_in_timer(struct hrtimer *timer)
{
	count_in_interrupt(container_of(timer, struct race, timer));
	hrtimer_forward_now(timer, ns_to_ktime(TICK_NS));
	return HRTIMER_RESTART;
}

static int count_in_thread(void *arg)
{
	struct race *race = arg;
	int i;

	atomic_inc(&race->begun);
	for (i = 0; i < COUNTS; i++) {
		/* The bit is to be the thread's alone, also in an interrupt. */
		local_irq_disable();
		count_once(race);
		local_irq_enable();
		if (wr_inc(&race->shared->quad) ||
		    wr_dec(&race->shared->other_byte) ||
		    count_compared(&race->shared->compared))
			atomic_inc(&race->errors);
	}
	complete(&race->done);
	return 0;
}

static void run_race(struct kunit *test, struct race *race)
{
	struct task_struct *thread;
	unsigned int cpu, i;

	for_each_online_cpu(cpu) {
		thread = kthread_create_on_cpu(count_in_thread, race, cpu,
					       "prmem_count/%u");
		KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
		wake_up_process(thread);
	}
	hrtimer_init(&race->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	race->timer.function = count_in_timer;
	hrtimer_start(&race->timer, ns_to_ktime(TICK_NS), HRTIMER_MODE_REL_HARD);
	for (i = 0; i < IPIS; i++)
		on_each_cpu(count_in_interrupt, race, /*wait=*/1);
	for_each_online_cpu(cpu)
		wait_for_completion(&race->done);
	hrtimer_cancel(&race->timer);
}

static void i5_atomics_on_all_cpus(struct kunit *test)
{
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct counters *c;
	u64 threads, all;

	KUNIT_ASSERT_NOT_NULL(test, race);
	init_completion(&race->done);
	c = prmem_test_protected(test, PMALLOC_MODE_WR, sizeof(*c), 0);
	race->shared = c;
	run_race(test, race);

	threads = (u64)num_online_cpus() * COUNTS;
	all = threads + atomic_read(&race->ticks);
	KUNIT_EXPECT_GT(test, atomic_read(&race->ticks), IPIS);
	KUNIT_EXPECT_EQ(test, atomic_read(&race->errors), 0);
	KUNIT_EXPECT_EQ(test, c->quad, all + threads);
	KUNIT_EXPECT_EQ(test, c->compared, all + threads);
	KUNIT_EXPECT_EQ(test, c->word, (u32)all);
	KUNIT_EXPECT_EQ(test, c->half, (u16)(3 * all));
	KUNIT_EXPECT_EQ(test, c->byte, (u8)all);
	KUNIT_EXPECT_EQ(test, c->other_byte, (u8)-(all + threads));
	KUNIT_EXPECT_EQ(test, pratomic_read(&c->typed), (int)all);
	KUNIT_EXPECT_EQ(test, c->mask, 0);
}

static struct kunit_case atomic_cases[] = {
	KUNIT_CASE(accessors_of_each_type),
	KUNIT_CASE(assign_objects_and_pointers),
	KUNIT_CASE(arguments_are_evaluated_once),
	KUNIT_CASE(atomics_u8),
	KUNIT_CASE(atomics_s8),
	KUNIT_CASE(atomics_u16),
	KUNIT_CASE(atomics_s16),
	KUNIT_CASE(atomics_u32),
	KUNIT_CASE(atomics_s32),
	KUNIT_CASE(atomics_u64),
	KUNIT_CASE(atomics_s64),
	KUNIT_CASE(atomics_pointer),
	KUNIT_CASE(pratomic_is_its_model),
	KUNIT_CASE(pratomic_long_is_its_model),
	KUNIT_CASE(pratomic64_is_its_model),
	KUNIT_CASE(pratomic_initialisers),
	KUNIT_CASE(i5_atomics_on_all_cpus),
	{}
};

static struct kunit_suite atomic_suite = {
	.name = "prmem_atomic",
	.test_cases = atomic_cases,
};

kunit_test_suite(atomic_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: what must be true of the kernel in a session
 * and after it, and what a session must refuse.
 */
#include <kunit/test.h>
#include <linux/cpu.h>
#include <linux/cpufeature.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/hardirq.h>
#include <linux/hrtimer.h>
#include <linux/hw_breakpoint.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/kdebug.h>
#include <linux/kthread.h>
#include <linux/nmi.h>
#include <linux/notifier.h>
#include <linux/panic.h>
#include <linux/perf_event.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <asm/sections.h>
#ifdef CONFIG_X86_64
#include <asm/apic.h>
#include <asm/nmi.h>
#include <asm/tlbflush.h>
#endif

#include "test_prmem.h"

#define WORDS	(PAGE_SIZE / sizeof(u64))

/* Objects of so many pages, each word 0. */
static u64 *pages_of_words(struct kunit *test, unsigned int nr)
{
	return prmem_test_protected(test, PMALLOC_MODE_WR, nr * PAGE_SIZE, 0);
}

/* Counting */

#ifdef CONFIG_PRMEM_STATS
static struct prmem_stats counted;

/* With interrupts off, so that only the caller counts on this CPU. */
static void count_begin(unsigned long *flags)
{
	local_irq_save(*flags);
	counted = *this_cpu_ptr(&prmem_stats);
}

static void count_end(unsigned long flags)
{
	const struct prmem_stats *now = this_cpu_ptr(&prmem_stats);

	counted.switches = now->switches - counted.switches;
	counted.remaps = now->remaps - counted.remaps;
	counted.refused = now->refused - counted.refused;
	local_irq_restore(flags);
}

static void must_count(struct kunit *test, const char *what,
		       unsigned long switches, unsigned long remaps,
		       unsigned long refused)
{
	KUNIT_EXPECT_EQ_MSG(test, counted.switches, switches, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, counted.remaps, remaps, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, counted.refused, refused, "%s", what);
}

static void single_write_counts(struct kunit *test)
{
	u64 *words = pages_of_words(test, 3);
	unsigned long flags;
	int err;

	count_begin(&flags);
	err = wr_assign(words[0], 1);
	count_end(flags);
	KUNIT_EXPECT_EQ(test, err, 0);
	must_count(test, "one word", 1, 1, 0);

	count_begin(&flags);
	err = wr_memset(words, 2, 3 * PAGE_SIZE);
	count_end(flags);
	KUNIT_EXPECT_EQ(test, err, 0);
	must_count(test, "three pages", 3, 3, 0);
}

/* One switch, and one remap for each page. */
static void session_switches_once(struct kunit *test)
{
	u64 *words = pages_of_words(test, PRMEM_SLOTS);
	unsigned long flags;
	int i, err = 0;

	count_begin(&flags);
	scoped_guard(wr_session)
		barrier();
	count_end(flags);
	must_count(test, "empty", 1, 0, 0);

	count_begin(&flags);
	scoped_guard(wr_session) {
		for (i = 0; i < 30; i++) {
			guard(wr_session)();
			err |= wr_assign(words[i % 3 * WORDS + i], i + 1);
			err |= wr_memset(&words[100 + i], i, 8);
		}
	}
	count_end(flags);
	KUNIT_EXPECT_EQ(test, err, 0);
	must_count(test, "three pages", 1, 3, 0);

	count_begin(&flags);
	scoped_guard(wr_session) {
		for (i = 0; i < 5 * PRMEM_SLOTS; i++)
			err |= wr_inc(&words[i % PRMEM_SLOTS * WORDS]);
	}
	count_end(flags);
	KUNIT_EXPECT_EQ(test, err, 0);
	must_count(test, "all slots", 1, PRMEM_SLOTS, 0);
}

/* A page that is met again after its slot was needed costs one more remap. */
static void session_evicts(struct kunit *test)
{
	const unsigned int nr = PRMEM_SLOTS + 1;
	u64 *words = pages_of_words(test, nr);
	unsigned long flags;
	unsigned int i;
	int err = 0;

	count_begin(&flags);
	scoped_guard(wr_session) {
		for (i = 0; i < nr; i++)
			err |= wr_assign(words[i * WORDS], i + 1);
		err |= wr_assign(words[(nr - 1) * WORDS], 77);
		err |= wr_assign(words[0], 55);
	}
	count_end(flags);
	KUNIT_EXPECT_EQ(test, err, 0);
	must_count(test, "one too many", 1, nr + 1, 0);
	KUNIT_EXPECT_EQ(test, words[0], 55);
	for (i = 1; i < nr - 1; i++)
		KUNIT_EXPECT_EQ(test, words[i * WORDS], i + 1);
	KUNIT_EXPECT_EQ(test, words[(nr - 1) * WORDS], 77);
}

static u64 ordinary = 1;

static void refusals_are_counted(struct kunit *test)
{
	u64 *words = pages_of_words(test, 1);
	unsigned long flags;
	int err[2];

	prmem_test_watch_reports(test);
	count_begin(&flags);
	err[0] = wr_assign(ordinary, 2);
	scoped_guard(wr_session) {
		err[1] = wr_memset(&ordinary, 2, 3);
		wr_assign(words[0], 3);
	}
	count_end(flags);
	KUNIT_EXPECT_EQ(test, err[0], -EACCES);
	KUNIT_EXPECT_EQ(test, err[1], -EACCES);
	KUNIT_EXPECT_EQ(test, counted.refused, 2);
	KUNIT_EXPECT_EQ(test, ordinary, 1);
}
#endif /* CONFIG_PRMEM_STATS */

/* The state of the CPU */

struct state {
	bool irqs_off;
	bool pagefault_disabled;
	unsigned int preempt;
	unsigned long masks;	/* what interrupts being off does not tell */
};

#ifdef CONFIG_ARM64
/* DAIF, and above it what masks interrupts, PMR or DAIF once more. */
static unsigned long masks_here(void)
{
	return arch_local_save_flags() << 16 | read_sysreg(daif);
}
#else
static unsigned long masks_here(void)
{
	return 0;
}
#endif

static struct state state_here(void)
{
	return (struct state){
		.irqs_off = irqs_disabled(),
		.pagefault_disabled = pagefault_disabled(),
		.preempt = preempt_count(),
		.masks = masks_here(),
	};
}

static void same_state(struct kunit *test, const struct state *a,
		       const struct state *b)
{
	KUNIT_EXPECT_EQ(test, a->irqs_off, b->irqs_off);
	KUNIT_EXPECT_EQ(test, a->pagefault_disabled, b->pagefault_disabled);
	KUNIT_EXPECT_EQ(test, a->preempt, b->preempt);
	KUNIT_EXPECT_EQ(test, a->masks, b->masks);
}

/* Before, in, in an inner one, after that, and after all. */
static void look_around(struct state *seen, u64 *word)
{
	seen[0] = state_here();
	wr_session_begin();
	wr_assign(*word, 1);
	seen[1] = state_here();
	wr_session_begin();
	wr_assign(*word, 2);
	seen[2] = state_here();
	wr_session_end();
	seen[3] = state_here();
	wr_session_end();
	seen[4] = state_here();
}

static void judge_state(struct kunit *test, const struct state *seen)
{
	int i;

	for (i = 1; i < 4; i++) {
		KUNIT_EXPECT_TRUE(test, seen[i].irqs_off);
		KUNIT_EXPECT_TRUE(test, seen[i].pagefault_disabled);
		if (IS_ENABLED(CONFIG_PREEMPT_COUNT))
			KUNIT_EXPECT_GT(test, seen[i].preempt, seen[0].preempt);
	}
	same_state(test, &seen[1], &seen[3]);
	same_state(test, &seen[0], &seen[4]);
}

static void i2_session_has_interrupts_off(struct kunit *test)
{
	u64 *words = pages_of_words(test, 1);
	struct state seen[5];

	look_around(seen, words);
	KUNIT_EXPECT_FALSE(test, seen[0].irqs_off);
	judge_state(test, seen);

	local_irq_disable();
	look_around(seen, words);
	local_irq_enable();
	KUNIT_EXPECT_TRUE(test, seen[0].irqs_off);
	judge_state(test, seen);

	preempt_disable();
	pagefault_disable();
	look_around(seen, words);
	pagefault_enable();
	preempt_enable();
	KUNIT_EXPECT_TRUE(test, seen[0].pagefault_disabled);
	judge_state(test, seen);
}

/* No page table knows the aliases of a session that has ended, and no TLB. */
static void i1_session_leaves_no_alias(struct kunit *test)
{
	u64 *words = pages_of_words(test, PRMEM_SLOTS + 2);
	long seen[PRMEM_SLOTS], open[PRMEM_SLOTS];
	struct by_hand hand;
	int i, err = 0;

	preempt_disable();
	scoped_guard(wr_session) {
		for (i = 0; i < PRMEM_SLOTS + 2; i++)
			err |= wr_assign(words[i * WORDS], i);
		for (i = 0; i < PRMEM_SLOTS; i++)
			open[i] = prmem_test_read_alias((void *)prmem_this_window()->alias +
							i * PAGE_SIZE);
	}
	prmem_test_enter(&hand);
	for (i = 0; i < PRMEM_SLOTS; i++)
		seen[i] = prmem_test_read_alias(hand.alias + i * PAGE_SIZE);
	prmem_test_leave(&hand);
	preempt_enable();

	KUNIT_EXPECT_EQ(test, err, 0);
	for (i = 0; i < PRMEM_SLOTS; i++) {
		KUNIT_EXPECT_EQ(test, open[i], 0);
		KUNIT_EXPECT_EQ(test, seen[i], -EFAULT);
	}
	prmem_test_no_writable_alias(test);
}

/* Nor does it know the page whose slot another page got. */
static void i2_evicted_alias_is_gone(struct kunit *test)
{
	u64 *words = pages_of_words(test, PRMEM_SLOTS + 1);
	u64 first, before, after;
	int i;

	scoped_guard(wr_session) {
		const u64 *slot = (void *)prmem_this_window()->alias;

		wr_assign(words[0], 0x1111);
		if (copy_from_kernel_nofault(&before, slot, 8))
			before = 0;
		for (i = 1; i <= PRMEM_SLOTS; i++)
			wr_assign(words[i * WORDS], 0x2222 + i);
		if (copy_from_kernel_nofault(&after, slot, 8))
			after = 0;
		first = words[0];
	}
	KUNIT_EXPECT_EQ(test, first, 0x1111);
	KUNIT_EXPECT_EQ(test, before, 0x1111);
	KUNIT_EXPECT_EQ(test, after, 0x2222 + PRMEM_SLOTS);
}

static u64 static_word __wr_after_init;

/*
 * How many entries of this CPU's session say that they map something? To the
 * hardware, which looks at the lowest bit.
 */
static unsigned int present_words(void)
{
	pte_t *ptes = prmem_this_window()->slots + PRMEM_SLOTS;
	unsigned int i, nr = 0;

	for (i = 0; i < PRMEM_SESSION_ENTRIES; i++)
		nr += pte_val(ptep_get(&ptes[i])) & 1;
	return nr;
}

/* What a session keeps in its page table maps nothing, and stays in that table. */
static void i2_session_state_maps_nothing(struct kunit *test)
{
	u64 *words = pages_of_words(test, PRMEM_SLOTS + 1);
	const struct prmem_window *win;
	unsigned int cpu, i, present = 0;
	int err = 0;

	scoped_guard(wr_session) {
		for (i = 0; i <= PRMEM_SLOTS; i++) {
			guard(wr_session)();
			err |= wr_assign(words[i * WORDS + i], i);
			err |= wr_memset(&words[i * WORDS + 100], 1, 9 + i);
			present += present_words();
		}
		err |= wr_assign(static_word, 1);
		present += present_words();
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, present, 0);
	for_each_possible_cpu(cpu) {
		win = &prmem_windows[cpu];
		KUNIT_EXPECT_EQ(test, (unsigned long)win->slots & PAGE_MASK,
				((unsigned long)(prmem_session_of(win) + 1) - 1) &
				PAGE_MASK);
		KUNIT_EXPECT_EQ(test, pte_index(win->alias),
				offset_in_page(win->slots) / sizeof(pte_t));
	}
}

/* Stores that belong together: all of them, or none */

#define NR_TOGETHER	3

/*
 * One of @stores is for ordinary memory. Nothing must arrive, and whatever has an
 * alias already can still be written.
 */
static void refuse_together(struct kunit *test, void **good, unsigned int bad,
			    unsigned int open)
{
	static void *outside = &outside;
	struct wr_store stores[NR_TOGETHER];
	unsigned int i;
	int err[2], wrote = 0;

	for (i = 0; i < NR_TOGETHER; i++)
		stores[i] = (struct wr_store){ &good[i * WORDS], test };
	stores[bad].where = &outside;
	err[0] = __wr_stores(stores, NR_TOGETHER);
	scoped_guard(wr_session) {
		for (i = 0; i < open; i++)
			wrote |= wr_ptr(&good[(NR_TOGETHER + i) * WORDS], stores);
		err[1] = __wr_stores(stores, NR_TOGETHER);
		for (i = 0; i < open; i++)
			wrote |= wr_ptr(&good[(NR_TOGETHER + i) * WORDS], NULL);
	}
	KUNIT_EXPECT_EQ(test, err[0], -EACCES);
	KUNIT_EXPECT_EQ(test, err[1], -EACCES);
	KUNIT_EXPECT_EQ(test, wrote, 0);
	KUNIT_EXPECT_PTR_EQ(test, outside, (void *)&outside);
	for (i = 0; i < NR_TOGETHER + open; i++)
		KUNIT_EXPECT_NULL_MSG(test, good[i * WORDS], "place %u, bad %u", i, bad);
}

static void i4_stores_together_or_not_at_all(struct kunit *test)
{
	void **good = (void **)pages_of_words(test, NR_TOGETHER + PRMEM_SLOTS);
	unsigned int bad;

	prmem_test_watch_reports(test);
	for (bad = 0; bad < NR_TOGETHER; bad++) {
		refuse_together(test, good, bad, 0);
		refuse_together(test, good, bad, 1);
		refuse_together(test, good, bad, PRMEM_SLOTS);
	}
	prmem_test_no_writable_alias(test);
}

/* In a session that has all its slots in use, and on the first page again. */
static void stores_together_in_a_full_session(struct kunit *test)
{
	void **good = (void **)pages_of_words(test, NR_TOGETHER + PRMEM_SLOTS);
	struct wr_store stores[NR_TOGETHER];
	int err = 0;
	unsigned int i;

	for (i = 0; i < NR_TOGETHER; i++)
		stores[i] = (struct wr_store){ &good[i * WORDS + i], test };
	scoped_guard(wr_session) {
		for (i = 0; i < PRMEM_SLOTS; i++)
			err |= wr_ptr(&good[(NR_TOGETHER + i) * WORDS], test);
		err |= __wr_stores(stores, NR_TOGETHER);
		err |= wr_ptr(&good[NR_TOGETHER * WORDS + 1], test);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	for (i = 0; i < NR_TOGETHER; i++)
		KUNIT_EXPECT_PTR_EQ(test, good[i * WORDS + i], (void *)test);
	for (i = 0; i < PRMEM_SLOTS; i++)
		KUNIT_EXPECT_PTR_EQ(test, good[(NR_TOGETHER + i) * WORDS], (void *)test);
	KUNIT_EXPECT_PTR_EQ(test, good[NR_TOGETHER * WORDS + 1], (void *)test);
}

static void i4_stores_have_a_limit(struct kunit *test)
{
	void **good = (void **)pages_of_words(test, 1);
	struct wr_store stores[PRMEM_STORES + 1];
	unsigned int i;

	prmem_test_watch_reports(test);
	for (i = 0; i < ARRAY_SIZE(stores); i++)
		stores[i] = (struct wr_store){ &good[i], test };
	KUNIT_EXPECT_EQ(test, __wr_stores(stores, PRMEM_STORES + 1), -E2BIG);
	KUNIT_EXPECT_EQ(test, __wr_stores(stores, 0), -E2BIG);
	KUNIT_EXPECT_NULL(test, good[0]);
	KUNIT_EXPECT_EQ(test, __wr_stores(stores, PRMEM_STORES), 0);
	KUNIT_EXPECT_PTR_EQ(test, good[0], (void *)test);
	KUNIT_EXPECT_PTR_EQ(test, good[PRMEM_STORES - 1], (void *)test);
	KUNIT_EXPECT_NULL(test, good[PRMEM_STORES]);
	stores[1].where = (void *)&good[1] + 1;
	stores[0].val = NULL;
	KUNIT_EXPECT_EQ(test, __wr_stores(stores, 2), -EINVAL);
	KUNIT_EXPECT_PTR_EQ(test, good[0], (void *)test);
}

/*
 * The caller has no more pages to give than there are slots, in a session and out of
 * one, whatever the slots had. That is the caller's mistake, and not an attack.
 */
static void i4_stores_have_a_limit_of_pages(struct kunit *test)
{
	void **good = (void **)pages_of_words(test, PRMEM_SLOTS + 2);
	struct wr_store stores[PRMEM_SLOTS + 1];
	unsigned int i;

	prmem_test_watch_reports(test);
	for (i = 0; i < ARRAY_SIZE(stores); i++)
		stores[i] = (struct wr_store){ &good[i * WORDS], test };
	KUNIT_EXPECT_EQ(test, __wr_stores(stores, PRMEM_SLOTS + 1), -E2BIG);
	scoped_guard(wr_session) {
		KUNIT_EXPECT_EQ(test, __wr_stores(stores, PRMEM_SLOTS + 1), -E2BIG);
		KUNIT_EXPECT_EQ(test, wr_ptr(&good[(PRMEM_SLOTS + 1) * WORDS], test), 0);
		KUNIT_EXPECT_NULL(test, good[0]);
		KUNIT_EXPECT_EQ(test, __wr_stores(stores, PRMEM_SLOTS), 0);
	}
	for (i = 0; i < PRMEM_SLOTS; i++)
		KUNIT_EXPECT_PTR_EQ(test, good[i * WORDS], (void *)test);
	KUNIT_EXPECT_NULL(test, good[PRMEM_SLOTS * WORDS]);
}

/* Among them is one that is refused for a graver reason. */
static void i4_too_many_pages_hide_nothing(struct kunit *test)
{
	void **good = (void **)pages_of_words(test, PRMEM_SLOTS + 1);
	struct wr_store stores[PRMEM_SLOTS + 2];
	void *outside = NULL;
	unsigned int i;

	prmem_test_watch_reports(test);
	for (i = 0; i <= PRMEM_SLOTS; i++)
		stores[i] = (struct wr_store){ &good[i * WORDS], test };
	stores[i] = (struct wr_store){ &outside, test };
	KUNIT_EXPECT_EQ(test, __wr_stores(stores, ARRAY_SIZE(stores)), -EACCES);
	stores[i].where = (void *)&good[1] + 1;
	KUNIT_EXPECT_EQ(test, __wr_stores(stores, ARRAY_SIZE(stores)), -EINVAL);
	KUNIT_EXPECT_NULL(test, outside);
	for (i = 0; i <= PRMEM_SLOTS; i++)
		KUNIT_EXPECT_NULL(test, good[i * WORDS]);
}

/*
 * A refusal is no reason to give up what the slots have: what is written after it
 * costs no alias.
 */
static void i4_refused_stores_keep_the_slots(struct kunit *test)
{
	void **good = (void **)pages_of_words(test, 3);
	void *outside = NULL;
	struct wr_store stores[] = {
		{ &good[0], test }, { &good[WORDS], test }, { &outside, test },
	};
	const struct prmem_session *session;
	u64 before, after;

	prmem_test_watch_reports(test);
	scoped_guard(wr_session) {
		session = prmem_session_of(prmem_this_window());
		/* A page that the stores do not open again. */
		KUNIT_EXPECT_EQ(test, wr_ptr(&good[2 * WORDS], test), 0);
		KUNIT_EXPECT_EQ(test, __wr_stores(stores, 2), 0);
		before = prmem_session_get(session, nr_pages);
		KUNIT_EXPECT_EQ(test, __wr_stores(stores, 3), -EACCES);
		after = prmem_session_get(session, nr_pages);
	}
	KUNIT_EXPECT_EQ(test, before, 3);
	KUNIT_EXPECT_EQ(test, after, 3);
	KUNIT_EXPECT_NULL(test, outside);
}

/* What was known of the page that was met last ends with the call. */
static void i2_stores_after_an_eviction(struct kunit *test)
{
	void **good = (void **)pages_of_words(test, PRMEM_SLOTS + 1);
	struct wr_store stores[] = { { &good[0], test }, { &good[1], test } };
	int err = 0;
	unsigned int i;

	scoped_guard(wr_session) {
		err |= __wr_stores(stores, 2);
		for (i = 1; i <= PRMEM_SLOTS; i++)
			err |= wr_ptr(&good[i * WORDS], test);
		stores[0].where = &good[2];
		stores[1].where = &good[3];
		err |= __wr_stores(stores, 2);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_PTR_EQ(test, good[i], (void *)test);
	for (i = 1; i <= PRMEM_SLOTS; i++) {
		KUNIT_EXPECT_PTR_EQ(test, good[i * WORDS], (void *)test);
		KUNIT_EXPECT_NULL(test, good[i * WORDS + 2]);
		KUNIT_EXPECT_NULL(test, good[i * WORDS + 3]);
	}
}

/*
 * Before there are private page tables: all of them, all of them in a session, and
 * none because one is for ordinary memory, or not aligned.
 */
static char early_text[16] __wr_after_init;
static void *early_place[4] __wr_after_init;
static int early_err[4] = { 1, 1, 1, 1 };
static void *early_outside;

static int __init write_together_early(void)
{
	struct wr_store stores[] = {
		{ &early_place[0], early_text }, { &early_place[1], early_text },
	};

	early_err[0] = __wr_stores(stores, ARRAY_SIZE(stores));
	stores[0].where = &early_place[2];
	scoped_guard(wr_session)
		early_err[1] = __wr_stores(stores, ARRAY_SIZE(stores));
	stores[0].where = &early_place[3];
	pr_info("prmem-expect: begin 2 prmem: write refused: 8 bytes\n");
	stores[1].where = &early_outside;
	early_err[2] = __wr_stores(stores, ARRAY_SIZE(stores));
	stores[1].where = (void *)&early_place[1] + 1;
	early_err[3] = __wr_stores(stores, ARRAY_SIZE(stores));
	pr_info("prmem-expect: end\n");
	return 0;
}
console_initcall(write_together_early);

static void i4_stores_together_early(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, early_err[0], 0);
	KUNIT_EXPECT_EQ(test, early_err[1], 0);
	KUNIT_EXPECT_EQ(test, early_err[2], -EACCES);
	KUNIT_EXPECT_EQ(test, early_err[3], -EINVAL);
	KUNIT_EXPECT_PTR_EQ(test, early_place[0], (void *)early_text);
	KUNIT_EXPECT_PTR_EQ(test, early_place[1], (void *)early_text);
	KUNIT_EXPECT_PTR_EQ(test, early_place[2], (void *)early_text);
	KUNIT_EXPECT_NULL(test, early_place[3]);
	KUNIT_EXPECT_NULL(test, early_outside);
}

/* Within objects, and not behind them, nor in free ones. */
static void i3_stores_together_in_objects(struct kunit *test)
{
	static const struct { void *word[3]; } born = { { NULL, (void *)&born, NULL } };
	struct prmem_cache *cache = prmem_cache_create("kunit_together", sizeof(born), 0);
	void **one, **two;
	int err[4];

	KUNIT_ASSERT_NOT_NULL(test, cache);
	one = prmem_cache_alloc(cache, &born);
	two = prmem_cache_alloc(cache, &born);
	prmem_test_watch_reports(test);
	if (one && two) {
		struct wr_store stores[] = { { &one[0], test }, { &two[2], test } };

		err[0] = __wr_stores(stores, 2);
		stores[0].val = NULL;
		/* No object begins there. */
		stores[1].where = max(one, two) + 3;
		err[1] = __wr_stores(stores, 2);
		scoped_guard(wr_session)
			err[2] = __wr_stores(stores, 1) ?: __wr_stores(stores, 2);
		stores[0].val = test;
		stores[1].where = &two[2];
		prmem_cache_free(cache, two);
		err[3] = __wr_stores(stores, 2);
		KUNIT_EXPECT_EQ(test, err[0], 0);
		KUNIT_EXPECT_EQ(test, err[1], -EACCES);
		KUNIT_EXPECT_EQ(test, err[2], -EACCES);
		KUNIT_EXPECT_EQ(test, err[3], -EACCES);
		KUNIT_EXPECT_NULL(test, one[0]);
		KUNIT_EXPECT_PTR_EQ(test, one[1], (void *)&born);
		prmem_cache_free(cache, one);
	}
	prmem_cache_destroy(cache);
	KUNIT_EXPECT_NOT_NULL(test, one);
	KUNIT_EXPECT_NOT_NULL(test, two);
}

/* Where static data ends, with what is there already. */
static void i3_stores_together_static_bounds(struct kunit *test)
{
	void **start = (void **)__start_wr_after_init, **end = (void **)__end_wr_after_init;
	struct wr_store stores[2];
	int err[3], again;

	/* This writes static data, which may be the first or the last. */
	prmem_test_watch_reports(test);
	stores[0] = (struct wr_store){ start, *start };
	stores[1] = (struct wr_store){ end - 1, end[-1] };
	err[0] = __wr_stores(stores, 2);
	scoped_guard(wr_session)
		err[0] |= __wr_stores(stores, 2);
	stores[1] = (struct wr_store){ end, *end };
	err[1] = __wr_stores(stores, 2);
	stores[1] = (struct wr_store){ start - 1, start[-1] };
	err[2] = __wr_stores(stores, 2);
	scoped_guard(wr_session) {
		/* The page of the first one is open when the other is looked at. */
		again = __wr_stores(stores, 1) ?: __wr_stores(stores, 2);
	}
	KUNIT_EXPECT_EQ(test, err[0], 0);
	KUNIT_EXPECT_EQ(test, err[1], -EACCES);
	KUNIT_EXPECT_EQ(test, err[2], -EACCES);
	KUNIT_EXPECT_EQ(test, again, -EACCES);
}

/*
 * What a session knows of the kernel's page tables is as old as the last call: the
 * caller's code may have changed them. Here it names a table that maps nothing.
 */
static void i4_session_asks_again(struct kunit *test)
{
	void **good = (void **)pages_of_words(test, 4);
	struct wr_store stores[] = { { &good[0], test }, { &good[WORDS], test } };
	struct wr_store others[] = { { &good[2 * WORDS], test } };
	void *empty = (void *)get_zeroed_page(GFP_KERNEL);
	struct prmem_session *session;
	int err[3];

	KUNIT_ASSERT_NOT_NULL(test, empty);
	scoped_guard(wr_session) {
		session = prmem_session_of(prmem_this_window());
		err[0] = __wr_stores(stores, 2);
		session->table = (unsigned long)empty;
		err[1] = __wr_stores(others, 1);
		session->table = (unsigned long)empty;
		err[2] = wr_ptr(&good[3 * WORDS], test);
	}
	free_page((unsigned long)empty);
	KUNIT_EXPECT_EQ(test, err[0], 0);
	KUNIT_EXPECT_EQ(test, err[1], 0);
	KUNIT_EXPECT_EQ(test, err[2], 0);
	KUNIT_EXPECT_PTR_EQ(test, good[2 * WORDS], (void *)test);
	KUNIT_EXPECT_PTR_EQ(test, good[3 * WORDS], (void *)test);
}

/* A tag is worth nothing without the page tables that have the slot. */
static void i2_first_slot_needs_its_page_tables(struct kunit *test)
{
	u64 *words = pages_of_words(test, 1);
	struct prmem_session *session;
	unsigned long flags;
	int err;

	local_irq_save(flags);
	session = prmem_session_of(prmem_this_window());
	session->tags[0] = (unsigned long)words & PAGE_MASK;
	err = wr_assign(words[0], 1);
	session->tags[0] = PRMEM_TAG_NONE;
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, words[0], 1);
}

/*
 * What a session knew of its slots is gone with it. A window that is opened after it
 * has another page in the same slot, which a write to the first page must not reach.
 */
static void i3_ended_session_knows_no_page(struct kunit *test)
{
	u64 *words = pages_of_words(test, 2);
	struct by_hand hand;
	int err[2];

	preempt_disable();
	scoped_guard(wr_session)
		err[0] = wr_assign(words[0], 1);
	prmem_test_enter(&hand);
	prmem_test_map(&hand, &words[WORDS]);
	err[1] = wr_assign(words[0], 2);
	prmem_test_unmap(&hand);
	prmem_test_leave(&hand);
	preempt_enable();

	KUNIT_EXPECT_EQ(test, err[0], 0);
	KUNIT_EXPECT_EQ(test, err[1], 0);
	KUNIT_EXPECT_EQ(test, words[0], 2);
	KUNIT_EXPECT_EQ(test, words[WORDS], 0);
	prmem_test_no_writable_alias(test);
}

#ifdef CONFIG_X86_64
/*
 * The mm that was loaded is noted in ordinary memory. Whatever is there, what the
 * session keeps of it maps nothing.
 */
static void i9_session_keeps_no_mapping(struct kunit *test)
{
	struct mm_struct *mm;
	unsigned int bit, present = 0;
	unsigned long flags;

	local_irq_save(flags);
	mm = this_cpu_read(cpu_tlbstate.loaded_mm);
	for (bit = 0; bit < BITS_PER_LONG; bit++) {
		this_cpu_write(cpu_tlbstate.loaded_mm,
			       (void *)((unsigned long)mm | BIT(bit)));
		scoped_guard(wr_session)
			present += present_words();
		this_cpu_write(cpu_tlbstate.loaded_mm, mm);
	}
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, present, 0);
}
#endif

/* Which window is whose cannot be changed. */
static void i9_table_of_windows_is_protected(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, prmem_is_protected(prmem_windows,
						   prmem_nr_windows *
						   sizeof(*prmem_windows)));
	prmem_test_stores_fault(test, (void *)prmem_windows);
}

/* What a session refuses */

struct in_session {
	int before;
	int err;
	int after;
};

#define TRY_IN_SESSION(result, good, call)				\
do {									\
	guard(wr_session)();						\
	(result)->before = wr_assign((good)[0], 1);			\
	(result)->err = (call);						\
	(result)->after = wr_assign((good)[1], 2);			\
} while (0)

static void session_goes_on(struct kunit *test, const char *what, u64 *good,
			    const struct in_session *result, int expected)
{
	KUNIT_EXPECT_EQ_MSG(test, result->before, 0, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, result->err, expected, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, result->after, 0, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, good[0], 1, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, good[1], 2, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.nr, 1, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.err, expected, "%s", what);
	prmem_test_reports.nr = 0;
	KUNIT_EXPECT_EQ(test, wr_memset(good, 0, 16), 0);
}

static void i4_session_goes_on_after_a_refusal(struct kunit *test)
{
	u64 *good = pages_of_words(test, 1), *ro, local = 7;
	struct in_session result;

	ro = prmem_test_protected(test, PMALLOC_MODE_RO, 16, 0x5a);
	prmem_test_watch_reports(test);
	TRY_IN_SESSION(&result, good, wr_assign(*ro, 1));
	session_goes_on(test, "read-only", good, &result, -EACCES);
	TRY_IN_SESSION(&result, good, wr_memset(ro, 1, 16));
	session_goes_on(test, "read-only memset", good, &result, -EACCES);
	TRY_IN_SESSION(&result, good, wr_inc(&local));
	session_goes_on(test, "stack", good, &result, -EACCES);
	TRY_IN_SESSION(&result, good, wr_memset(good + WORDS - 1, 1, 9));
	session_goes_on(test, "leaves the area", good, &result, -EACCES);
	TRY_IN_SESSION(&result, good, wr_memcpy(good + 2, good + 2, 8));
	session_goes_on(test, "overlap", good, &result, -EINVAL);
	TRY_IN_SESSION(&result, good, wr_memset(good, 1, 0));
	session_goes_on(test, "length 0", good, &result, -EINVAL);
	TRY_IN_SESSION(&result, good, wr_inc((u64 *)((u8 *)good + 9)));
	session_goes_on(test, "unaligned", good, &result, -EINVAL);
	TRY_IN_SESSION(&result, good, wr_memcpy(good, (void *)0x10000, 8));
	session_goes_on(test, "user source", good, &result, -EFAULT);
	KUNIT_EXPECT_EQ(test, *ro, 0x5a5a5a5a5a5a5a5a);
	KUNIT_EXPECT_EQ(test, good[WORDS - 1], 0);
	KUNIT_EXPECT_EQ(test, local, 7);
}

/*
 * The first and the last page of the static section may hold other data. That
 * they are open in a session must not make anything else valid.
 */
static void i3_session_static_bounds(struct kunit *test)
{
	u8 *start = (void *)__start_wr_after_init, *end = (void *)__end_wr_after_init;
	u64 *before = PTR_ALIGN_DOWN((u64 *)start, 8) - 1;
	u64 *behind = PTR_ALIGN((u64 *)end, 8);
	u64 old[2] = { *before, *behind };
	int err[2], refused[6];

	prmem_test_watch_reports(test);
	scoped_guard(wr_session) {
		err[0] = wr_char((char *)start, *start);
		err[1] = wr_char((char *)end - 1, end[-1]);
		refused[0] = wr_assign(*before, ~*before);
		refused[1] = wr_assign(*behind, ~*behind);
		refused[2] = wr_memset(start - 1, 0xee, 2);
		refused[3] = wr_memset(end - 1, 0xee, 2);
		refused[4] = wr_inc(before);
		refused[5] = wr_xchg(behind, ~*behind, NULL);
	}
	KUNIT_EXPECT_EQ(test, err[0] | err[1], 0);
	for (int i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ_MSG(test, refused[i], -EACCES, "call %d", i);
	KUNIT_EXPECT_EQ(test, *before, old[0]);
	KUNIT_EXPECT_EQ(test, *behind, old[1]);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 6);
}

/* The page that is open is not the one at address 0. */
static void i3_session_null_page(struct kunit *test)
{
	u8 *start = (void *)__start_wr_after_init, *end = (void *)__end_wr_after_init;
	u8 *first = PTR_ALIGN_DOWN(start, PAGE_SIZE);
	u8 *last = PTR_ALIGN_DOWN(end - 1, PAGE_SIZE);
	u8 *seen = kunit_kmalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	u64 words[2];
	int err[4];

	KUNIT_ASSERT_NOT_NULL(test, seen);
	/* This comes first, because it writes static data. */
	prmem_test_watch_reports(test);
	memcpy(seen, first, PAGE_SIZE);
	memcpy(seen + PAGE_SIZE, last, PAGE_SIZE);
	scoped_guard(wr_session) {
		wr_char((char *)start, *start);
		wr_char((char *)end - 1, end[-1]);
		err[0] = wr_assign(*(u64 *)NULL, 0xeeeeeeeeeeeeeeee);
		err[1] = wr_assign(*(u8 *)1234, 0xee);
		err[2] = wr_inc((u32 *)(PAGE_SIZE - 4));
		err[3] = wr_xchg((u64 *)(PAGE_SIZE / 2), 0xee, &words[0]);
	}
	for (int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ_MSG(test, err[i], -EACCES, "call %d", i);
	KUNIT_EXPECT_TRUE(test, !memcmp(seen, first, PAGE_SIZE));
	KUNIT_EXPECT_TRUE(test, !memcmp(seen + PAGE_SIZE, last, PAGE_SIZE));
}

/* What one session knows must not be true of the next. */
static void i3_session_forgets(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	u64 *word = prmem_test_object(test, pool, 8, 0), *good = pages_of_words(test, 1);
	struct in_session result;
	int err;

	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	scoped_guard(wr_session)
		err = wr_assign(*word, 1);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_ASSERT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	prmem_test_watch_reports(test);
	TRY_IN_SESSION(&result, good, wr_assign(*word, 2));
	session_goes_on(test, "made read-only", good, &result, -EACCES);
	KUNIT_EXPECT_EQ(test, *word, 1);
	prmem_test_destroy(test, pool);
	TRY_IN_SESSION(&result, good, wr_assign(*word, 2));
	session_goes_on(test, "freed", good, &result, -EACCES);
}

/* Interrupts are off for no more than WR_SESSION_BYTES. */
static void session_has_a_budget(struct kunit *test)
{
	const size_t middle = WR_SESSION_BYTES / 2;
	u8 *field = prmem_test_protected(test, PMALLOC_MODE_WR,
					 2 * WR_SESSION_BYTES, 0);
	u8 *source = kunit_kmalloc(test, middle, GFP_KERNEL);
	int good[5], refused[4];

	KUNIT_ASSERT_NOT_NULL(test, source);
	memset(source, 0x22, middle);
	prmem_test_watch_reports(test);
	scoped_guard(wr_session) {
		refused[0] = wr_memset(field, 0xee, WR_SESSION_BYTES + 1);
		good[0] = wr_memset(field, 0x11, middle);
		scoped_guard(wr_session)
			good[1] = wr_memcpy(field + middle, source, middle - 1);
		/* An inner session brings nothing new. */
		refused[1] = wr_memset(field, 0xee, 2);
		good[2] = wr_memset(field + 2 * middle - 1, 0x22, 1);
		refused[2] = wr_memset(field, 0xee, 1);
		refused[3] = wr_memcpy(field, source, 3);
		/* These take no time to speak of. */
		good[3] = wr_assign(*(u64 *)(field + 2 * middle), 0x3333333333333333);
		good[4] = wr_inc((u32 *)(field + 2 * middle + 8));
	}
	for (int i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ_MSG(test, good[i], 0, "call %d", i);
	for (int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ_MSG(test, refused[i], -E2BIG, "call %d", i);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 4);
	KUNIT_EXPECT_NULL(test, memchr_inv(field, 0x11, middle));
	KUNIT_EXPECT_NULL(test, memchr_inv(field + middle, 0x22, middle));
	KUNIT_EXPECT_NULL(test, memchr_inv(field + 2 * middle, 0x33, 8));
	KUNIT_EXPECT_EQ(test, *(u32 *)(field + 2 * middle + 8), 1);

	/* The next one has all of it, and no session has no limit. */
	scoped_guard(wr_session)
		good[0] = wr_memset(field, 0x44, WR_SESSION_BYTES);
	good[1] = wr_memset(field, 0x55, 2 * WR_SESSION_BYTES);
	KUNIT_EXPECT_EQ(test, good[0], 0);
	KUNIT_EXPECT_EQ(test, good[1], 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(field, 0x55, 2 * WR_SESSION_BYTES));
}

/* Where PAN is emulated, an access brings the user's page tables with it. */
static bool user_access_switches(void)
{
#ifdef CONFIG_ARM64
	return system_uses_ttbr0_pan();
#else
	return false;
#endif
}

/* Against the rules, and still it must neither hang nor hurt the session. */
static void session_survives_user_access(struct kunit *test)
{
	u64 *good = pages_of_words(test, 2), seen = 0, in[2] = { };
	int before, after, get, wrote[4];
	u64 __user *user;
	unsigned long left;

	user = (u64 __user *)prmem_test_user_begin(test);
	before = put_user(0x1234ULL, user);
	scoped_guard(wr_session) {
		wrote[0] = wr_assign(good[0], 1);
		left = copy_from_user(&in[0], user, 8);
		wrote[1] = wr_assign(good[1], 2);
		get = get_user(in[1], user);
		wrote[2] = wr_assign(good[WORDS], 3);
		scoped_guard(wr_session)
			wrote[3] = wr_inc(&good[2]);
	}
	after = get_user(seen, user);
	prmem_test_user_end();

	KUNIT_EXPECT_EQ(test, before, 0);
	if (!user_access_switches()) {
		KUNIT_EXPECT_EQ(test, left, 8);
		KUNIT_EXPECT_EQ(test, get, -EFAULT);
		KUNIT_EXPECT_EQ(test, in[0] | in[1], 0);
	}
	for (int i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ_MSG(test, wrote[i], 0, "call %d", i);
	KUNIT_EXPECT_EQ(test, good[0], 1);
	KUNIT_EXPECT_EQ(test, good[1], 2);
	KUNIT_EXPECT_EQ(test, good[2], 1);
	KUNIT_EXPECT_EQ(test, good[WORDS], 3);
	KUNIT_EXPECT_EQ(test, after, 0);
	KUNIT_EXPECT_EQ(test, seen, 0x1234);
	prmem_test_no_writable_alias(test);
}

/* A fault that is fixed up, in the kernel's half. */
static void session_survives_fixups(struct kunit *test)
{
	u64 *good = pages_of_words(test, 1), evil = 0xbad;
	void *area = vmalloc(PAGE_SIZE);
	int wrote[3], store, load;

	KUNIT_ASSERT_NOT_NULL(test, area);
	scoped_guard(wr_session) {
		wrote[0] = wr_assign(good[0], 1);
		store = copy_to_kernel_nofault(&good[0], &evil, 8);
		wrote[1] = wr_assign(good[1], 2);
		/* Behind an area is a page that is not mapped. */
		load = copy_from_kernel_nofault(&evil, area + PAGE_SIZE, 8);
		wrote[2] = wr_assign(good[2], 3);
	}
	vfree(area);
	KUNIT_EXPECT_EQ(test, wrote[0] | wrote[1] | wrote[2], 0);
	KUNIT_EXPECT_EQ(test, store, -EFAULT);
	KUNIT_EXPECT_EQ(test, load, -EFAULT);
	KUNIT_EXPECT_EQ(test, good[0], 1);
	KUNIT_EXPECT_EQ(test, good[1], 2);
	KUNIT_EXPECT_EQ(test, good[2], 3);
}

/* So does a WARN(), which is an exception that prints a lot. */
static void session_survives_a_warning(struct kunit *test)
{
	u64 *good = pages_of_words(test, 1);
	int wrote[2];

	pr_info("prmem-expect: begin 1 prmem_kunit: in a session\n");
	scoped_guard(wr_session) {
		wrote[0] = wr_assign(good[0], 1);
		WARN(1, "prmem_kunit: in a session\n");
		wrote[1] = wr_assign(good[1], 2);
	}
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_EQ(test, wrote[0] | wrote[1], 0);
	KUNIT_EXPECT_EQ(test, good[0], 1);
	KUNIT_EXPECT_EQ(test, good[1], 2);
}

/* Mistakes are reported once per boot, and do no harm. */
static void end_without_begin(struct kunit *test)
{
	u64 *good = pages_of_words(test, 1);
	struct state seen[5];

	pr_info("prmem-expect: begin 0-1 prmem: there is no session to end\n");
	seen[0] = state_here();
	wr_session_end();
	seen[1] = state_here();
	local_irq_disable();
	seen[2] = state_here();
	wr_session_end();
	seen[3] = state_here();
	local_irq_enable();
	pr_info("prmem-expect: end\n");
	same_state(test, &seen[0], &seen[1]);
	same_state(test, &seen[2], &seen[3]);

	look_around(seen, good);
	judge_state(test, seen);
	KUNIT_EXPECT_EQ(test, *good, 2);
	prmem_test_no_writable_alias(test);
}

static void session_with_interrupts_on(struct kunit *test)
{
	u64 *good = pages_of_words(test, 1), old = 0;
	struct wr_store stores[] = { { &good[1], NULL } };
	struct state seen[5];
	int err, refused[5], i;

	prmem_test_watch_reports(test);
	pr_info("prmem-expect: begin 0-1 prmem: interrupts were on in a session\n");
	seen[0] = state_here();
	scoped_guard(wr_session) {
		err = wr_assign(good[0], 1);
		local_irq_enable();
		refused[0] = wr_assign(good[0], 2);
		refused[1] = wr_assign(*(u32 *)&good[0], 2);
		refused[2] = wr_memset(&good[0], 2, 24);
		refused[3] = wr_xchg(&good[0], 2, &old);
		refused[4] = __wr_stores(stores, 1);
		local_irq_disable();
		/* The slot still has its page. */
		err |= wr_inc(&good[0]);
		local_irq_enable();
	}
	seen[1] = state_here();
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_EQ(test, err, 0);
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		KUNIT_EXPECT_EQ_MSG(test, refused[i], -EPERM, "call %d", i);
	KUNIT_EXPECT_EQ(test, good[0], 2);
	KUNIT_EXPECT_EQ(test, good[1] | old, 0);
	same_state(test, &seen[0], &seen[1]);

	look_around(seen, good);
	judge_state(test, seen);
	prmem_test_no_writable_alias(test);
}

/*
 * What an oops and a panic make of an open window: nothing stays writable, and page tables
 * are loaded that always do. They are only told here; the debugger of
 * tests/window-oops has real ones.
 */
struct abandoned {
	bool empty;
	bool inside;
	bool safe;
	bool fatal;
};

static bool has_safe_tables(void)
{
#ifdef CONFIG_X86_64
	return __read_cr3() == __sme_pa(swapper_pg_dir);
#else
	return read_sysreg(ttbr0_el1) == phys_to_ttbr(__pa_symbol(reserved_pg_dir));
#endif
}

static struct mm_struct *loaded_mm(struct mm_struct *put_back)
{
#ifdef CONFIG_X86_64
	struct mm_struct *old = this_cpu_read(cpu_tlbstate.loaded_mm);

	if (put_back)
		this_cpu_write(cpu_tlbstate.loaded_mm, put_back);
	return old;
#else
	return NULL;
#endif
}

/* Those of the process, or what is there instead. */
static u64 tables_here(void)
{
#ifdef CONFIG_X86_64
	return __read_cr3();
#else
	return read_sysreg(ttbr0_el1) ^ (read_sysreg(ttbr1_el1) & TTBR_ASID_MASK);
#endif
}

static bool no_alias(const struct prmem_window *win)
{
	unsigned int slot;

	for (slot = 0; slot < PRMEM_SLOTS; slot++)
		if (!pte_none(ptep_get(&win->slots[slot])))
			return false;
	return true;
}

static struct abandoned told(const struct prmem_window *win)
{
	struct abandoned seen = {
		.empty = no_alias(win),
		.inside = prmem_arch_inside(&win->arch),
		.safe = has_safe_tables(),
		.fatal = panic_on_oops,
	};

	return seen;
}

/*
 * @inside: are the private page tables still loaded? @first: does the first slot have an
 * alias, as well as the last one?
 */
static struct abandoned tell(struct notifier_block *nb, unsigned long event,
			     u64 *object, bool inside, bool first)
{
	const unsigned int last = PRMEM_SLOTS - 1;
	const int old_panic_on_oops = panic_on_oops;
	struct abandoned seen;
	struct mm_struct *mm;
	struct by_hand hand;

	prmem_test_enter(&hand);
	panic_on_oops = 0;
	mm = loaded_mm(NULL);
	prmem_arch_map(&hand.win->slots[last], hand.win->alias + last * PAGE_SIZE,
		       vmalloc_to_pfn(object));
	if (first)
		prmem_test_map(&hand, object);
	if (!inside)
		prmem_arch_leave(&hand.saved);
	nb->notifier_call(nb, event, NULL);
	seen = told(hand.win);
	prmem_test_unmap(&hand);
	prmem_arch_unmap(&hand.win->slots[last], hand.win->alias + last * PAGE_SIZE);
	panic_on_oops = old_panic_on_oops;
	loaded_mm(mm);
	prmem_test_leave(&hand);
	return seen;
}

static void i2_oops_abandons_the_window(struct kunit *test)
{
	u64 *good = pages_of_words(test, 1);
	struct abandoned seen;
	int i;

	for (i = 0; i < 4; i++) {
		seen = tell(&prmem_die_block, DIE_OOPS, good, i & 1, i & 2);
		KUNIT_EXPECT_TRUE_MSG(test, seen.empty, "oops, round %d", i);
		KUNIT_EXPECT_TRUE_MSG(test, seen.safe, "oops, round %d", i);
		KUNIT_EXPECT_TRUE_MSG(test, seen.fatal, "oops, round %d", i);
		seen = tell(&prmem_panic_block, 0, good, i & 1, i & 2);
		KUNIT_EXPECT_TRUE_MSG(test, seen.empty, "panic, round %d", i);
		KUNIT_EXPECT_TRUE_MSG(test, seen.safe, "panic, round %d", i);
	}
	KUNIT_EXPECT_EQ(test, wr_assign(*good, 1), 0);
	KUNIT_EXPECT_EQ(test, *good, 1);
}

/* What is not an oops, and one that has nothing to do with prmem, change nothing. */
static void i2_other_events_pass(struct kunit *test)
{
	const int old_panic_on_oops = panic_on_oops;
	u64 *good = pages_of_words(test, 1);
	struct abandoned seen;

	seen = tell(&prmem_die_block, DIE_OOPS + 1, good, true, true);
	KUNIT_EXPECT_FALSE(test, seen.empty);
	KUNIT_EXPECT_TRUE(test, seen.inside);
	KUNIT_EXPECT_FALSE(test, seen.fatal);

	local_irq_disable();
	panic_on_oops = 0;
	prmem_die_block.notifier_call(&prmem_die_block, DIE_OOPS, NULL);
	seen.fatal = panic_on_oops;
	panic_on_oops = old_panic_on_oops;
	local_irq_enable();
	KUNIT_EXPECT_FALSE(test, seen.fatal);
}

/* A session is ended, and the kernel can go on, unless that is not for us to say. */
static void i2_oops_ends_the_session(struct kunit *test)
{
	const int old_panic_on_oops = panic_on_oops;
	u64 *good = pages_of_words(test, 2);
	const struct prmem_window *win;
	bool depth, faults_off, irqs_off;
	struct abandoned seen;
	unsigned long flags;
	u64 tables[2];
	int err;

	/* What an oops leaves masked on arm64 is undone with this in the end. */
	prmem_irq_save(flags);
	tables[0] = tables_here();
	wr_session_begin();
	panic_on_oops = 0;
	err = wr_assign(good[0], 1) ?: wr_assign(good[WORDS], 2);
	prmem_die_block.notifier_call(&prmem_die_block, DIE_OOPS, NULL);
	win = prmem_this_window();
	seen = told(win);
	depth = prmem_session_of(win)->depth;
	faults_off = pagefault_disabled();
	irqs_off = irqs_disabled();
	tables[1] = tables_here();
	panic_on_oops = old_panic_on_oops;
	prmem_irq_restore(flags);
	/* The one of the session. */
	preempt_enable();
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE(test, seen.empty);
	KUNIT_EXPECT_FALSE(test, seen.inside);
	KUNIT_EXPECT_EQ(test, tables[0], tables[1]);
	KUNIT_EXPECT_FALSE(test, depth);
	KUNIT_EXPECT_FALSE(test, faults_off);
	/* Those of who died: it is for die() to turn them on. */
	KUNIT_EXPECT_TRUE(test, irqs_off);
	KUNIT_EXPECT_EQ(test, seen.fatal, !prmem_irq_can_abort());
	KUNIT_EXPECT_EQ(test, good[0], 1);
	KUNIT_EXPECT_EQ(test, good[WORDS], 2);
	KUNIT_EXPECT_EQ(test, wr_assign(good[0], 3), 0);
	KUNIT_EXPECT_EQ(test, good[0], 3);
	prmem_test_no_writable_alias(test);
}

/* NMI */

static const u8 ordinary_source[24];

/* What all calls make of an NMI in the middle of a session. */
struct from_nmi {
	u64 *dst;
	int err[8];
	bool in_nmi;
	bool done;
};

static void call_all_from_nmi(struct from_nmi *nmi)
{
	u64 *dst = nmi->dst, old = 5;
	struct wr_store stores[] = { { &dst[1], nmi }, { &dst[2], nmi } };

	nmi->in_nmi = in_nmi();
	nmi->err[0] = wr_assign(dst[0], 0xbad);
	nmi->err[1] = wr_memcpy(&dst[1], ordinary_source, 24);
	nmi->err[2] = wr_memset(&dst[1], 0xbb, 24);
	nmi->err[3] = wr_xchg(&dst[0], 0xbad, &old);
	wr_session_begin();
	nmi->err[4] = wr_inc(&dst[0]);
	nmi->err[5] = wr_cmpxchg(&dst[0], 1, 0xbad, &old);
	wr_session_end();
	wr_session_end();
	nmi->err[6] = old == 5 ? -EPERM : 0;
	nmi->err[7] = __wr_stores(stores, ARRAY_SIZE(stores));
	WRITE_ONCE(nmi->done, true);
}

/* The session in which @nmi happens; @send makes it happen. */
static void session_with_nmi(struct kunit *test, void (*send)(struct from_nmi *),
			     struct from_nmi *nmi)
{
	u64 *good = pages_of_words(test, 2);
	unsigned long flags __maybe_unused;
	struct state seen[2];
	int wrote[4], i;

	nmi->dst = good;
	/* All are refused; a call site is reported once per boot. */
	pr_info("prmem-expect: begin 0-12 prmem: write refused.*NMI\n");
#ifdef CONFIG_PRMEM_STATS
	count_begin(&flags);
#endif
	scoped_guard(wr_session) {
		wrote[0] = wr_assign(good[0], 1);
		seen[0] = state_here();
		send(nmi);
		seen[1] = state_here();
		wrote[1] = wr_assign(good[0], READ_ONCE(good[0]) + 1);
		wrote[2] = wr_assign(good[WORDS], 3);
	}
#ifdef CONFIG_PRMEM_STATS
	count_end(flags);
	must_count(test, "NMI in a session", 1, 2, 7);
#endif
	wrote[3] = wr_inc(&good[0]);
	pr_info("prmem-expect: end\n");

	KUNIT_EXPECT_TRUE(test, nmi->done);
	KUNIT_EXPECT_TRUE(test, nmi->in_nmi);
	for (i = 0; i < ARRAY_SIZE(nmi->err); i++)
		KUNIT_EXPECT_EQ_MSG(test, nmi->err[i], -EPERM, "call %d", i);
	for (i = 0; i < ARRAY_SIZE(wrote); i++)
		KUNIT_EXPECT_EQ_MSG(test, wrote[i], 0, "write %d", i);
	same_state(test, &seen[0], &seen[1]);
	KUNIT_EXPECT_EQ(test, good[0], 3);
	KUNIT_EXPECT_EQ(test, good[1] | good[2] | good[3], 0);
	KUNIT_EXPECT_EQ(test, good[WORDS], 3);
	prmem_test_no_writable_alias(test);
}

static void simulate_nmi(struct from_nmi *nmi)
{
	nmi_enter();
	call_all_from_nmi(nmi);
	nmi_exit();
}

static void i6_simulated_nmi_in_a_session(struct kunit *test)
{
	struct from_nmi nmi = { };

	session_with_nmi(test, simulate_nmi, &nmi);
}

/* And in the window of a single write. */
static void i6_simulated_nmi_in_a_window(struct kunit *test)
{
	u64 *good = pages_of_words(test, 1);
	struct from_nmi nmi = { .dst = good };
	struct by_hand hand;
	long before, after;
	int i;

	pr_info("prmem-expect: begin 0-12 prmem: write refused.*NMI\n");
	prmem_test_enter(&hand);
	prmem_test_map(&hand, good);
	before = prmem_test_read_alias(hand.alias);
	simulate_nmi(&nmi);
	after = prmem_test_read_alias(hand.alias);
	prmem_test_unmap(&hand);
	prmem_test_leave(&hand);
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_EQ(test, before, 0);
	KUNIT_EXPECT_EQ(test, after, 0);
	for (i = 0; i < ARRAY_SIZE(nmi.err); i++)
		KUNIT_EXPECT_EQ_MSG(test, nmi.err[i], -EPERM, "call %d", i);
	KUNIT_EXPECT_EQ(test, good[0] | good[1] | good[2] | good[3], 0);
}

#ifdef CONFIG_X86_64
static struct from_nmi *real_nmi;

static int handle_nmi(unsigned int type, struct pt_regs *regs)
{
	struct from_nmi *nmi = READ_ONCE(real_nmi);

	if (!nmi || nmi->done)
		return NMI_DONE;
	call_all_from_nmi(nmi);
	return NMI_HANDLED;
}

static void send_nmi_here(struct from_nmi *nmi)
{
	int i;

	WRITE_ONCE(real_nmi, nmi);
	__apic_send_IPI_mask(cpumask_of(smp_processor_id()), NMI_VECTOR);
	for (i = 0; i < 1000000 && !READ_ONCE(nmi->done); i++)
		cpu_relax();
	WRITE_ONCE(real_nmi, NULL);
}

static void i6_real_nmi_in_a_session(struct kunit *test)
{
	struct from_nmi nmi = { };

	KUNIT_ASSERT_EQ(test, register_nmi_handler(NMI_LOCAL, handle_nmi, 0,
						   "prmem_session_kunit"), 0);
	session_with_nmi(test, send_nmi_here, &nmi);
	unregister_nmi_handler(NMI_LOCAL, "prmem_session_kunit");
}
#endif

#ifdef CONFIG_ARM64
/*
 * Another CPU asks for a backtrace of this one, by a pseudo-NMI where there are any. It
 * comes in the session, unless pseudo-NMIs are kept out.
 */
struct asker {
	unsigned int cpu;
	bool go;
	struct completion done;
};

static int ask_for_backtrace(void *arg)
{
	struct asker *asker = arg;

	while (!READ_ONCE(asker->go))
		cond_resched();
	trigger_single_cpu_backtrace(asker->cpu);
	complete(&asker->done);
	return 0;
}

static bool asked_within(struct asker *asker, unsigned int ms)
{
	while (ms-- && !completion_done(&asker->done))
		mdelay(1);
	return completion_done(&asker->done);
}

static void i6_pseudo_nmi_in_a_session(struct kunit *test)
{
	const bool comes = system_uses_irq_prio_masking() && !prmem_keeps_nmi_out();
	struct asker *asker = kunit_kzalloc(test, sizeof(*asker), GFP_KERNEL);
	u64 *good = pages_of_words(test, 2);
	struct task_struct *thread;
	struct state seen[2];
	bool came;
	int err;

	/* It takes one to send the NMI and one to get it; rows with one CPU allow for this. */
	if (num_online_cpus() == 1)
		kunit_skip(test, "no other CPU");
	KUNIT_ASSERT_NOT_NULL(test, asker);
	init_completion(&asker->done);
	migrate_disable();
	asker->cpu = smp_processor_id();
	thread = kthread_run_on_cpu(ask_for_backtrace, asker,
				    cpumask_any_but(cpu_online_mask, asker->cpu),
				    "prmem_asker/%u");
	if (IS_ERR(thread)) {
		migrate_enable();
		KUNIT_FAIL(test, "no thread: %pe", thread);
		return;
	}
	pr_info("prmem-expect: begin 0-2 (NMI backtrace|Call trace)\n");
	scoped_guard(wr_session) {
		err = wr_assign(good[0], 1);
		seen[0] = state_here();
		WRITE_ONCE(asker->go, true);
		came = asked_within(asker, comes ? 5000 : 50);
		seen[1] = state_here();
		err |= wr_assign(good[0], READ_ONCE(good[0]) + 1);
		err |= wr_assign(good[WORDS], 3);
	}
	migrate_enable();
	wait_for_completion(&asker->done);
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_EQ(test, came, comes);
	KUNIT_EXPECT_EQ(test, err, 0);
	same_state(test, &seen[0], &seen[1]);
	KUNIT_EXPECT_EQ(test, good[0], 2);
	KUNIT_EXPECT_EQ(test, good[WORDS], 3);
	prmem_test_no_writable_alias(test);
}
#endif

#ifdef CONFIG_ARM64
/*
 * The handler of one that was hit could not be told from the code it interrupted. Not
 * tried here: a handler of our own never gets past the instruction.
 */
static void i2_watchpoints_are_masked_in_a_window(struct kunit *test)
{
	u64 *good = pages_of_words(test, 1);
	bool masked[3];

	masked[0] = read_sysreg(daif) & PSR_D_BIT;
	scoped_guard(wr_session) {
		wr_assign(good[0], 1);
		masked[1] = read_sysreg(daif) & PSR_D_BIT;
	}
	masked[2] = read_sysreg(daif) & PSR_D_BIT;
	KUNIT_EXPECT_FALSE(test, masked[0]);
	KUNIT_EXPECT_TRUE(test, masked[1]);
	KUNIT_EXPECT_FALSE(test, masked[2]);
}
#endif

#if defined(CONFIG_X86_64) && defined(CONFIG_HAVE_HW_BREAKPOINT)
/*
 * What is read in a window is watched, by somebody who reads user memory, as perf does,
 * and who writes.
 */
static u64 watched[16];

struct watch {
	atomic_t hits;
	atomic_t refused;
	u64 read;
	u64 *other;
};

static void watch_hit(struct perf_event *event, struct perf_sample_data *data,
		      struct pt_regs *regs)
{
	struct watch *watch = event->overflow_handler_context;

	atomic_inc(&watch->hits);
	pagefault_disable();
	if (__copy_from_user_inatomic(&watch->read, (void __user *)PAGE_SIZE, 8))
		watch->read = 0;
	pagefault_enable();
	if (wr_assign(*watch->other, 7) == -EPERM)
		atomic_inc(&watch->refused);
}

static void i2_watchpoint_in_a_window(struct kunit *test)
{
	struct watch *watch = kunit_kzalloc(test, sizeof(*watch), GFP_KERNEL);
	struct perf_event * __percpu *events;
	u64 *good = pages_of_words(test, 2);
	struct perf_event_attr attr;
	int err[2], hits[3];

	KUNIT_ASSERT_NOT_NULL(test, watch);
	watch->other = &good[WORDS];
	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)&watched[2];
	attr.bp_len = HW_BREAKPOINT_LEN_8;
	attr.bp_type = HW_BREAKPOINT_RW;
	memset(watched, 0x3c, sizeof(watched));
	events = register_wide_hw_breakpoint(&attr, watch_hit, watch);
	KUNIT_ASSERT_FALSE(test, IS_ERR((void __force *)events));
	pr_info("prmem-expect: begin 0-1 prmem: write refused.*not possible from NMI\n");
	hits[0] = atomic_read(&watch->hits);
	err[0] = wr_memcpy(good, watched, sizeof(watched));
	hits[1] = atomic_read(&watch->hits);
	scoped_guard(wr_session)
		err[1] = wr_memcpy(&good[32], watched, sizeof(watched));
	hits[2] = atomic_read(&watch->hits);
	unregister_wide_hw_breakpoint(events);
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_GT(test, hits[1], hits[0]);
	KUNIT_EXPECT_GT(test, hits[2], hits[1]);
	KUNIT_EXPECT_EQ(test, atomic_read(&watch->refused), hits[2]);
	KUNIT_EXPECT_EQ(test, *watch->other, 0);
	KUNIT_EXPECT_EQ(test, err[0], 0);
	KUNIT_EXPECT_EQ(test, err[1], 0);
	KUNIT_EXPECT_MEMEQ(test, good, watched, sizeof(watched));
	KUNIT_EXPECT_MEMEQ(test, &good[32], watched, sizeof(watched));
	prmem_test_no_writable_alias(test);
}
#endif

/*
 * Interrupts come in between the pages of a copy, and not in a session. A timer
 * notes what it interrupts. While the kernel starts it may come with a tick, and
 * the time may stand still as long as interrupts are off.
 */
#define LONG_PAGES	64
#define ROUNDS		10

struct shot {
	struct hrtimer timer;
	const u8 *field;
	bool came;
	bool between;
	bool inside;
};

static enum hrtimer_restart note_shot(struct hrtimer *timer)
{
	struct shot *shot = container_of(timer, struct shot, timer);
	const u8 *last = shot->field + (LONG_PAGES - 1) * PAGE_SIZE;

	/* The first page has the new value, and the last one has the old. */
	if (READ_ONCE(*shot->field) != READ_ONCE(*last))
		shot->between = true;
	if (prmem_session_of(prmem_this_window())->depth)
		shot->inside = true;
	WRITE_ONCE(shot->came, true);
	return HRTIMER_NORESTART;
}

/* The timer stays on the CPU, so the writer has to. */
static struct shot *new_shot(struct kunit *test, const u8 *field)
{
	struct shot *shot = kunit_kzalloc(test, sizeof(*shot), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shot);
	shot->field = field;
	hrtimer_init(&shot->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	shot->timer.function = note_shot;
	return shot;
}

static void shoot(struct shot *shot)
{
	shot->came = false;
	hrtimer_start(&shot->timer, ns_to_ktime(10 * NSEC_PER_USEC),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

static void i6_interrupts_come_between_pages(struct kunit *test)
{
	u8 *field = (u8 *)pages_of_words(test, LONG_PAGES);
	unsigned long end = jiffies + 20 * HZ;
	struct shot *shot = new_shot(test, field);
	u8 *source = vmalloc(LONG_PAGES * PAGE_SIZE);
	int i, err = 0;

	KUNIT_ASSERT_NOT_NULL(test, source);
	/* Where the copy is when the timer comes is a matter of luck. */
	for (i = 1; !shot->between && time_before(jiffies, end); i++) {
		memset(source, i, LONG_PAGES * PAGE_SIZE);
		preempt_disable();
		shoot(shot);
		while (!shot->came) {
			err |= wr_memcpy(field, source, LONG_PAGES * PAGE_SIZE);
			err |= wr_memset(field, ~i, LONG_PAGES * PAGE_SIZE);
		}
		hrtimer_cancel(&shot->timer);
		preempt_enable();
	}
	vfree(source);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE(test, shot->between);
	KUNIT_EXPECT_FALSE(test, shot->inside);
}

/* A session that is longer than it takes the timer to come. */
static int long_session(u8 *field, u8 value)
{
	int i, err;

	guard(wr_session)();
	err = wr_assign(*field, value);
	for (i = 0; i < 2; i++) {
		mdelay(MSEC_PER_SEC / HZ + 1);
		err |= wr_assign(field[PAGE_SIZE], value);
	}
	return err | wr_assign(field[(LONG_PAGES - 1) * PAGE_SIZE], value);
}

static void i2_no_interrupt_in_a_session(struct kunit *test)
{
	u8 *field = (u8 *)pages_of_words(test, LONG_PAGES);
	struct shot *shot = new_shot(test, field);
	int i, wait, err = 0, came = 0;

	for (i = 1; i <= ROUNDS; i++) {
		preempt_disable();
		shoot(shot);
		err |= long_session(field, i);
		for (wait = 0; wait < 1000 && !READ_ONCE(shot->came); wait++)
			mdelay(1);
		preempt_enable();
		hrtimer_cancel(&shot->timer);
		came += shot->came;
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	/* It waited, and came afterwards. */
	KUNIT_EXPECT_EQ(test, came, ROUNDS);
	KUNIT_EXPECT_FALSE(test, shot->between);
	KUNIT_EXPECT_FALSE(test, shot->inside);
}

/* The TLB */

static u64 read_in_window(const u64 *word)
{
	struct by_hand hand;
	u64 seen;

	prmem_test_enter(&hand);
	seen = READ_ONCE(*word);
	prmem_test_leave(&hand);
	return seen;
}

static int map_at(unsigned long addr, void *page)
{
	vunmap_range(addr, addr + PAGE_SIZE);
	return vmap_page_range(addr, addr + PAGE_SIZE, __pa(page), PAGE_KERNEL);
}

/*
 * A TLB shootdown for the kernel's mappings does not know of the private page
 * tables. What a window left in the TLB must not be there in the next one.
 */
static void i2_window_sees_new_mappings(struct kunit *test)
{
	struct vm_struct *area = get_vm_area(PAGE_SIZE, VM_MAP);
	u64 *pages[2], seen[ROUNDS];
	int i, err = 0;

	KUNIT_ASSERT_NOT_NULL(test, area);
	for (i = 0; i < 2; i++) {
		pages[i] = (u64 *)get_zeroed_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, pages[i]);
	}

	/* Always the window of the same CPU. */
	migrate_disable();
	for (i = 0; i < ROUNDS && !err; i++) {
		*pages[i % 2] = i;
		err = map_at((unsigned long)area->addr, pages[i % 2]);
		seen[i] = err ? 0 : read_in_window(area->addr);
	}
	migrate_enable();
	free_vm_area(area);
	for (i = 0; i < 2; i++)
		free_page((unsigned long)pages[i]);

	KUNIT_ASSERT_EQ(test, err, 0);
	for (i = 0; i < ROUNDS; i++)
		KUNIT_EXPECT_EQ(test, seen[i], i);
}

#ifdef CONFIG_X86_64
struct seen_cr3 {
	unsigned long before;
	unsigned long inside;
	unsigned long after;
};

static void look_at_cr3(void *arg)
{
	struct seen_cr3 *seen = arg + smp_processor_id() * sizeof(*seen);
	struct by_hand hand;

	seen->before = __read_cr3();
	prmem_test_enter(&hand);
	seen->inside = __read_cr3();
	prmem_test_leave(&hand);
	seen->after = __read_cr3();
}

/*
 * 1 to TLB_NR_DYN_ASIDS are those of the scheduler, with bit 11 for their user
 * halves, and 0 is that of code which knows nothing of PCIDs.
 */
static void i2_window_has_its_own_pcid(struct kunit *test)
{
	struct seen_cr3 *seen = kunit_kcalloc(test, nr_cpu_ids, sizeof(*seen),
					      GFP_KERNEL);
	unsigned int cpu;

	KUNIT_ASSERT_NOT_NULL(test, seen);
	cpus_read_lock();
	on_each_cpu(look_at_cr3, seen, /*wait=*/1);
	for_each_online_cpu(cpu) {
		unsigned long pcid = seen[cpu].inside & X86_CR3_PCID_MASK;

		KUNIT_EXPECT_EQ(test, seen[cpu].before, seen[cpu].after);
		if (cpu_feature_enabled(X86_FEATURE_PCID)) {
			KUNIT_EXPECT_GT(test, pcid, TLB_NR_DYN_ASIDS);
			KUNIT_EXPECT_LT(test, pcid, BIT(11));
		} else {
			KUNIT_EXPECT_EQ(test, pcid, 0);
		}
	}
	cpus_read_unlock();
}
#endif

static struct kunit_case inside_cases[] = {
#ifdef CONFIG_PRMEM_STATS
	KUNIT_CASE(single_write_counts),
	KUNIT_CASE(session_switches_once),
	KUNIT_CASE(session_evicts),
	KUNIT_CASE(refusals_are_counted),
#endif
	KUNIT_CASE(i2_session_has_interrupts_off),
	KUNIT_CASE(i1_session_leaves_no_alias),
	KUNIT_CASE(i2_evicted_alias_is_gone),
	KUNIT_CASE(i2_session_state_maps_nothing),
	KUNIT_CASE(i4_stores_together_or_not_at_all),
	KUNIT_CASE(stores_together_in_a_full_session),
	KUNIT_CASE(i4_stores_have_a_limit),
	KUNIT_CASE(i4_stores_have_a_limit_of_pages),
	KUNIT_CASE(i4_too_many_pages_hide_nothing),
	KUNIT_CASE(i4_refused_stores_keep_the_slots),
	KUNIT_CASE(i2_stores_after_an_eviction),
	KUNIT_CASE(i4_stores_together_early),
	KUNIT_CASE(i3_stores_together_in_objects),
	KUNIT_CASE(i3_stores_together_static_bounds),
	KUNIT_CASE(i4_session_asks_again),
	KUNIT_CASE(i2_first_slot_needs_its_page_tables),
	KUNIT_CASE(i3_ended_session_knows_no_page),
#ifdef CONFIG_X86_64
	KUNIT_CASE(i9_session_keeps_no_mapping),
#endif
	KUNIT_CASE(i9_table_of_windows_is_protected),
	KUNIT_CASE(i4_session_goes_on_after_a_refusal),
	KUNIT_CASE(i3_session_static_bounds),
	KUNIT_CASE(i3_session_null_page),
	KUNIT_CASE(i3_session_forgets),
	KUNIT_CASE(session_has_a_budget),
	KUNIT_CASE(session_survives_user_access),
	KUNIT_CASE(session_survives_fixups),
	KUNIT_CASE(session_survives_a_warning),
	KUNIT_CASE(end_without_begin),
	KUNIT_CASE(session_with_interrupts_on),
	KUNIT_CASE(i2_oops_abandons_the_window),
	KUNIT_CASE(i2_other_events_pass),
	KUNIT_CASE(i2_oops_ends_the_session),
	KUNIT_CASE(i6_simulated_nmi_in_a_session),
	KUNIT_CASE(i6_simulated_nmi_in_a_window),
#ifdef CONFIG_X86_64
	KUNIT_CASE(i6_real_nmi_in_a_session),
#endif
#ifdef CONFIG_ARM64
	KUNIT_CASE(i6_pseudo_nmi_in_a_session),
	KUNIT_CASE(i2_watchpoints_are_masked_in_a_window),
#endif
#if defined(CONFIG_X86_64) && defined(CONFIG_HAVE_HW_BREAKPOINT)
	KUNIT_CASE(i2_watchpoint_in_a_window),
#endif
	KUNIT_CASE(i6_interrupts_come_between_pages),
	KUNIT_CASE(i2_no_interrupt_in_a_session),
	KUNIT_CASE(i2_window_sees_new_mappings),
#ifdef CONFIG_X86_64
	KUNIT_CASE(i2_window_has_its_own_pcid),
#endif
	{}
};

static struct kunit_suite inside_suite = {
	.name = "prmem_inside",
	.init = prmem_test_need_protection,
	.test_cases = inside_cases,
};

kunit_test_suite(inside_suite);

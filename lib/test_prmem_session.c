// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: sessions, and the contexts that write in one.
 * Legitimate use; what must be true of the kernel in and after a session, and
 * what needs PRMEM to be seen at all, is in the second half.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hardirq.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/pratomic.h>
#include <linux/prmem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/timer.h>
#include <linux/uaccess.h>

#ifdef CONFIG_X86_64
#include <asm/tlbflush.h>
#else
#include <asm/sysreg.h>
#endif

#include "test_prmem.h"

struct many {
	u64 assigned;
	void *pointer;
	void __rcu *published;
	u32 exchanged;
	u16 compared;
	u8 added;
	u8 typed;
	pratomic_t counter;
	u8 copied[24];
	u8 set[24];
};

static struct many static_many __wr_after_init;

/* One call of each kind; anything but 0 is an error. */
static int write_many(struct many *many, const u8 *src)
{
	u32 old = 1;
	u16 found = 1;
	int err;

	err = wr_assign(many->assigned, 0x1122334455667788) ?:
	      wr_ptr(&many->pointer, (void *)src) ?:
	      wr_rcu_assign_pointer(many->published, (void *)src) ?:
	      wr_xchg(&many->exchanged, 0x12345678, &old) ?:
	      wr_cmpxchg(&many->compared, 0, 0x4321, &found) ?:
	      wr_inc(&many->added) ?:
	      wr_char((char *)&many->typed, 0x11) ?:
	      pratomic_add(7, &many->counter) ?:
	      wr_memcpy(many->copied, src, sizeof(many->copied)) ?:
	      wr_memset(many->set, 0x77, sizeof(many->set));
	return err ?: old || found ? -EINVAL : 0;
}

static void check_many(struct kunit *test, const struct many *many, const u8 *src)
{
	KUNIT_EXPECT_EQ(test, many->assigned, 0x1122334455667788);
	KUNIT_EXPECT_PTR_EQ(test, many->pointer, (void *)src);
	KUNIT_EXPECT_PTR_EQ(test, rcu_access_pointer(many->published), (void *)src);
	KUNIT_EXPECT_EQ(test, many->exchanged, 0x12345678);
	KUNIT_EXPECT_EQ(test, many->compared, 0x4321);
	KUNIT_EXPECT_EQ(test, many->added, 1);
	KUNIT_EXPECT_EQ(test, many->typed, 0x11);
	KUNIT_EXPECT_EQ(test, pratomic_read(&many->counter), 7);
	KUNIT_EXPECT_MEMEQ(test, many->copied, src, sizeof(many->copied));
	KUNIT_EXPECT_NULL(test, memchr_inv(many->set, 0x77, sizeof(many->set)));
}

static const u8 source[24] = "twenty-four bytes: data";

static int write_with_guard(struct many *many)
{
	guard(wr_session)();
	return write_many(many, source);
}

static int write_between(struct many *many)
{
	int err;

	wr_session_begin();
	err = write_many(many, source);
	wr_session_end();
	return err;
}

static int write_nested(struct many *many)
{
	int err;

	wr_session_begin();
	err = write_with_guard(many);
	wr_session_begin();
	wr_session_end();
	/* The inner ones have ended, and this one goes on. */
	if (!err)
		err = wr_assign(many->assigned, 1) ?:
		      wr_assign(many->assigned, 0x1122334455667788);
	wr_session_end();
	return err;
}

static void in_each_session(struct kunit *test, struct many *many)
{
	struct many zero = { };

	KUNIT_EXPECT_EQ(test, wr_assign(*many, zero), 0);
	KUNIT_EXPECT_EQ(test, write_with_guard(many), 0);
	check_many(test, many, source);
	KUNIT_EXPECT_EQ(test, wr_assign(*many, zero), 0);
	KUNIT_EXPECT_EQ(test, write_between(many), 0);
	check_many(test, many, source);
	KUNIT_EXPECT_EQ(test, wr_assign(*many, zero), 0);
	KUNIT_EXPECT_EQ(test, write_nested(many), 0);
	check_many(test, many, source);
}

static void session_writes_arrive(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);

	in_each_session(test, prmem_test_object(test, pool, sizeof(struct many), 0));
	in_each_session(test, prmem_test_protected(test, PMALLOC_MODE_WR,
						   sizeof(struct many), 0));
	in_each_session(test, &static_many);
}

static void empty_sessions(struct kunit *test)
{
	u64 *object = prmem_test_protected(test, PMALLOC_MODE_WR, 8, 0);

	scoped_guard(wr_session)
		barrier();
	wr_session_begin();
	wr_session_begin();
	wr_session_end();
	wr_session_end();
	KUNIT_EXPECT_EQ(test, wr_assign(*object, 5), 0);
	KUNIT_EXPECT_EQ(test, *object, 5);
}

#define MANY_PAGES	20

/* More pages than a session has aliases for, there and back, in odd places. */
static void session_of_many_pages(struct kunit *test)
{
	u8 *object = prmem_test_protected(test, PMALLOC_MODE_WR,
					  MANY_PAGES * PAGE_SIZE, 0);
	int i, j, err = 0, wrong = 0;
	u64 *word, across;

	scoped_guard(wr_session) {
		for (i = 0; i < MANY_PAGES; i++) {
			word = (u64 *)(object + i * PAGE_SIZE + 8 * i);
			err |= wr_assign(*word, i + 1);
		}
		for (i = MANY_PAGES - 1; i >= 0; i--) {
			word = (u64 *)(object + i * PAGE_SIZE + 8 * i);
			err |= wr_fetch_add(word, 100, NULL);
		}
		/* Across pages, back and forth. */
		for (i = 1; i < MANY_PAGES; i++) {
			j = i % 2 ? i : MANY_PAGES - i;
			across = j;
			err |= wr_memcpy(object + j * PAGE_SIZE - 4, &across, 8);
		}
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	for (i = 0; i < MANY_PAGES; i++) {
		word = (u64 *)(object + i * PAGE_SIZE + 8 * i);
		if (i)
			KUNIT_EXPECT_EQ(test, *word, i + 101);
	}
	for (i = 1; i < MANY_PAGES; i++) {
		memcpy(&across, object + i * PAGE_SIZE - 4, 8);
		KUNIT_EXPECT_EQ(test, across, i);
	}
	for (i = 0; i < MANY_PAGES * PAGE_SIZE; i++)
		wrong += !!object[i];
	/* One byte for each word and each copy, and the 100 of the first page. */
	KUNIT_EXPECT_EQ(test, wrong, 2 * MANY_PAGES - 1);
}

/* Contexts */

#define CONTEXT_WRITES	16

/* What is written somewhere, single and in a session. */
struct in_context {
	struct irq_work irq_work;
	struct timer_list timer;
	struct hrtimer hrtimer;
	struct completion done;
	u64 *dst;
	int err;
	bool right_context;
};

static int write_here(u64 *dst)
{
	int i, err = 0;

	err |= wr_assign(dst[0], 0x1234);
	scoped_guard(wr_session) {
		for (i = 1; i < CONTEXT_WRITES; i++)
			err |= wr_assign(dst[i * PAGE_SIZE / sizeof(u64)], i);
	}
	return err | wr_inc(&dst[1]);
}

static void check_here(struct kunit *test, struct in_context *ctx)
{
	u64 *dst = ctx->dst;
	int i;

	KUNIT_EXPECT_TRUE(test, ctx->right_context);
	KUNIT_EXPECT_EQ(test, ctx->err, 0);
	KUNIT_EXPECT_EQ(test, dst[0], 0x1234);
	KUNIT_EXPECT_EQ(test, dst[1], 1);
	for (i = 1; i < CONTEXT_WRITES; i++)
		KUNIT_EXPECT_EQ(test, dst[i * PAGE_SIZE / sizeof(u64)], i);
	KUNIT_EXPECT_EQ(test, wr_memset(dst, 0, CONTEXT_WRITES * PAGE_SIZE), 0);
	ctx->err = -1;
	ctx->right_context = false;
	reinit_completion(&ctx->done);
}

static struct in_context *new_context(struct kunit *test)
{
	struct in_context *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	ctx->dst = prmem_test_protected(test, PMALLOC_MODE_WR,
					CONTEXT_WRITES * PAGE_SIZE, 0);
	ctx->err = -1;
	init_completion(&ctx->done);
	return ctx;
}

static void write_from_irq_work(struct irq_work *work)
{
	struct in_context *ctx = container_of(work, struct in_context, irq_work);

	ctx->right_context = in_hardirq();
	ctx->err = write_here(ctx->dst);
	complete(&ctx->done);
}

static void write_from_timer(struct timer_list *timer)
{
	struct in_context *ctx = container_of(timer, struct in_context, timer);

	ctx->right_context = in_serving_softirq() && !irqs_disabled();
	ctx->err = write_here(ctx->dst);
	ctx->right_context &= !irqs_disabled();
	complete(&ctx->done);
}

static enum hrtimer_restart write_from_hrtimer(struct hrtimer *timer)
{
	struct in_context *ctx = container_of(timer, struct in_context, hrtimer);

	ctx->right_context = in_hardirq();
	ctx->err = write_here(ctx->dst);
	complete(&ctx->done);
	return HRTIMER_NORESTART;
}

static void context_hard_irq(struct kunit *test)
{
	struct in_context *ctx = new_context(test);

	ctx->irq_work = IRQ_WORK_INIT_HARD(write_from_irq_work);
	irq_work_queue(&ctx->irq_work);
	wait_for_completion(&ctx->done);
	irq_work_sync(&ctx->irq_work);
	check_here(test, ctx);

	hrtimer_init_on_stack(&ctx->hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	ctx->hrtimer.function = write_from_hrtimer;
	hrtimer_start(&ctx->hrtimer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&ctx->done);
	hrtimer_cancel(&ctx->hrtimer);
	destroy_hrtimer_on_stack(&ctx->hrtimer);
	check_here(test, ctx);
}

static void context_softirq(struct kunit *test)
{
	struct in_context *ctx = new_context(test);

	timer_setup_on_stack(&ctx->timer, write_from_timer, 0);
	mod_timer(&ctx->timer, jiffies + 1);
	wait_for_completion(&ctx->done);
	timer_delete_sync(&ctx->timer);
	destroy_timer_on_stack(&ctx->timer);
	check_here(test, ctx);
}

static void context_irqs_off(struct kunit *test)
{
	struct in_context *ctx = new_context(test);

	local_irq_disable();
	ctx->err = write_here(ctx->dst);
	ctx->right_context = irqs_disabled();
	local_irq_enable();
	check_here(test, ctx);

	local_bh_disable();
	ctx->err = write_here(ctx->dst);
	ctx->right_context = !irqs_disabled();
	local_bh_enable();
	check_here(test, ctx);
}

/* A thread of the kernel has no mm, and keeps the page tables of somebody else. */
static void context_kernel_thread(struct kunit *test)
{
	struct in_context *ctx = new_context(test);

	ctx->right_context = (current->flags & PF_KTHREAD) && !current->mm &&
			     current->active_mm;
	ctx->err = write_here(ctx->dst);
	/* The scheduler finds what it knows. */
	schedule_timeout_uninterruptible(1);
	ctx->err |= wr_assign(ctx->dst[0], 0x1234);
	check_here(test, ctx);
}

/* What this CPU translates with, as far as the kernel or the CPU says so. */
static u64 loaded_here(void)
{
#ifdef CONFIG_X86_64
	return __read_cr3() ^ (unsigned long)this_cpu_read(cpu_tlbstate.loaded_mm) ^
	       this_cpu_read(cpu_tlbstate_shared.is_lazy);
#else
	return read_sysreg(ttbr0_el1);
#endif
}

static bool keeps_a_users_mm(void)
{
#ifdef CONFIG_X86_64
	return this_cpu_read(cpu_tlbstate.loaded_mm) != &init_mm &&
	       this_cpu_read(cpu_tlbstate_shared.is_lazy);
#else
	return current->active_mm != &init_mm;
#endif
}

static bool write_lazily(struct kunit *test, struct in_context *ctx)
{
	unsigned long flags;
	u64 before, after;
	bool lazy;

	/* An interrupt could be about those page tables. */
	local_irq_save(flags);
	lazy = keeps_a_users_mm();
	before = loaded_here();
	ctx->err = write_here(ctx->dst);
	after = loaded_here();
	local_irq_restore(flags);
	ctx->right_context = before == after;
	check_here(test, ctx);
	return lazy;
}

/*
 * A thread of the kernel after a process, which waits for its suite meanwhile. While
 * the kernel starts there are none.
 */
static void context_lazy_mm(struct kunit *test)
{
	struct in_context *ctx = new_context(test);
	unsigned int cpu, nr_lazy = 0;

	for_each_online_cpu(cpu) {
		KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)), 0);
		nr_lazy += write_lazily(test, ctx);
	}
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	if (system_state >= SYSTEM_RUNNING)
		KUNIT_EXPECT_GT(test, nr_lazy, 0);
}

/* Writes on both sides of uses of the user's memory, and of the scheduler. */
static void context_borrowed_mm(struct kunit *test)
{
	struct in_context *ctx = new_context(test);
	u64 __user *user = (u64 __user *)prmem_test_user_begin(test);
	u64 seen;
	int i;

	for (i = 0; i < 50; i++) {
		KUNIT_ASSERT_EQ(test, put_user((u64)i, user), 0);
		ctx->err = write_here(ctx->dst);
		KUNIT_ASSERT_EQ(test, get_user(seen, user), 0);
		KUNIT_ASSERT_EQ(test, seen, i);
		if (i % 10 == 0)
			schedule_timeout_uninterruptible(1);
		ctx->right_context = current->mm;
		check_here(test, ctx);
	}
	/* Nothing of it stays in the TLB. */
	KUNIT_EXPECT_EQ(test, vm_munmap((unsigned long)user, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, wr_assign(*ctx->dst, 1), 0);
	KUNIT_EXPECT_EQ(test, get_user(seen, user), -EFAULT);
	prmem_test_user_end();
}

#define ROUNDS	200

/* Each CPU has a page of its own, and a word in a page that all share. */
struct all_pages {
	u8 *pages;
	u64 *shared;
	atomic_t errors;
	struct completion done;
};

static void write_page_on_cpu(void *arg)
{
	struct all_pages *all = arg;
	unsigned int cpu = smp_processor_id();
	u8 *page = all->pages + cpu * PAGE_SIZE;
	int i, err = 0;

	for (i = 0; i < ROUNDS; i++) {
		err |= wr_memset(page, i, PAGE_SIZE);
		if (memchr_inv(page, i, PAGE_SIZE))
			err = -EINVAL;
		guard(wr_session)();
		err |= wr_assign(*(u64 *)page, i) | wr_inc(&all->shared[cpu]) |
		       wr_inc(&all->shared[nr_cpu_ids]);
		if (READ_ONCE(*(u64 *)page) != i)
			err = -EINVAL;
	}
	if (err)
		atomic_inc(&all->errors);
}

static int page_thread(void *arg)
{
	struct all_pages *all = arg;

	write_page_on_cpu(all);
	complete(&all->done);
	return 0;
}

static void start_page_threads(struct kunit *test, struct all_pages *all)
{
	struct task_struct *thread;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		thread = kthread_create_on_cpu(page_thread, all, cpu,
					       "prmem_page/%u");
		KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
		wake_up_process(thread);
	}
}

static void i5_sessions_on_all_cpus(struct kunit *test)
{
	struct all_pages *all = kunit_kzalloc(test, sizeof(*all), GFP_KERNEL);
	unsigned int cpu;

	KUNIT_ASSERT_NOT_NULL(test, all);
	init_completion(&all->done);
	all->pages = prmem_test_protected(test, PMALLOC_MODE_WR,
					  nr_cpu_ids * PAGE_SIZE, 0);
	all->shared = prmem_test_protected(test, PMALLOC_MODE_WR,
					   (nr_cpu_ids + 1) * sizeof(u64), 0);

	start_page_threads(test, all);
	for_each_online_cpu(cpu)
		wait_for_completion(&all->done);
	/* The same from interrupts, on all at the same time. */
	on_each_cpu(write_page_on_cpu, all, /*wait=*/1);

	KUNIT_EXPECT_EQ(test, atomic_read(&all->errors), 0);
	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, all->shared[cpu], 2 * ROUNDS);
	KUNIT_EXPECT_EQ(test, all->shared[nr_cpu_ids],
			2 * ROUNDS * num_online_cpus());
}

static struct kunit_case session_cases[] = {
	KUNIT_CASE(session_writes_arrive),
	KUNIT_CASE(empty_sessions),
	KUNIT_CASE(session_of_many_pages),
	KUNIT_CASE(context_hard_irq),
	KUNIT_CASE(context_softirq),
	KUNIT_CASE(context_irqs_off),
	KUNIT_CASE(context_kernel_thread),
	KUNIT_CASE(context_lazy_mm),
	KUNIT_CASE(context_borrowed_mm),
	KUNIT_CASE(i5_sessions_on_all_cpus),
	{}
};

static struct kunit_suite session_suite = {
	.name = "prmem_session",
	.test_cases = session_cases,
};

kunit_test_suite(session_suite);

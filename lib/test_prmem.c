// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory, the first half: legitimate use, of which
 * nothing may fail. These cases are the same with PRMEM=n, where the calls are
 * plain stores and plain allocations.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmu_context.h>
#include <linux/prmem.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/sysctl.h>
#include <linux/timer.h>

#include "test_prmem.h"

/* A pointer that cannot be mistaken for one to data. */
typedef void (*free_fn)(const void *);

struct words {
	u64 a;
	u32 b;
	u16 c;
	u8 d;
};

static u8 byte __wr_after_init = 1;
static u16 half __wr_after_init = 2;
static u32 word __wr_after_init = 3;
static u64 quad __wr_after_init = 4;
static bool truth __wr_after_init;
static struct words triple[3] __wr_after_init;
static void *pointer __wr_after_init;
static struct opaque *opaque __wr_after_init;
static free_fn function __wr_after_init;
static struct words __rcu *published __wr_after_init;
static char text[32] __wr_after_init = "initial";

/* Written before the private page tables exist. */
static u32 early_word __wr_after_init;
static char early_text[16] __wr_after_init;
static u64 early_count __wr_after_init = 40;
static u16 early_session[2] __wr_after_init;
static int early_err = -1;
static int early_session_err = -1;
static bool early_irqs[3];

static void __init early_in_session(void)
{
	early_irqs[0] = irqs_disabled();
	wr_session_begin();
	early_session_err = wr_assign(early_session[0], 0x1111);
	scoped_guard(wr_session)
		early_session_err |= wr_assign(early_session[1], 0x2222);
	early_irqs[1] = irqs_disabled();
	early_session_err |= wr_inc(&early_count);
	wr_session_end();
	early_irqs[2] = irqs_disabled();
}

static int __init write_early(void)
{
	u64 old = 0;

	early_err = wr_assign(early_word, 0x600d) ?:
		    wr_memcpy(early_text, "early", 6) ?:
		    wr_fetch_add(&early_count, 1, &old);
	if (old != 40)
		early_err = -EINVAL;
	early_in_session();
	return 0;
}
console_initcall(write_early);

/* Pools that a failing case would leave behind. */
KUNIT_DEFINE_ACTION_WRAPPER(destroy_pool, pmalloc_destroy_pool,
			    struct pmalloc_pool *);

struct pmalloc_pool *prmem_test_pool(struct kunit *test, enum pmalloc_mode mode)
{
	struct pmalloc_pool *pool = pmalloc_create_pool("kunit", mode);

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy_pool, pool),
			0);
	return pool;
}

void prmem_test_destroy(struct kunit *test, struct pmalloc_pool *pool)
{
	kunit_release_action(test, destroy_pool, pool);
}

void *prmem_test_object(struct kunit *test, struct pmalloc_pool *pool,
			size_t size, u8 fill)
{
	void *object = pmalloc(pool, size);

	KUNIT_ASSERT_NOT_NULL(test, object);
	memset(object, fill, size);
	return object;
}

void *prmem_test_protected(struct kunit *test, enum pmalloc_mode mode,
			   size_t size, u8 fill)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, mode);
	void *object = prmem_test_object(test, pool, size, fill);

	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	return object;
}

/* Not kunit_vm_mmap(), whose address space is never freed. */
unsigned long prmem_test_user_begin(struct kunit *test)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long addr;

	KUNIT_ASSERT_NOT_NULL(test, mm);
	mm->task_size = TASK_SIZE;
	arch_pick_mmap_layout(mm, &current->signal->rlim[RLIMIT_STACK]);
	kthread_use_mm(mm);
	addr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	return addr;
}

void prmem_test_user_end(void)
{
	struct mm_struct *mm = current->mm;

	kthread_unuse_mm(mm);
	mmput(mm);
}

/* Legitimate use */

static void early_write_arrives(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, early_err, 0);
	KUNIT_EXPECT_EQ(test, early_word, 0x600d);
	KUNIT_EXPECT_STREQ(test, early_text, "early");
}

static void early_session_arrives(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, early_session_err, 0);
	KUNIT_EXPECT_EQ(test, early_session[0], 0x1111);
	KUNIT_EXPECT_EQ(test, early_session[1], 0x2222);
	KUNIT_EXPECT_EQ(test, early_count, 42);
	KUNIT_EXPECT_FALSE(test, early_irqs[0]);
	KUNIT_EXPECT_EQ(test, early_irqs[1], IS_ENABLED(CONFIG_PRMEM));
	KUNIT_EXPECT_FALSE(test, early_irqs[2]);
}

static void assign_scalars(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, wr_assign(byte, 0x11), 0);
	KUNIT_EXPECT_EQ(test, byte, 0x11);
	KUNIT_EXPECT_EQ(test, wr_assign(half, 0x2222), 0);
	KUNIT_EXPECT_EQ(test, half, 0x2222);
	KUNIT_EXPECT_EQ(test, wr_assign(word, 0x33333333), 0);
	KUNIT_EXPECT_EQ(test, word, 0x33333333);
	KUNIT_EXPECT_EQ(test, wr_assign(quad, 0x4444444444444444ULL), 0);
	KUNIT_EXPECT_EQ(test, quad, 0x4444444444444444ULL);
	KUNIT_EXPECT_EQ(test, wr_assign(truth, !truth), 0);
	KUNIT_EXPECT_EQ(test, wr_assign(truth, true), 0);
	KUNIT_EXPECT_TRUE(test, truth);
}

static void assign_structure(struct kunit *test)
{
	struct words value = { .a = 1, .b = 2, .c = 3, .d = 4 }, zero = { };

	KUNIT_EXPECT_EQ(test, wr_assign(triple[0], zero), 0);
	KUNIT_EXPECT_EQ(test, wr_assign(triple[2], zero), 0);
	KUNIT_EXPECT_EQ(test, wr_assign(triple[1], value), 0);
	KUNIT_EXPECT_MEMEQ(test, &triple[1], &value, sizeof(value));
	KUNIT_EXPECT_MEMEQ(test, &triple[0], &zero, sizeof(zero));
	KUNIT_EXPECT_MEMEQ(test, &triple[2], &zero, sizeof(zero));

	KUNIT_EXPECT_EQ(test, wr_assign(triple[1].c, 7), 0);
	value.c = 7;
	KUNIT_EXPECT_MEMEQ(test, &triple[1], &value, sizeof(value));
}

static void assign_pointers(struct kunit *test)
{
	static struct words target = { .a = 5 };

	KUNIT_EXPECT_EQ(test, wr_ptr(&pointer, test), 0);
	KUNIT_EXPECT_PTR_EQ(test, pointer, test);
	KUNIT_EXPECT_EQ(test, wr_ptr(&pointer, NULL), 0);
	KUNIT_EXPECT_NULL(test, pointer);
	/* Of a type that only its owner knows, and of a function. */
	KUNIT_EXPECT_EQ(test, wr_ptr(&opaque, (struct opaque *)test), 0);
	KUNIT_EXPECT_PTR_EQ(test, opaque, (struct opaque *)test);
	KUNIT_EXPECT_EQ(test, wr_ptr(&function, kfree), 0);
	KUNIT_EXPECT_TRUE(test, function == kfree);

	KUNIT_EXPECT_EQ(test, wr_rcu_assign_pointer(published, &target), 0);
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, rcu_dereference(published)->a, 5);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, wr_rcu_assign_pointer(published, NULL), 0);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(published));
}

#define FIELD	(3 * PAGE_SIZE)

/*
 * Every length and offset around the ends of the first page of @field, against
 * a copy in ordinary memory: what is written arrives, what is beside stays.
 */
static void copy_and_set(struct kunit *test, u8 *field)
{
	static const size_t lens[] = {
		1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 63, PAGE_SIZE - 1, PAGE_SIZE,
		PAGE_SIZE + 1, 2 * PAGE_SIZE,
	};
	u8 *model = kunit_kmalloc(test, FIELD, GFP_KERNEL);
	u8 *src = kunit_kmalloc(test, FIELD, GFP_KERNEL);
	size_t i, offset, len;

	KUNIT_ASSERT_NOT_NULL(test, model);
	KUNIT_ASSERT_NOT_NULL(test, src);
	memcpy(model, field, FIELD);
	for (i = 0; i < FIELD; i++)
		src[i] = i * 7 + 1;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		len = lens[i];
		for (offset = PAGE_SIZE - 9; offset <= PAGE_SIZE; offset++) {
			KUNIT_ASSERT_EQ(test,
					wr_memcpy(field + offset, src + i, len), 0);
			memcpy(model + offset, src + i, len);
			KUNIT_ASSERT_MEMEQ(test, field, model, FIELD);

			KUNIT_ASSERT_EQ(test, wr_memset(field + offset, i, len),
					0);
			memset(model + offset, i, len);
			KUNIT_ASSERT_MEMEQ(test, field, model, FIELD);
		}
	}
}

static void memcpy_in_unprotected_pool(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	u8 *field = pmalloc(pool, FIELD);

	KUNIT_ASSERT_NOT_NULL(test, field);
	copy_and_set(test, field);
}

static void memcpy_in_protected_pool(struct kunit *test)
{
	copy_and_set(test, prmem_test_protected(test, PMALLOC_MODE_WR, FIELD, 0xee));
}

struct unaligned {
	u64 value;
} __packed;

static void assign_unaligned(struct kunit *test)
{
	u8 *field = prmem_test_protected(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE, 0);
	struct unaligned *across = (void *)(field + PAGE_SIZE - 3);

	KUNIT_EXPECT_EQ(test, wr_assign(across->value, 0x0102030405060708ULL), 0);
	KUNIT_EXPECT_EQ(test, across->value, 0x0102030405060708ULL);
	KUNIT_EXPECT_EQ(test, field[PAGE_SIZE - 4], 0);
	KUNIT_EXPECT_EQ(test, field[PAGE_SIZE + 5], 0);
}

static void pool_memory_is_zeroed_and_distinct(struct kunit *test)
{
	static const size_t sizes[] = { 1, 7, 8, 9, 100, 4000, 4096, 4097, 70000 };
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	u8 *objects[ARRAY_SIZE(sizes)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		objects[i] = pmalloc(pool, sizes[i]);
		KUNIT_ASSERT_NOT_NULL(test, objects[i]);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)objects[i], 8));
		KUNIT_EXPECT_NULL(test, memchr_inv(objects[i], 0, sizes[i]));
		memset(objects[i], i + 1, sizes[i]);
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		KUNIT_EXPECT_NULL(test, memchr_inv(objects[i], i + 1, sizes[i]));
}

static void pool_keeps_values_and_grows(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	u64 *first = pmalloc(pool, sizeof(*first)), *second;

	KUNIT_ASSERT_NOT_NULL(test, first);
	*first = 1;
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	KUNIT_EXPECT_EQ(test, *first, 1);
	KUNIT_EXPECT_EQ(test, wr_assign(*first, 2), 0);

	/* Room that was protected is not handed out: this store must work. */
	second = pmalloc(pool, sizeof(*second));
	KUNIT_ASSERT_NOT_NULL(test, second);
	*second = 3;
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	KUNIT_EXPECT_EQ(test, wr_assign(*second, 4), 0);
	KUNIT_EXPECT_EQ(test, *first, 2);
	KUNIT_EXPECT_EQ(test, *second, 4);
}

static void pool_bad_arguments(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);

	KUNIT_EXPECT_NULL(test, pmalloc(pool, 0));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, SIZE_MAX));
	KUNIT_EXPECT_NULL(test, pmalloc(pool, SIZE_MAX - PAGE_SIZE));
	if (IS_ENABLED(CONFIG_PRMEM)) {
		KUNIT_EXPECT_NULL(test,
				  pmalloc_create_pool(NULL, PMALLOC_MODE_WR));
		KUNIT_EXPECT_NULL(test, pmalloc_create_pool("", PMALLOC_MODE_WR));
		KUNIT_EXPECT_NULL(test, pmalloc_create_pool("mode", 77));
	}
	/* And all is well after that. */
	KUNIT_EXPECT_NOT_NULL(test, pmalloc(pool, 1));
	pmalloc_destroy_pool(NULL);
}

static void sysctl_string(struct kunit *test)
{
	static const struct ctl_table table = {
		.procname = "text", .data = text, .maxlen = sizeof(text),
	};
	char longer[2 * sizeof(text)], back[sizeof(text) + 1] = "";
	size_t len = strlen("value\n");
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, proc_dostring_wr(&table, 1, "value\n", &len, &pos),
			0);
	KUNIT_EXPECT_STREQ(test, text, "value");

	/* The second write of a file that is still open goes on where it was. */
	pos = 5;
	len = 2;
	KUNIT_EXPECT_EQ(test, proc_dostring_wr(&table, 1, "++", &len, &pos), 0);
	KUNIT_EXPECT_STREQ(test, text, "value++");

	memset(longer, 'x', sizeof(longer));
	pos = 0;
	len = sizeof(longer);
	KUNIT_EXPECT_EQ(test, proc_dostring_wr(&table, 1, longer, &len, &pos), 0);
	KUNIT_EXPECT_EQ(test, strlen(text), sizeof(text) - 1);

	pos = 0;
	len = sizeof(back);
	KUNIT_EXPECT_EQ(test, proc_dostring_wr(&table, 0, back, &len, &pos), 0);
	KUNIT_EXPECT_EQ(test, len, sizeof(text));
	KUNIT_EXPECT_MEMEQ(test, back, longer, sizeof(text) - 1);
	KUNIT_EXPECT_EQ(test, back[sizeof(text) - 1], '\n');
}

/* Contexts */

struct in_context {
	struct irq_work irq_work;
	struct timer_list timer;
	struct completion done;
	u64 *dst;
	int err;
	bool right_context;
};

static void write_from_hard_irq(struct irq_work *work)
{
	struct in_context *ctx = container_of(work, struct in_context, irq_work);

	ctx->right_context = in_hardirq();
	ctx->err = wr_assign(*ctx->dst, 0x1234);
	complete(&ctx->done);
}

static void write_from_timer(struct timer_list *timer)
{
	struct in_context *ctx = container_of(timer, struct in_context, timer);

	ctx->right_context = in_serving_softirq();
	ctx->err = wr_assign(*ctx->dst, 0x5678);
	complete(&ctx->done);
}

static void write_in_interrupts(struct kunit *test)
{
	struct in_context *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ctx);
	ctx->dst = prmem_test_protected(test, PMALLOC_MODE_WR, 8, 0);

	init_completion(&ctx->done);
	ctx->irq_work = IRQ_WORK_INIT_HARD(write_from_hard_irq);
	irq_work_queue(&ctx->irq_work);
	wait_for_completion(&ctx->done);
	KUNIT_EXPECT_TRUE(test, ctx->right_context);
	KUNIT_EXPECT_EQ(test, ctx->err, 0);
	KUNIT_EXPECT_EQ(test, *ctx->dst, 0x1234);

	reinit_completion(&ctx->done);
	timer_setup_on_stack(&ctx->timer, write_from_timer, 0);
	mod_timer(&ctx->timer, jiffies + 1);
	wait_for_completion(&ctx->done);
	timer_delete_sync(&ctx->timer);
	destroy_timer_on_stack(&ctx->timer);
	KUNIT_EXPECT_TRUE(test, ctx->right_context);
	KUNIT_EXPECT_EQ(test, ctx->err, 0);
	KUNIT_EXPECT_EQ(test, *ctx->dst, 0x5678);
}

#define CPU_WRITES	2000

/* Each CPU counts in a word of its own and writes one that all share. */
struct all_cpus {
	u64 *own;
	u64 *shared;
	atomic_t errors;
	atomic_t torn;
	struct completion done;
};

static const u64 patterns[] = { 0, 0x1111111111111111ULL, ~0ULL };

static void write_on_cpu(void *arg)
{
	struct all_cpus *all = arg;
	unsigned int cpu = smp_processor_id();
	u64 i, seen;

	for (i = 1; i <= CPU_WRITES; i++) {
		if (wr_assign(all->own[cpu], i) || all->own[cpu] != i ||
		    wr_assign(*all->shared, patterns[(i + cpu) % 3]))
			atomic_inc(&all->errors);
		seen = READ_ONCE(*all->shared);
		if (seen != patterns[0] && seen != patterns[1] &&
		    seen != patterns[2])
			atomic_inc(&all->torn);
	}
}

static int writer_thread(void *arg)
{
	struct all_cpus *all = arg;

	write_on_cpu(all);
	complete(&all->done);
	return 0;
}

static void i5_write_on_all_cpus(struct kunit *test)
{
	struct all_cpus *all = kunit_kzalloc(test, sizeof(*all), GFP_KERNEL);
	struct task_struct *thread;
	unsigned int cpu;

	KUNIT_ASSERT_NOT_NULL(test, all);
	init_completion(&all->done);
	all->own = prmem_test_protected(test, PMALLOC_MODE_WR,
					(nr_cpu_ids + 1) * sizeof(u64), 0);
	all->shared = &all->own[nr_cpu_ids];

	for_each_online_cpu(cpu) {
		thread = kthread_create_on_cpu(writer_thread, all, cpu,
					       "prmem_writer/%u");
		KUNIT_ASSERT_FALSE(test, IS_ERR(thread));
		wake_up_process(thread);
	}
	for_each_online_cpu(cpu)
		wait_for_completion(&all->done);
	for_each_online_cpu(cpu) {
		KUNIT_EXPECT_EQ(test, all->own[cpu], CPU_WRITES);
		KUNIT_EXPECT_EQ(test, wr_assign(all->own[cpu], 0), 0);
	}

	/* The same from interrupts. */
	on_each_cpu(write_on_cpu, all, /*wait=*/1);
	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, all->own[cpu], CPU_WRITES);

	KUNIT_EXPECT_EQ(test, atomic_read(&all->errors), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&all->torn), 0);
}

static struct kunit_case legitimate_cases[] = {
	KUNIT_CASE(early_write_arrives),
	KUNIT_CASE(early_session_arrives),
	KUNIT_CASE(assign_scalars),
	KUNIT_CASE(assign_structure),
	KUNIT_CASE(assign_pointers),
	KUNIT_CASE(assign_unaligned),
	KUNIT_CASE(memcpy_in_unprotected_pool),
	KUNIT_CASE(memcpy_in_protected_pool),
	KUNIT_CASE(pool_memory_is_zeroed_and_distinct),
	KUNIT_CASE(pool_keeps_values_and_grows),
	KUNIT_CASE(pool_bad_arguments),
	KUNIT_CASE(sysctl_string),
	KUNIT_CASE(write_in_interrupts),
	KUNIT_CASE(i5_write_on_all_cpus),
	{}
};

static struct kunit_suite legitimate_suite = {
	.name = "prmem_legitimate",
	.test_cases = legitimate_cases,
};

kunit_test_suite(legitimate_suite);

MODULE_DESCRIPTION("KUnit tests of write-rare memory");
MODULE_LICENSE("GPL");

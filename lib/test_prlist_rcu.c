// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of protected lists: readers under RCU while a writer is at work, and
 * lock-less lists from all CPUs and from interrupts.
 *
 * test_prlist.seconds= on the command line says how long when the suite is started
 * after boot; after boot it is in /sys/module/test_prlist/ as well. The readers take
 * all of this time, and each of the two cases of lock-less lists a sixth of it.
 */
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/math.h>
#include <linux/percpu.h>
#include <linux/prandom.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "test_prlist.h"
#include "test_prmem.h"

/* Threads, one on a CPU, that run until they are told to stop. */
struct crew {
	struct kunit *test;
	void (*work)(struct crew *crew, unsigned int cpu);
	bool stop;
	atomic_t nr;
	struct completion done;
};

static int crew_member(void *arg)
{
	struct crew *crew = arg;
	unsigned int cpu = raw_smp_processor_id();

	/* So that a refused write is told to the test. */
	current->kunit_test = crew->test;
	while (!READ_ONCE(crew->stop)) {
		crew->work(crew, cpu);
		cond_resched();
	}
	current->kunit_test = NULL;
	complete(&crew->done);
	return 0;
}

static void crew_start(struct kunit *test, struct crew *crew, const struct cpumask *cpus)
{
	struct task_struct *thread;
	unsigned int cpu;

	crew->test = test;
	crew->stop = false;
	atomic_set(&crew->nr, 0);
	init_completion(&crew->done);
	for_each_cpu(cpu, cpus) {
		thread = kthread_run_on_cpu(crew_member, crew, cpu, "prlist_test/%u");
		KUNIT_EXPECT_FALSE(test, IS_ERR(thread));
		if (!IS_ERR(thread))
			atomic_inc(&crew->nr);
	}
}

static void crew_stop(struct crew *crew)
{
	int nr = atomic_read(&crew->nr);

	WRITE_ONCE(crew->stop, true);
	while (nr--)
		wait_for_completion(&crew->done);
}

/* Readers and one writer */

#define NR_ANCHORS	4	/* which are always there */
#define NR_OTHERS	24	/* which come and go */
#define NR_BUCKETS	2
/*
 * A reader that the host has stopped for a while goes on among all that was put in
 * front of it meanwhile, and that may be thousands. But nobody adds that many.
 */
#define MAX_WALK	1000000

/**
 * struct visitor - an object that readers come by
 * @list: its place among all
 * @hash: its place among those of its bucket
 * @id: below NR_ANCHORS for those that stay, and unique
 * @bucket: the number of the list it is on
 * @sum: what follows from the others, and from nothing that is zero
 */
struct visitor {
	struct prlist_head list;
	struct prhlist_node hash;
	u64 id;
	u64 bucket;
	u64 sum;
};

static u64 sum_of(u64 id, u64 bucket)
{
	return hash_64(id + 1, 63) * (2 * bucket + 3) + 1;
}

static PRLIST_HEAD(visitors);

/* Where some are gathered before they join. Nobody reads the first one. */
static PRLIST_HEAD(waiting);
static PRLIST_HEAD(lobby);

static struct prhlist_head buckets[NR_BUCKETS] __wr_after_init;

struct stress {
	struct crew readers;
	struct crew writer;
	struct prmem_cache *cache;
	struct visitor *anchors[NR_ANCHORS];
	struct visitor *others[NR_OTHERS];
	struct rnd_state random;
	u64 next_id;
	int err;
	unsigned long writes;
	unsigned long writes_of[5];
	atomic_long_t walks;
	atomic_long_t met;
	/* What readers may not come by. */
	atomic_t bad_sum;
	atomic_t bad_bucket;
	atomic_t lost_anchor;
	atomic_t endless;
};

static bool check_visitor(struct stress *s, const struct visitor *visitor)
{
	u64 id = READ_ONCE(visitor->id), bucket = READ_ONCE(visitor->bucket);

	if (READ_ONCE(visitor->sum) == sum_of(id, bucket))
		return true;
	atomic_inc(&s->bad_sum);
	return false;
}

/* All anchors, in their order, and not for ever. */
static void walk_list(struct stress *s)
{
	unsigned int steps = 0, anchors = 0;
	struct visitor *pos;

	rcu_read_lock();
	prlist_for_each_entry_rcu(pos, &visitors, list) {
		if (++steps > MAX_WALK) {
			atomic_inc(&s->endless);
			break;
		}
		if (!check_visitor(s, pos))
			break;
		if (pos->id < NR_ANCHORS && pos->id == anchors)
			anchors++;
	}
	rcu_read_unlock();
	if (anchors != NR_ANCHORS)
		atomic_inc(&s->lost_anchor);
	atomic_long_add(steps, &s->met);
}

/* Whoever reads what is about to be spliced comes to the end that he knows. */
static void walk_lobby(struct stress *s)
{
	unsigned int steps = 0;
	struct visitor *pos;

	rcu_read_lock();
	prlist_for_each_entry_rcu(pos, &lobby, list) {
		if (++steps > MAX_WALK) {
			atomic_inc(&s->endless);
			break;
		}
		if (!check_visitor(s, pos))
			break;
		if (pos->id < NR_ANCHORS)
			atomic_inc(&s->lost_anchor);
	}
	rcu_read_unlock();
}

static void walk_bucket(struct stress *s, unsigned int bucket)
{
	unsigned int steps = 0, anchors = 0;
	struct visitor *pos;

	rcu_read_lock();
	prhlist_for_each_entry_rcu(pos, &buckets[bucket], hash) {
		if (++steps > MAX_WALK) {
			atomic_inc(&s->endless);
			break;
		}
		if (!check_visitor(s, pos))
			break;
		if (pos->bucket != bucket)
			atomic_inc(&s->bad_bucket);
		if (pos->id < NR_ANCHORS)
			anchors++;
	}
	rcu_read_unlock();
	if (anchors != NR_ANCHORS / NR_BUCKETS)
		atomic_inc(&s->lost_anchor);
}

static void read_all(struct crew *crew, unsigned int cpu)
{
	struct stress *s = container_of(crew, struct stress, readers);
	unsigned int i;

	walk_list(s);
	walk_lobby(s);
	for (i = 0; i < NR_BUCKETS; i++)
		walk_bucket(s, i);
	atomic_long_inc(&s->walks);
}

static u32 some(struct stress *s, u32 nr)
{
	return prandom_u32_state(&s->random) % nr;
}

/* Complete before anybody can find it. */
static struct visitor *new_visitor(struct stress *s, u64 id, u64 bucket)
{
	struct visitor init = { .id = id, .bucket = bucket, .sum = sum_of(id, bucket) };

	return prmem_cache_alloc(s->cache, &init);
}

static struct visitor *another(struct stress *s)
{
	return new_visitor(s, NR_ANCHORS + s->next_id++, some(s, NR_BUCKETS));
}

static void write_add(struct stress *s, struct visitor **slot)
{
	struct visitor *visitor = another(s), *anchor = s->anchors[some(s, NR_ANCHORS)];

	if (!visitor)
		return;
	switch (some(s, 4)) {
	case 0:
		s->err |= prlist_add_rcu(&visitor->list, &visitors);
		s->err |= prhlist_add_head_rcu(&visitor->hash, &buckets[visitor->bucket]);
		break;
	case 1:
		s->err |= prlist_add_tail_rcu(&visitor->list, &visitors);
		s->err |= prhlist_add_tail_rcu(&visitor->hash, &buckets[visitor->bucket]);
		break;
	case 2:
		s->err |= prlist_add_rcu(&visitor->list, &anchor->list);
		s->err |= prhlist_add_head_rcu(&visitor->hash, &buckets[visitor->bucket]);
		break;
	default:
		/* On the list of an anchor, in whose bucket it has to be. */
		anchor = s->anchors[some(s, 2) * NR_BUCKETS + visitor->bucket];
		s->err |= prlist_add_tail_rcu(&visitor->list, &anchor->list);
		if (some(s, 2))
			s->err |= prhlist_add_before_rcu(&visitor->hash, &anchor->hash);
		else
			s->err |= prhlist_add_behind_rcu(&visitor->hash, &anchor->hash);
	}
	*slot = visitor;
	s->writes_of[0]++;
}

static void write_del(struct stress *s, struct visitor **slot)
{
	s->err |= prlist_del_rcu(&(*slot)->list);
	if (some(s, 2))
		s->err |= prhlist_del_rcu(&(*slot)->hash);
	else
		s->err |= prhlist_del_init_rcu(&(*slot)->hash);
	prmem_cache_free_rcu(s->cache, *slot);
	*slot = NULL;
	s->writes_of[1]++;
}

static void write_replace(struct stress *s, struct visitor **slot)
{
	struct visitor *old = *slot, *new;

	new = new_visitor(s, NR_ANCHORS + s->next_id++, old->bucket);
	if (!new)
		return;
	s->err |= prlist_replace_rcu(&old->list, &new->list);
	s->err |= prhlist_replace_rcu(&old->hash, &new->hash);
	prmem_cache_free_rcu(s->cache, old);
	*slot = new;
	s->writes_of[2]++;
}

/* Readers come by the old one or the new one, never by both, and never by none. */
static void write_replace_anchor(struct stress *s)
{
	unsigned int i = some(s, NR_ANCHORS);
	struct visitor *old = s->anchors[i], *new = new_visitor(s, old->id, old->bucket);

	if (!new)
		return;
	s->err |= prlist_replace_rcu(&old->list, &new->list);
	s->err |= prhlist_replace_rcu(&old->hash, &new->hash);
	prmem_cache_free_rcu(s->cache, old);
	s->anchors[i] = new;
	s->writes_of[4]++;
}

/* All that are not there yet, at the same time. */
static void write_splice(struct stress *s)
{
	unsigned int i, how = some(s, 3);
	struct prlist_head *from = how ? &lobby : &waiting;

	for (i = 0; i < NR_OTHERS; i++) {
		struct visitor *visitor;

		if (s->others[i] || some(s, 2))
			continue;
		visitor = another(s);
		if (!visitor)
			return;
		s->err |= prlist_add_tail_rcu(&visitor->list, from);
		s->err |= prhlist_add_head_rcu(&visitor->hash, &buckets[visitor->bucket]);
		s->others[i] = visitor;
	}
	switch (how) {
	case 0:
		s->err |= prlist_splice_rcu(from, &visitors);
		s->err |= INIT_PRLIST_HEAD(from);
		break;
	case 1:
		s->err |= prlist_splice_init_rcu(from, &visitors,
						 synchronize_rcu_expedited);
		break;
	default:
		s->err |= prlist_splice_tail_init_rcu(from, &visitors,
						      synchronize_rcu_expedited);
	}
	s->writes_of[3]++;
}

static void write_some(struct crew *crew, unsigned int cpu)
{
	struct stress *s = container_of(crew, struct stress, writer);
	struct visitor **slot = &s->others[some(s, NR_OTHERS)];

	s->writes++;
	if (s->writes % 1024 == 0)
		write_splice(s);
	else if (s->writes % 64 == 0)
		write_replace_anchor(s);
	else if (!*slot)
		write_add(s, slot);
	else if (some(s, 2))
		write_replace(s, slot);
	else
		write_del(s, slot);
}

static void stress_begin(struct kunit *test, struct stress *s)
{
	unsigned int i;
	int err = 0;

	prandom_seed_state(&s->random, get_random_u64());
	s->cache = prmem_cache_create("kunit_visitors", sizeof(struct visitor),
				      __alignof__(struct visitor));
	KUNIT_ASSERT_NOT_NULL(test, s->cache);
	for (i = 0; i < NR_ANCHORS; i++) {
		struct visitor *anchor = new_visitor(s, i, i % NR_BUCKETS);

		KUNIT_ASSERT_NOT_NULL(test, anchor);
		s->anchors[i] = anchor;
		err |= prlist_add_tail_rcu(&anchor->list, &visitors);
		err |= prhlist_add_head_rcu(&anchor->hash, &buckets[anchor->bucket]);
	}
	KUNIT_ASSERT_EQ(test, err, 0);
}

static void stress_end(struct kunit *test, struct stress *s)
{
	struct visitor *pos, *n;
	int err = 0;

	prlist_for_each_entry_safe(pos, n, &visitors, list) {
		err |= prlist_del(&pos->list) | prhlist_del(&pos->hash);
		prmem_cache_free(s->cache, pos);
	}
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE(test, prlist_empty(&visitors));
	KUNIT_EXPECT_TRUE(test, prlist_empty(&waiting));
	KUNIT_EXPECT_TRUE(test, prlist_empty(&lobby));
	KUNIT_EXPECT_TRUE(test, prhlist_empty(&buckets[0]));
	KUNIT_EXPECT_TRUE(test, prhlist_empty(&buckets[1]));
	prmem_cache_destroy(s->cache);
}

static void judge_stress(struct kunit *test, struct stress *s)
{
	KUNIT_EXPECT_EQ(test, s->err, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&s->bad_sum), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&s->bad_bucket), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&s->lost_anchor), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&s->endless), 0);
	KUNIT_EXPECT_GT(test, s->writes, 0);
	KUNIT_EXPECT_GT(test, atomic_long_read(&s->walks), 0);
	kunit_info(test, "%u s: %lu added, %lu deleted, %lu and %lu replaced, %lu splices\n",
		   prlist_test_seconds(), s->writes_of[0], s->writes_of[1],
		   s->writes_of[2], s->writes_of[4], s->writes_of[3]);
	kunit_info(test, "%ld walks came by %ld objects\n", atomic_long_read(&s->walks),
		   atomic_long_read(&s->met));
}

/* A CPU for the writer, and the others for readers; or all on the only one. */
static void stress_start(struct kunit *test, struct stress *s)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);
	cpumask_var_t cpus;

	KUNIT_ASSERT_TRUE(test, alloc_cpumask_var(&cpus, GFP_KERNEL));
	cpumask_copy(cpus, cpu_online_mask);
	if (num_online_cpus() > 1)
		cpumask_clear_cpu(cpu, cpus);
	s->readers.work = read_all;
	crew_start(test, &s->readers, cpus);
	s->writer.work = write_some;
	crew_start(test, &s->writer, cpumask_of(cpu));
	free_cpumask_var(cpus);
}

static void readers_and_a_writer(struct kunit *test)
{
	struct stress *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	stress_begin(test, s);
	stress_start(test, s);
	schedule_timeout_idle(prlist_test_seconds() * HZ);
	crew_stop(&s->writer);
	crew_stop(&s->readers);
	rcu_barrier();
	judge_stress(test, s);
	stress_end(test, s);
}

/* Lock-less lists */

#define NODES_PER_SOURCE	16

/* Who adds: a thread, a timer and an irq_work on each CPU. */
enum source { THREAD, TIMER, IRQ_WORK, NR_SOURCES };

struct token {
	struct prllist_node node;
	u32 id;
};

static PRLLIST_HEAD(tokens);

/* A token is there or it is not: these see in a second what readers see in many. */
static unsigned int tokens_seconds(void)
{
	return DIV_ROUND_UP(prlist_test_seconds(), 6);
}

struct adder {
	struct hrtimer timer;
	struct irq_work work;
	struct tokens_run *run;
	unsigned int cpu;
};

/**
 * struct tokens_run - all that is known of the tokens
 * @crew: the threads
 * @all: the tokens, write-rare
 * @nr: how many there are
 * @on_list: by token, whether it is on the list. Whose it is when not is told by
 *	its number
 * @one_consumer: tokens are taken one by one, by one CPU; otherwise all by all
 * @consumer: that CPU
 * @adders: what runs in interrupts
 * @added: how many were
 * @taken: how many were
 * @interrupts: how many were added there
 * @twice: what was taken had been taken before
 * @refused: calls that failed
 * @broken: the chain that was taken has no end
 */
struct tokens_run {
	struct crew crew;
	struct token *all;
	unsigned int nr;
	atomic_t *on_list;
	bool one_consumer;
	unsigned int consumer;
	struct adder *adders;
	atomic_long_t added;
	atomic_long_t taken;
	atomic_long_t interrupts;
	atomic_t twice;
	atomic_t refused;
	atomic_t broken;
};

/* A token of this source that is on no list, and will be. */
static struct token *claim(struct tokens_run *run, unsigned int cpu, enum source source)
{
	unsigned int first = (cpu * NR_SOURCES + source) * NODES_PER_SOURCE, i;

	for (i = first; i < first + NODES_PER_SOURCE; i++)
		if (!atomic_read(&run->on_list[i]) && !atomic_xchg(&run->on_list[i], 1))
			return &run->all[i];
	return NULL;
}

static void add_one(struct tokens_run *run, unsigned int cpu, enum source source)
{
	struct token *token = claim(run, cpu, source);

	if (!token)
		return;
	if (prllist_add(&token->node, &tokens) < 0)
		atomic_inc(&run->refused);
	atomic_long_inc(&run->added);
	if (source != THREAD)
		atomic_long_inc(&run->interrupts);
}

static void add_two(struct tokens_run *run, unsigned int cpu)
{
	struct token *first = claim(run, cpu, THREAD), *last;

	if (!first)
		return;
	last = claim(run, cpu, THREAD) ?: first;
	if (last != first && wr_ptr(&first->node.__pr_lnode.next, &last->node.__pr_lnode))
		atomic_inc(&run->refused);
	if (prllist_add_batch(&first->node, &last->node, &tokens) < 0)
		atomic_inc(&run->refused);
	atomic_long_add(1 + (last != first), &run->added);
}

static void take(struct tokens_run *run, struct token *token)
{
	atomic_long_inc(&run->taken);
	if (token->id >= run->nr || &run->all[token->id] != token ||
	    !atomic_xchg(&run->on_list[token->id], 0))
		atomic_inc(&run->twice);
}

static void take_all(struct tokens_run *run)
{
	struct prllist_node *first = prllist_del_all(&tokens), *pos, *n;
	unsigned int steps = 0;

	/* From the moment that it is taken, its source can use it again. */
	prllist_for_each_safe(pos, n, first) {
		if (++steps > run->nr) {
			atomic_inc(&run->broken);
			return;
		}
		take(run, prllist_entry(pos, struct token, node));
	}
}

static void take_first(struct tokens_run *run)
{
	struct prllist_node *node;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		node = i % 2 ? prllist_del_first(&tokens) : prllist_del_first_init(&tokens);
		if (!node)
			return;
		take(run, prllist_entry(node, struct token, node));
	}
}

static void add_in_irq_work(struct irq_work *work)
{
	struct adder *adder = container_of(work, struct adder, work);

	add_one(adder->run, adder->cpu, IRQ_WORK);
	if (!adder->run->one_consumer)
		take_all(adder->run);
}

static enum hrtimer_restart add_in_timer(struct hrtimer *timer)
{
	struct adder *adder = container_of(timer, struct adder, timer);

	if (READ_ONCE(adder->run->crew.stop))
		return HRTIMER_NORESTART;
	add_one(adder->run, adder->cpu, TIMER);
	irq_work_queue(&adder->work);
	hrtimer_forward_now(timer, ms_to_ktime(1));
	return HRTIMER_RESTART;
}

static void add_and_take(struct crew *crew, unsigned int cpu)
{
	struct tokens_run *run = container_of(crew, struct tokens_run, crew);

	add_one(run, cpu, THREAD);
	add_two(run, cpu);
	if (!run->one_consumer)
		take_all(run);
	else if (cpu == run->consumer)
		take_first(run);
}

static void start_timer(void *arg)
{
	struct tokens_run *run = arg;
	struct adder *adder = &run->adders[smp_processor_id()];

	hrtimer_init(&adder->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	adder->timer.function = add_in_timer;
	hrtimer_start(&adder->timer, ms_to_ktime(1), HRTIMER_MODE_REL_PINNED_HARD);
}

static struct tokens_run *tokens_begin(struct kunit *test)
{
	struct tokens_run *run = kunit_kzalloc(test, sizeof(*run), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, run);
	run->nr = nr_cpu_ids * NR_SOURCES * NODES_PER_SOURCE;
	run->on_list = kunit_kcalloc(test, run->nr, sizeof(*run->on_list), GFP_KERNEL);
	run->adders = kunit_kcalloc(test, nr_cpu_ids, sizeof(*run->adders), GFP_KERNEL);
	run->all = prlist_test_room(test, run->nr * sizeof(*run->all));
	KUNIT_ASSERT_NOT_NULL(test, run->on_list);
	KUNIT_ASSERT_NOT_NULL(test, run->adders);
	for (i = 0; i < run->nr; i++)
		KUNIT_ASSERT_EQ(test, wr_assign(run->all[i].id, i), 0);
	for (i = 0; i < nr_cpu_ids; i++) {
		run->adders[i].run = run;
		run->adders[i].cpu = i;
		run->adders[i].work = IRQ_WORK_INIT_HARD(add_in_irq_work);
	}
	return run;
}

static void tokens_stop(struct tokens_run *run)
{
	unsigned int cpu;

	crew_stop(&run->crew);
	for_each_online_cpu(cpu) {
		hrtimer_cancel(&run->adders[cpu].timer);
		irq_work_sync(&run->adders[cpu].work);
	}
}

static void judge_tokens(struct kunit *test, struct tokens_run *run)
{
	unsigned int i;

	/* What is still there. */
	take_all(run);
	KUNIT_EXPECT_EQ(test, atomic_read(&run->refused), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&run->twice), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&run->broken), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&run->taken),
			atomic_long_read(&run->added));
	KUNIT_EXPECT_GT(test, atomic_long_read(&run->interrupts), 0);
	for (i = 0; i < run->nr; i++)
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&run->on_list[i]), 0,
				    "token %u is lost", i);
	KUNIT_EXPECT_TRUE(test, prllist_empty(&tokens));
	kunit_info(test, "%u s: %ld tokens, %ld of them in interrupts\n",
		   tokens_seconds(), atomic_long_read(&run->added),
		   atomic_long_read(&run->interrupts));
}

static void run_tokens(struct kunit *test, bool one_consumer)
{
	struct tokens_run *run = tokens_begin(test);

	KUNIT_ASSERT_EQ(test, init_prllist_head(&tokens), 0);
	run->one_consumer = one_consumer;
	run->consumer = cpumask_first(cpu_online_mask);
	run->crew.work = add_and_take;
	crew_start(test, &run->crew, cpu_online_mask);
	on_each_cpu(start_timer, run, /*wait=*/1);
	schedule_timeout_uninterruptible(tokens_seconds() * HZ);
	tokens_stop(run);
	judge_tokens(test, run);
}

static void llist_one_consumer(struct kunit *test)
{
	run_tokens(test, /*one_consumer=*/true);
}

static void llist_all_consume(struct kunit *test)
{
	run_tokens(test, /*one_consumer=*/false);
}

static struct kunit_case rcu_cases[] = {
	KUNIT_CASE_SLOW(readers_and_a_writer),
	KUNIT_CASE_SLOW(llist_one_consumer),
	KUNIT_CASE_SLOW(llist_all_consume),
	{}
};

static struct kunit_suite rcu_suite = {
	.name = "prlist_rcu",
	.test_cases = rcu_cases,
};

kunit_test_suite(rcu_suite);

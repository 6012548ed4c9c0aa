// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of protected lists: what a change costs. In the best case all that is
 * written is on one page, in the worst each cell is on a page of its own.
 *
 * CONFIG_PRMEM_STATS counts sessions and remaps, and they must be what is written
 * next to the call. With "qemu -icount shift=0" a nanosecond of the guest is one
 * instruction; tools/list-cost boots a kernel this way and makes a table of the
 * lines that begin with "list-cost:". In other boots the nanoseconds mean little.
 */
#include <kunit/test.h>
#include <linux/irqflags.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "test_prlist.h"
#include "test_prmem.h"

/* Are the nanoseconds instructions? */
static bool counted;
module_param(counted, bool, 0);

/* How often what is timed is repeated. */
#define REPEATS		(counted ? 256U : 2U)

struct boards {
	struct prlist_test_board best;
	struct prlist_test_board worst;
};

static void new_boards(struct kunit *test, struct boards *boards)
{
	const size_t stride = sizeof(struct prlist_test_cell);

	prlist_test_place(&boards->best, prlist_test_room(test, PRLIST_TEST_CELLS * stride),
			  stride);
	/* Not all at the same offset. */
	prlist_test_place(&boards->worst,
			  prlist_test_room(test, PRLIST_TEST_CELLS * (PAGE_SIZE + stride)),
			  PAGE_SIZE + stride);
}

static unsigned int sessions_of(const struct prlist_test_call *call)
{
	return !!*call->written + call->more_sessions;
}

#ifdef CONFIG_PRMEM_STATS
static struct prmem_stats on_this_cpu(void)
{
	return *this_cpu_ptr(&prmem_stats);
}

/* Nobody else counts on this CPU. What may sleep runs where it did. */
static struct prmem_stats count_call(const struct prlist_test_call *call,
				     struct prlist_test_board *board, bool in_session,
				     int *ret)
{
	struct prmem_stats before, after;
	unsigned long flags = 0;

	migrate_disable();
	if (!call->sleeps)
		local_irq_save(flags);
	if (in_session)
		wr_session_begin();
	before = on_this_cpu();
	*ret = call->call(board);
	after = on_this_cpu();
	if (in_session)
		wr_session_end();
	if (!call->sleeps)
		local_irq_restore(flags);
	migrate_enable();
	return (struct prmem_stats){
		.switches = after.switches - before.switches,
		.remaps = after.remaps - before.remaps,
		.refused = after.refused - before.refused,
	};
}

static void must_cost(struct kunit *test, const struct prlist_test_call *call,
		      struct prlist_test_board *board, bool in_session,
		      unsigned int sessions, unsigned int remaps)
{
	const char *where = in_session ? ", in a session" : "";
	struct prmem_stats seen;
	int ret;

	prlist_test_draw(test, call, board);
	seen = count_call(call, board, in_session, &ret);
	KUNIT_EXPECT_EQ_MSG(test, ret, call->ret, "%s%s", call->name, where);
	KUNIT_EXPECT_EQ_MSG(test, seen.switches, sessions, "%s%s", call->name, where);
	KUNIT_EXPECT_EQ_MSG(test, seen.remaps, remaps, "%s%s", call->name, where);
	KUNIT_EXPECT_EQ_MSG(test, seen.refused, 0, "%s%s", call->name, where);
}

static void one_switch_for_all_stores(struct kunit *test)
{
	struct boards boards;
	unsigned int i;

	new_boards(test, &boards);
	for (i = 0; i < prlist_test_nr_calls; i++) {
		const struct prlist_test_call *call = prlist_test_calls[i];
		unsigned int sessions = sessions_of(call);

		/* Each of several sessions opens what it writes. */
		must_cost(test, call, &boards.best, /*in_session=*/false, sessions,
			  *call->written ? sessions : 0);
		must_cost(test, call, &boards.worst, false, sessions,
			  strlen(call->written));
	}
}

static void no_switch_in_a_session(struct kunit *test)
{
	struct boards boards;
	unsigned int i;

	new_boards(test, &boards);
	for (i = 0; i < prlist_test_nr_calls; i++) {
		const struct prlist_test_call *call = prlist_test_calls[i];

		if (call->sleeps)
			continue;
		must_cost(test, call, &boards.best, /*in_session=*/true, 0, !!*call->written);
		must_cost(test, call, &boards.worst, true, 0, strlen(call->written));
	}
}

/* The numbers that were promised. */
static void insertion_costs(struct kunit *test)
{
	struct boards boards;
	struct prlist_test_board near;
	const struct prlist_test_call *add = prlist_test_calls[0];
	unsigned int i;

	for (i = 0; strcmp(add->name, "add"); i++)
		add = prlist_test_calls[i];
	new_boards(test, &boards);
	must_cost(test, add, &boards.worst, false, 1, 3);

	/* The new node, N, on the page of a neighbour, A. */
	near = boards.worst;
	near.cells[6] = near.cells[2] + 1;
	must_cost(test, add, &near, false, 1, 2);
}
#endif /* CONFIG_PRMEM_STATS */

static noinline int do_nothing(struct prlist_test_board *board)
{
	barrier();
	return 0;
}

/* Nanoseconds of one call, without those that it takes to look at the clock. */
static u64 time_call(struct kunit *test, const struct prlist_test_call *call,
		     struct prlist_test_board *board,
		     int (*fn)(struct prlist_test_board *board))
{
	unsigned long flags = 0;
	u64 sum = 0, start;
	unsigned int i;

	for (i = 0; i < REPEATS; i++) {
		prlist_test_draw(test, call, board);
		if (!call->sleeps)
			local_irq_save(flags);
		start = ktime_get_ns();
		fn(board);
		sum += ktime_get_ns() - start;
		if (!call->sleeps)
			local_irq_restore(flags);
	}
	return sum / REPEATS;
}

static u64 cost_of(struct kunit *test, const struct prlist_test_call *call,
		   struct prlist_test_board *board)
{
	u64 nothing = time_call(test, call, board, do_nothing);
	u64 cost = time_call(test, call, board, call->call);

	/* The last one was made. */
	prlist_test_looks_like(test, call, board, call->after);
	return cost > nothing ? cost - nothing : 0;
}

/* A verb is told by the first call of it, which is not the one with least to do. */
static bool is_first_of_verb(unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(prlist_test_calls[i]->verb, prlist_test_calls[nr]->verb))
			return false;
	return true;
}

static void costs(struct kunit *test)
{
	struct boards boards;
	unsigned int i;

	new_boards(test, &boards);
	for (i = 0; i < prlist_test_nr_calls; i++) {
		const struct prlist_test_call *call = prlist_test_calls[i];
		u64 best, worst;

		if (!is_first_of_verb(i))
			continue;
		best = cost_of(test, call, &boards.best);
		worst = cost_of(test, call, &boards.worst);
		kunit_info(test, "list-cost: %s %u %u %zu %llu %llu\n", call->verb,
			   sessions_of(call), sessions_of(call), strlen(call->written),
			   best, worst);
	}
}

static struct kunit_case cost_cases[] = {
#ifdef CONFIG_PRMEM_STATS
	KUNIT_CASE(one_switch_for_all_stores),
	KUNIT_CASE(no_switch_in_a_session),
	KUNIT_CASE(insertion_costs),
#endif
	KUNIT_CASE(costs),
	{}
};

static struct kunit_suite cost_suite = {
	.name = "prlist_cost",
	.test_cases = cost_cases,
};

kunit_test_suite(cost_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of protected lists, the second half: what must not succeed.
 *
 * Each call that changes a list is made with each cell that it writes in memory that
 * is not write-rare. It must say so, be reported once with its caller, and leave all
 * cells as they were. Corrupted lists must be noticed before anything is written, and
 * plain stores to nodes and heads must fault.
 */
#include <kunit/test.h>
#include <linux/kallsyms.h>
#include <linux/poison.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "test_prlist.h"
#include "test_prmem.h"

#define CELL	sizeof(struct prlist_test_cell)
#define BOARD	(PRLIST_TEST_CELLS * CELL)

/* All or nothing */

/* A copy of what is in all cells. */
struct photo {
	struct prlist_test_cell cells[PRLIST_TEST_CELLS];
};

/* KASAN would not have an object that is free be read. */
static struct prlist_test_cell look_at(const struct prlist_test_cell *cell)
{
	struct prlist_test_cell copy;

	copy.words[0] = READ_ONCE_NOCHECK(cell->words[0]);
	copy.words[1] = READ_ONCE_NOCHECK(cell->words[1]);
	return copy;
}

static void take_photo(struct photo *photo, const struct prlist_test_board *board)
{
	unsigned int i;

	for (i = 0; i < PRLIST_TEST_CELLS; i++)
		photo->cells[i] = look_at(board->cells[i]);
}

static void same_as_photo(struct kunit *test, const char *what, const struct photo *photo,
			  const struct prlist_test_board *board)
{
	unsigned int i;

	for (i = 0; i < PRLIST_TEST_CELLS; i++) {
		struct prlist_test_cell now = look_at(board->cells[i]);

		KUNIT_EXPECT_MEMEQ_MSG(test, &now, &photo->cells[i], CELL, "%s: cell %u",
				       what, i);
	}
}

static void reported_once(struct kunit *test, const struct prlist_test_call *call,
			  const char *what)
{
	char caller[KSYM_SYMBOL_LEN];
	bool named;

	snprintf(caller, sizeof(caller), "%ps", (void *)prmem_test_reports.caller);
	named = strstarts(caller, "pr_") && strstarts(caller + 3, call->name);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.nr, 1, "%s: %s", call->name, what);
	KUNIT_EXPECT_EQ_MSG(test, prmem_test_reports.err, -EACCES, "%s: %s", call->name,
			    what);
	KUNIT_EXPECT_TRUE_MSG(test, named, "%s: %s: reported for %s", call->name, what,
			      caller);
	prmem_test_reports.nr = 0;
}

static void must_refuse(struct kunit *test, const struct prlist_test_call *call,
			struct prlist_test_board *board, const char *what)
{
	const int refused = call->is_bool ? 0 : -EACCES;
	struct photo photo;
	int err;

	prlist_test_draw(test, call, board);
	take_photo(&photo, board);
	prmem_test_reports.nr = 0;
	prlist_test_waits = 0;
	err = call->call(board);
	KUNIT_EXPECT_EQ_MSG(test, err, refused, "%s: %s", call->name, what);
	/* Readers would have seen a list that is empty. */
	KUNIT_EXPECT_EQ_MSG(test, prlist_test_waits, 0, "%s: %s", call->name, what);
	same_as_photo(test, call->name, &photo, board);
	reported_once(test, call, what);
	if (call->sleeps)
		return;

	scoped_guard(wr_session)
		err = call->call(board);
	KUNIT_EXPECT_EQ_MSG(test, err, refused, "%s: %s, in a session", call->name, what);
	same_as_photo(test, call->name, &photo, board);
	reported_once(test, call, what);
}

/* The board in @good, with the cell @name elsewhere. */
static void place_but(struct prlist_test_board *board, void *good, char name,
		      struct prlist_test_cell *elsewhere)
{
	unsigned int i;

	prlist_test_place(board, good, CELL);
	for (i = 0; i < PRLIST_TEST_CELLS; i++)
		if (board->cells[i] == prlist_test_cell(board, name))
			break;
	board->cells[i] = elsewhere;
}

static void refuse_cells(struct kunit *test, const struct prlist_test_call *call,
			 const char *names, void *good,
			 struct prlist_test_cell *elsewhere, const char *what)
{
	struct prlist_test_board board;

	for (; names && *names; names++) {
		place_but(&board, good, *names, elsewhere);
		must_refuse(test, call, &board, what);
	}
}

/* @elsewhere takes plain stores. */
static void refuse_plain_memory(struct kunit *test, struct prlist_test_cell *elsewhere,
				const char *what)
{
	void *good = prlist_test_room(test, BOARD);
	const struct prlist_test_call *call;
	unsigned int i;

	prmem_test_watch_reports(test);
	for (i = 0; i < prlist_test_nr_calls; i++) {
		call = prlist_test_calls[i];
		refuse_cells(test, call, call->written, good, elsewhere, what);
		refuse_cells(test, call, call->checked, good, elsewhere, what);
	}
}

static void i4_list_with_stack(struct kunit *test)
{
	struct prlist_test_cell cell;

	refuse_plain_memory(test, &cell, "on the stack");
}

static void i4_list_with_kmalloc(struct kunit *test)
{
	void *cell = kunit_kzalloc(test, CELL, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cell);
	refuse_plain_memory(test, cell, "of kmalloc()");
}

static struct prlist_test_cell static_cell;

static void i4_list_with_static_data(struct kunit *test)
{
	refuse_plain_memory(test, &static_cell, "static");
}

/* Filled while it can be, for all calls at once. Their order is that of refuse_ro(). */
static struct prlist_test_cell *fill_ro(struct kunit *test, struct pmalloc_pool *pool,
					void *good)
{
	struct prlist_test_cell *cells, *cell;
	struct prlist_test_board board;
	unsigned int i, nr = 0;
	const char *name;

	for (i = 0; i < prlist_test_nr_calls; i++)
		nr += strlen(prlist_test_calls[i]->written);
	cells = pcalloc(pool, nr, CELL);
	KUNIT_ASSERT_NOT_NULL(test, cells);
	cell = cells;
	for (i = 0; i < prlist_test_nr_calls; i++) {
		for (name = prlist_test_calls[i]->written; *name; name++, cell++) {
			place_but(&board, good, *name, cell);
			*cell = prlist_test_contents(prlist_test_calls[i], &board, *name);
		}
	}
	return cells;
}

static void i4_list_with_read_only(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_RO);
	void *good = prlist_test_room(test, BOARD);
	struct prlist_test_cell *cell = fill_ro(test, pool, good);
	struct prlist_test_board board;
	const char *name;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	prmem_test_watch_reports(test);
	for (i = 0; i < prlist_test_nr_calls; i++) {
		for (name = prlist_test_calls[i]->written; *name; name++, cell++) {
			place_but(&board, good, *name, cell);
			must_refuse(test, prlist_test_calls[i], &board, "read-only");
		}
	}
}

/* It is zero, and cannot be in a list. So it can only be what is added to one. */
static void i4_list_with_freed_object(struct kunit *test)
{
	struct prmem_cache *cache = prmem_cache_create("kunit_freed", CELL, CELL);
	void *good = prlist_test_room(test, BOARD);
	struct prlist_test_board board;
	void *freed, *stays;
	const char *name;
	unsigned int i, nr = 0;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	stays = prmem_cache_alloc(cache, NULL);
	freed = prmem_cache_alloc(cache, NULL);
	KUNIT_ASSERT_NOT_NULL(test, stays);
	KUNIT_ASSERT_NOT_NULL(test, freed);
	prmem_cache_free(cache, freed);
	prmem_test_watch_reports(test);
	for (i = 0; i < prlist_test_nr_calls; i++) {
		for (name = prlist_test_calls[i]->written; *name; name++) {
			if (strchr(prlist_test_calls[i]->before, *name))
				continue;
			place_but(&board, good, *name, freed);
			must_refuse(test, prlist_test_calls[i], &board, "freed");
			nr++;
		}
	}
	KUNIT_EXPECT_GT(test, nr, 20);
	prmem_cache_free(cache, stays);
	prmem_cache_destroy(cache);
}

/* What a session knows of an open page does not make a free object valid. */
static void i4_list_freed_in_an_open_page(struct kunit *test)
{
	struct prmem_cache *cache = prmem_cache_create("kunit_freed", CELL, CELL);
	struct prlist_head *head, *freed;
	int err[2];

	KUNIT_ASSERT_NOT_NULL(test, cache);
	head = prmem_cache_alloc(cache, NULL);
	freed = prmem_cache_alloc(cache, NULL);
	KUNIT_ASSERT_NOT_NULL(test, head);
	KUNIT_ASSERT_NOT_NULL(test, freed);
	prmem_cache_free(cache, freed);
	prmem_test_watch_reports(test);
	scoped_guard(wr_session) {
		err[0] = INIT_PRLIST_HEAD(head);
		err[1] = prlist_add(freed, head);
	}
	KUNIT_EXPECT_EQ(test, err[0], 0);
	KUNIT_EXPECT_EQ(test, err[1], -EACCES);
	KUNIT_EXPECT_TRUE(test, prlist_empty(head));
	KUNIT_EXPECT_EQ(test, look_at((void *)freed).words[0], 0);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 1);
	prmem_cache_free(cache, head);
	prmem_cache_destroy(cache);
}

/* NULL and a user address, where a call would take the node from a stray pointer. */
static void i4_list_with_bad_pointers(struct kunit *test)
{
	struct prlist_head *head = prlist_test_room(test, BOARD);

	KUNIT_ASSERT_EQ(test, INIT_PRLIST_HEAD(head), 0);
	prmem_test_watch_reports(test);
	KUNIT_EXPECT_EQ(test, prlist_add(NULL, head), -EACCES);
	KUNIT_EXPECT_EQ(test, prlist_add_rcu((void *)0x10000, head), -EACCES);
	KUNIT_EXPECT_EQ(test, INIT_PRLIST_HEAD(NULL), -EACCES);
	KUNIT_EXPECT_TRUE(test, prlist_empty(head));
	KUNIT_EXPECT_PTR_EQ(test, head->prev, head);
	KUNIT_EXPECT_EQ(test, prmem_test_reports.nr, 3);
}

/* Corruption. All of this is noticed by list hardening. */

#ifdef CONFIG_LIST_HARDENED
struct corrupt {
	struct prlist_head head, other, a, b, c, n;
};

static struct corrupt *new_corrupt(struct kunit *test)
{
	struct corrupt *lists = prlist_test_room(test, sizeof(*lists));
	int err;

	err = INIT_PRLIST_HEAD(&lists->head) | INIT_PRLIST_HEAD(&lists->other) |
	      prlist_add_tail(&lists->a, &lists->head) |
	      prlist_add_tail(&lists->b, &lists->head) |
	      prlist_add_tail(&lists->c, &lists->head);
	KUNIT_ASSERT_EQ(test, err, 0);
	return lists;
}

/*
 * The call is refused because of the list, and the parent has said why; without
 * DEBUG_LIST it says so in fewer words.
 */
#define REFUSED_AS_CORRUPT(test, lists, call)				\
do {									\
	struct corrupt before = *(lists);				\
									\
	KUNIT_EXPECT_EQ_MSG(test, call, -EINVAL, #call);		\
	KUNIT_EXPECT_MEMEQ_MSG(test, lists, &before, sizeof(before), #call); \
} while (0)

static void list_double_add(struct kunit *test)
{
	struct corrupt *lists = new_corrupt(test);

	pr_info("prmem-expect: begin 5 list_add (double add|corruption)\n");
	REFUSED_AS_CORRUPT(test, lists, prlist_add(&lists->a, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_add_tail(&lists->c, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_add(&lists->head, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_add_rcu(&lists->a, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_add_tail_rcu(&lists->c, &lists->head));
	pr_info("prmem-expect: end\n");
}

static void list_add_to_corrupted(struct kunit *test)
{
	struct corrupt *lists = new_corrupt(test);

	KUNIT_ASSERT_EQ(test, wr_ptr(&lists->a.__pr_list.prev, &lists->b.__pr_list), 0);
	KUNIT_ASSERT_EQ(test, wr_ptr(&lists->c.__pr_list.next, &lists->a.__pr_list), 0);
	pr_info("prmem-expect: begin 6 list_add corruption\n");
	REFUSED_AS_CORRUPT(test, lists, prlist_add(&lists->n, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_add_tail(&lists->n, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_add_rcu(&lists->n, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_add_tail_rcu(&lists->n, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_move(&lists->b, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_move_tail(&lists->b, &lists->head));
	pr_info("prmem-expect: end\n");
}

/* The neighbours of b do not know it. */
static void list_del_from_corrupted(struct kunit *test)
{
	struct corrupt *lists = new_corrupt(test);

	KUNIT_ASSERT_EQ(test, wr_ptr(&lists->a.__pr_list.next, &lists->c.__pr_list), 0);
	pr_info("prmem-expect: begin 9 list_del corruption\n");
	REFUSED_AS_CORRUPT(test, lists, prlist_del(&lists->b));
	REFUSED_AS_CORRUPT(test, lists, prlist_del_init(&lists->b));
	REFUSED_AS_CORRUPT(test, lists, prlist_del_init_careful(&lists->b));
	REFUSED_AS_CORRUPT(test, lists, prlist_del_rcu(&lists->b));
	REFUSED_AS_CORRUPT(test, lists, prlist_move(&lists->b, &lists->other));
	REFUSED_AS_CORRUPT(test, lists, prlist_move_tail(&lists->b, &lists->other));
	REFUSED_AS_CORRUPT(test, lists, prlist_swap(&lists->head, &lists->b));
	REFUSED_AS_CORRUPT(test, lists, prlist_swap(&lists->b, &lists->head));

	KUNIT_ASSERT_EQ(test, wr_ptr(&lists->a.__pr_list.next, &lists->b.__pr_list), 0);
	KUNIT_ASSERT_EQ(test, wr_ptr(&lists->c.__pr_list.prev, &lists->a.__pr_list), 0);
	REFUSED_AS_CORRUPT(test, lists, prlist_del(&lists->b));
	pr_info("prmem-expect: end\n");
}

static void list_del_twice(struct kunit *test)
{
	struct corrupt *lists = new_corrupt(test);

	KUNIT_ASSERT_EQ(test, prlist_del(&lists->b), 0);
	pr_info("prmem-expect: begin 5 list_del corruption\n");
	REFUSED_AS_CORRUPT(test, lists, prlist_del(&lists->b));
	REFUSED_AS_CORRUPT(test, lists, prlist_move(&lists->b, &lists->head));
	REFUSED_AS_CORRUPT(test, lists, prlist_del_init(&lists->b));

	KUNIT_ASSERT_EQ(test, prlist_del_rcu(&lists->a), 0);
	REFUSED_AS_CORRUPT(test, lists, prlist_del_rcu(&lists->a));

	/* It was never on a list. */
	REFUSED_AS_CORRUPT(test, lists, prlist_del(&lists->n));
	pr_info("prmem-expect: end\n");
}
#endif /* CONFIG_LIST_HARDENED */

/* Attacks */

static PRLIST_HEAD(target_list);
static PRHLIST_HEAD(target_hlist);
static PRLLIST_HEAD(target_llist);

struct target {
	struct prlist_head list;
	struct prhlist_node hash;
	struct prllist_node llist;
};

static void must_fault(struct kunit *test, const void *word)
{
	unsigned long before = *(unsigned long *)word, evil = ~before;

	KUNIT_EXPECT_EQ(test, copy_to_kernel_nofault((void *)word, &evil, sizeof(evil)),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, *(unsigned long *)word, before);
}

static void attack_static(struct kunit *test, const void *word)
{
	/* Before, a plain store is what it is elsewhere. */
	if (!prmem_test_static_protected())
		return;
	must_fault(test, word);
	must_fault(test, lm_alias(word));
}

static void attack_target(struct kunit *test, const struct target *target)
{
	prmem_test_stores_fault(test, (void *)&target->list.next);
	prmem_test_stores_fault(test, (void *)&target->list.prev);
	prmem_test_stores_fault(test, (void *)&target->hash.next);
	prmem_test_stores_fault(test, (void *)&target->hash.pprev);
	prmem_test_stores_fault(test, (void *)&target->llist.next);
}

static void add_target(struct kunit *test, struct target *target)
{
	KUNIT_EXPECT_EQ(test, prlist_add(&target->list, &target_list), 0);
	KUNIT_EXPECT_EQ(test, prhlist_add_head(&target->hash, &target_hlist), 0);
	KUNIT_EXPECT_GE(test, prllist_add(&target->llist, &target_llist), 0);
}

static void del_target(struct kunit *test, struct target *target)
{
	KUNIT_EXPECT_EQ(test, prlist_del(&target->list), 0);
	KUNIT_EXPECT_EQ(test, prhlist_del(&target->hash), 0);
	KUNIT_EXPECT_PTR_EQ(test, prllist_del_first(&target_llist), &target->llist);
}

static void i1_plain_store_to_list(struct kunit *test)
{
	struct prmem_cache *cache = prmem_cache_create("kunit_target", sizeof(struct target),
						       __alignof__(struct target));
	struct target *object, *element = prlist_test_room(test, sizeof(*element));

	KUNIT_ASSERT_NOT_NULL(test, cache);
	object = prmem_cache_alloc(cache, NULL);
	KUNIT_ASSERT_NOT_NULL(test, object);
	add_target(test, element);
	add_target(test, object);
	attack_target(test, element);
	attack_target(test, object);
	attack_static(test, &target_list.next);
	attack_static(test, &target_list.prev);
	attack_static(test, &target_hlist.first);
	attack_static(test, &target_llist.first);
	del_target(test, object);
	del_target(test, element);
	attack_target(test, object);
	attack_target(test, element);
	prmem_cache_free(cache, object);
	prmem_cache_destroy(cache);
}

/* Heads and nodes that no compiler would place there. */
static void i4_list_not_aligned(struct kunit *test)
{
	const size_t size = 4 * CELL;
	u8 *good = prlist_test_room(test, size);
	struct prllist_head *head = (void *)good, *odd_head = (void *)(good + CELL + 1);
	struct prllist_node *node = (void *)(good + 2 * CELL);
	struct prllist_node *odd_node = (void *)(good + 3 * CELL + 1);

	KUNIT_ASSERT_EQ(test, wr_memset(good, 0, size), 0);
	prmem_test_watch_reports(test);
	KUNIT_EXPECT_EQ(test, prllist_add(node, odd_head), -EINVAL);
	KUNIT_EXPECT_EQ(test, prllist_add(odd_node, head), -EINVAL);
	KUNIT_EXPECT_EQ(test, prllist_add_batch(odd_node, node, head), -EINVAL);
	KUNIT_EXPECT_EQ(test, __prllist_add_batch(odd_node, node, head), -EINVAL);
	KUNIT_EXPECT_EQ(test, INIT_PRLIST_HEAD((struct prlist_head *)odd_node), -EINVAL);
	KUNIT_EXPECT_NULL(test, memchr_inv(good, 0, size));
}

/* Calls that do, and calls that are refused, in all kinds of lists. */
static void i1_after_list_calls(struct kunit *test)
{
	void *good = prlist_test_room(test, PRLIST_TEST_CELLS * PAGE_SIZE);
	struct prlist_test_cell plain;
	struct prlist_test_board board;
	unsigned int i;

	prmem_test_watch_reports(test);
	for (i = 0; i < prlist_test_nr_calls; i++) {
		const struct prlist_test_call *call = prlist_test_calls[i];
		bool last_of_kind = i + 1 == prlist_test_nr_calls ||
				    prlist_test_calls[i + 1]->kind != call->kind;

		prlist_test_place(&board, good, PAGE_SIZE);
		prlist_test_draw(test, call, &board);
		KUNIT_EXPECT_EQ_MSG(test, call->call(&board), call->ret, "%s", call->name);
		if (!last_of_kind)
			continue;
		prmem_test_no_writable_alias(test);
		place_but(&board, good, call->written[0], &plain);
		must_refuse(test, call, &board, "on the stack");
		prmem_test_no_writable_alias(test);
	}
}

static struct kunit_case attack_cases[] = {
	KUNIT_CASE(i4_list_with_stack),
	KUNIT_CASE(i4_list_with_kmalloc),
	KUNIT_CASE(i4_list_with_static_data),
	KUNIT_CASE(i4_list_with_read_only),
	KUNIT_CASE(i4_list_with_freed_object),
	KUNIT_CASE(i4_list_freed_in_an_open_page),
	KUNIT_CASE(i4_list_with_bad_pointers),
	KUNIT_CASE(i4_list_not_aligned),
#ifdef CONFIG_LIST_HARDENED
	KUNIT_CASE(list_double_add),
	KUNIT_CASE(list_add_to_corrupted),
	KUNIT_CASE(list_del_from_corrupted),
	KUNIT_CASE(list_del_twice),
#endif
	KUNIT_CASE(i1_plain_store_to_list),
	KUNIT_CASE(i1_after_list_calls),
	{}
};

static struct kunit_suite attack_suite = {
	.name = "prlist_attack",
	.init = prmem_test_need_protection,
	.test_cases = attack_cases,
};

kunit_test_suite(attack_suite);

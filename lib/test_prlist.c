// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of protected lists: legitimate use, with PRMEM=n as well. Calls that
 * change a list are compared with pictures and with their parents, and all names of
 * the read side with what was drawn by hand.
 */
#include <kunit/test.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/moduleparam.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/srcu.h>
#include <linux/string.h>

#include "test_prlist.h"
#include "test_prmem.h"

#define SHORT_RUN	2U

static unsigned int seconds = SHORT_RUN;
module_param(seconds, uint, 0644);
MODULE_PARM_DESC(seconds, "How long the suite prlist_rcu stresses each kind of list, when it is not the one at boot");

unsigned int prlist_test_seconds(void)
{
	unsigned int asked = READ_ONCE(seconds);

	return system_state == SYSTEM_RUNNING ? asked : min(asked, SHORT_RUN);
}

/* Changing */

/* A word of @from, as it has to be among the cells of @to. */
static unsigned long translate(unsigned long word, const struct prlist_test_board *from,
			       const struct prlist_test_board *to)
{
	unsigned int i;

	for (i = 0; i < PRLIST_TEST_CELLS; i++) {
		unsigned long cell = (unsigned long)from->cells[i];

		if (word >= cell && word < cell + sizeof(*from->cells[i]))
			return (unsigned long)to->cells[i] + (word - cell);
	}
	return word;
}

static void same_as_model(struct kunit *test, const struct prlist_test_call *call,
			  const struct prlist_test_board *board,
			  const struct prlist_test_board *model)
{
	unsigned int i, k;

	for (i = 0; i < PRLIST_TEST_CELLS; i++) {
		for (k = 0; k < 2; k++)
			KUNIT_EXPECT_EQ_MSG(test, board->cells[i]->words[k],
					    translate(model->cells[i]->words[k], model,
						      board),
					    "%s: word %u of cell %u", call->name, k, i);
	}
}

static void make_calls(struct kunit *test, const struct prlist_test_board *board)
{
	struct prlist_test_board copy = *board, model;
	unsigned int i;
	void *plain;

	plain = kunit_kzalloc(test, PRLIST_TEST_CELLS * sizeof(struct prlist_test_cell),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, plain);
	prlist_test_place(&model, plain, sizeof(struct prlist_test_cell));
	for (i = 0; i < prlist_test_nr_calls; i++) {
		const struct prlist_test_call *call = prlist_test_calls[i];

		prlist_test_draw(test, call, board);
		prlist_test_draw(test, call, &model);
		KUNIT_EXPECT_EQ_MSG(test, call->call(&copy), call->ret, "%s", call->name);
		call->model(&model);
		prlist_test_looks_like(test, call, board, call->after);
		same_as_model(test, call, board, &model);
	}
}

static void calls_on_one_page(struct kunit *test)
{
	const size_t stride = sizeof(struct prlist_test_cell);
	struct prlist_test_board board;

	prlist_test_place(&board, prlist_test_room(test, PRLIST_TEST_CELLS * stride), stride);
	make_calls(test, &board);
}

static void calls_on_many_pages(struct kunit *test)
{
	const size_t stride = PAGE_SIZE + sizeof(struct prlist_test_cell);
	struct prlist_test_board board;

	prlist_test_place(&board, prlist_test_room(test, PRLIST_TEST_CELLS * stride), stride);
	make_calls(test, &board);
}

static void calls_in_a_cache(struct kunit *test)
{
	const size_t size = sizeof(struct prlist_test_cell);
	struct prlist_test_board board;
	struct prmem_cache *cache;
	unsigned int i;

	cache = prmem_cache_create("kunit_cells", size, size);
	KUNIT_ASSERT_NOT_NULL(test, cache);
	for (i = 0; i < PRLIST_TEST_CELLS; i++) {
		board.cells[i] = prmem_cache_alloc(cache, NULL);
		KUNIT_ASSERT_NOT_NULL(test, board.cells[i]);
	}
	make_calls(test, &board);
	for (i = 0; i < PRLIST_TEST_CELLS; i++)
		prmem_cache_free(cache, board.cells[i]);
	prmem_cache_destroy(cache);
}

/* A list of its own kind is what a head is, not what the compiler makes of it. */
static PRLIST_HEAD(static_list);
static PRHLIST_HEAD(static_hlist);
static PRLLIST_HEAD(static_llist);

static void static_heads(struct kunit *test)
{
	const size_t size = sizeof(struct prlist_test_cell);
	struct prlist_test_cell *cells = prlist_test_room(test, 3 * size);

	KUNIT_EXPECT_TRUE(test, prlist_empty(&static_list));
	KUNIT_EXPECT_TRUE(test, prhlist_empty(&static_hlist));
	KUNIT_EXPECT_TRUE(test, prllist_empty(&static_llist));
	if (IS_ENABLED(CONFIG_PRMEM)) {
		KUNIT_EXPECT_TRUE(test, prmem_is_wr(&static_list, sizeof(static_list)));
		KUNIT_EXPECT_TRUE(test, prmem_is_wr(&static_hlist, sizeof(static_hlist)));
		KUNIT_EXPECT_TRUE(test, prmem_is_wr(&static_llist, sizeof(static_llist)));
	}
	KUNIT_EXPECT_EQ(test, prlist_add((void *)&cells[0], &static_list), 0);
	KUNIT_EXPECT_PTR_EQ(test, static_list.next, (void *)&cells[0]);
	KUNIT_EXPECT_EQ(test, prhlist_add_head((void *)&cells[1], &static_hlist), 0);
	KUNIT_EXPECT_PTR_EQ(test, static_hlist.first, (void *)&cells[1]);
	KUNIT_EXPECT_EQ(test, prllist_add((void *)&cells[2], &static_llist), 1);
	KUNIT_EXPECT_PTR_EQ(test, static_llist.first, (void *)&cells[2]);

	KUNIT_EXPECT_EQ(test, INIT_PRLIST_HEAD(&static_list), 0);
	KUNIT_EXPECT_EQ(test, INIT_PRHLIST_HEAD(&static_hlist), 0);
	KUNIT_EXPECT_EQ(test, init_prllist_head(&static_llist), 0);
	KUNIT_EXPECT_TRUE(test, prlist_empty(&static_list));
	KUNIT_EXPECT_TRUE(test, prhlist_empty(&static_hlist));
	KUNIT_EXPECT_TRUE(test, prllist_empty(&static_llist));
}

/* Initialisers in the middle of other data, of which there are several. */
static struct {
	int before;
	struct prlist_head lists[2];
	struct prhlist_head hash[2];
	struct prllist_head llist;
} initialised __wr_after_init = {
	.before = 1,
	.lists = {
		PRLIST_HEAD_INIT(initialised.lists[0]),
		PRLIST_HEAD_INIT(initialised.lists[1]),
	},
	.hash = { PRHLIST_HEAD_INIT, PRHLIST_HEAD_INIT },
	.llist = PRLLIST_HEAD_INIT(initialised.llist),
};

static void initialisers(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, initialised.lists[0].next, &initialised.lists[0]);
	KUNIT_EXPECT_PTR_EQ(test, initialised.lists[1].prev, &initialised.lists[1]);
	KUNIT_EXPECT_TRUE(test, prhlist_empty(&initialised.hash[1]));
	KUNIT_EXPECT_TRUE(test, prllist_empty(&initialised.llist));
}

/* A node must not straddle a page, whatever it is part of. */
static void nodes_are_aligned(struct kunit *test)
{
	struct odd {
		char name[3];
		struct prlist_head list;
		char middle;
		struct prhlist_node hash;
		char end;
	};

	KUNIT_EXPECT_EQ(test, sizeof(struct prlist_head), sizeof(struct list_head));
	KUNIT_EXPECT_EQ(test, sizeof(struct prhlist_head), sizeof(struct hlist_head));
	KUNIT_EXPECT_EQ(test, sizeof(struct prhlist_node), sizeof(struct hlist_node));
	KUNIT_EXPECT_EQ(test, sizeof(struct prllist_head), sizeof(struct llist_head));
	KUNIT_EXPECT_EQ(test, sizeof(struct prllist_node), sizeof(struct llist_node));
	KUNIT_EXPECT_EQ(test, __alignof__(struct prlist_head), sizeof(struct prlist_head));
	KUNIT_EXPECT_EQ(test, __alignof__(struct prhlist_node),
			sizeof(struct prhlist_node));
	KUNIT_EXPECT_EQ(test, __alignof__(struct prllist_node),
			sizeof(struct prllist_node));
	KUNIT_EXPECT_EQ(test, offsetof(struct odd, list) % sizeof(struct prlist_head), 0);
	KUNIT_EXPECT_EQ(test, offsetof(struct odd, hash) % sizeof(struct prhlist_node), 0);
	KUNIT_EXPECT_EQ(test, sizeof(struct odd) % sizeof(struct prlist_head), 0);
}

/* Reading */

struct item {
	struct prlist_head list;
	struct prhlist_node hash;
	struct prllist_node llist;
	char name;
};

struct items {
	struct prlist_head list, empty, one;
	struct prhlist_head hash, hash_empty;
	struct prllist_head llist, llist_empty;
	struct item a, b, c, alone;
};

/* Lists of a, b, c, of nothing, and of one. */
static struct items *new_items(struct kunit *test)
{
	struct items *items = prlist_test_room(test, sizeof(*items));
	struct item *all[] = { &items->c, &items->b, &items->a };
	int i, err = 0;

	err |= INIT_PRLIST_HEAD(&items->list) | INIT_PRLIST_HEAD(&items->empty) |
	       INIT_PRLIST_HEAD(&items->one);
	for (i = 0; i < 3; i++) {
		err |= wr_assign(all[i]->name, "cba"[i]);
		err |= prlist_add(&all[i]->list, &items->list);
		err |= prhlist_add_head(&all[i]->hash, &items->hash);
		err |= prllist_add(&all[i]->llist, &items->llist) < 0;
	}
	err |= wr_assign(items->alone.name, '1');
	err |= prlist_add(&items->alone.list, &items->one);
	err |= init_prllist_node(&items->alone.llist);
	KUNIT_ASSERT_EQ(test, err, 0);
	return items;
}

/* What a loop comes by must spell @expected. @what is the name of what it is at. */
#define EXPECT_WALK(test, expected, what, ...)				\
do {									\
	char walk[16] = "";						\
	size_t walked = 0;						\
									\
	__VA_ARGS__							\
		if (walked < sizeof(walk) - 1)				\
			walk[walked++] = (what);			\
	KUNIT_EXPECT_STREQ(test, walk, expected);			\
} while (0)

#define NAME(pos)	prlist_entry(pos, struct item, list)->name
#define HNAME(pos)	prhlist_entry(pos, struct item, hash)->name
#define LNAME(pos)	prllist_entry(pos, struct item, llist)->name

static void list_tests(struct kunit *test)
{
	struct items *items = new_items(test);

	KUNIT_EXPECT_FALSE(test, prlist_empty(&items->list));
	KUNIT_EXPECT_TRUE(test, prlist_empty(&items->empty));
	KUNIT_EXPECT_FALSE(test, prlist_empty_careful(&items->list));
	KUNIT_EXPECT_TRUE(test, prlist_empty_careful(&items->empty));
	KUNIT_EXPECT_TRUE(test, prlist_is_first(&items->a.list, &items->list));
	KUNIT_EXPECT_FALSE(test, prlist_is_first(&items->b.list, &items->list));
	KUNIT_EXPECT_TRUE(test, prlist_is_last(&items->c.list, &items->list));
	KUNIT_EXPECT_FALSE(test, prlist_is_last(&items->b.list, &items->list));
	KUNIT_EXPECT_TRUE(test, prlist_is_head(&items->list, &items->list));
	KUNIT_EXPECT_FALSE(test, prlist_is_head(&items->a.list, &items->list));
	KUNIT_EXPECT_TRUE(test, prlist_is_singular(&items->one));
	KUNIT_EXPECT_FALSE(test, prlist_is_singular(&items->list));
	KUNIT_EXPECT_FALSE(test, prlist_is_singular(&items->empty));
	KUNIT_EXPECT_EQ(test, prlist_count_nodes(&items->list), 3);
	KUNIT_EXPECT_EQ(test, prlist_count_nodes(&items->empty), 0);
}

static void list_entries(struct kunit *test)
{
	struct items *items = new_items(test);
	struct item *a = &items->a, *b = &items->b, *c = &items->c;

	KUNIT_EXPECT_PTR_EQ(test, prlist_entry(&b->list, struct item, list), b);
	KUNIT_EXPECT_PTR_EQ(test, prlist_first_entry(&items->list, struct item, list), a);
	KUNIT_EXPECT_PTR_EQ(test, prlist_last_entry(&items->list, struct item, list), c);
	KUNIT_EXPECT_PTR_EQ(test, prlist_first_entry_or_null(&items->list, struct item,
							     list), a);
	KUNIT_EXPECT_NULL(test, prlist_first_entry_or_null(&items->empty, struct item,
							   list));
	KUNIT_EXPECT_PTR_EQ(test, prlist_next_entry(a, list), b);
	KUNIT_EXPECT_PTR_EQ(test, prlist_prev_entry(b, list), a);
	KUNIT_EXPECT_PTR_EQ(test, prlist_next_entry_circular(b, &items->list, list), c);
	KUNIT_EXPECT_PTR_EQ(test, prlist_next_entry_circular(c, &items->list, list), a);
	KUNIT_EXPECT_PTR_EQ(test, prlist_prev_entry_circular(b, &items->list, list), a);
	KUNIT_EXPECT_PTR_EQ(test, prlist_prev_entry_circular(a, &items->list, list), c);
	KUNIT_EXPECT_TRUE(test, prlist_entry_is_head(prlist_next_entry(c, list),
						     &items->list, list));
	KUNIT_EXPECT_FALSE(test, prlist_entry_is_head(c, &items->list, list));
	KUNIT_EXPECT_PTR_EQ(test, prlist_prepare_entry(b, &items->list, list), b);
	b = NULL;
	KUNIT_EXPECT_PTR_EQ(test, &prlist_prepare_entry(b, &items->list, list)->list,
			    &items->list);
}

static void list_walks(struct kunit *test)
{
	struct items *items = new_items(test);
	struct prlist_head *pos, *n;

	EXPECT_WALK(test, "abc", NAME(pos), prlist_for_each(pos, &items->list));
	EXPECT_WALK(test, "", NAME(pos), prlist_for_each(pos, &items->empty));
	EXPECT_WALK(test, "cba", NAME(pos), prlist_for_each_reverse(pos, &items->list));
	EXPECT_WALK(test, "cba", NAME(pos), prlist_for_each_prev(pos, &items->list));
	pos = &items->a.list;
	EXPECT_WALK(test, "bc", NAME(pos), prlist_for_each_continue(pos, &items->list));
	EXPECT_WALK(test, "abc", NAME(pos), prlist_for_each_safe(pos, n, &items->list));
	EXPECT_WALK(test, "cba", NAME(pos),
		    prlist_for_each_prev_safe(pos, n, &items->list));
	rcu_read_lock();
	EXPECT_WALK(test, "abc", NAME(pos), prlist_for_each_rcu(pos, &items->list));
	rcu_read_unlock();

	/* What is safe against removal is. */
	prlist_for_each_safe(pos, n, &items->list)
		KUNIT_EXPECT_EQ(test, prlist_del(pos), 0);
	KUNIT_EXPECT_TRUE(test, prlist_empty(&items->list));
	items = new_items(test);
	prlist_for_each_prev_safe(pos, n, &items->list)
		KUNIT_EXPECT_EQ(test, prlist_del(pos), 0);
	KUNIT_EXPECT_TRUE(test, prlist_empty(&items->list));
}

static void list_entry_walks(struct kunit *test)
{
	struct items *items = new_items(test);
	struct prlist_head *list = &items->list;
	struct item *pos;

	EXPECT_WALK(test, "abc", pos->name, prlist_for_each_entry(pos, list, list));
	EXPECT_WALK(test, "", pos->name, prlist_for_each_entry(pos, &items->empty, list));
	EXPECT_WALK(test, "1", pos->name, prlist_for_each_entry(pos, &items->one, list));
	EXPECT_WALK(test, "cba", pos->name,
		    prlist_for_each_entry_reverse(pos, list, list));
	pos = &items->a;
	EXPECT_WALK(test, "bc", pos->name,
		    prlist_for_each_entry_continue(pos, list, list));
	pos = &items->c;
	EXPECT_WALK(test, "ba", pos->name,
		    prlist_for_each_entry_continue_reverse(pos, list, list));
	pos = &items->b;
	EXPECT_WALK(test, "bc", pos->name, prlist_for_each_entry_from(pos, list, list));
	pos = &items->b;
	EXPECT_WALK(test, "ba", pos->name,
		    prlist_for_each_entry_from_reverse(pos, list, list));
}

static void list_entry_safe_walks(struct kunit *test)
{
	struct items *items = new_items(test);
	struct prlist_head *list = &items->list;
	struct item *pos, *n;

	EXPECT_WALK(test, "abc", pos->name, prlist_for_each_entry_safe(pos, n, list, list));
	pos = &items->a;
	EXPECT_WALK(test, "bc", pos->name,
		    prlist_for_each_entry_safe_continue(pos, n, list, list));
	pos = &items->b;
	EXPECT_WALK(test, "bc", pos->name,
		    prlist_for_each_entry_safe_from(pos, n, list, list));
	EXPECT_WALK(test, "cba", pos->name,
		    prlist_for_each_entry_safe_reverse(pos, n, list, list));

	prlist_for_each_entry_safe(pos, n, list, list) {
		if (pos == &items->a)
			KUNIT_EXPECT_EQ(test, prlist_del(&items->b.list), 0);
		prlist_safe_reset_next(pos, n, list);
		KUNIT_EXPECT_EQ(test, prlist_del(&pos->list), 0);
	}
	KUNIT_EXPECT_TRUE(test, prlist_empty(list));
}

DEFINE_STATIC_SRCU(walk_srcu);

static void list_rcu_walks(struct kunit *test)
{
	struct items *items = new_items(test);
	struct prlist_head *list = &items->list;
	struct item *pos;
	int idx;

	rcu_read_lock();
	EXPECT_WALK(test, "abc", pos->name, prlist_for_each_entry_rcu(pos, list, list));
	EXPECT_WALK(test, "abc", pos->name,
		    prlist_for_each_entry_lockless(pos, list, list));
	pos = &items->a;
	EXPECT_WALK(test, "bc", pos->name,
		    prlist_for_each_entry_continue_rcu(pos, list, list));
	pos = &items->b;
	EXPECT_WALK(test, "bc", pos->name, prlist_for_each_entry_from_rcu(pos, list, list));
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference(prlist_next_rcu(list)), &items->a.list);
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference(prlist_tail_rcu(list)), &items->c.list);
	KUNIT_EXPECT_PTR_EQ(test, prlist_entry_rcu(list->next, struct item, list),
			    &items->a);
	KUNIT_EXPECT_PTR_EQ(test, prlist_entry_lockless(list->prev, struct item, list),
			    &items->c);
	KUNIT_EXPECT_PTR_EQ(test, prlist_first_or_null_rcu(list, struct item, list),
			    &items->a);
	KUNIT_EXPECT_NULL(test, prlist_first_or_null_rcu(&items->empty, struct item, list));
	KUNIT_EXPECT_PTR_EQ(test, prlist_next_or_null_rcu(list, &items->a.list,
							  struct item, list), &items->b);
	KUNIT_EXPECT_NULL(test, prlist_next_or_null_rcu(list, &items->c.list,
							struct item, list));
	rcu_read_unlock();
	/* The lock of the writer does as well. */
	EXPECT_WALK(test, "abc", pos->name,
		    prlist_for_each_entry_rcu(pos, list, list, /*cond=*/true));
	idx = srcu_read_lock(&walk_srcu);
	EXPECT_WALK(test, "abc", pos->name,
		    prlist_for_each_entry_srcu(pos, list, list,
					       srcu_read_lock_held(&walk_srcu)));
	srcu_read_unlock(&walk_srcu, idx);
}

static void hlist_tests(struct kunit *test)
{
	struct items *items = new_items(test);

	KUNIT_EXPECT_FALSE(test, prhlist_empty(&items->hash));
	KUNIT_EXPECT_TRUE(test, prhlist_empty(&items->hash_empty));
	KUNIT_EXPECT_FALSE(test, prhlist_unhashed(&items->a.hash));
	KUNIT_EXPECT_TRUE(test, prhlist_unhashed(&items->alone.hash));
	KUNIT_EXPECT_FALSE(test, prhlist_unhashed_lockless(&items->a.hash));
	KUNIT_EXPECT_TRUE(test, prhlist_unhashed_lockless(&items->alone.hash));
	KUNIT_EXPECT_FALSE(test, prhlist_is_singular_node(&items->a.hash, &items->hash));
	KUNIT_EXPECT_EQ(test, prhlist_count_nodes(&items->hash), 3);
	KUNIT_EXPECT_EQ(test, prhlist_count_nodes(&items->hash_empty), 0);
	KUNIT_EXPECT_FALSE(test, prhlist_fake(&items->a.hash));
	KUNIT_EXPECT_EQ(test, prhlist_add_head(&items->alone.hash, &items->hash_empty), 0);
	KUNIT_EXPECT_TRUE(test, prhlist_is_singular_node(&items->alone.hash,
							 &items->hash_empty));
	KUNIT_EXPECT_EQ(test, prhlist_del_init(&items->alone.hash), 0);
	KUNIT_EXPECT_EQ(test, prhlist_add_fake(&items->alone.hash), 0);
	KUNIT_EXPECT_TRUE(test, prhlist_fake(&items->alone.hash));
	KUNIT_EXPECT_FALSE(test, prhlist_unhashed(&items->alone.hash));
}

static void hlist_walks(struct kunit *test)
{
	struct items *items = new_items(test);
	struct prhlist_node *pos, *n;
	struct item *item;

	EXPECT_WALK(test, "abc", HNAME(pos), prhlist_for_each(pos, &items->hash));
	EXPECT_WALK(test, "", HNAME(pos), prhlist_for_each(pos, &items->hash_empty));
	EXPECT_WALK(test, "abc", HNAME(pos), prhlist_for_each_safe(pos, n, &items->hash));
	EXPECT_WALK(test, "abc", item->name,
		    prhlist_for_each_entry(item, &items->hash, hash));
	EXPECT_WALK(test, "", item->name,
		    prhlist_for_each_entry(item, &items->hash_empty, hash));
	item = &items->a;
	EXPECT_WALK(test, "bc", item->name, prhlist_for_each_entry_continue(item, hash));
	item = &items->b;
	EXPECT_WALK(test, "bc", item->name, prhlist_for_each_entry_from(item, hash));
	EXPECT_WALK(test, "abc", item->name,
		    prhlist_for_each_entry_safe(item, n, &items->hash, hash));
	KUNIT_EXPECT_PTR_EQ(test, prhlist_entry_safe(&items->b.hash, struct item, hash),
			    &items->b);
	KUNIT_EXPECT_NULL(test, prhlist_entry_safe((struct prhlist_node *)NULL, struct item,
						   hash));

	prhlist_for_each_safe(pos, n, &items->hash)
		KUNIT_EXPECT_EQ(test, prhlist_del(pos), 0);
	KUNIT_EXPECT_TRUE(test, prhlist_empty(&items->hash));
	items = new_items(test);
	prhlist_for_each_entry_safe(item, n, &items->hash, hash)
		KUNIT_EXPECT_EQ(test, prhlist_del(&item->hash), 0);
	KUNIT_EXPECT_TRUE(test, prhlist_empty(&items->hash));
}

static void hlist_rcu_walks(struct kunit *test)
{
	struct items *items = new_items(test);
	struct prhlist_node *node;
	struct item *pos;
	int idx;

	rcu_read_lock();
	EXPECT_WALK(test, "abc", HNAME(node), __prhlist_for_each_rcu(node, &items->hash));
	EXPECT_WALK(test, "abc", pos->name,
		    prhlist_for_each_entry_rcu(pos, &items->hash, hash));
	EXPECT_WALK(test, "abc", pos->name,
		    prhlist_for_each_entry_rcu_notrace(pos, &items->hash, hash));
	pos = &items->a;
	EXPECT_WALK(test, "bc", pos->name, prhlist_for_each_entry_continue_rcu(pos, hash));
	pos = &items->b;
	EXPECT_WALK(test, "bc", pos->name, prhlist_for_each_entry_from_rcu(pos, hash));
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference(prhlist_first_rcu(&items->hash)),
			    &items->a.hash);
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference(prhlist_next_rcu(&items->a.hash)),
			    &items->b.hash);
	KUNIT_EXPECT_PTR_EQ(test, rcu_dereference(prhlist_pprev_rcu(&items->b.hash)),
			    &items->b.hash);
	rcu_read_unlock();

	rcu_read_lock_bh();
	EXPECT_WALK(test, "abc", pos->name,
		    prhlist_for_each_entry_rcu_bh(pos, &items->hash, hash));
	pos = &items->a;
	EXPECT_WALK(test, "bc", pos->name,
		    prhlist_for_each_entry_continue_rcu_bh(pos, hash));
	rcu_read_unlock_bh();

	EXPECT_WALK(test, "abc", pos->name,
		    prhlist_for_each_entry_rcu(pos, &items->hash, hash, /*cond=*/true));
	idx = srcu_read_lock(&walk_srcu);
	EXPECT_WALK(test, "abc", pos->name,
		    prhlist_for_each_entry_srcu(pos, &items->hash, hash,
						srcu_read_lock_held(&walk_srcu)));
	srcu_read_unlock(&walk_srcu, idx);
}

static void llist_reads(struct kunit *test)
{
	struct items *items = new_items(test);
	struct prllist_node *first, *pos, *n;
	struct item *item, *next;

	KUNIT_EXPECT_FALSE(test, prllist_empty(&items->llist));
	KUNIT_EXPECT_TRUE(test, prllist_empty(&items->llist_empty));
	KUNIT_EXPECT_TRUE(test, prllist_on_list(&items->a.llist));
	KUNIT_EXPECT_FALSE(test, prllist_on_list(&items->alone.llist));
	KUNIT_EXPECT_NULL(test, prllist_del_all(&items->llist_empty));
	KUNIT_EXPECT_NULL(test, prllist_del_first(&items->llist_empty));
	KUNIT_EXPECT_NULL(test, prllist_del_first_init(&items->llist_empty));

	first = prllist_del_all(&items->llist);
	KUNIT_ASSERT_PTR_EQ(test, first, &items->a.llist);
	KUNIT_EXPECT_TRUE(test, prllist_empty(&items->llist));
	KUNIT_EXPECT_PTR_EQ(test, prllist_entry(first, struct item, llist), &items->a);
	KUNIT_EXPECT_PTR_EQ(test, prllist_next(first), &items->b.llist);
	EXPECT_WALK(test, "abc", LNAME(pos), prllist_for_each(pos, first));
	EXPECT_WALK(test, "abc", LNAME(pos), prllist_for_each_safe(pos, n, first));
	EXPECT_WALK(test, "abc", item->name, prllist_for_each_entry(item, first, llist));
	EXPECT_WALK(test, "abc", item->name,
		    prllist_for_each_entry_safe(item, next, first, llist));
	pos = NULL;
	EXPECT_WALK(test, "", item->name, prllist_for_each_entry(item, pos, llist));

	/* What is safe against a new use of the entry is. */
	prllist_for_each_safe(pos, n, first)
		KUNIT_EXPECT_GE(test, prllist_add(pos, &items->llist), 0);
	first = prllist_del_all(&items->llist);
	EXPECT_WALK(test, "cba", LNAME(pos), prllist_for_each(pos, first));
	prllist_for_each_entry_safe(item, next, first, llist)
		KUNIT_EXPECT_GE(test, prllist_add(&item->llist, &items->llist), 0);
	EXPECT_WALK(test, "abc", LNAME(pos), prllist_for_each(pos, items->llist.first));
	first = NULL;
	KUNIT_EXPECT_NULL(test, prllist_reverse_order(first));
}

static struct kunit_case prlist_cases[] = {
	KUNIT_CASE(calls_on_one_page),
	KUNIT_CASE(calls_on_many_pages),
	KUNIT_CASE(calls_in_a_cache),
	KUNIT_CASE(static_heads),
	KUNIT_CASE(initialisers),
	KUNIT_CASE(nodes_are_aligned),
	KUNIT_CASE(list_tests),
	KUNIT_CASE(list_entries),
	KUNIT_CASE(list_walks),
	KUNIT_CASE(list_entry_walks),
	KUNIT_CASE(list_entry_safe_walks),
	KUNIT_CASE(list_rcu_walks),
	KUNIT_CASE(hlist_tests),
	KUNIT_CASE(hlist_walks),
	KUNIT_CASE(hlist_rcu_walks),
	KUNIT_CASE(llist_reads),
	{}
};

static struct kunit_suite prlist_suite = {
	.name = "prlist",
	.test_cases = prlist_cases,
};

kunit_test_suite(prlist_suite);

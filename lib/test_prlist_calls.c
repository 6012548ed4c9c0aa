// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of protected lists: the calls that change a list, with pictures of
 * before and after, next to the same call of the parent on ordinary memory.
 *
 * What a call leaves behind is compared with the picture, which was drawn by hand,
 * and with what the parent makes of the same cells, word by word: poison, stale
 * pointers, and the back pointers of nodes.
 */
#include <kunit/test.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/llist.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "test_prlist.h"
#include "test_prmem.h"

static const char names[PRLIST_TEST_CELLS + 1] = "HGABCDNM";

/* The calls */

/* What the arguments of a call are called. */
#define CELLS(board, head_type, node_type)				\
	head_type *h __maybe_unused = (void *)(board)->cells[0];	\
	head_type *g __maybe_unused = (void *)(board)->cells[1];	\
	node_type *a __maybe_unused = (void *)(board)->cells[2];	\
	node_type *b __maybe_unused = (void *)(board)->cells[3];	\
	node_type *c __maybe_unused = (void *)(board)->cells[4];	\
	node_type *d __maybe_unused = (void *)(board)->cells[5];	\
	node_type *n __maybe_unused = (void *)(board)->cells[6]

/* barrier(): with a tail call, the report would name the caller of the caller. */
#define CALL_BOTH(id, pr_head, pr_node, pr_expr, head, node, expr)	\
static noinline int pr_##id(struct prlist_test_board *board)		\
{									\
	CELLS(board, pr_head, pr_node);					\
	int err = (pr_expr);						\
									\
	barrier();							\
	return err;							\
}									\
									\
static void plain_##id(struct prlist_test_board *board)			\
{									\
	CELLS(board, head, node);					\
									\
	expr;								\
}									\
									\
static const struct prlist_test_call call_##id

#define CALL_INIT(id, verb_, kind_, before_, after_, written_, ...)	\
{									\
	.name = #id, .verb = verb_, .kind = kind_, .before = before_,	\
	.after = after_, .written = written_, .call = pr_##id,		\
	.model = plain_##id, ##__VA_ARGS__				\
}

/* prlist_VERB() and list_VERB() with the same arguments. */
#define LIST2(id, pr_verb, verb, args, before, after, written, ...)	\
CALL_BOTH(id, struct prlist_head, struct prlist_head, pr_verb args,	\
	  struct list_head, struct list_head, verb args) =		\
CALL_INIT(id, #pr_verb, PRLIST_TEST_LIST, before, after, written, ##__VA_ARGS__)

#define LIST(id, verb, args, before, after, written, ...)		\
LIST2(id, pr##verb, verb, args, before, after, written, ##__VA_ARGS__)

#define HLIST2(id, pr_verb, verb, args, before, after, written, ...)	\
CALL_BOTH(id, struct prhlist_head, struct prhlist_node, pr_verb args,	\
	  struct hlist_head, struct hlist_node, verb args) =		\
CALL_INIT(id, #pr_verb, PRLIST_TEST_HLIST, before, after, written, ##__VA_ARGS__)

#define HLIST(id, verb, args, before, after, written, ...)		\
HLIST2(id, pr##verb, verb, args, before, after, written, ##__VA_ARGS__)

#define LLIST2(id, pr_verb, verb, args, before, after, written, ...)	\
CALL_BOTH(id, struct prllist_head, struct prllist_node, pr_verb args,	\
	  struct llist_head, struct llist_node, verb args) =		\
CALL_INIT(id, #pr_verb, PRLIST_TEST_LLIST, before, after, written, ##__VA_ARGS__)

#define LLIST(id, verb, args, before, after, written, ...)		\
LLIST2(id, pr##verb, verb, args, before, after, written, ##__VA_ARGS__)

/* A verb that returns a node: NULL says that it was refused. */
#define LLIST_GIVES(id, pr_verb, verb, arg, node, before, after, written) \
CALL_BOTH(id, struct prllist_head, struct prllist_node,			\
	  gave(pr_verb(arg), node), struct llist_head, struct llist_node, \
	  verb(arg)) =							\
CALL_INIT(id, #pr_verb, PRLIST_TEST_LLIST, before, after, written)

static int gave(const void *given, const void *expected)
{
	if (given == expected)
		return 0;
	return given ? -EBADMSG : -EACCES;
}

/* Lists */

LIST2(init, INIT_PRLIST_HEAD, INIT_LIST_HEAD, (h), "", "H", "H");
LIST2(init_rcu, INIT_PRLIST_HEAD_RCU, INIT_LIST_HEAD_RCU, (h), "", "H", "H");

LIST(add, list_add, (n, h), "HAB", "HNAB", "NHA");
LIST(add_to_empty, list_add, (n, h), "H", "HN", "NH");
LIST(add_behind_last, list_add, (n, b), "HAB", "HABN", "NBH");
LIST(add_tail, list_add_tail, (n, h), "HAB", "HABN", "NBH");
LIST(add_tail_to_empty, list_add_tail, (n, h), "H", "HN", "NH");
LIST(add_tail_before, list_add_tail, (n, b), "HAB", "HANB", "NAB");

LIST(del, list_del, (b), "HABC", "HAC", "ABC");
LIST(del_only, list_del, (a), "HA", "H", "HA");
LIST(del_init, list_del_init, (b), "HABC", "HAC|B", "ABC");
LIST(del_init_again, list_del_init, (b), "HA|B", "HA|B", "B");
LIST(del_init_careful, list_del_init_careful, (b), "HABC", "HAC|B", "ABC");
LIST2(del_between, __prlist_del, __list_del, (a, c), "HABC", "HAC", "AC");
LIST2(del_entry, __prlist_del_entry, __list_del_entry, (b), "HABC", "HAC", "AC");
LIST2(del_clearprev, __prlist_del_clearprev, __list_del_clearprev, (b), "HABC", "HAC", "ABC");

LIST(replace, list_replace, (b, n), "HABC", "HANC", "NAC");
LIST(replace_head, list_replace, (h, g), "HAB", "GAB", "GAB");
LIST(replace_init, list_replace_init, (b, n), "HABC", "HANC|B", "NABC");
LIST(replace_init_empty, list_replace_init, (h, g), "H", "H|G", "HG");
LIST(swap, list_swap, (a, c), "HABCD", "HCBAD", "HABCD");
LIST(swap_neighbours, list_swap, (a, b), "HABC", "HBAC", "HABC");
LIST(swap_neighbours_back, list_swap, (b, a), "HABC", "HBAC", "HABC");
LIST(swap_only_two, list_swap, (a, b), "HAB", "HBA", "HAB");
LIST(swap_two_lists, list_swap, (a, b), "HA|GB", "HB|GA", "HAGB");

/* list_swap() does not allow for it. */
#define stays(entry1, entry2)	((void)(entry1), (void)(entry2))
LIST2(swap_itself, prlist_swap, stays, (b, b), "HABC", "HABC", "ABC");

LIST(move, list_move, (a, g), "HAB|GC", "HB|GAC", "HABGC");
LIST(move_to_own_place, list_move, (b, a), "HABC", "HABC", "");
LIST(move_tail, list_move_tail, (a, g), "HAB|GC", "HB|GCA", "HABGC");
LIST(move_tail_to_own_place, list_move_tail, (a, b), "HABC", "HABC", "");
LIST(bulk_move_tail, list_bulk_move_tail, (g, a, b), "HABC|GD", "HC|GDAB", "HABCGD");
LIST(bulk_move_all, list_bulk_move_tail, (g, a, b), "HAB|G", "H|GAB", "HABG");
LIST(bulk_move_to_own_place, list_bulk_move_tail, (c, a, b), "HABC", "HABC", "");
LIST(bulk_move_over_neighbour, list_bulk_move_tail, (h, a, b), "HABC", "HCAB", "HABC");

LIST(rotate_left, list_rotate_left, (h), "HABC", "HBCA", "HABC");
LIST(rotate_left_two, list_rotate_left, (h), "HAB", "HBA", "HAB");
LIST(rotate_left_empty, list_rotate_left, (h), "H", "H", "");
LIST(rotate_to_front, list_rotate_to_front, (b, h), "HABC", "HBCA", "HABC");

LIST(cut_position, list_cut_position, (g, h, b), "HABC|G", "HC|GAB", "GABHC");
LIST(cut_position_at_head, list_cut_position, (g, h, h), "HAB|G", "HAB|G", "G");
LIST(cut_position_at_last, list_cut_position, (g, h, b), "HAB|G", "H|GAB", "GABH");
LIST(cut_position_empty, list_cut_position, (g, h, h), "H|GA", "H|GA", "");
LIST(cut_before, list_cut_before, (g, h, b), "HABC|G", "HBC|GA", "GAHB");
LIST(cut_before_first, list_cut_before, (g, h, a), "HABC|G", "HABC|G", "G");
LIST(cut_before_head, list_cut_before, (g, h, h), "HAB|G", "H|GAB", "GABH");

LIST(splice, list_splice, (g, h), "HA|GBC", "HBCA", "HBCA");
LIST(splice_empty, list_splice, (g, h), "HA|G", "HA|G", "");
LIST(splice_tail, list_splice_tail, (g, h), "HA|GBC", "HABC", "ABCH");
LIST(splice_init, list_splice_init, (g, h), "HA|GBC", "HBCA|G", "HBCAG");
LIST(splice_init_to_empty, list_splice_init, (g, h), "H|GBC", "HBC|G", "HBCG");
LIST(splice_init_empty, list_splice_init, (g, h), "HA|G", "HA|G", "");
LIST(splice_tail_init, list_splice_tail_init, (g, h), "HA|GBC", "HABC|G", "ABCHG");

LIST(add_rcu, list_add_rcu, (n, h), "HAB", "HNAB", "NHA");
LIST(add_tail_rcu, list_add_tail_rcu, (n, h), "HAB", "HABN", "NBH");
LIST(del_rcu, list_del_rcu, (b), "HABC", "HAC", "ABC");
LIST(replace_rcu, list_replace_rcu, (b, n), "HABC", "HANC", "NABC");
LIST(splice_rcu, list_splice_rcu, (g, h), "HA|GBC", "HBCA", "HBCA");

/* Where synchronize_rcu() would wait for readers of the list that is emptied. */
unsigned int prlist_test_waits;

static void wait(void)
{
	prlist_test_waits++;
	might_sleep();
}

#define WAITS	.more_sessions = 1, .sleeps = true

LIST(splice_init_rcu, list_splice_init_rcu, (g, h, wait), "HA|GBC", "HBCA|G", "HBCAG", WAITS);
LIST(splice_tail_rcu, list_splice_tail_init_rcu, (g, h, wait), "HA|GB", "HAB|G", "ABHG", WAITS);

static int order(void *priv, const void *a, const void *b)
{
	const struct prlist_test_board *board = priv;
	int i;

	for (i = 0; i < PRLIST_TEST_CELLS; i++) {
		if (board->cells[i] == a)
			return -1;
		if (board->cells[i] == b)
			return 1;
	}
	return 0;
}

static int pr_order(void *priv, const struct prlist_head *a, const struct prlist_head *b)
{
	return order(priv, a, b);
}

static int plain_order(void *priv, const struct list_head *a, const struct list_head *b)
{
	return order(priv, a, b);
}

CALL_BOTH(sort, struct prlist_head, struct prlist_head,
	  prlist_sort(board, h, pr_order), struct list_head, struct list_head,
	  list_sort(board, h, plain_order)) =
CALL_INIT(sort, "prlist_sort", PRLIST_TEST_LIST, "HDBCA", "HABCD", "HABCD", .sleeps = true);

/* H-lists */

HLIST2(hinit, INIT_PRHLIST_HEAD, INIT_HLIST_HEAD, (h), "", "H", "H");
HLIST2(hinit_node, INIT_PRHLIST_NODE, INIT_HLIST_NODE, (a), "", "A", "A");
HLIST(hadd_head, hlist_add_head, (n, h), "HAB", "HNAB", "NHA");
HLIST(hadd_head_to_empty, hlist_add_head, (n, h), "H", "HN", "NH");
HLIST(hadd_before, hlist_add_before, (n, b), "HAB", "HANB", "NAB");
HLIST(hadd_before_first, hlist_add_before, (n, a), "HAB", "HNAB", "NHA");
HLIST(hadd_behind, hlist_add_behind, (n, a), "HAB", "HANB", "NAB");
HLIST(hadd_behind_last, hlist_add_behind, (n, b), "HAB", "HABN", "NB");
HLIST(hadd_fake, hlist_add_fake, (n), "", "", "N");
HLIST(hdel, hlist_del, (b), "HABC", "HAC", "ABC");
HLIST(hdel_last, hlist_del, (b), "HAB", "HA", "AB");
HLIST2(hdel_entry, __prhlist_del, __hlist_del, (b), "HABC", "HAC", "AC");
HLIST(hdel_init, hlist_del_init, (b), "HABC", "HAC|B", "ABC");
HLIST(hdel_init_unhashed, hlist_del_init, (b), "HA|B", "HA|B", "");
HLIST(hmove_list, hlist_move_list, (h, g), "HAB|G", "H|GAB", "HAG");
HLIST(hmove_empty_list, hlist_move_list, (h, g), "H|G", "H|G", "HG");
HLIST(hsplice_init, hlist_splice_init, (g, c, h), "HA|GBC", "HBCA|G", "HABCG");
HLIST(hsplice_init_to_empty, hlist_splice_init, (g, c, h), "H|GBC", "HBC|G", "HBCG");

HLIST(hadd_head_rcu, hlist_add_head_rcu, (n, h), "HAB", "HNAB", "NHA");
HLIST(hadd_tail_rcu, hlist_add_tail_rcu, (n, h), "HAB", "HABN", "NB");
HLIST(hadd_tail_to_empty_rcu, hlist_add_tail_rcu, (n, h), "H", "HN", "NH");
HLIST(hadd_before_rcu, hlist_add_before_rcu, (n, b), "HAB", "HANB", "NAB");
HLIST(hadd_behind_rcu, hlist_add_behind_rcu, (n, a), "HAB", "HANB", "NAB");
HLIST(hdel_rcu, hlist_del_rcu, (b), "HABC", "HAC", "ABC");
HLIST(hdel_init_rcu, hlist_del_init_rcu, (b), "HABC", "HAC", "ABC");
HLIST(hdel_init_unhashed_rcu, hlist_del_init_rcu, (b), "HA|B", "HA|B", "");
HLIST(hreplace_rcu, hlist_replace_rcu, (b, n), "HABC", "HANC", "NABC");
HLIST(hreplace_last_rcu, hlist_replace_rcu, (b, n), "HAB", "HAN", "NAB");
HLIST(hswap_heads_rcu, hlists_swap_heads_rcu, (h, g), "HA|GBC", "HBC|GA", "HGAB");

/* L-lists */

LLIST2(linit, init_prllist_head, init_llist_head, (h), "", "H", "H");
LLIST2(linit_node, init_prllist_node, init_llist_node, (a), "", "", "A");
LLIST(ladd, llist_add, (n, h), "HAB", "HNAB", "NH");
LLIST(ladd_to_empty, llist_add, (n, h), "H", "HN", "NH", .ret = 1);
/* B is not written, but the head will point to it. */
#define B_TOO	.checked = "B"

LLIST(ladd_batch, llist_add_batch, (b, c, h), "HA|BC", "HBCA", "CH", B_TOO);
LLIST(ladd_batch_to_empty, llist_add_batch, (b, c, h), "H|BC", "HBC", "CH", B_TOO, .ret = 1);
LLIST_GIVES(ldel_first, prllist_del_first, llist_del_first, h, a,
	    "HAB", "HB", "H");
LLIST_GIVES(ldel_first_init, prllist_del_first_init, llist_del_first_init, h, a,
	    "HAB", "HB", "HA");
LLIST(ldel_first_this, llist_del_first_this, (h, a), "HAB", "HB", "H", .ret = 1, .is_bool = true);
/* It looks at the list in a session. */
#define LOOKS	.more_sessions = 1, .is_bool = true

LLIST(ldel_first_other, llist_del_first_this, (h, b), "HAB", "HAB", "", LOOKS);
LLIST_GIVES(ldel_all, prllist_del_all, llist_del_all, h, a,
	    "HAB", "H|AB", "H");
LLIST_GIVES(lreverse_order, prllist_reverse_order, llist_reverse_order, a, c,
	    "ABC", "CBA", "ABC");

/* Where nobody else uses the list, without atomics. */
LLIST2(ladd_alone, __prllist_add, __llist_add, (n, h), "HAB", "HNAB", "NH");
LLIST2(ladd_alone_to_empty, __prllist_add, __llist_add, (n, h), "H", "HN", "NH", .ret = 1);
LLIST2(ladd_two, __prllist_add_batch, __llist_add_batch, (b, c, h), "HA|BC", "HBCA", "CH", B_TOO);
LLIST_GIVES(ldel_all_alone, __prllist_del_all, __llist_del_all, h, a,
	    "HAB", "H|AB", "H");

const struct prlist_test_call *const prlist_test_calls[] = {
	&call_init, &call_init_rcu,
	&call_add, &call_add_to_empty, &call_add_behind_last,
	&call_add_tail, &call_add_tail_to_empty, &call_add_tail_before,
	&call_del, &call_del_only, &call_del_init, &call_del_init_again,
	&call_del_init_careful, &call_del_between, &call_del_entry, &call_del_clearprev,
	&call_replace, &call_replace_head, &call_replace_init,
	&call_replace_init_empty,
	&call_swap, &call_swap_neighbours, &call_swap_neighbours_back,
	&call_swap_only_two, &call_swap_two_lists, &call_swap_itself,
	&call_move, &call_move_to_own_place,
	&call_move_tail, &call_move_tail_to_own_place,
	&call_bulk_move_tail, &call_bulk_move_all, &call_bulk_move_to_own_place,
	&call_bulk_move_over_neighbour,
	&call_rotate_left, &call_rotate_left_two, &call_rotate_left_empty,
	&call_rotate_to_front,
	&call_cut_position, &call_cut_position_at_head, &call_cut_position_at_last,
	&call_cut_position_empty,
	&call_cut_before, &call_cut_before_first, &call_cut_before_head,
	&call_splice, &call_splice_empty, &call_splice_tail,
	&call_splice_init, &call_splice_init_to_empty, &call_splice_init_empty,
	&call_splice_tail_init,
	&call_add_rcu, &call_add_tail_rcu, &call_del_rcu, &call_replace_rcu,
	&call_splice_rcu, &call_splice_init_rcu, &call_splice_tail_rcu,
	&call_sort,

	&call_hinit, &call_hinit_node,
	&call_hadd_head, &call_hadd_head_to_empty,
	&call_hadd_before, &call_hadd_before_first,
	&call_hadd_behind, &call_hadd_behind_last, &call_hadd_fake,
	&call_hdel, &call_hdel_last, &call_hdel_entry, &call_hdel_init,
	&call_hdel_init_unhashed,
	&call_hmove_list, &call_hmove_empty_list,
	&call_hsplice_init, &call_hsplice_init_to_empty,
	&call_hadd_head_rcu, &call_hadd_tail_rcu, &call_hadd_tail_to_empty_rcu,
	&call_hadd_before_rcu, &call_hadd_behind_rcu,
	&call_hdel_rcu, &call_hdel_init_rcu, &call_hdel_init_unhashed_rcu,
	&call_hreplace_rcu, &call_hreplace_last_rcu, &call_hswap_heads_rcu,

	&call_linit, &call_linit_node,
	&call_ladd, &call_ladd_to_empty, &call_ladd_batch, &call_ladd_batch_to_empty,
	&call_ldel_first, &call_ldel_first_init,
	&call_ldel_first_this, &call_ldel_first_other,
	&call_ldel_all,
	&call_ladd_alone, &call_ladd_alone_to_empty, &call_ladd_two,
	&call_ldel_all_alone, &call_lreverse_order,
};

const unsigned int prlist_test_nr_calls = ARRAY_SIZE(prlist_test_calls);

/* Boards */

struct prlist_test_cell *prlist_test_cell(const struct prlist_test_board *board,
					  char name)
{
	return board->cells[strchr(names, name) - names];
}

void prlist_test_place(struct prlist_test_board *board, void *object, size_t stride)
{
	unsigned int i;

	for (i = 0; i < PRLIST_TEST_CELLS; i++)
		board->cells[i] = object + i * stride;
}

KUNIT_DEFINE_ACTION_WRAPPER(destroy_pool, pmalloc_destroy_pool,
			    struct pmalloc_pool *);

void *prlist_test_room(struct kunit *test, size_t size)
{
	const int order = ilog2(sizeof(struct prlist_test_cell));
	struct pmalloc_pool *pool;
	void *room;

	pool = pmalloc_create_custom_pool("kunit_cells", PMALLOC_REFILL_DEFAULT, order,
					  PMALLOC_MODE_START_WR);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy_pool, pool), 0);
	room = pzalloc(pool, size);
	KUNIT_ASSERT_NOT_NULL(test, room);
	return room;
}

/* Pictures */

static bool is_head(char name)
{
	return name == 'H' || name == 'G';
}

/* The part of @picture in which @name is, or NULL, and how long it is. */
static const char *find_list(const char *picture, char name, size_t *len)
{
	const char *at = strchr(picture, name), *start;

	if (!at)
		return NULL;
	for (start = at; start > picture && start[-1] != '|'; start--)
		;
	*len = strcspn(start, "|");
	return start;
}

static void fill_list(struct prlist_test_cell *cell,
		      const struct prlist_test_board *board,
		      const char *list, size_t len, size_t at)
{
	cell->words[0] = (unsigned long)prlist_test_cell(board, list[(at + 1) % len]);
	cell->words[1] = (unsigned long)prlist_test_cell(board,
							 list[(at + len - 1) % len]);
}

/* A head has no second word, and the first word of all is where the next one is. */
static void fill_hlist(struct prlist_test_cell *cell,
		       const struct prlist_test_board *board,
		       const char *list, size_t len, size_t at)
{
	cell->words[0] = 0;
	if (at + 1 < len)
		cell->words[0] = (unsigned long)prlist_test_cell(board, list[at + 1]);
	if (!is_head(list[at]))
		cell->words[1] = 0;
	if (at)
		cell->words[1] = (unsigned long)prlist_test_cell(board, list[at - 1]);
}

static void fill_llist(struct prlist_test_cell *cell,
		       const struct prlist_test_board *board,
		       const char *list, size_t len, size_t at)
{
	cell->words[0] = 0;
	if (at + 1 < len)
		cell->words[0] = (unsigned long)prlist_test_cell(board, list[at + 1]);
}

static void fill(struct prlist_test_cell *cell, enum prlist_test_kind kind,
		 const struct prlist_test_board *board, const char *picture, char name)
{
	size_t len;
	const char *list = find_list(picture, name, &len);
	size_t at;

	if (!list)
		return;
	at = strchr(list, name) - list;
	if (kind == PRLIST_TEST_LIST)
		fill_list(cell, board, list, len, at);
	else if (kind == PRLIST_TEST_HLIST)
		fill_hlist(cell, board, list, len, at);
	else
		fill_llist(cell, board, list, len, at);
}

#define RUBBISH	0x5a5a5a5aUL

struct prlist_test_cell prlist_test_contents(const struct prlist_test_call *call,
					     const struct prlist_test_board *board,
					     char name)
{
	struct prlist_test_cell cell = { { RUBBISH, RUBBISH + 1 } };

	fill(&cell, call->kind, board, call->before, name);
	return cell;
}

static bool takes_plain_stores(struct prlist_test_cell *cell)
{
	return !prmem_is_protected(cell, sizeof(*cell));
}

void prlist_test_draw(struct kunit *test, const struct prlist_test_call *call,
		      const struct prlist_test_board *board)
{
	unsigned int i;

	for (i = 0; i < PRLIST_TEST_CELLS; i++) {
		struct prlist_test_cell *cell = board->cells[i];
		struct prlist_test_cell contents = prlist_test_contents(call, board,
									names[i]);

		/* First: what is not protected may be mapped read-only all the same. */
		if (prmem_is_wr(cell, sizeof(*cell)))
			KUNIT_ASSERT_EQ(test, wr_memcpy(cell, &contents, sizeof(*cell)), 0);
		else if (takes_plain_stores(cell))
			*cell = contents;
	}
}

void prlist_test_looks_like(struct kunit *test, const struct prlist_test_call *call,
			    const struct prlist_test_board *board, const char *picture)
{
	unsigned int i;

	for (i = 0; i < PRLIST_TEST_CELLS; i++) {
		struct prlist_test_cell expected = *board->cells[i];

		fill(&expected, call->kind, board, picture, names[i]);
		KUNIT_EXPECT_EQ_MSG(test, board->cells[i]->words[0], expected.words[0],
				    "%s: next of %c", call->name, names[i]);
		KUNIT_EXPECT_EQ_MSG(test, board->cells[i]->words[1], expected.words[1],
				    "%s: previous of %c", call->name, names[i]);
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of protected lists: random operations, next to the same operations on
 * ordinary lists. Every call that changes a list takes part, with arguments as they
 * come: neighbours, empty lists, an entry's own place. After each operation all lists
 * of both sides are compared, forwards and backwards, and what is on none as well.
 *
 * To have a run again, give test_prlist_model.seed= what the run has printed. After
 * boot both parameters are in /sys/module/test_prlist_model/.
 */
#include <kunit/test.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/llist.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "test_prlist.h"
#include "test_prmem.h"

#define DEFAULT_OPS	20000

static unsigned long long seed;
module_param(seed, ullong, 0644);
MODULE_PARM_DESC(seed, "What the random operations are drawn from; 0 for any");

static unsigned int ops = DEFAULT_OPS;
module_param(ops, uint, 0644);
MODULE_PARM_DESC(ops, "Number of random operations on each kind of list");

#define NR_NODES	20
#define NR_HEADS	5
#define NR_STATIC	2	/* of the heads */

/* A node of each kind of list. Half of them are objects of a cache. */
struct item {
	struct prlist_head list;
	struct prhlist_node hash;
	struct prllist_node llist;
	int id;
};

/* The same in ordinary memory. */
struct twin {
	struct list_head list;
	struct hlist_node hash;
	struct llist_node llist;
	int id;
};

struct heads {
	struct prlist_head list;
	struct prhlist_head hash;
	struct prllist_head llist;
};

static struct heads static_heads[NR_STATIC] __wr_after_init;

struct model;

struct op {
	const char *name;
	/* Returns false if there was nothing to do it with. */
	bool (*fn)(struct model *m);
};

#define OFF	(-1)	/* on no list */
#define MAX_KINDS	40	/* of operations */

/**
 * struct model - both sides
 * @test: for its messages
 * @random: where the operations come from
 * @op: the one that is being made
 * @failed: something was not as it had to be
 * @ops: what there is
 * @nr_ops: how many there are
 * @nr_done: how often each came to something
 * @pool: has half of the nodes and the heads that are not static
 * @cache: has the other half
 * @items: protected nodes
 * @heads: protected heads
 * @twins: ordinary nodes
 * @list: ordinary heads
 * @hash: ordinary heads
 * @llist: ordinary heads
 * @on: by node, the number of the list it is on, or OFF
 * @salt: what the order of sorting depends on
 */
struct model {
	struct kunit *test;
	struct rnd_state random;
	const struct op *op;
	bool failed;
	const struct op *ops;
	unsigned int nr_ops;
	unsigned int nr_done[MAX_KINDS];
	struct pmalloc_pool *pool;
	struct prmem_cache *cache;
	struct item *items[NR_NODES];
	struct heads *heads[NR_HEADS];
	struct twin twins[NR_NODES];
	struct list_head list[NR_HEADS];
	struct hlist_head hash[NR_HEADS];
	struct llist_head llist[NR_HEADS];
	int on[NR_NODES];
	u32 salt;
};

static u32 below(struct model *m, u32 nr)
{
	return nr ? prandom_u32_state(&m->random) % nr : 0;
}

/* The first thing that goes wrong is reported, and ends the run. */
#define MUST(m, cond)							\
do {									\
	struct model *must_m = (m);					\
									\
	if (!(cond) && !must_m->failed) {				\
		must_m->failed = true;					\
		KUNIT_FAIL(must_m->test, "%s: %s", must_m->op->name, #cond); \
	}								\
} while (0)

/* Both sides do the same; the protected one must say that it did. */
#define DO(m, pr_call, call)						\
do {									\
	MUST(m, (pr_call) == 0);					\
	call;								\
} while (0)

/* A random node that is on a list, or OFF. */
static int pick_on(struct model *m)
{
	unsigned int i, start = below(m, NR_NODES);

	for (i = 0; i < NR_NODES; i++)
		if (m->on[(start + i) % NR_NODES] != OFF)
			return (start + i) % NR_NODES;
	return OFF;
}

static int pick_off(struct model *m)
{
	unsigned int i, start = below(m, NR_NODES);

	for (i = 0; i < NR_NODES; i++)
		if (m->on[(start + i) % NR_NODES] == OFF)
			return (start + i) % NR_NODES;
	return OFF;
}

static unsigned int nr_on(const struct model *m, int head)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR_NODES; i++)
		nr += m->on[i] == head;
	return nr;
}

static int pick_empty(struct model *m)
{
	unsigned int i, start = below(m, NR_HEADS);

	for (i = 0; i < NR_HEADS; i++)
		if (!nr_on(m, (start + i) % NR_HEADS))
			return (start + i) % NR_HEADS;
	return OFF;
}

/* Another than @head. */
static int pick_other(struct model *m, int head)
{
	return (head + 1 + below(m, NR_HEADS - 1)) % NR_HEADS;
}

static void all_move(struct model *m, int from, int to)
{
	unsigned int i;

	for (i = 0; i < NR_NODES; i++)
		if (m->on[i] == from)
			m->on[i] = to;
}

/* Lists */

/* A place on both sides: a node, or a head. */
struct place {
	struct prlist_head *pr;
	struct list_head *plain;
	int on;
};

static struct place at_node(struct model *m, int node)
{
	return (struct place){ &m->items[node]->list, &m->twins[node].list, m->on[node] };
}

static struct place at_head(struct model *m, int head)
{
	return (struct place){ &m->heads[head]->list, &m->list[head], head };
}

/* Anywhere but at @node. */
static struct place pick_place(struct model *m, int node)
{
	int other = pick_on(m);

	if (other == OFF || other == node || below(m, 3) == 0)
		return at_head(m, below(m, NR_HEADS));
	return at_node(m, other);
}

/* The node behind @node, or OFF if that is the head. */
static int behind(struct model *m, int node)
{
	struct list_head *next = m->twins[node].list.next;

	if (next == &m->list[m->on[node]])
		return OFF;
	return container_of(next, struct twin, list)->id;
}

static bool op_add(struct model *m)
{
	int node = pick_off(m);
	struct place at;

	if (node == OFF)
		return false;
	at = pick_place(m, node);
	switch (below(m, 4)) {
	case 0:
		DO(m, prlist_add(&m->items[node]->list, at.pr),
		   list_add(&m->twins[node].list, at.plain));
		break;
	case 1:
		DO(m, prlist_add_tail(&m->items[node]->list, at.pr),
		   list_add_tail(&m->twins[node].list, at.plain));
		break;
	case 2:
		DO(m, prlist_add_rcu(&m->items[node]->list, at.pr),
		   list_add_rcu(&m->twins[node].list, at.plain));
		break;
	default:
		DO(m, prlist_add_tail_rcu(&m->items[node]->list, at.pr),
		   list_add_tail_rcu(&m->twins[node].list, at.plain));
	}
	m->on[node] = at.on;
	return true;
}

#define OP_DEL(name, verb)						\
static bool op_##name(struct model *m)					\
{									\
	int node = pick_on(m);						\
									\
	if (node == OFF)						\
		return false;						\
	DO(m, pr##verb(&m->items[node]->list), verb(&m->twins[node].list)); \
	m->on[node] = OFF;						\
	return true;							\
}

OP_DEL(del, list_del)
OP_DEL(del_init, list_del_init)
OP_DEL(del_init_careful, list_del_init_careful)
OP_DEL(del_rcu, list_del_rcu)

#define OP_MOVE(name, verb)						\
static bool op_##name(struct model *m)					\
{									\
	int node = pick_on(m);						\
	struct place at;						\
									\
	if (node == OFF)						\
		return false;						\
	at = pick_place(m, node);					\
	DO(m, pr##verb(&m->items[node]->list, at.pr),			\
	   verb(&m->twins[node].list, at.plain));			\
	m->on[node] = at.on;						\
	return true;							\
}

OP_MOVE(move, list_move)
OP_MOVE(move_tail, list_move_tail)

/* Where it is already. */
static bool op_move_to_own_place(struct model *m)
{
	int node = pick_on(m);
	struct twin *twin;
	struct item *item;

	if (node == OFF)
		return false;
	item = m->items[node];
	twin = &m->twins[node];
	if (below(m, 2))
		DO(m, prlist_move(&item->list, item->list.prev),
		   list_move(&twin->list, twin->list.prev));
	else
		DO(m, prlist_move_tail(&item->list, item->list.next),
		   list_move_tail(&twin->list, twin->list.next));
	return true;
}

/* Is @what between the two? */
static bool in_run(struct model *m, int first, int last, const struct list_head *what)
{
	const struct list_head *pos = &m->twins[first].list;

	for (; pos != what; pos = pos->next)
		if (pos == &m->twins[last].list)
			return false;
	return true;
}

/* Within a list, to before any other entry of it or to its end. */
static bool op_bulk_move_tail(struct model *m)
{
	int first = pick_on(m), last, steps, on;
	struct list_head *to;
	struct prlist_head *pr_to;

	if (first == OFF)
		return false;
	on = m->on[first];
	last = first;
	for (steps = below(m, 4); steps && behind(m, last) != OFF; steps--)
		last = behind(m, last);
	to = &m->list[on];
	pr_to = &m->heads[on]->list;
	for (steps = below(m, NR_NODES); steps; steps--) {
		to = to->next;
		pr_to = pr_to->next;
	}
	if (in_run(m, first, last, to))
		return false;
	DO(m, prlist_bulk_move_tail(pr_to, &m->items[first]->list, &m->items[last]->list),
	   list_bulk_move_tail(to, &m->twins[first].list, &m->twins[last].list));
	return true;
}

#define OP_REPLACE(name, verb)						\
static bool op_##name(struct model *m)					\
{									\
	int old = pick_on(m), new = pick_off(m);			\
									\
	if (old == OFF || new == OFF)					\
		return false;						\
	DO(m, pr##verb(&m->items[old]->list, &m->items[new]->list),	\
	   verb(&m->twins[old].list, &m->twins[new].list));		\
	m->on[new] = m->on[old];					\
	m->on[old] = OFF;						\
	return true;							\
}

OP_REPLACE(replace, list_replace)
OP_REPLACE(replace_init, list_replace_init)
OP_REPLACE(replace_rcu, list_replace_rcu)

/* A whole list gets another head. It may be empty, and then both are. */
static bool op_replace_head(struct model *m)
{
	int to = pick_empty(m), from;

	if (to == OFF)
		return false;
	from = pick_other(m, to);
	DO(m, prlist_replace_init(&m->heads[from]->list, &m->heads[to]->list),
	   list_replace_init(&m->list[from], &m->list[to]));
	all_move(m, from, to);
	return true;
}

static bool op_swap(struct model *m)
{
	int a = pick_on(m), b = pick_on(m);

	if (a == OFF || a == b)
		return false;
	/* Neighbours are rare, and what goes wrong goes wrong with them. */
	if (below(m, 3) == 0)
		b = behind(m, a);
	if (b == OFF)
		return false;
	if (below(m, 2))
		swap(a, b);
	DO(m, prlist_swap(&m->items[a]->list, &m->items[b]->list),
	   list_swap(&m->twins[a].list, &m->twins[b].list));
	swap(m->on[a], m->on[b]);
	return true;
}

static bool op_rotate_left(struct model *m)
{
	int head = below(m, NR_HEADS);

	DO(m, prlist_rotate_left(&m->heads[head]->list), list_rotate_left(&m->list[head]));
	return true;
}

static bool op_rotate_to_front(struct model *m)
{
	int node = pick_on(m), head;

	if (node == OFF)
		return false;
	head = m->on[node];
	DO(m, prlist_rotate_to_front(&m->items[node]->list, &m->heads[head]->list),
	   list_rotate_to_front(&m->twins[node].list, &m->list[head]));
	return true;
}

/* Who was cut off is now on another list. */
static void find_members(struct model *m, int head)
{
	struct twin *pos;

	list_for_each_entry(pos, &m->list[head], list)
		m->on[pos->id] = head;
}

#define OP_CUT(name, verb)						\
static bool op_##name(struct model *m)					\
{									\
	int to = pick_empty(m), node = pick_on(m), from;		\
	struct place at;						\
									\
	if (to == OFF)							\
		return false;						\
	from = node == OFF || below(m, 5) == 0 ? pick_other(m, to) : m->on[node]; \
	at = node == OFF || m->on[node] != from || below(m, 5) == 0 ?	\
	     at_head(m, from) : at_node(m, node);			\
	DO(m, pr##verb(&m->heads[to]->list, &m->heads[from]->list, at.pr), \
	   verb(&m->list[to], &m->list[from], at.plain));		\
	find_members(m, to);						\
	return true;							\
}

OP_CUT(cut_position, list_cut_position)
OP_CUT(cut_before, list_cut_before)

/* To any place of another list. The head that was left is stale without _init. */
#define OP_SPLICE(name, is_init, verb, ...)				\
static bool op_##name(struct model *m)					\
{									\
	struct place at = pick_place(m, OFF);				\
	int from = pick_other(m, at.on);				\
									\
	DO(m, pr##verb(&m->heads[from]->list, at.pr, ##__VA_ARGS__),	\
	   verb(&m->list[from], at.plain, ##__VA_ARGS__));		\
	if (!(is_init))							\
		DO(m, INIT_PRLIST_HEAD(&m->heads[from]->list),		\
		   INIT_LIST_HEAD(&m->list[from]));			\
	all_move(m, from, at.on);					\
	return true;							\
}

static void no_readers(void)
{
	might_sleep();
}

OP_SPLICE(splice, false, list_splice)
OP_SPLICE(splice_tail, false, list_splice_tail)
OP_SPLICE(splice_init, true, list_splice_init)
OP_SPLICE(splice_tail_init, true, list_splice_tail_init)
OP_SPLICE(splice_rcu, false, list_splice_rcu)
OP_SPLICE(splice_init_rcu, true, list_splice_init_rcu, no_readers)
OP_SPLICE(splice_tail_init_rcu, true, list_splice_tail_init_rcu, no_readers)

/* With equals among them, whose order has to stay. */
static int order(u32 salt, int a, int b)
{
	return (int)(hash_32(a + salt, 3)) - (int)(hash_32(b + salt, 3));
}

static int pr_order(void *priv, const struct prlist_head *a, const struct prlist_head *b)
{
	const struct model *m = priv;

	return order(m->salt, prlist_entry(a, struct item, list)->id,
		     prlist_entry(b, struct item, list)->id);
}

static int plain_order(void *priv, const struct list_head *a, const struct list_head *b)
{
	const struct model *m = priv;

	return order(m->salt, list_entry(a, struct twin, list)->id,
		     list_entry(b, struct twin, list)->id);
}

static bool op_sort(struct model *m)
{
	int head = below(m, NR_HEADS);

	m->salt = prandom_u32_state(&m->random);
	DO(m, prlist_sort(m, &m->heads[head]->list, pr_order),
	   list_sort(m, &m->list[head], plain_order));
	return true;
}

static bool op_init(struct model *m)
{
	int head = pick_empty(m), node = pick_off(m);

	if (head == OFF || node == OFF)
		return false;
	DO(m, INIT_PRLIST_HEAD(&m->heads[head]->list), INIT_LIST_HEAD(&m->list[head]));
	DO(m, INIT_PRLIST_HEAD_RCU(&m->items[node]->list),
	   INIT_LIST_HEAD_RCU(&m->twins[node].list));
	return true;
}

static const struct op list_ops[] = {
	{ "add", op_add }, { "add", op_add }, { "add", op_add },
	{ "del", op_del }, { "del_init", op_del_init },
	{ "del_init_careful", op_del_init_careful }, { "del_rcu", op_del_rcu },
	{ "move", op_move }, { "move_tail", op_move_tail },
	{ "move to own place", op_move_to_own_place },
	{ "bulk_move_tail", op_bulk_move_tail }, { "replace", op_replace },
	{ "replace_init", op_replace_init }, { "replace_rcu", op_replace_rcu },
	{ "replace a head", op_replace_head }, { "swap", op_swap },
	{ "rotate_left", op_rotate_left }, { "rotate_to_front", op_rotate_to_front },
	{ "cut_position", op_cut_position }, { "cut_before", op_cut_before },
	{ "splice", op_splice }, { "splice_tail", op_splice_tail },
	{ "splice_init", op_splice_init }, { "splice_tail_init", op_splice_tail_init },
	{ "splice_rcu", op_splice_rcu }, { "splice_init_rcu", op_splice_init_rcu },
	{ "splice_tail_init_rcu", op_splice_tail_init_rcu },
	{ "sort", op_sort }, { "init", op_init },
};

/* Words that are no addresses of nodes: poison, what points to itself, and NULL. */
static bool same_word(const void *pr, const void *pr_self, const void *plain,
		      const void *plain_self)
{
	if (plain == plain_self)
		return pr == pr_self;
	if (!plain || plain == LIST_POISON1 || plain == LIST_POISON2)
		return pr == plain;
	return pr != pr_self && pr && pr != LIST_POISON1 && pr != LIST_POISON2;
}

/* As many entries in the same order, there and back. */
static void compare_list(struct model *m, int head)
{
	const struct prlist_head *pr_head = &m->heads[head]->list, *pr = pr_head;
	const struct list_head *plain = &m->list[head];
	unsigned int i, nr = nr_on(m, head);

	for (i = 0; i < nr && !m->failed; i++) {
		pr = pr->next;
		plain = plain->next;
		MUST(m, prlist_entry(pr, struct item, list)->id ==
			list_entry(plain, struct twin, list)->id);
	}
	MUST(m, pr->next == pr_head);
	for (i = 0; i < nr && !m->failed; i++) {
		MUST(m, prlist_entry(pr, struct item, list)->id ==
			list_entry(plain, struct twin, list)->id);
		pr = pr->prev;
		plain = plain->prev;
	}
	MUST(m, pr == pr_head);
	MUST(m, pr_head->prev->next == pr_head);
}

static void compare_lists(struct model *m)
{
	int i;

	for (i = 0; i < NR_HEADS; i++)
		compare_list(m, i);
	for (i = 0; i < NR_NODES; i++) {
		const struct prlist_head *pr = &m->items[i]->list;
		const struct list_head *plain = &m->twins[i].list;

		if (m->on[i] != OFF)
			continue;
		MUST(m, same_word(pr->next, pr, plain->next, plain));
		MUST(m, same_word(pr->prev, pr, plain->prev, plain));
	}
}

/* H-lists */

static bool hop_add_head(struct model *m)
{
	int node = pick_off(m), head = below(m, NR_HEADS);

	if (node == OFF)
		return false;
	switch (below(m, 3)) {
	case 0:
		DO(m, prhlist_add_head(&m->items[node]->hash, &m->heads[head]->hash),
		   hlist_add_head(&m->twins[node].hash, &m->hash[head]));
		break;
	case 1:
		DO(m, prhlist_add_head_rcu(&m->items[node]->hash, &m->heads[head]->hash),
		   hlist_add_head_rcu(&m->twins[node].hash, &m->hash[head]));
		break;
	default:
		DO(m, prhlist_add_tail_rcu(&m->items[node]->hash, &m->heads[head]->hash),
		   hlist_add_tail_rcu(&m->twins[node].hash, &m->hash[head]));
	}
	m->on[node] = head;
	return true;
}

#define OP_HADD(name, verb)						\
static bool hop_##name(struct model *m)					\
{									\
	int node = pick_off(m), at = pick_on(m);			\
									\
	if (node == OFF || at == OFF)					\
		return false;						\
	DO(m, pr##verb(&m->items[node]->hash, &m->items[at]->hash),	\
	   verb(&m->twins[node].hash, &m->twins[at].hash));		\
	m->on[node] = m->on[at];					\
	return true;							\
}

OP_HADD(add_before, hlist_add_before)
OP_HADD(add_behind, hlist_add_behind)
OP_HADD(add_before_rcu, hlist_add_before_rcu)
OP_HADD(add_behind_rcu, hlist_add_behind_rcu)

#define OP_HDEL(name, verb)						\
static bool hop_##name(struct model *m)					\
{									\
	int node = pick_on(m);						\
									\
	if (node == OFF)						\
		return false;						\
	DO(m, pr##verb(&m->items[node]->hash), verb(&m->twins[node].hash)); \
	m->on[node] = OFF;						\
	return true;							\
}

OP_HDEL(del, hlist_del)
OP_HDEL(del_init, hlist_del_init)
OP_HDEL(del_rcu, hlist_del_rcu)
OP_HDEL(del_init_rcu, hlist_del_init_rcu)

/* Of a node that is on no list, and says so. */
static bool hop_del_unhashed(struct model *m)
{
	int node = pick_off(m);

	if (node == OFF)
		return false;
	DO(m, INIT_PRHLIST_NODE(&m->items[node]->hash),
	   INIT_HLIST_NODE(&m->twins[node].hash));
	DO(m, prhlist_del_init(&m->items[node]->hash),
	   hlist_del_init(&m->twins[node].hash));
	DO(m, prhlist_del_init_rcu(&m->items[node]->hash),
	   hlist_del_init_rcu(&m->twins[node].hash));
	return true;
}

static bool hop_add_fake(struct model *m)
{
	int node = pick_off(m);

	if (node == OFF)
		return false;
	DO(m, prhlist_add_fake(&m->items[node]->hash),
	   hlist_add_fake(&m->twins[node].hash));
	MUST(m, prhlist_fake(&m->items[node]->hash));
	/* Deleting it is harmless, that is what it is for. */
	if (below(m, 2)) {
		DO(m, INIT_PRHLIST_NODE(&m->items[node]->hash),
		   INIT_HLIST_NODE(&m->twins[node].hash));
		DO(m, prhlist_add_fake(&m->items[node]->hash),
		   hlist_add_fake(&m->twins[node].hash));
		DO(m, prhlist_del_init(&m->items[node]->hash),
		   hlist_del_init(&m->twins[node].hash));
	}
	return true;
}

static bool hop_replace_rcu(struct model *m)
{
	int old = pick_on(m), new = pick_off(m);

	if (old == OFF || new == OFF)
		return false;
	DO(m, prhlist_replace_rcu(&m->items[old]->hash, &m->items[new]->hash),
	   hlist_replace_rcu(&m->twins[old].hash, &m->twins[new].hash));
	m->on[new] = m->on[old];
	m->on[old] = OFF;
	return true;
}

static bool hop_move_list(struct model *m)
{
	int to = pick_empty(m), from;

	if (to == OFF)
		return false;
	from = pick_other(m, to);
	DO(m, prhlist_move_list(&m->heads[from]->hash, &m->heads[to]->hash),
	   hlist_move_list(&m->hash[from], &m->hash[to]));
	all_move(m, from, to);
	return true;
}

static bool hop_splice_init(struct model *m)
{
	int last = pick_on(m), from, to;

	if (last == OFF)
		return false;
	from = m->on[last];
	to = pick_other(m, from);
	while (m->twins[last].hash.next)
		last = container_of(m->twins[last].hash.next, struct twin, hash)->id;
	DO(m, prhlist_splice_init(&m->heads[from]->hash, &m->items[last]->hash,
				  &m->heads[to]->hash),
	   hlist_splice_init(&m->hash[from], &m->twins[last].hash, &m->hash[to]));
	all_move(m, from, to);
	return true;
}

static bool hop_swap_heads_rcu(struct model *m)
{
	int a = below(m, NR_HEADS), b = pick_other(m, a), i;

	if (!nr_on(m, a) || !nr_on(m, b))
		return false;
	DO(m, prhlists_swap_heads_rcu(&m->heads[a]->hash, &m->heads[b]->hash),
	   hlists_swap_heads_rcu(&m->hash[a], &m->hash[b]));
	for (i = 0; i < NR_NODES; i++)
		if (m->on[i] == a || m->on[i] == b)
			m->on[i] = m->on[i] == a ? b : a;
	return true;
}

static bool hop_init(struct model *m)
{
	int head = pick_empty(m);

	if (head == OFF)
		return false;
	MUST(m, INIT_PRHLIST_HEAD(&m->heads[head]->hash) == 0);
	INIT_HLIST_HEAD(&m->hash[head]);
	return true;
}

static const struct op hlist_ops[] = {
	{ "add_head", hop_add_head }, { "add_head", hop_add_head },
	{ "add_before", hop_add_before }, { "add_behind", hop_add_behind },
	{ "add_before_rcu", hop_add_before_rcu }, { "add_behind_rcu", hop_add_behind_rcu },
	{ "del", hop_del }, { "del_init", hop_del_init }, { "del_rcu", hop_del_rcu },
	{ "del_init_rcu", hop_del_init_rcu }, { "del unhashed", hop_del_unhashed },
	{ "add_fake", hop_add_fake }, { "replace_rcu", hop_replace_rcu },
	{ "move_list", hop_move_list }, { "splice_init", hop_splice_init },
	{ "swap_heads_rcu", hop_swap_heads_rcu }, { "init", hop_init },
};

/* Forwards, and that each node knows where the pointer to it is. */
static void compare_hlist(struct model *m, int head)
{
	struct prhlist_node *const *pprev = &m->heads[head]->hash.first;
	const struct hlist_node *plain = m->hash[head].first;
	const struct prhlist_node *pr = *pprev;

	for (; plain && !m->failed; plain = plain->next) {
		MUST(m, pr);
		if (!pr)
			return;
		MUST(m, prhlist_entry(pr, struct item, hash)->id ==
			hlist_entry(plain, struct twin, hash)->id);
		MUST(m, pr->pprev == pprev);
		pprev = &pr->next;
		pr = *pprev;
	}
	MUST(m, !pr);
}

static void compare_hlists(struct model *m)
{
	int i;

	for (i = 0; i < NR_HEADS; i++)
		compare_hlist(m, i);
	for (i = 0; i < NR_NODES; i++) {
		const struct prhlist_node *pr = &m->items[i]->hash;
		const struct hlist_node *plain = &m->twins[i].hash;

		if (m->on[i] != OFF)
			continue;
		MUST(m, same_word(pr->next, pr, plain->next, plain));
		MUST(m, same_word(pr->pprev, &pr->next, plain->pprev, &plain->next));
		MUST(m, prhlist_unhashed(pr) == hlist_unhashed(plain));
	}
}

/* L-lists */

static bool lop_add(struct model *m)
{
	int node = pick_off(m), head = below(m, NR_HEADS);

	if (node == OFF)
		return false;
	MUST(m, prllist_add(&m->items[node]->llist, &m->heads[head]->llist) ==
		llist_add(&m->twins[node].llist, &m->llist[head]));
	m->on[node] = head;
	return true;
}

/* Up to four of them, which are linked first. */
static bool lop_add_batch(struct model *m)
{
	int head = below(m, NR_HEADS), first = pick_off(m), last = first, next, nr;

	if (first == OFF)
		return false;
	m->on[first] = head;
	for (nr = below(m, 4); nr; nr--) {
		next = pick_off(m);
		if (next == OFF)
			break;
		m->on[next] = head;
		MUST(m, wr_ptr(&m->items[last]->llist.__pr_lnode.next,
			       &m->items[next]->llist.__pr_lnode) == 0);
		m->twins[last].llist.next = &m->twins[next].llist;
		last = next;
	}
	MUST(m, prllist_add_batch(&m->items[first]->llist, &m->items[last]->llist,
				  &m->heads[head]->llist) ==
		llist_add_batch(&m->twins[first].llist, &m->twins[last].llist,
				&m->llist[head]));
	return true;
}

static void same_node(struct model *m, const struct prllist_node *pr,
		      const struct llist_node *plain)
{
	MUST(m, !pr == !plain);
	if (pr && plain)
		MUST(m, prllist_entry(pr, struct item, llist)->id ==
			llist_entry(plain, struct twin, llist)->id);
}

#define OP_LDEL(name, verb)						\
static bool lop_##name(struct model *m)					\
{									\
	int head = below(m, NR_HEADS);					\
	struct prllist_node *pr = pr##verb(&m->heads[head]->llist);	\
	struct llist_node *plain = verb(&m->llist[head]);		\
									\
	same_node(m, pr, plain);					\
	if (plain)							\
		m->on[llist_entry(plain, struct twin, llist)->id] = OFF; \
	return plain;							\
}

OP_LDEL(del_first, llist_del_first)
OP_LDEL(del_first_init, llist_del_first_init)

/* The first one or any other, which then stays. */
static bool lop_del_first_this(struct model *m)
{
	int node = pick_on(m), head;
	bool done;

	if (node == OFF)
		return false;
	head = m->on[node];
	if (below(m, 2))
		node = llist_entry(m->llist[head].first, struct twin, llist)->id;
	done = llist_del_first_this(&m->llist[head], &m->twins[node].llist);
	MUST(m, prllist_del_first_this(&m->heads[head]->llist,
				       &m->items[node]->llist) == done);
	if (done)
		m->on[node] = OFF;
	return done;
}

/* The chain is compared, and may go back on another list the other way round. */
static bool lop_del_all(struct model *m)
{
	int head = below(m, NR_HEADS);
	struct prllist_node *pr = prllist_del_all(&m->heads[head]->llist);
	struct llist_node *plain = llist_del_all(&m->llist[head]), *last = plain;
	struct prllist_node *pr_last = pr;

	all_move(m, head, OFF);
	same_node(m, pr, plain);
	if (below(m, 3)) {
		pr = prllist_reverse_order(pr);
		plain = llist_reverse_order(plain);
		same_node(m, pr, plain);
		if (plain && below(m, 2)) {
			MUST(m, prllist_add_batch(pr, pr_last, &m->heads[head]->llist) ==
				llist_add_batch(plain, last, &m->llist[head]));
			for (; plain; plain = plain->next)
				m->on[llist_entry(plain, struct twin, llist)->id] = head;
			return true;
		}
	}
	for (; plain && !m->failed; plain = plain->next, pr = prllist_next(pr))
		same_node(m, pr, plain);
	MUST(m, !pr);
	return last;
}

static bool lop_init(struct model *m)
{
	int node = pick_off(m), head = pick_empty(m);

	if (node == OFF || head == OFF)
		return false;
	DO(m, init_prllist_node(&m->items[node]->llist),
	   init_llist_node(&m->twins[node].llist));
	DO(m, init_prllist_head(&m->heads[head]->llist), init_llist_head(&m->llist[head]));
	return true;
}

static const struct op llist_ops[] = {
	{ "add", lop_add }, { "add_batch", lop_add_batch }, { "add", lop_add },
	{ "del_first", lop_del_first }, { "del_first_init", lop_del_first_init },
	{ "del_first_this", lop_del_first_this }, { "del_all", lop_del_all },
	{ "init", lop_init },
};

static void compare_llists(struct model *m)
{
	int i;

	for (i = 0; i < NR_HEADS; i++) {
		const struct prllist_node *pr = m->heads[i]->llist.first;
		const struct llist_node *plain = m->llist[i].first;

		for (; plain && !m->failed; plain = plain->next, pr = pr->next)
			same_node(m, pr, plain);
		MUST(m, !pr);
	}
	for (i = 0; i < NR_NODES; i++)
		if (m->on[i] == OFF)
			MUST(m, prllist_on_list(&m->items[i]->llist) ==
				llist_on_list(&m->twins[i].llist));
}

/* The run */

static void drop_model(void *arg)
{
	struct model *m = arg;
	int i;

	for (i = 0; i < NR_NODES; i += 2)
		prmem_cache_free(m->cache, m->items[i]);
	prmem_cache_destroy(m->cache);
	pmalloc_destroy_pool(m->pool);
}

static void init_items(struct kunit *test, struct model *m)
{
	int i;

	for (i = 0; i < NR_NODES; i++) {
		m->items[i] = i % 2 ? pzalloc(m->pool, sizeof(struct item)) :
				      prmem_cache_alloc(m->cache, NULL);
		KUNIT_ASSERT_NOT_NULL(test, m->items[i]);
		KUNIT_ASSERT_EQ(test, wr_assign(m->items[i]->id, i), 0);
		m->twins[i].id = i;
		m->on[i] = OFF;
	}
}

static void init_heads(struct kunit *test, struct model *m)
{
	int i;

	for (i = 0; i < NR_HEADS; i++) {
		m->heads[i] = i < NR_STATIC ? &static_heads[i] :
					      pzalloc(m->pool, sizeof(struct heads));
		KUNIT_ASSERT_NOT_NULL(test, m->heads[i]);
		KUNIT_ASSERT_EQ(test, INIT_PRLIST_HEAD(&m->heads[i]->list), 0);
		KUNIT_ASSERT_EQ(test, INIT_PRHLIST_HEAD(&m->heads[i]->hash), 0);
		KUNIT_ASSERT_EQ(test, init_prllist_head(&m->heads[i]->llist), 0);
		INIT_LIST_HEAD(&m->list[i]);
	}
}

/* Neither @what they are nor anything else may depend on an address. */
static struct model *init_model(struct kunit *test, const char *what)
{
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	u64 start = READ_ONCE(seed) ?: 1 + (u64)get_random_u32();
	const int align = __alignof__(struct item);

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->test = test;
	prandom_seed_state(&m->random, hash_64(start, 64));
	kunit_info(test, "%s: test_prlist_model.seed=%llu test_prlist_model.ops=%u\n",
		   what, start, READ_ONCE(ops));
	m->pool = pmalloc_create_custom_pool("kunit_lists", PMALLOC_REFILL_DEFAULT,
					     ilog2(align), PMALLOC_MODE_START_WR);
	KUNIT_ASSERT_NOT_NULL(test, m->pool);
	m->cache = prmem_cache_create("kunit_lists", sizeof(struct item), align);
	KUNIT_ASSERT_NOT_NULL(test, m->cache);
	init_items(test, m);
	init_heads(test, m);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, drop_model, m), 0);
	return m;
}

static void show_ops(struct model *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_ops; i++) {
		kunit_info(m->test, "%6u times: %s\n", m->nr_done[i], m->ops[i].name);
		if (READ_ONCE(ops) >= DEFAULT_OPS)
			KUNIT_EXPECT_GT_MSG(m->test, m->nr_done[i], 0, "%s",
					    m->ops[i].name);
	}
}

static void run_model(struct kunit *test, const char *what, const struct op *table,
		      unsigned int nr_ops, void (*compare)(struct model *m))
{
	struct model *m = init_model(test, what);
	unsigned int nr;

	m->ops = table;
	m->nr_ops = nr_ops;
	for (nr = 0; nr < READ_ONCE(ops) && !m->failed; ) {
		m->op = &table[below(m, nr_ops)];
		if (!m->op->fn(m))
			continue;
		m->nr_done[m->op - table]++;
		nr++;
		compare(m);
		cond_resched();
	}
	show_ops(m);
}

static void random_lists(struct kunit *test)
{
	static_assert(ARRAY_SIZE(list_ops) <= MAX_KINDS);
	run_model(test, "lists", list_ops, ARRAY_SIZE(list_ops), compare_lists);
}

static void random_hlists(struct kunit *test)
{
	run_model(test, "H-lists", hlist_ops, ARRAY_SIZE(hlist_ops), compare_hlists);
}

static void random_llists(struct kunit *test)
{
	run_model(test, "L-lists", llist_ops, ARRAY_SIZE(llist_ops), compare_llists);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE_SLOW(random_lists),
	KUNIT_CASE_SLOW(random_hlists),
	KUNIT_CASE_SLOW(random_llists),
	{}
};

static struct kunit_suite model_suite = {
	.name = "prlist_model",
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);

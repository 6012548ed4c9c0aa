// SPDX-License-Identifier: GPL-2.0
/*
 * Lists: the ones of list.h, those of prlist.h, and the same changes made of single
 * writes by each mechanism, as the first RFC made them.
 *
 * Nodes that come after each other are in different pages, and so are the heads: no
 * two pointers of a change share a page by chance. The rows of "one page" have all in
 * one.
 */
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/poison.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define NR	2000U
#define MOST	10000U
#define NR_CLOSE	190U

/* A node of any kind has two words. Page 0 is for the heads. */
struct words {
	u64 first;
	u64 second;
};

static void *nodes[MOST + 1];

/* So that a loop need not calculate. */
static void place_nodes(struct bench_area *area)
{
	const unsigned int pages = BENCH_PAGES - 1;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		nodes[i] = area->mem + (1 + i % pages) * PAGE_SIZE +
			   i / pages * sizeof(struct words);
}

static void place_close_nodes(struct bench_area *area)
{
	unsigned int i;

	for (i = 0; i < NR_CLOSE + 2; i++)
		nodes[i] = area->mem + (2 + i) * sizeof(struct words);
}

/* The second list has its head in the last page, behind its nodes. */
static void *head(struct bench_area *area, bool second)
{
	return area->mem + (second ? BENCH_PAGES * PAGE_SIZE - sizeof(struct words) : 0);
}

static void watch(const struct bench_ops *ops, struct bench_area *area)
{
	BENCH_MARK(4);
	if (ops->watch)
		ops->watch(area);
}

/* How many nodes there are, or none if the list is not sound. */
static unsigned int count_list(const struct list_head *h)
{
	const struct list_head *pos = h;
	unsigned int nr = 0;

	do {
		if (pos->next->prev != pos || nr > 2 * MOST)
			return 0;
		pos = pos->next;
		nr++;
	} while (pos != h);
	return nr - 1;
}

static unsigned int count_hlist(const struct hlist_head *h)
{
	struct hlist_node *const *pprev = &h->first;
	unsigned int nr = 0;

	for (; *pprev; pprev = &(*pprev)->next, nr++)
		if ((*pprev)->pprev != pprev || nr > 2 * MOST)
			return 0;
	return nr;
}

static unsigned int count_llist(const struct llist_head *h)
{
	const struct llist_node *pos;
	unsigned int nr = 0;

	for (pos = h->first; pos && nr <= 2 * MOST; pos = pos->next)
		nr++;
	return nr;
}

/* The changes, made of single writes. */

#define set(where, what) \
	ops->write(area, (u64 *)&(where), (u64)(unsigned long)(what))

static void single_init(const struct bench_ops *ops, struct bench_area *area,
			struct list_head *h)
{
	set(h->next, h);
	set(h->prev, h);
}

static noinline void single_add(const struct bench_ops *ops, struct bench_area *area,
				struct list_head *new, struct list_head *prev)
{
	struct list_head *next = prev->next;

	set(next->prev, new);
	set(new->next, next);
	set(new->prev, prev);
	set(prev->next, new);
}

static noinline void single_del(const struct bench_ops *ops, struct bench_area *area,
				struct list_head *entry, bool poison)
{
	struct list_head *prev = entry->prev, *next = entry->next;

	set(next->prev, prev);
	set(prev->next, next);
	if (!poison)
		return;
	set(entry->next, LIST_POISON1);
	set(entry->prev, LIST_POISON2);
}

static noinline void single_splice_init(const struct bench_ops *ops, struct bench_area *area,
					struct list_head *list, struct list_head *prev)
{
	struct list_head *first = list->next, *last = list->prev, *next = prev->next;

	set(first->prev, prev);
	set(prev->next, first);
	set(last->next, next);
	set(next->prev, last);
	single_init(ops, area, list);
}

static noinline void single_hadd(const struct bench_ops *ops, struct bench_area *area,
				 struct hlist_node *n, struct hlist_head *h)
{
	struct hlist_node *first = h->first;

	set(n->next, first);
	if (first)
		set(first->pprev, &n->next);
	set(h->first, n);
	set(n->pprev, &h->first);
}

static noinline void single_hdel(const struct bench_ops *ops, struct bench_area *area,
				 struct hlist_node *n)
{
	struct hlist_node *next = n->next, **pprev = n->pprev;

	set(*pprev, next);
	if (next)
		set(next->pprev, pprev);
	set(n->next, LIST_POISON1);
	set(n->pprev, LIST_POISON2);
}

static noinline void single_ladd(const struct bench_ops *ops, struct bench_area *area,
				 struct llist_node *n, struct llist_head *h)
{
	set(n->next, h->first);
	set(h->first, n);
}

static noinline void single_ldel(const struct bench_ops *ops, struct bench_area *area,
				 struct llist_head *h)
{
	set(h->first, h->first->next);
}

/* Rows: the kinds of lists differ in their names alone. */

/* With how many pointers it has to store. */
struct change {
	const char *name;
	int stores;
};

static const struct {
	struct change add, move, del, splice, hadd, hdel, ladd, ldel, close;
} names = {
	.add = { "list add, 3 pages", 4 },
	.move = { "list move", 6 },
	.del = { "list del", 4 },
	.splice = { "list splice and init", 6 },
	.hadd = { "hlist add", 4 },
	.hdel = { "hlist del", 4 },
	.ladd = { "llist add", 2 },
	.ldel = { "llist del first", 1 },
	.close = { "list add, one page", 4 },
};

struct rows {
	struct bench *b;
	const char *name;
	struct bench_area *area;
	unsigned int nr;
	int remaps;
};

static void list_row(struct rows *r, struct change what, bool ok)
{
	bench_row(r->b, what.name, r->name, r->nr,
		  r->remaps < 0 ? -1 : r->remaps * what.stores,
		  ok && bench_refuses_stores(r->area));
}

/*
 * Each loop takes the next nodes. The two of its warm-up are there as well: what is
 * added or deleted is counted by @k.
 */
#define LIST_ROWS(r, ADD, MOVE, DEL, SPLICE, HEAD_OF, NODE, COUNT)		\
do {									\
	unsigned int k = 0, n = (r)->nr + 2;				\
	bool ok;							\
									\
	BENCH_LOOP((r)->b, (r)->nr, false, ({ ADD(NODE(k), HEAD_OF(false)); k++; })); \
	list_row(r, names.add, COUNT(HEAD_OF(false)) == n);		\
	k = 0;								\
	BENCH_LOOP((r)->b, (r)->nr, false, ({ MOVE(NODE(k), HEAD_OF(false)); k++; })); \
	list_row(r, names.move, COUNT(HEAD_OF(false)) == n &&		\
		 ((struct list_head *)HEAD_OF(false))->next == (void *)NODE(n - 1)); \
	k = 0;								\
	BENCH_LOOP((r)->b, (r)->nr, false, ({				\
		SPLICE(HEAD_OF(k % 2), HEAD_OF(!(k % 2)));		\
		k++;							\
	}));								\
	ok = COUNT(HEAD_OF(n % 2)) == n && !COUNT(HEAD_OF(!(n % 2)));	\
	list_row(r, names.splice, ok);					\
	k = 0;								\
	BENCH_LOOP((r)->b, (r)->nr, false, ({ DEL(NODE(k)); k++; }));	\
	list_row(r, names.del, !COUNT(HEAD_OF(n % 2)));			\
} while (0)

#define PLAIN_NODE(k)		((struct list_head *)nodes[k])
#define PLAIN_HEAD(second)	((struct list_head *)head(area, second))

static void plain_lists(struct rows *r)
{
	struct bench_area *area = r->area;
	struct hlist_head *hh = head(area, false);
	struct llist_head *lh = head(area, false);
	unsigned int k = 0;

	place_nodes(area);
	INIT_LIST_HEAD(PLAIN_HEAD(false));
	INIT_LIST_HEAD(PLAIN_HEAD(true));
	LIST_ROWS(r, list_add, list_move, list_del, list_splice_init, PLAIN_HEAD, PLAIN_NODE,
		  count_list);
	INIT_HLIST_HEAD(hh);
	BENCH_LOOP(r->b, r->nr, false, hlist_add_head(nodes[k++], hh));
	list_row(r, names.hadd, count_hlist(hh) == r->nr + 2);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, hlist_del(nodes[k++]));
	list_row(r, names.hdel, !count_hlist(hh));
	init_llist_head(lh);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, llist_add(nodes[k++], lh));
	list_row(r, names.ladd, count_llist(lh) == r->nr + 2);
	BENCH_LOOP(r->b, r->nr, false, llist_del_first(lh));
	list_row(r, names.ldel, !count_llist(lh));
	place_close_nodes(area);
	INIT_LIST_HEAD(PLAIN_HEAD(false));
	k = 0;
	BENCH_LOOP(r->b, NR_CLOSE, false, list_add(nodes[k++], PLAIN_HEAD(false)));
	r->nr = NR_CLOSE;
	list_row(r, names.close, count_list(PLAIN_HEAD(false)) == NR_CLOSE + 2);
}

#define PR_NODE(k)		((struct prlist_head *)nodes[k])
#define PR_HEAD(second)		((struct prlist_head *)head(area, second))
#define count_prlist(h)		count_list(&(h)->__pr_list)

static void prmem_lists(struct rows *r)
{
	struct bench_area *area = r->area;
	struct prhlist_head *hh = head(area, false);
	struct prllist_head *lh = head(area, false);
	unsigned int k = 0;

	place_nodes(area);
	INIT_PRLIST_HEAD(PR_HEAD(false));
	INIT_PRLIST_HEAD(PR_HEAD(true));
	LIST_ROWS(r, prlist_add, prlist_move, prlist_del, prlist_splice_init, PR_HEAD, PR_NODE,
		  count_prlist);
	INIT_PRHLIST_HEAD(hh);
	BENCH_LOOP(r->b, r->nr, false,
		   ({ struct prhlist_node *n = nodes[k++]; prhlist_add_head(n, hh); }));
	list_row(r, names.hadd, count_hlist(&hh->__pr_hlist) == r->nr + 2);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false,
		   ({ struct prhlist_node *n = nodes[k++]; prhlist_del(n); }));
	list_row(r, names.hdel, !count_hlist(&hh->__pr_hlist));
	init_prllist_head(lh);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, prllist_add(nodes[k++], lh));
	list_row(r, names.ladd, count_llist(&lh->__pr_llist) == r->nr + 2);
	BENCH_LOOP(r->b, r->nr, false, prllist_del_first(lh));
	list_row(r, names.ldel, !count_llist(&lh->__pr_llist));
	place_close_nodes(area);
	INIT_PRLIST_HEAD(PR_HEAD(false));
	k = 0;
	BENCH_LOOP(r->b, NR_CLOSE, false, ({
		struct prlist_head *n = nodes[k++];

		prlist_add(n, PR_HEAD(false));
	}));
	r->nr = NR_CLOSE;
	list_row(r, names.close, count_prlist(PR_HEAD(false)) == NR_CLOSE + 2);
}

#define SINGLE_ADD(n, h)	single_add(ops, area, n, h)
#define SINGLE_DEL(n)		single_del(ops, area, n, true)
#define SINGLE_MOVE(n, h) \
	({ single_del(ops, area, n, false); single_add(ops, area, n, h); })
#define SINGLE_SPLICE(l, h)	single_splice_init(ops, area, l, h)

static void single_lists(struct rows *r, const struct bench_ops *ops)
{
	struct bench_area *area = r->area;
	struct hlist_head *hh = head(area, false);
	struct llist_head *lh = head(area, false);
	unsigned int k = 0;

	place_nodes(area);
	single_init(ops, area, PLAIN_HEAD(false));
	single_init(ops, area, PLAIN_HEAD(true));
	LIST_ROWS(r, SINGLE_ADD, SINGLE_MOVE, SINGLE_DEL, SINGLE_SPLICE, PLAIN_HEAD, PLAIN_NODE,
		  count_list);
	set(hh->first, NULL);
	BENCH_LOOP(r->b, r->nr, false, single_hadd(ops, area, nodes[k++], hh));
	list_row(r, names.hadd, count_hlist(hh) == r->nr + 2);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, single_hdel(ops, area, nodes[k++]));
	list_row(r, names.hdel, !count_hlist(hh));
	set(lh->first, NULL);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, single_ladd(ops, area, nodes[k++], lh));
	list_row(r, names.ladd, count_llist(lh) == r->nr + 2);
	BENCH_LOOP(r->b, r->nr, false, single_ldel(ops, area, lh));
	list_row(r, names.ldel, !count_llist(lh));
	place_close_nodes(area);
	single_init(ops, area, PLAIN_HEAD(false));
	k = 0;
	BENCH_LOOP(r->b, NR_CLOSE, false,
		   single_add(ops, area, nodes[k++], PLAIN_HEAD(false)));
	r->nr = NR_CLOSE;
	list_row(r, names.close, count_list(PLAIN_HEAD(false)) == NR_CLOSE + 2);
}

/* How cost grows with the length. */
static void lengths(struct bench *b, struct bench_area *area)
{
	unsigned int nr, have = 0;
	char what[32];
	bool ok;

	place_nodes(area);
	INIT_PRLIST_HEAD(PR_HEAD(false));
	for (nr = 1; nr <= MOST; nr *= 10) {
		for (; have < nr; have++)
			prlist_add(PR_NODE(have), PR_HEAD(false));
		snprintf(what, sizeof(what), "list length: %u", nr);
		/* One more, and away with it again. */
		BENCH_LOOP(b, NR, false, ({
			prlist_add(PR_NODE(MOST), PR_HEAD(false));
			prlist_del(PR_NODE(MOST));
		}));
		ok = count_prlist(PR_HEAD(false)) == nr;
		bench_row(b, what, "prlist_add and prlist_del", NR, -1, ok);
	}
}

void bench_lists(struct bench *b)
{
	static struct bench_area plain_area, pool_area, ro_area;
	static const struct bench_ops *const singles[] = {
		&bench_prmem, &bench_vmap, &bench_patch, &bench_alias,
	};
	static char name[ARRAY_SIZE(singles)][48];
	const size_t size = BENCH_PAGES * PAGE_SIZE;
	struct pmalloc_pool *pool = pmalloc_create_custom_pool("bench_lists", size, PAGE_SHIFT,
							       PMALLOC_MODE_WR);
	struct rows plain = { b, "list.h", &plain_area, NR, 0 };
	struct rows ours = { b, "prlist.h", &pool_area, NR, -1 };
	unsigned int i;

	if (bench_area_new(&plain_area, BENCH_PAGES, false) ||
	    bench_area_new(&ro_area, BENCH_PAGES, true) ||
	    bench_area_of(&pool_area, pmalloc(pool, size), BENCH_PAGES) ||
	    pmalloc_protect_pool(pool)) {
		b->failed = true;
		return;
	}
	plain_lists(&plain);
	watch(&bench_prmem, &pool_area);
	prmem_lists(&ours);
	lengths(b, &pool_area);
	for (i = 0; i < ARRAY_SIZE(singles); i++) {
		const struct bench_ops *ops = singles[i];
		struct rows rows = { b, name[i], ops == &bench_prmem ? &pool_area : &ro_area,
				     min(NR, ops->nr), ops->remaps };

		snprintf(name[i], sizeof(name[i]), "%s, one by one", ops->name);
		watch(ops, rows.area);
		single_lists(&rows, ops);
	}
}

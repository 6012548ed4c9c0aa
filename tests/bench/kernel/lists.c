// SPDX-License-Identifier: GPL-2.0
/*
 * Lists: the ones of list.h, those of prlist.h, and the same changes made of single
 * writes by each mechanism, as the first RFC made them.
 *
 * Nodes that come after each other are in different pages, and so are the heads: no
 * two pointers of a change share a page by chance. These pages have their entries in
 * one page table, which is what memory of one area mostly has. Those of "3 pages, two
 * tables" have not: each node is in another one than the node before. The rows of "one
 * page" have all in one.
 */
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/poison.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bench.h"

/* As often as vunmap() puts off what it can. */
#define NR	4000U
#define MOST	10000U
#define NR_CLOSE	190U

/* A node of any kind has two words. Page 0 is for the heads. */
struct words {
	u64 first;
	u64 second;
};

static void *nodes[MOST + 1];

/* So that a loop need not calculate. */
static void place_nodes(struct bench_area *area, unsigned int nr)
{
	const unsigned int pages = area->nr_pages - 1;
	unsigned int i;

	for (i = 0; i < nr; i++)
		nodes[i] = area->mem + (1 + i % pages) * PAGE_SIZE +
			   i / pages * sizeof(struct words);
}

/* Alternately in the first half of the pages, without that of the heads, and the second. */
static void place_apart_nodes(struct bench_area *area, unsigned int nr)
{
	const unsigned int half = area->nr_pages / 2;
	unsigned int i, page;

	for (i = 0; i < nr; i++) {
		page = 1 + i / 2 % (half - 1);
		nodes[i] = area->mem + (page + i % 2 * half) * PAGE_SIZE +
			   i / (2 * (half - 1)) * sizeof(struct words);
	}
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
	return area->mem + (second ? area->nr_pages * PAGE_SIZE - sizeof(struct words) : 0);
}

/* How many nodes there are, or less than none if the list is not sound. */
static int count_list(const struct list_head *h)
{
	const struct list_head *pos = h;
	unsigned int nr = 0;

	do {
		if (pos->next->prev != pos || nr > 2 * MOST)
			return -1;
		pos = pos->next;
		nr++;
	} while (pos != h);
	return nr - 1;
}

static int count_hlist(const struct hlist_head *h)
{
	struct hlist_node *const *pprev = &h->first;
	unsigned int nr = 0;

	for (; *pprev; pprev = &(*pprev)->next, nr++)
		if ((*pprev)->pprev != pprev || nr > 2 * MOST)
			return -1;
	return nr;
}

static int count_llist(const struct llist_head *h)
{
	const struct llist_node *pos;
	unsigned int nr = 0;

	for (pos = h->first; pos; pos = pos->next)
		if (++nr > 2 * MOST)
			return -1;
	return nr;
}

/**
 * struct rows - all rows of one kind of lists
 * @b: the run
 * @verbs: the calls
 * @ops: what single writes are made by
 * @area: where heads and nodes are
 * @apart: the same, with the two halves of its pages in two page tables
 * @name: for people
 * @nr: how often each is measured
 */
struct rows {
	struct bench *b;
	const struct verbs *verbs;
	const struct bench_ops *ops;
	struct bench_area *area;
	struct bench_area *apart;
	const char *name;
	unsigned int nr;
};

/* With a node, or a list, and a head. */
typedef void (*verb_fn)(const struct rows *r, void *n, void *h);

struct verbs {
	verb_fn init, add, move, del, splice;
	verb_fn hash_init, hash_add, hash_del;
	verb_fn lockless_init, lockless_add, lockless_del;
};

#define VERB(name, call)						\
static noinline void name(const struct rows *r, void *n, void *h)	\
{									\
	call;								\
}

VERB(nothing, barrier())

VERB(plain_init, INIT_LIST_HEAD(h))
VERB(plain_add, list_add(n, h))
VERB(plain_move, list_move(n, h))
VERB(plain_del, list_del(n))
VERB(plain_splice, list_splice_init(n, h))
VERB(plain_hash_init, INIT_HLIST_HEAD((struct hlist_head *)h))
VERB(plain_hash_add, hlist_add_head(n, h))
VERB(plain_hash_del, hlist_del(n))
VERB(plain_lockless_init, init_llist_head(h))
VERB(plain_lockless_add, llist_add(n, h))
VERB(plain_lockless_del, llist_del_first(h))

static const struct verbs plain_verbs = {
	plain_init, plain_add, plain_move, plain_del, plain_splice,
	plain_hash_init, plain_hash_add, plain_hash_del,
	plain_lockless_init, plain_lockless_add, plain_lockless_del,
};

VERB(prmem_init, INIT_PRLIST_HEAD((struct prlist_head *)h))
VERB(prmem_add, prlist_add((struct prlist_head *)n, (struct prlist_head *)h))
VERB(prmem_move, prlist_move((struct prlist_head *)n, (struct prlist_head *)h))
VERB(prmem_del, prlist_del((struct prlist_head *)n))
VERB(prmem_splice, prlist_splice_init((struct prlist_head *)n, (struct prlist_head *)h))
VERB(prmem_hash_init, INIT_PRHLIST_HEAD((struct prhlist_head *)h))
VERB(prmem_hash_add, prhlist_add_head((struct prhlist_node *)n, (struct prhlist_head *)h))
VERB(prmem_hash_del, prhlist_del((struct prhlist_node *)n))
VERB(prmem_lockless_init, init_prllist_head((struct prllist_head *)h))
VERB(prmem_lockless_add, prllist_add((struct prllist_node *)n, (struct prllist_head *)h))
VERB(prmem_lockless_del, prllist_del_first((struct prllist_head *)h))

static const struct verbs prmem_verbs = {
	prmem_init, prmem_add, prmem_move, prmem_del, prmem_splice,
	prmem_hash_init, prmem_hash_add, prmem_hash_del,
	prmem_lockless_init, prmem_lockless_add, prmem_lockless_del,
};

/* The same changes, made of single writes, as the first RFC made them. */
#define set(where, what) \
	r->ops->write(r->area, (u64 *)&(where), (u64)(unsigned long)(what))

#define exchange(where, old, new) \
	((void *)(unsigned long)r->ops->exchange(r->area, (u64 *)&(where), \
						 (u64)(unsigned long)(old), \
						 (u64)(unsigned long)(new)))

static noinline void single_init(const struct rows *r, void *n, void *h)
{
	struct list_head *head = h;

	set(head->next, head);
	set(head->prev, head);
}

static noinline void single_add(const struct rows *r, void *n, void *h)
{
	struct list_head *new = n, *prev = h, *next = prev->next;

	set(next->prev, new);
	set(new->next, next);
	set(new->prev, prev);
	set(prev->next, new);
}

static __always_inline void single_forget(const struct rows *r, struct list_head *entry)
{
	struct list_head *prev = entry->prev, *next = entry->next;

	set(next->prev, prev);
	set(prev->next, next);
}

static noinline void single_move(const struct rows *r, void *n, void *h)
{
	single_forget(r, n);
	single_add(r, n, h);
}

static noinline void single_del(const struct rows *r, void *n, void *h)
{
	struct list_head *entry = n;

	single_forget(r, entry);
	set(entry->next, LIST_POISON1);
	set(entry->prev, LIST_POISON2);
}

static noinline void single_splice(const struct rows *r, void *n, void *h)
{
	struct list_head *list = n, *first = list->next, *last = list->prev;
	struct list_head *prev = h, *next = prev->next;

	set(first->prev, prev);
	set(prev->next, first);
	set(last->next, next);
	set(next->prev, last);
	single_init(r, NULL, list);
}

static noinline void single_first_init(const struct rows *r, void *n, void *h)
{
	struct hlist_head *head = h;

	set(head->first, NULL);
}

static noinline void single_hash_add(const struct rows *r, void *n, void *h)
{
	struct hlist_head *head = h;
	struct hlist_node *node = n, *first = head->first;

	set(node->next, first);
	if (first)
		set(first->pprev, &node->next);
	set(head->first, node);
	set(node->pprev, &head->first);
}

static noinline void single_hash_del(const struct rows *r, void *n, void *h)
{
	struct hlist_node *node = n, *next = node->next, **pprev = node->pprev;

	set(*pprev, next);
	if (next)
		set(next->pprev, pprev);
	set(node->next, LIST_POISON1);
	set(node->pprev, LIST_POISON2);
}

static noinline void single_lockless_add(const struct rows *r, void *n, void *h)
{
	struct llist_head *head = h;
	struct llist_node *node = n, *first = READ_ONCE(head->first), *found;

	for (;; first = found) {
		set(node->next, first);
		found = exchange(head->first, first, node);
		if (found == first)
			return;
	}
}

static noinline void single_lockless_del(const struct rows *r, void *n, void *h)
{
	struct llist_head *head = h;
	/* Pairs with the exchange that has put it there. */
	struct llist_node *first = smp_load_acquire(&head->first), *found;

	for (; first; first = found) {
		found = exchange(head->first, first, READ_ONCE(first->next));
		if (found == first)
			return;
	}
}

static const struct verbs single_verbs = {
	single_init, single_add, single_move, single_del, single_splice,
	single_first_init, single_hash_add, single_hash_del,
	single_first_init, single_lockless_add, single_lockless_del,
};

/* A row; @stores is how many pointers have to be stored. */
static void list_row(const struct rows *r, const char *what, int stores, bool ok)
{
	const bool good = ok && bench_refuses_stores(r->area);

	if (r->ops)
		bench_row_of_calls(r->b, what, r->name, r->nr, stores,
				   bench_remaps(r->ops, r->area, stores, stores), good);
	else
		bench_row(r->b, what, r->name, r->nr, r->area->protected ? -1 : 0, good);
}

/* What a row has of the loop, of taking the next node, and of calls. */
static void frames(struct bench *b, struct bench_area *area)
{
	struct rows rows = { .b = b, .area = area };
	verb_fn fn = nothing;
	unsigned int k = 0;

	bench_frames(b, area);
	OPTIMIZER_HIDE_VAR(fn);
	BENCH_LOOP(b, NR, true, fn(&rows, nodes[k++], area->mem));
	bench_row(b, "calibration", "loop, node and call", NR, 0, true);
}

/*
 * Each loop takes the next nodes. The two of its warm-up are there as well: what is
 * added or deleted is counted by @k.
 */
static void list_rows(const struct rows *r)
{
	struct list_head *h[] = { head(r->area, false), head(r->area, true) };
	const struct verbs *v = r->verbs;
	const unsigned int n = r->nr + 2;
	unsigned int k = 0;

	v->init(r, NULL, h[0]);
	v->init(r, NULL, h[1]);
	BENCH_LOOP(r->b, r->nr, false, v->add(r, nodes[k++], h[0]));
	list_row(r, "list add, 3 pages", 4, count_list(h[0]) == n);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, v->move(r, nodes[k++], h[0]));
	list_row(r, "list move", 6, count_list(h[0]) == n && h[0]->next == nodes[n - 1]);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, ({
		v->splice(r, h[k % 2], h[!(k % 2)]);
		k++;
	}));
	list_row(r, "list splice and init", 6,
		 count_list(h[n % 2]) == n && !count_list(h[!(n % 2)]));
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, v->del(r, nodes[k++], NULL));
	list_row(r, "list del", 4, !count_list(h[n % 2]));
}

/* The nodes are not next to each other. */
static void apart_row(struct rows *r)
{
	struct bench_area *area = r->area;
	struct list_head *h = head(r->apart, false);
	unsigned int k = 0;

	r->area = r->apart;
	place_apart_nodes(r->area, r->nr + 2);
	r->verbs->init(r, NULL, h);
	BENCH_LOOP(r->b, r->nr, false, r->verbs->add(r, nodes[k++], h));
	list_row(r, "list add, 3 pages, two tables", 4, count_list(h) == r->nr + 2);
	r->area = area;
}

static void close_row(struct rows *r)
{
	struct list_head *h = head(r->area, false);
	unsigned int k = 0;

	place_close_nodes(r->area);
	r->verbs->init(r, NULL, h);
	r->nr = NR_CLOSE;
	BENCH_LOOP(r->b, r->nr, false, r->verbs->add(r, nodes[k++], h));
	list_row(r, "list add, one page", 4, count_list(h) == NR_CLOSE + 2);
}

static void hash_rows(const struct rows *r)
{
	struct hlist_head *h = head(r->area, false);
	const struct verbs *v = r->verbs;
	unsigned int k = 0;

	v->hash_init(r, NULL, h);
	BENCH_LOOP(r->b, r->nr, false, v->hash_add(r, nodes[k++], h));
	list_row(r, "hlist add", 4, count_hlist(h) == r->nr + 2);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, v->hash_del(r, nodes[k++], NULL));
	/* The one that was added first is the last one: nothing comes after it. */
	list_row(r, "hlist del", 3, !count_hlist(h));
}

static void lockless_rows(const struct rows *r)
{
	struct llist_head *h = head(r->area, false);
	const struct verbs *v = r->verbs;
	unsigned int k = 0;

	v->lockless_init(r, NULL, h);
	BENCH_LOOP(r->b, r->nr, false, v->lockless_add(r, nodes[k++], h));
	list_row(r, "llist add", 2, count_llist(h) == r->nr + 2);
	k = 0;
	BENCH_LOOP(r->b, r->nr, false, v->lockless_del(r, nodes[k++], h));
	list_row(r, "llist del first", 1, !count_llist(h));
}

static void all_rows(struct rows *r)
{
	if (r->ops)
		bench_watch(r->ops, r->area);
	place_nodes(r->area, r->nr + 2);
	list_rows(r);
	hash_rows(r);
	if (!r->ops || r->ops->exchange)
		lockless_rows(r);
	apart_row(r);
	close_row(r);
}

#define PR_NODE(k)	((struct prlist_head *)nodes[k])

/* How cost grows with the length. */
static void lengths(struct bench *b, struct bench_area *area)
{
	struct prlist_head *h = head(area, false);
	unsigned int nr, have = 0;
	char what[32];

	place_nodes(area, ARRAY_SIZE(nodes));
	INIT_PRLIST_HEAD(h);
	for (nr = 1; nr <= MOST; nr *= 10) {
		for (; have < nr; have++)
			prlist_add(PR_NODE(have), h);
		snprintf(what, sizeof(what), "list length: %u", nr);
		/* One more, and away with it again. */
		BENCH_LOOP(b, NR, false, ({
			prlist_add(PR_NODE(MOST), h);
			prlist_del(PR_NODE(MOST));
		}));
		bench_row(b, what, "prlist_add and prlist_del", NR, -1,
			  count_list(&h->__pr_list) == nr && bench_refuses_stores(area));
	}
}

static struct bench_area plain_area, pool_area, apart_area, ro_area, ro_batch;

/* The halves of apart_area are on both sides of where a page table ends. */
static bool new_areas(void)
{
	const size_t size = BENCH_PAGES * PAGE_SIZE;
	struct pmalloc_pool *pool = pmalloc_create_custom_pool("bench_lists", 3 * PMD_SIZE,
							       PAGE_SHIFT, PMALLOC_MODE_WR);
	void *mem = bench_aligned(pool, 2 * PMD_SIZE);

	BUILD_BUG_ON(2 * size > PMD_SIZE);
	return mem && !bench_area_new(&plain_area, BENCH_PAGES, false) &&
	       !bench_area_new(&ro_area, BENCH_PAGES, true) &&
	       !bench_area_new(&ro_batch, BENCH_BATCH, true) &&
	       !bench_area_of(&pool_area, mem, BENCH_PAGES) &&
	       !bench_area_of(&apart_area, mem + PMD_SIZE - size / 2, BENCH_PAGES) &&
	       !pmalloc_protect_pool(pool);
}

/* set_memory_rw() of arm64 opens the linear map of all pages of an area: a small one. */
static void single_rows(struct bench *b, const struct bench_ops *ops, const char *name)
{
	struct rows rows = {
		.b = b, .verbs = &single_verbs, .ops = ops, .area = &ro_area,
		.apart = &ro_area, .name = name, .nr = min(NR, ops->nr / 4),
	};

	if (ops == &bench_prmem) {
		rows.area = &pool_area;
		rows.apart = &apart_area;
	} else if (ops == &bench_setmem) {
		rows.area = &ro_batch;
		rows.apart = &ro_batch;
	}
	all_rows(&rows);
}

void bench_lists(struct bench *b)
{
	static const struct bench_ops *const singles[] = {
		&bench_prmem, &bench_vmap, &bench_setmem, &bench_patch, &bench_alias,
	};
	struct rows rows = { b, &plain_verbs, NULL, &plain_area, &plain_area, "list.h", NR };
	static char name[ARRAY_SIZE(singles)][48];
	unsigned int i;

	if (!new_areas()) {
		b->failed = true;
		return;
	}
	place_nodes(&plain_area, NR + 2);
	frames(b, &plain_area);
	all_rows(&rows);
	bench_watch(&bench_prmem, &pool_area);
	rows = (struct rows){
		b, &prmem_verbs, NULL, &pool_area, &apart_area, "prlist.h", NR
	};
	all_rows(&rows);
	lengths(b, &pool_area);
	for (i = 0; i < ARRAY_SIZE(singles); i++) {
		snprintf(name[i], sizeof(name[i]), "%s, one by one", singles[i]->name);
		single_rows(b, singles[i], name[i]);
	}
}

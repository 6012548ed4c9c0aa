// SPDX-License-Identifier: GPL-2.0
/*
 * Protected lists: what is too long to be inline.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/slab.h>

static int refuse(const void *p, size_t len, unsigned long caller)
{
	if (in_nmi())
		return prmem_refuse("not possible from NMI", -EPERM, p, len, caller);
	if (!IS_ALIGNED((unsigned long)p, sizeof(void *)))
		return prmem_refuse("not aligned to its size", -EINVAL, p, len, caller);
	return prmem_refuse("destination is not write-rare", -EACCES, p, len, caller);
}

static bool may_write(const void *p, size_t len)
{
	return !in_nmi() && prmem_is_wr(p, len);
}

/*
 * Lock-less lists. That nothing will be refused half way is known before the first
 * store, in the same session: what is write-rare stays so as long as interrupts are
 * off. What is refused is reported after it.
 */

static const void *not_writable(const void *p)
{
	return IS_ALIGNED((unsigned long)p, sizeof(void *)) &&
	       may_write(p, sizeof(void *)) ? NULL : p;
}

int prllist_add_batch(struct prllist_node *new_first, struct prllist_node *new_last,
		      struct prllist_head *head)
{
	struct llist_node *new = &new_first->__pr_lnode;
	struct llist_node *expected, *first;
	const void *bad;
	int err;

	wr_session_begin();
	bad = not_writable(&new_last->next) ?: not_writable(&head->first);
	/* That one is not written, but the head would point to it. */
	if (!bad && new_first != new_last)
		bad = not_writable(&new_first->next);
	if (!bad) {
		first = READ_ONCE(head->__pr_llist.first);
		do {
			expected = first;
			err = wr_ptr(&new_last->__pr_lnode.next, expected) ?:
			      wr_cmpxchg(&head->__pr_llist.first, expected, new, &first);
		} while (!err && first != expected);
	}
	wr_session_end();
	if (bad)
		return refuse(bad, sizeof(void *), _RET_IP_);
	return err ?: !expected;
}
EXPORT_SYMBOL_GPL(prllist_add_batch);

/* In a session. 1 if @entry was still the first one, 0 if not, or -errno. */
static int del_entry(struct prllist_head *head, struct prllist_node *entry)
{
	struct llist_node *node = &entry->__pr_lnode, *next = READ_ONCE(node->next), *found;

	return wr_cmpxchg(&head->__pr_llist.first, node, next, &found) ?: found == node;
}

/*
 * In a session: the first entry, or @bad if that, or the head, must not be written.
 * Whoever adds an entry meanwhile makes another one the first.
 */
static struct prllist_node *del_first(struct prllist_head *head, bool init,
				      const void **bad)
{
	struct prllist_node *entry = NULL;
	int deleted = 0;

	*bad = not_writable(&head->first);
	while (!*bad && !deleted) {
		/* Pairs with the cmpxchg() of prllist_add_batch(). */
		entry = smp_load_acquire(&head->first);
		if (!entry)
			return NULL;
		if (init)
			*bad = not_writable(&entry->next);
		if (!*bad)
			deleted = del_entry(head, entry);
	}
	if (deleted <= 0)
		return NULL;
	if (init)
		wr_ptr(&entry->next, entry);
	return entry;
}

static struct prllist_node *del_first_report(struct prllist_head *head, bool init,
					     unsigned long caller)
{
	struct prllist_node *entry;
	const void *bad;

	wr_session_begin();
	entry = del_first(head, init, &bad);
	wr_session_end();
	if (bad)
		refuse(bad, sizeof(void *), caller);
	return entry;
}

struct prllist_node *prllist_del_first(struct prllist_head *head)
{
	return del_first_report(head, /*init=*/false, _RET_IP_);
}
EXPORT_SYMBOL_GPL(prllist_del_first);

struct prllist_node *prllist_del_first_init(struct prllist_head *head)
{
	return del_first_report(head, /*init=*/true, _RET_IP_);
}
EXPORT_SYMBOL_GPL(prllist_del_first_init);

bool prllist_del_first_this(struct prllist_head *head, struct prllist_node *this)
{
	const void *bad;
	int deleted = 0;

	wr_session_begin();
	bad = not_writable(&head->first);
	/* Pairs with the cmpxchg() of prllist_add_batch(). */
	while (!bad && !deleted && smp_load_acquire(&head->first) == this)
		deleted = del_entry(head, this);
	wr_session_end();
	if (bad)
		refuse(bad, sizeof(void *), _RET_IP_);
	return deleted > 0;
}
EXPORT_SYMBOL_GPL(prllist_del_first_this);

struct prllist_node *prllist_del_all(struct prllist_head *head)
{
	struct llist_node *first = NULL;
	const void *bad;

	wr_session_begin();
	bad = not_writable(&head->first);
	if (!bad)
		wr_xchg(&head->__pr_llist.first, NULL, &first);
	wr_session_end();
	if (bad)
		refuse(bad, sizeof(void *), _RET_IP_);
	return __prllist_node(first);
}
EXPORT_SYMBOL_GPL(prllist_del_all);

/* Each of the stores may be to another page. */
#define CHUNK	PRMEM_SLOTS

static_assert(PRMEM_STORES - CHUNK >= 0 && !(CHUNK % 2));

struct prllist_node *prllist_reverse_order(struct prllist_node *head)
{
	struct prllist_node *node, *new_head = NULL;
	struct wr_store stores[CHUNK];
	unsigned int nr;

	prllist_for_each(node, head) {
		if (!may_write(node, sizeof(*node))) {
			refuse(node, sizeof(*node), _RET_IP_);
			return NULL;
		}
	}
	while (head) {
		for (nr = 0; head && nr < CHUNK; head = head->next) {
			stores[nr++] = (struct wr_store){ (void *)&head->next, new_head };
			new_head = head;
		}
		if (__wr_stores(stores, nr))
			return NULL;
	}
	return new_head;
}
EXPORT_SYMBOL_GPL(prllist_reverse_order);

/* Sorting: the kernel's own list_sort(), on a list that stands for the other. */

struct sort_entry {
	struct list_head link;
	struct prlist_head *node;
};

struct sort_cmp {
	prlist_cmp_func_t cmp;
	void *priv;
};

static int sort_cmp(void *priv, const struct list_head *a, const struct list_head *b)
{
	const struct sort_cmp *sort = priv;

	return sort->cmp(sort->priv, list_entry(a, struct sort_entry, link)->node,
			 list_entry(b, struct sort_entry, link)->node);
}

/* The node that cannot be written, or NULL. There is room for @nr and no more. */
static struct prlist_head *sort_collect(struct prlist_head *head, struct list_head *order,
					struct sort_entry *entries, size_t nr)
{
	struct prlist_head *node;

	for (node = head->next; nr--; node = node->next, entries++) {
		if (!may_write(node, sizeof(*node)))
			return node;
		entries->node = node;
		list_add_tail(&entries->link, order);
	}
	return may_write(head, sizeof(*head)) ? NULL : head;
}

/* Links the nodes in the order of the entries; what is linked so already stays. */
static int sort_relink(struct prlist_head *head, struct list_head *order)
{
	struct prlist_head *prev = head, *node;
	struct list_head *pos = order;
	struct wr_store stores[CHUNK];
	unsigned int nr = 0;
	int err = 0;

	do {
		pos = pos->next;
		node = pos == order ? head : list_entry(pos, struct sort_entry, link)->node;
		if (prev->next != node || node->prev != prev) {
			stores[nr++] = (struct wr_store){ (void *)&node->prev, prev };
			stores[nr++] = (struct wr_store){ (void *)&prev->next, node };
		}
		if (nr == CHUNK || (nr && node == head)) {
			err = __wr_stores(stores, nr);
			nr = 0;
		}
		prev = node;
	} while (node != head && !err);
	return err;
}

int prlist_sort(void *priv, struct prlist_head *head, prlist_cmp_func_t cmp)
{
	struct sort_cmp sort = { cmp, priv };
	size_t nr = prlist_count_nodes(head);
	struct sort_entry *entries;
	struct prlist_head *bad;
	LIST_HEAD(order);
	int err;

	might_sleep();
	if (nr < 2)
		return 0;
	entries = kvmalloc_array(nr, sizeof(*entries), GFP_KERNEL);
	if (!entries)
		return -ENOMEM;
	bad = sort_collect(head, &order, entries, nr);
	if (bad) {
		err = refuse(bad, sizeof(*bad), _RET_IP_);
	} else {
		list_sort(&sort, &order, sort_cmp);
		err = sort_relink(head, &order);
	}
	kvfree(entries);
	return err;
}
EXPORT_SYMBOL_GPL(prlist_sort);

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Protected lists: list.h, rculist.h and llist.h for nodes in write-rare memory.
 *
 *	list                                prlist
 *	struct list_head                    struct prlist_head
 *	struct hlist_head, hlist_node       struct prhlist_head, prhlist_node
 *	struct llist_head, llist_node       struct prllist_head, prllist_node
 *	list_X(), hlist_X(), llist_X()      prlist_X(), prhlist_X(), prllist_X()
 *	LIST_HEAD(), INIT_LIST_HEAD()       PRLIST_HEAD(), INIT_PRLIST_HEAD()
 *
 * A file that uses list.h is converted by adding the prefix. Arguments, their order,
 * locking and what RCU readers may do are those of the parent. What differs:
 *
 * - A call that changes a list returns 0, or a negative errno if it has refused, in
 *   which case nothing has changed. It can be called wherever wr_ptr() can.
 * - Every node and head that is changed must be write-rare. So a head cannot be on
 *   the stack, and PRLIST_HEAD() declares static data.
 * - The pointers cannot be assigned to, nor can a structure that contains them. To copy
 *   such a structure, initialise the copy, or use wr_memcpy().
 * - A node is aligned to its size, so that it does not straddle a page. Pools and
 *   caches align to 8 bytes unless they are told otherwise: give them
 *   __alignof__() of the structure that has the node in it.
 * - The compiler does not let a protected list and an ordinary one be mixed. The
 *   exceptions are macros of list.h that accept any structure with pointers of the
 *   right names: list_entry(), hlist_for_each_entry() and the like. They only load.
 *
 * Reading makes the same loads as in the parent.
 *
 * A change is one session: each page it touches is opened once, all places are checked
 * before the first store is made, and then all stores are made. In a session of the
 * caller, it becomes part of that one. List hardening checks protected lists as it
 * checks others.
 *
 * There are no twins of hlist_bl, whose lock is a bit of the head that would have to
 * be written each time, nor of hlist_nulls.
 */
#ifndef _LINUX_PRLIST_H
#define _LINUX_PRLIST_H

#include <linux/list.h>
#include <linux/list_sort.h>
#include <linux/llist.h>
#include <linux/prmem.h>
#include <linux/rculist.h>

/**
 * struct prlist_head - a node or the head of a protected doubly linked list
 * @next: the next node, or the first one
 * @prev: the previous node, or the last one
 */
struct prlist_head {
	union {
		/* private: the parent, for its readers and checks */
		struct list_head __pr_list;
		/* public: */
		struct {
			struct prlist_head *const next;
			struct prlist_head *const prev;
		};
	};
} __aligned(2 * sizeof(void *));

/**
 * struct prhlist_head - the head of a protected hash list
 * @first: the first node, or NULL
 */
struct prhlist_head {
	union {
		/* private: the parent */
		struct hlist_head __pr_hlist;
		/* public: */
		struct prhlist_node *const first;
	};
};

/**
 * struct prhlist_node - a node of a protected hash list
 * @next: the next node, or NULL
 * @pprev: where the pointer to this node is, or NULL
 */
struct prhlist_node {
	union {
		/* private: the parent */
		struct hlist_node __pr_hnode;
		/* public: */
		struct {
			struct prhlist_node *const next;
			struct prhlist_node *const *const pprev;
		};
	};
} __aligned(2 * sizeof(void *));

/**
 * struct prllist_node - a node of a protected lock-less list
 * @next: the next node, or NULL
 */
struct prllist_node {
	union {
		/* private: the parent */
		struct llist_node __pr_lnode;
		/* public: */
		struct prllist_node *const next;
	};
};

/**
 * struct prllist_head - the head of a protected lock-less list
 * @first: the node that was added last, or NULL
 */
struct prllist_head {
	union {
		/* private: the parent */
		struct llist_head __pr_llist;
		/* public: */
		struct prllist_node *const first;
	};
};

/*
 * A call that changes a list is written as the stores it makes, in their order. All
 * that they depend on is loaded before the first one. Functions are always inline, so
 * that a report has the caller's address; what only selects one of them is a macro.
 */

/* @b comes after @a. */
#define __pr_link(a, b)	__wr_store((b)->prev, a), __wr_store((a)->next, b)

/*
 * Unlink @entry from its neighbours, then make the stores given as further arguments,
 * which may call the entry __pr_e.
 */
#define __pr_del(entry, ...)						\
({									\
	struct prlist_head *__pr_e = (entry);				\
	struct prlist_head *__pr_prev = __pr_e->prev, *__pr_next = __pr_e->next; \
									\
	__list_del_entry_valid(&__pr_e->__pr_list) ?			\
	__wr_store_all(__pr_link(__pr_prev, __pr_next), ##__VA_ARGS__) : -EINVAL; \
})

/* The same for a hash list, where there may be no next node. The node is __pr_n. */
#define __pr_hdel(n, ...)						\
({									\
	struct prhlist_node *__pr_n = (n), *__pr_next = __pr_n->next;	\
	struct prhlist_node *const *__pr_pprev = __pr_n->pprev;		\
									\
	__wr_store_if(__pr_next, __wr_store(__pr_next->pprev, __pr_pprev), \
		      __wr_store(*__pr_pprev, __pr_next), ##__VA_ARGS__); \
})

/* @fn between @head and its first entry. */
#define __pr_after(fn, entry, head, ...)				\
({									\
	struct prlist_head *__pr_head = (head);				\
									\
	fn(entry, __pr_head, __pr_head->next, ##__VA_ARGS__);		\
})

/* @fn between the last entry of @head and that. */
#define __pr_before(fn, entry, head, ...)				\
({									\
	struct prlist_head *__pr_head = (head);				\
									\
	fn(entry, __pr_head->prev, __pr_head, ##__VA_ARGS__);		\
})

#define PRLIST_HEAD_INIT(name)	{ .__pr_list = LIST_HEAD_INIT((name).__pr_list) }

/* Static data, not in a module. */
#define PRLIST_HEAD(name)	struct prlist_head name __wr_after_init = PRLIST_HEAD_INIT(name)

/**
 * INIT_PRLIST_HEAD - Initialize a prlist_head structure
 * @list: prlist_head structure to be initialized.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int INIT_PRLIST_HEAD(struct prlist_head *list)
{
	return __wr_store_all(__pr_link(list, list));
}

static __always_inline int __pr_add(struct prlist_head *new, struct prlist_head *prev,
				    struct prlist_head *next, bool rcu)
{
	if (!__list_add_valid(&new->__pr_list, &prev->__pr_list, &next->__pr_list))
		return -EINVAL;
	return __wr_store_all(__wr_store(new->next, next), __wr_store(new->prev, prev),
			      __wr_publish(rcu, prev->next, new),
			      __wr_store(next->prev, new));
}

#define __prlist_add(new, prev, next)	__pr_add(new, prev, next, /*rcu=*/false)

/**
 * prlist_add - add a new entry
 * @new: new entry to be added
 * @head: list head to add it after
 *
 * Context: Any but NMI. Does not sleep, takes no lock. As for ordinary lists,
 * writers of one list exclude each other.
 * Return:
 * * 0 - added
 * * -EACCES - something that has to be changed is not write-rare
 * * -EINVAL - list hardening found the list corrupted, or a pointer to be changed is
 *   not aligned
 * * -EPERM - called from NMI, or in a session with interrupts on
 *
 * On any error nothing has been changed, and the first error of a call site is
 * reported in the kernel log.
 */
#define prlist_add(new, head)	__pr_after(__prlist_add, new, head)

/**
 * prlist_add_tail - add a new entry
 * @new: new entry to be added
 * @head: list head to add it before
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_add_tail(new, head)	__pr_before(__prlist_add, new, head)

static __always_inline int __prlist_del(struct prlist_head *prev, struct prlist_head *next)
{
	return __wr_store_all(__pr_link(prev, next));
}

#define __prlist_del_clearprev(entry)	__pr_del(entry, __wr_store(__pr_e->prev, NULL))

#define __prlist_del_entry(entry)	__pr_del(entry)

/**
 * prlist_del - deletes entry from list.
 * @entry: the element to delete from the list.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_del(entry)						\
	__pr_del(entry, __wr_store(__pr_e->next, LIST_POISON1),		\
		 __wr_store(__pr_e->prev, LIST_POISON2))

/* What @p is once @a and @b have changed places */
static inline struct prlist_head *
__prlist_swapped(struct prlist_head *p, struct prlist_head *a, struct prlist_head *b)
{
	return p == a ? b : p == b ? a : p;
}

/* In the order that suits readers; then what else becomes of @old, which is __pr_old. */
#define __pr_replace(rcu, old, new, ...)				\
({									\
	struct prlist_head *__pr_old = (old), *__pr_new = (new);	\
	struct prlist_head *__pr_prev = __prlist_swapped(__pr_old->prev, __pr_old, __pr_new); \
	struct prlist_head *__pr_next = __prlist_swapped(__pr_old->next, __pr_old, __pr_new); \
									\
	__wr_store_all(__wr_store(__pr_new->next, __pr_next),		\
		       __wr_store(__pr_new->prev, __pr_prev),		\
		       __wr_publish(rcu, __pr_prev->next, __pr_new),	\
		       __wr_store(__pr_next->prev, __pr_new), ##__VA_ARGS__); \
})

/**
 * prlist_replace - replace old entry by new one
 * @old : the element to be replaced
 * @new : the new element to insert
 *
 * If @old was empty, @new becomes empty, and @old stays so.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_replace(old, new)	__pr_replace(false, old, new)

/**
 * prlist_replace_init - replace old entry by new one and initialize the old one
 * @old : the element to be replaced
 * @new : the new element to insert
 *
 * If @old was empty, @new becomes empty, and @old stays so.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_replace_init(old, new) \
	__pr_replace(false, old, new, __pr_link(__pr_old, __pr_old))

/**
 * prlist_swap - replace entry1 with entry2 and re-add entry1 at entry2's position
 * @entry1: the location to place entry2
 * @entry2: the location to place entry1
 *
 * They may be neighbours, or one and the same.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prlist_swap(struct prlist_head *entry1, struct prlist_head *entry2)
{
	struct prlist_head *prev1 = __prlist_swapped(entry1->prev, entry1, entry2);
	struct prlist_head *next1 = __prlist_swapped(entry1->next, entry1, entry2);
	struct prlist_head *prev2 = __prlist_swapped(entry2->prev, entry1, entry2);
	struct prlist_head *next2 = __prlist_swapped(entry2->next, entry1, entry2);

	if (!__list_del_entry_valid(&entry1->__pr_list) ||
	    !__list_del_entry_valid(&entry2->__pr_list))
		return -EINVAL;
	return __wr_store_all(__pr_link(prev1, entry2), __pr_link(entry2, next1),
			      __pr_link(prev2, entry1), __pr_link(entry1, next2));
}

/**
 * prlist_del_init - deletes entry from list and reinitialize it.
 * @entry: the element to delete from the list.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_del_init(entry)	__pr_del(entry, __pr_link(__pr_e, __pr_e))

/* Where it is already, it stays: between its neighbours there is no other place. */
static __always_inline int __prlist_move(struct prlist_head *entry, struct prlist_head *prev,
					 struct prlist_head *next)
{
	if (entry == prev || entry == next)
		return 0;
	if (!__list_add_valid(&entry->__pr_list, &prev->__pr_list, &next->__pr_list))
		return -EINVAL;
	return __pr_del(entry, __pr_link(entry, next), __pr_link(prev, entry));
}

/**
 * prlist_move - delete from one list and add as another's head
 * @list: the entry to move
 * @head: the head that will precede our entry
 *
 * An entry that is there already stays there, and nothing is written.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_move(list, head)	__pr_after(__prlist_move, list, head)

/**
 * prlist_move_tail - delete from one list and add as another's tail
 * @list: the entry to move
 * @head: the head that will follow our entry
 *
 * An entry that is there already stays there, and nothing is written.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_move_tail(list, head)	__pr_before(__prlist_move, list, head)

/**
 * prlist_bulk_move_tail - move a subsection of a list to its tail
 * @head: the head that will follow our entry
 * @first: first entry to move
 * @last: last entry to move, can be the same as first
 *
 * All three belong to one list. What is there already stays there, and nothing is
 * written.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prlist_bulk_move_tail(struct prlist_head *head,
						 struct prlist_head *first,
						 struct prlist_head *last)
{
	struct prlist_head *prev = first->prev, *next = last->next, *tail = head->prev;

	return next == head ? 0 :
	       __wr_store_all(__pr_link(prev, next), __pr_link(tail, first), __pr_link(last, head));
}

/**
 * prlist_is_first - tests whether @list is the first entry in list @head
 * @list: the entry to test
 * @head: the head of the list
 *
 * Context: Any, while writers of the list are excluded.
 * Return: true if @list is the first entry
 */
#define prlist_is_first(list, head)	list_is_first(&(list)->__pr_list, &(head)->__pr_list)

/**
 * prlist_is_last - tests whether @list is the last entry in list @head
 * @list: the entry to test
 * @head: the head of the list
 *
 * Context: Any, while writers of the list are excluded.
 * Return: true if @list is the last entry
 */
#define prlist_is_last(list, head)	list_is_last(&(list)->__pr_list, &(head)->__pr_list)

/**
 * prlist_is_head - tests whether @list is the list @head
 * @list: the entry to test
 * @head: the head of the list
 *
 * Context: Any.
 * Return: true if @list is the head itself
 */
#define prlist_is_head(list, head)	list_is_head(&(list)->__pr_list, &(head)->__pr_list)

/**
 * prlist_empty - tests whether a list is empty
 * @head: the list to test.
 *
 * Context: Any. Loads @head->next once, so no lock is needed for that.
 * Return: true if the list is empty
 */
#define prlist_empty(head)	list_empty(&(head)->__pr_list)

/**
 * prlist_del_init_careful - deletes entry from list and reinitialize it.
 * @entry: the element to delete from the list.
 *
 * What was done before is visible after prlist_empty_careful() has found the entry
 * empty.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_del_init_careful(entry) \
	__pr_del(entry, __wr_store(__pr_e->prev, __pr_e), __wr_publish(true, __pr_e->next, __pr_e))

/**
 * prlist_empty_careful - tests whether a list is empty and not being modified
 * @head: the list to test
 *
 * Safe without a lock only if all that can happen to the entry is
 * prlist_del_init_careful().
 *
 * Context: Any.
 * Return: true if the list is empty
 */
#define prlist_empty_careful(head)	list_empty_careful(&(head)->__pr_list)

/**
 * prlist_rotate_left - rotate the list to the left
 * @head: the head of the list
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prlist_rotate_left(struct prlist_head *head)
{
	return prlist_move_tail(head->next, head);
}

/**
 * prlist_rotate_to_front() - Rotate list to specific item.
 * @list: The desired new front of the list.
 * @head: The head of the list.
 *
 * It is the head that moves, to before its new first entry.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_rotate_to_front(list, head)	prlist_move_tail(head, list)

/**
 * prlist_is_singular - tests whether a list has just one entry.
 * @head: the list to test.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: true if the list has exactly one entry
 */
#define prlist_is_singular(head)	list_is_singular(&(head)->__pr_list)

static __always_inline int __prlist_cut_position(struct prlist_head *list, struct prlist_head *head,
						 struct prlist_head *entry)
{
	struct prlist_head *first = head->next, *rest = entry->next;

	return __wr_store_all(__pr_link(list, first), __pr_link(entry, list),
			      __pr_link(head, rest));
}

/**
 * prlist_cut_position - cut a list into two
 * @list: a new list to add all removed entries
 * @head: a list with entries
 * @entry: an entry within head, could be the head itself
 *	and if so we won't cut the list
 *
 * Everything up to @entry, and that itself, goes from @head to @list, which loses
 * what it had.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prlist_cut_position(struct prlist_head *list, struct prlist_head *head,
					       struct prlist_head *entry)
{
	if (prlist_empty(head) ||
	    (prlist_is_singular(head) && entry != head && entry != head->next))
		return 0;
	return entry == head ? INIT_PRLIST_HEAD(list) : __prlist_cut_position(list, head, entry);
}

/**
 * prlist_cut_before - cut a list into two, before given entry
 * @list: a new list to add all removed entries
 * @head: a list with entries
 * @entry: an entry within head, could be the head itself
 *
 * Everything before @entry goes from @head to @list, which loses what it had: all
 * of it if @entry is @head.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prlist_cut_before(struct prlist_head *list, struct prlist_head *head,
					     struct prlist_head *entry)
{
	return head->next == entry ? INIT_PRLIST_HEAD(list) :
				     __prlist_cut_position(list, head, entry->prev);
}

static __always_inline int __pr_splice(const struct prlist_head *list, struct prlist_head *prev,
				       struct prlist_head *next, bool rcu)
{
	struct prlist_head *first = list->next, *last = list->prev;

	return prlist_empty(list) ? 0 :
	       __wr_store_all(__pr_link(last, next), __wr_store(first->prev, prev),
			      __wr_publish(rcu, prev->next, first));
}

#define __prlist_splice(list, prev, next)	__pr_splice(list, prev, next, /*rcu=*/false)

static __always_inline int __prlist_splice_init(struct prlist_head *list, struct prlist_head *prev,
						struct prlist_head *next)
{
	struct prlist_head *first = list->next, *last = list->prev;

	return prlist_empty(list) ? 0 :
	       __wr_store_all(__pr_link(prev, first), __pr_link(last, next), __pr_link(list, list));
}

/**
 * prlist_splice - join two lists, this is designed for stacks
 * @list: the new list to add.
 * @head: the place to add it in the first list.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_splice(list, head)	__pr_after(__prlist_splice, list, head)

/**
 * prlist_splice_tail - join two lists, each list being a queue
 * @list: the new list to add.
 * @head: the place to add it in the first list.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_splice_tail(list, head)	__pr_before(__prlist_splice, list, head)

/**
 * prlist_splice_init - join two lists and reinitialise the emptied list.
 * @list: the new list to add.
 * @head: the place to add it in the first list.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_splice_init(list, head)	__pr_after(__prlist_splice_init, list, head)

/**
 * prlist_splice_tail_init - join two lists and reinitialise the emptied list
 * @list: the new list to add.
 * @head: the place to add it in the first list.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_splice_tail_init(list, head)	__pr_before(__prlist_splice_init, list, head)

/**
 * prlist_entry - get the struct for this entry
 * @ptr:	the &struct prlist_head pointer.
 * @type:	the type of the struct this is embedded in.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any.
 * Return: the structure that contains @ptr
 */
#define prlist_entry(ptr, type, member)	list_entry(&(ptr)->__pr_list, type, member.__pr_list)

/**
 * prlist_first_entry - get the first element from a list
 * @ptr:	the list head to take the element from.
 * @type:	the type of the struct this is embedded in.
 * @member:	the name of the prlist_head within the struct.
 *
 * The list is expected to be not empty.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: the first element
 */
#define prlist_first_entry(ptr, type, member) \
	list_first_entry(&(ptr)->__pr_list, type, member.__pr_list)

/**
 * prlist_last_entry - get the last element from a list
 * @ptr:	the list head to take the element from.
 * @type:	the type of the struct this is embedded in.
 * @member:	the name of the prlist_head within the struct.
 *
 * The list is expected to be not empty.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: the last element
 */
#define prlist_last_entry(ptr, type, member) \
	list_last_entry(&(ptr)->__pr_list, type, member.__pr_list)

/**
 * prlist_first_entry_or_null - get the first element from a list
 * @ptr:	the list head to take the element from.
 * @type:	the type of the struct this is embedded in.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: the first element, or NULL if the list is empty
 */
#define prlist_first_entry_or_null(ptr, type, member) \
	list_first_entry_or_null(&(ptr)->__pr_list, type, member.__pr_list)

/**
 * prlist_next_entry - get the next element in list
 * @pos:	the type * to cursor
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: the next element
 */
#define prlist_next_entry(pos, member)	list_next_entry(pos, member.__pr_list)

/**
 * prlist_next_entry_circular - get the next element in list
 * @pos:	the type * to cursor.
 * @head:	the list head to take the element from.
 * @member:	the name of the prlist_head within the struct.
 *
 * After the last element comes the first. The list is expected to be not empty.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: the next element
 */
#define prlist_next_entry_circular(pos, head, member) \
	list_next_entry_circular(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_prev_entry - get the prev element in list
 * @pos:	the type * to cursor
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: the previous element
 */
#define prlist_prev_entry(pos, member)	list_prev_entry(pos, member.__pr_list)

/**
 * prlist_prev_entry_circular - get the prev element in list
 * @pos:	the type * to cursor.
 * @head:	the list head to take the element from.
 * @member:	the name of the prlist_head within the struct.
 *
 * Before the first element comes the last. The list is expected to be not empty.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: the previous element
 */
#define prlist_prev_entry_circular(pos, head, member) \
	list_prev_entry_circular(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each	-	iterate over a list
 * @pos:	the &struct prlist_head to use as a loop cursor.
 * @head:	the head for your list.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each(pos, head) \
	for (pos = (head)->next; !prlist_is_head(pos, head); pos = pos->next)

/**
 * prlist_for_each_reverse - iterate backwards over a list
 * @pos:	the &struct prlist_head to use as a loop cursor.
 * @head:	the head for your list.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_reverse(pos, head)	prlist_for_each_prev(pos, head)

/**
 * prlist_for_each_rcu - Iterate over a list in an RCU-safe fashion
 * @pos:	the &struct prlist_head to use as a loop cursor.
 * @head:	the head for your list.
 *
 * Context: RCU read-side critical section.
 */
#define prlist_for_each_rcu(pos, head)					\
	for (pos = rcu_dereference(prlist_next_rcu(head)); !prlist_is_head(pos, head); \
	     pos = rcu_dereference(prlist_next_rcu(pos)))

/**
 * prlist_for_each_continue - continue iteration over a list
 * @pos:	the &struct prlist_head to use as a loop cursor.
 * @head:	the head for your list.
 *
 * Goes on after the current position.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_continue(pos, head) \
	for (pos = pos->next; !prlist_is_head(pos, head); pos = pos->next)

/**
 * prlist_for_each_prev	-	iterate over a list backwards
 * @pos:	the &struct prlist_head to use as a loop cursor.
 * @head:	the head for your list.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_prev(pos, head) \
	for (pos = (head)->prev; !prlist_is_head(pos, head); pos = pos->prev)

/**
 * prlist_for_each_safe - iterate over a list safe against removal of list entry
 * @pos:	the &struct prlist_head to use as a loop cursor.
 * @n:		another &struct prlist_head to use as temporary storage
 * @head:	the head for your list.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_safe(pos, n, head) \
	for (pos = (head)->next, n = pos->next; !prlist_is_head(pos, head); pos = n, n = pos->next)

/**
 * prlist_for_each_prev_safe - iterate over a list backwards safe against removal of list entry
 * @pos:	the &struct prlist_head to use as a loop cursor.
 * @n:		another &struct prlist_head to use as temporary storage
 * @head:	the head for your list.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_prev_safe(pos, n, head) \
	for (pos = (head)->prev, n = pos->prev; !prlist_is_head(pos, head); pos = n, n = pos->prev)

/**
 * prlist_count_nodes - count nodes in the list
 * @head:	the head for your list.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: the number of entries
 */
#define prlist_count_nodes(head)	list_count_nodes(&(head)->__pr_list)

/**
 * prlist_entry_is_head - test if the entry points to the head of the list
 * @pos:	the type * to cursor
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any.
 * Return: true if @pos is where an entry would be whose node is the head
 */
#define prlist_entry_is_head(pos, head, member) \
	list_entry_is_head(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry	-	iterate over list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry(pos, head, member) \
	list_for_each_entry(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_reverse - iterate backwards over list of given type.
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry_reverse(pos, head, member) \
	list_for_each_entry_reverse(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_prepare_entry - prepare a pos entry for use in prlist_for_each_entry_continue()
 * @pos:	the type * to use as a start point
 * @head:	the head of the list
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any.
 * Return: @pos, or the position before the first entry if @pos is NULL
 */
#define prlist_prepare_entry(pos, head, member) \
	list_prepare_entry(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_continue - continue iteration over list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Goes on after the current position.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry_continue(pos, head, member) \
	list_for_each_entry_continue(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_continue_reverse - iterate backwards from the given point
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Goes on before the current position.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry_continue_reverse(pos, head, member) \
	list_for_each_entry_continue_reverse(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_from - iterate over list of given type from the current point
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry_from(pos, head, member) \
	list_for_each_entry_from(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_from_reverse - iterate backwards over list of given type
 *                                    from the current point
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry_from_reverse(pos, head, member) \
	list_for_each_entry_from_reverse(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_safe - iterate over list of given type safe against removal of list entry
 * @pos:	the type * to use as a loop cursor.
 * @n:		another type * to use as temporary storage
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry_safe(pos, n, head, member) \
	list_for_each_entry_safe(pos, n, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_safe_continue - continue list iteration safe against removal
 * @pos:	the type * to use as a loop cursor.
 * @n:		another type * to use as temporary storage
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Goes on after the current point.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry_safe_continue(pos, n, head, member) \
	list_for_each_entry_safe_continue(pos, n, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_safe_from - iterate over list from current point safe against removal
 * @pos:	the type * to use as a loop cursor.
 * @n:		another type * to use as temporary storage
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry_safe_from(pos, n, head, member) \
	list_for_each_entry_safe_from(pos, n, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_safe_reverse - iterate backwards over list safe against removal
 * @pos:	the type * to use as a loop cursor.
 * @n:		another type * to use as temporary storage
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_for_each_entry_safe_reverse(pos, n, head, member) \
	list_for_each_entry_safe_reverse(pos, n, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_safe_reset_next - reset a stale prlist_for_each_entry_safe loop
 * @pos:	the loop cursor used in the prlist_for_each_entry_safe loop
 * @n:		temporary storage used in prlist_for_each_entry_safe
 * @member:	the name of the prlist_head within the struct.
 *
 * For a loop that dropped its lock, if @pos cannot have left the list meanwhile.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prlist_safe_reset_next(pos, n, member)	list_safe_reset_next(pos, n, member.__pr_list)

/* RCU */

/*
 * What readers of a list find is published by a release. Pointers backwards are for
 * writers alone, save for prlist_tail_rcu().
 */

/* Not to be assigned to. */
#define prlist_next_rcu(list)	(*((struct prlist_head __rcu *const *)(&(list)->__pr_list.next)))

/**
 * prlist_tail_rcu - returns the prev pointer of the head of the list
 * @head: the head of the list
 *
 * Only if the nodes are deleted with a primitive that does not poison @prev.
 *
 * Context: RCU read-side critical section.
 * Return: the last node, or @head if the list is empty
 */
#define prlist_tail_rcu(head)	(*((struct prlist_head __rcu *const *)(&(head)->__pr_list.prev)))

/**
 * INIT_PRLIST_HEAD_RCU - Initialize a prlist_head visible to RCU readers
 * @list: list to be initialized
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define INIT_PRLIST_HEAD_RCU(list)	INIT_PRLIST_HEAD(list)

#define __prlist_add_rcu(new, prev, next)	__pr_add(new, prev, next, /*rcu=*/true)

/**
 * prlist_add_rcu - add a new entry to rcu-protected list
 * @new: new entry to be added
 * @head: list head to add it after
 *
 * Writers of one list exclude each other; readers may run.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_add_rcu(new, head)	__pr_after(__prlist_add_rcu, new, head)

/**
 * prlist_add_tail_rcu - add a new entry to rcu-protected list
 * @new: new entry to be added
 * @head: list head to add it before
 *
 * Writers of one list exclude each other; readers may run.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_add_tail_rcu(new, head)	__pr_before(__prlist_add_rcu, new, head)

/**
 * prlist_del_rcu - deletes entry from list without re-initialization
 * @entry: the element to delete from the list.
 *
 * Readers may still be on @entry: it is freed after a grace period, for instance by
 * prmem_cache_free_rcu(). Writers of one list exclude each other.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_del_rcu(entry)	__pr_del(entry, __wr_store(__pr_e->prev, LIST_POISON2))

/**
 * prlist_replace_rcu - replace old entry by new one
 * @old : the element to be replaced
 * @new : the new element to insert
 *
 * In one step for readers. @old is not empty, and is freed after a grace period.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_replace_rcu(old, new) \
	__pr_replace(true, old, new, __wr_store(__pr_old->prev, LIST_POISON2))

#define __prlist_splice_rcu(list, prev, next)	__pr_splice(list, prev, next, /*rcu=*/true)

/**
 * prlist_splice_rcu - splice a non-RCU list into an RCU-protected list
 * @list: the list to add, which no reader knows
 * @head: the place in the RCU-protected list
 *
 * Writers of @head exclude each other; readers may run.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prlist_splice_rcu(list, head)	__pr_after(__prlist_splice_rcu, list, head)

/**
 * __prlist_splice_init_rcu - join an RCU-protected list into an existing list.
 * @list:	the RCU-protected list to splice
 * @prev:	points to the last element of the existing list
 * @next:	points to the first element of the existing list
 * @sync:	synchronize_rcu, synchronize_rcu_expedited, ...
 *
 * Readers see @list empty before its entries appear elsewhere. A refusal is detected
 * before that. If memory stops being write-rare while @sync waits, the entries are put
 * back; readers may then have seen @list empty for a while.
 *
 * Context: Process, or where @sync can be called. Not in a session.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int __prlist_splice_init_rcu(struct prlist_head *list,
						    struct prlist_head *prev,
						    struct prlist_head *next, void (*sync)(void))
{
	struct prlist_head *first = list->next, *last = list->prev;
	int err;

	if (prlist_empty(list))
		return 0;
	err = __wr_may_store_both(last->next, next->prev) ?:
	      __wr_may_store_both(first->prev, prev->next) ?: INIT_PRLIST_HEAD_RCU(list);
	if (err)
		return err;
	sync();
	/* Readers have left: whoever still writes there is not locked out. */
	ASSERT_EXCLUSIVE_ACCESS(*first);
	ASSERT_EXCLUSIVE_ACCESS(*last);
	err = __wr_store_all(__pr_link(last, next), __wr_store(first->prev, prev),
			     __wr_publish(true, prev->next, first));
	if (err)
		__wr_store_all(__wr_store(list->prev, last), __wr_publish(true, list->next, first));
	return err;
}

/**
 * prlist_splice_init_rcu - splice an RCU-protected list into an existing list,
 *                        designed for stacks.
 * @list:	the RCU-protected list to splice
 * @head:	the place in the existing list to splice the first list into
 * @sync:	synchronize_rcu, synchronize_rcu_expedited, ...
 *
 * Context: Process, or where @sync can be called. Not in a session.
 * Return: as __prlist_splice_init_rcu()
 */
#define prlist_splice_init_rcu(list, head, sync) \
	__pr_after(__prlist_splice_init_rcu, list, head, sync)

/**
 * prlist_splice_tail_init_rcu - splice an RCU-protected list into an existing
 *                             list, designed for queues.
 * @list:	the RCU-protected list to splice
 * @head:	the place in the existing list to splice the first list into
 * @sync:	synchronize_rcu, synchronize_rcu_expedited, ...
 *
 * Context: Process, or where @sync can be called. Not in a session.
 * Return: as __prlist_splice_init_rcu()
 */
#define prlist_splice_tail_init_rcu(list, head, sync) \
	__pr_before(__prlist_splice_init_rcu, list, head, sync)

/**
 * prlist_entry_rcu - get the struct for this entry
 * @ptr:        the &struct prlist_head pointer.
 * @type:       the type of the struct this is embedded in.
 * @member:     the name of the prlist_head within the struct.
 *
 * Context: RCU read-side critical section.
 * Return: the structure that contains @ptr
 */
#define prlist_entry_rcu(ptr, type, member)	prlist_entry(READ_ONCE(ptr), type, member)

/**
 * prlist_first_or_null_rcu - get the first element from a list
 * @ptr:        the list head to take the element from.
 * @type:       the type of the struct this is embedded in.
 * @member:     the name of the prlist_head within the struct.
 *
 * Context: RCU read-side critical section.
 * Return: the first element, or NULL if the list is empty
 */
#define prlist_first_or_null_rcu(ptr, type, member) \
	list_first_or_null_rcu(&(ptr)->__pr_list, type, member.__pr_list)

/**
 * prlist_next_or_null_rcu - get the next element from a list
 * @head:	the head for the list.
 * @ptr:        the list head to take the next element from.
 * @type:       the type of the struct this is embedded in.
 * @member:     the name of the prlist_head within the struct.
 *
 * Context: RCU read-side critical section.
 * Return: the next element, or NULL if there is none
 */
#define prlist_next_or_null_rcu(head, ptr, type, member) \
	list_next_or_null_rcu(&(head)->__pr_list, &(ptr)->__pr_list, type, member.__pr_list)

/**
 * prlist_for_each_entry_rcu	-	iterate over rcu list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 * @cond:	optional lockdep expression if called from non-RCU protection.
 *
 * Context: RCU read-side critical section, or what @cond says.
 */
#define prlist_for_each_entry_rcu(pos, head, member, cond...) \
	list_for_each_entry_rcu(pos, &(head)->__pr_list, member.__pr_list, ## cond)

/**
 * prlist_for_each_entry_srcu	-	iterate over rcu list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 * @cond:	lockdep expression for the lock required to traverse the list.
 *
 * Context: SRCU read-side critical section.
 */
#define prlist_for_each_entry_srcu(pos, head, member, cond) \
	list_for_each_entry_srcu(pos, &(head)->__pr_list, member.__pr_list, cond)

/**
 * prlist_entry_lockless - get the struct for this entry
 * @ptr:        the &struct prlist_head pointer.
 * @type:       the type of the struct this is embedded in.
 * @member:     the name of the prlist_head within the struct.
 *
 * Context: Any, if entries are never freed or reused while somebody reads.
 * Return: the structure that contains @ptr
 */
#define prlist_entry_lockless(ptr, type, member)	prlist_entry(READ_ONCE(ptr), type, member)

/**
 * prlist_for_each_entry_lockless - iterate over rcu list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: Any, if entries are never freed or reused while somebody reads.
 */
#define prlist_for_each_entry_lockless(pos, head, member) \
	list_for_each_entry_lockless(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_continue_rcu - continue iteration over list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Goes on after the current position.
 *
 * Context: RCU read-side critical section.
 */
#define prlist_for_each_entry_continue_rcu(pos, head, member) \
	list_for_each_entry_continue_rcu(pos, &(head)->__pr_list, member.__pr_list)

/**
 * prlist_for_each_entry_from_rcu - iterate over a list from current point
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prlist_head within the struct.
 *
 * Context: RCU read-side critical section.
 */
#define prlist_for_each_entry_from_rcu(pos, head, member) \
	list_for_each_entry_from_rcu(pos, &(head)->__pr_list, member.__pr_list)

typedef int (*prlist_cmp_func_t)(void *, const struct prlist_head *, const struct prlist_head *);

#ifdef CONFIG_PRMEM

/**
 * prlist_sort - sort a list
 * @priv: private data, opaque to prlist_sort(), passed to @cmp
 * @head: the list to sort
 * @cmp: the elements comparison function
 *
 * As list_sort(): stable, and @cmp returns more than 0 if its first argument is to
 * come after the second one. The order is found in ordinary memory, two pointers
 * and one more for each entry; then the list is linked anew, a few entries at a
 * time. Readers must be kept out.
 *
 * Context: Process. May sleep, so the list is locked by a mutex; allocates with
 * GFP_KERNEL.
 * Return:
 * * 0 - sorted
 * * -EACCES - the head or an entry is not write-rare
 * * -EINVAL - the head or an entry is not aligned
 * * -ENOMEM - no memory
 *
 * On any error the list is what it was. The exception is memory that another CPU
 * makes read-only during the call: then the list has been linked up to there.
 */
int prlist_sort(void *priv, struct prlist_head *head, prlist_cmp_func_t cmp);

#else

struct __prlist_sort {
	prlist_cmp_func_t cmp;
	void *priv;
};

static inline int __prlist_sort_cmp(void *priv, const struct list_head *a,
				    const struct list_head *b)
{
	const struct __prlist_sort *sort = priv;

	return sort->cmp(sort->priv, container_of(a, struct prlist_head, __pr_list),
			 container_of(b, struct prlist_head, __pr_list));
}

static inline int prlist_sort(void *priv, struct prlist_head *head, prlist_cmp_func_t cmp)
{
	list_sort(&(struct __prlist_sort){ cmp, priv }, &head->__pr_list, __prlist_sort_cmp);
	return 0;
}

#endif

/* Double linked lists with a single pointer list head */

#define PRHLIST_HEAD_INIT	{ .__pr_hlist = HLIST_HEAD_INIT }

/* Static data, not in a module. */
#define PRHLIST_HEAD(name)	struct prhlist_head name __wr_after_init = PRHLIST_HEAD_INIT

/**
 * INIT_PRHLIST_HEAD - Initialize a prhlist_head structure
 * @ptr: prhlist_head structure to be initialized.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define INIT_PRHLIST_HEAD(ptr)	__wr_store_all(__wr_store((ptr)->__pr_hlist.first, NULL))

/**
 * INIT_PRHLIST_NODE - Initialize a prhlist_node structure
 * @h: prhlist_node structure to be initialized.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int INIT_PRHLIST_NODE(struct prhlist_node *h)
{
	return __wr_store_all(__wr_store(h->next, NULL), __wr_store(h->pprev, NULL));
}

/**
 * prhlist_unhashed - Has node been removed from list and reinitialized?
 * @h: Node to be checked
 *
 * Context: Any, while writers of the list are excluded.
 * Return: true if @h is on no list
 */
#define prhlist_unhashed(h)	hlist_unhashed(&(h)->__pr_hnode)

/**
 * prhlist_unhashed_lockless - Version of prhlist_unhashed for lockless use
 * @h: Node to be checked
 *
 * Context: Any.
 * Return: true if @h was on no list when it was read
 */
#define prhlist_unhashed_lockless(h)	hlist_unhashed_lockless(&(h)->__pr_hnode)

/**
 * prhlist_empty - Is the specified prhlist_head structure an empty prhlist?
 * @h: Structure to check.
 *
 * Context: Any. Loads @h->first once, so no lock is needed for that.
 * Return: true if the list is empty
 */
#define prhlist_empty(h)	hlist_empty(&(h)->__pr_hlist)

#define __prhlist_del(n)	__pr_hdel(n)

/**
 * prhlist_del - Delete the specified prhlist_node from its list
 * @n: Node to delete.
 *
 * The node stays hashed, as prhlist_unhashed() understands it.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prhlist_del(n)							\
	__pr_hdel(n, __wr_store(__pr_n->next, LIST_POISON1),		\
		  __wr_store(__pr_n->pprev, LIST_POISON2))

/**
 * prhlist_del_init - Delete the specified prhlist_node from its list and initialize
 * @n: Node to delete.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prhlist_del_init(struct prhlist_node *n)
{
	return prhlist_unhashed(n) ? 0 :
	       __pr_hdel(n, __wr_store(n->next, NULL), __wr_store(n->pprev, NULL));
}

static __always_inline int __pr_hhead(struct prhlist_node *n, struct prhlist_head *h, bool rcu)
{
	struct prhlist_node *first = h->first;

	return __wr_store_if(first, __wr_store(first->pprev, &n->next),
			     __wr_store(n->next, first), __wr_store(n->pprev, &h->first),
			     __wr_publish(rcu, h->first, n));
}

/**
 * prhlist_add_head - add a new entry at the beginning of the prhlist
 * @n: new entry to be added
 * @h: prhlist head to add it after
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prhlist_add_head(n, h)	__pr_hhead(n, h, /*rcu=*/false)

static __always_inline int __pr_hbefore(struct prhlist_node *n, struct prhlist_node *next, bool rcu)
{
	struct prhlist_node *const *pprev = next->pprev;

	return __wr_store_all(__wr_store(n->pprev, pprev), __wr_store(n->next, next),
			      __wr_publish(rcu, *pprev, n), __wr_store(next->pprev, &n->next));
}

/**
 * prhlist_add_before - add a new entry before the one specified
 * @n: new entry to be added
 * @next: prhlist node to add it before, which must be non-NULL
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prhlist_add_before(n, next)	__pr_hbefore(n, next, /*rcu=*/false)

static __always_inline int __pr_hbehind(struct prhlist_node *n, struct prhlist_node *prev, bool rcu)
{
	struct prhlist_node *next = prev->next;

	return __wr_store_if(next, __wr_store(next->pprev, &n->next),
			     __wr_store(n->next, next), __wr_store(n->pprev, &prev->next),
			     __wr_publish(rcu, prev->next, n));
}

/**
 * prhlist_add_behind - add a new entry after the one specified
 * @n: new entry to be added
 * @prev: prhlist node to add it after, which must be non-NULL
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prhlist_add_behind(n, prev)	__pr_hbehind(n, prev, /*rcu=*/false)

/**
 * prhlist_add_fake - create a fake prhlist consisting of a single headless node
 * @n: Node to make a fake list out of
 *
 * So that prhlist_del() and the like work where there is no list.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prhlist_add_fake(struct prhlist_node *n)
{
	return __wr_store_all(__wr_store(n->pprev, &n->next));
}

/**
 * prhlist_fake - Is this node a fake prhlist?
 * @h: Node to check for being a self-referential fake prhlist.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: true if @h was set up by prhlist_add_fake()
 */
#define prhlist_fake(h)		hlist_fake(&(h)->__pr_hnode)

/**
 * prhlist_is_singular_node - is node the only element of the specified prhlist?
 * @n: Node to check for singularity.
 * @h: Header for potentially singular list.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: true if @n is the only entry of @h
 */
#define prhlist_is_singular_node(n, h)	hlist_is_singular_node(&(n)->__pr_hnode, &(h)->__pr_hlist)

/**
 * prhlist_move_list - Move an prhlist
 * @old: prhlist_head for old list.
 * @new: prhlist_head for new list.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prhlist_move_list(struct prhlist_head *old, struct prhlist_head *new)
{
	struct prhlist_node *first = old->first;

	return __wr_store_if(first, __wr_store(first->pprev, &new->first),
			     __wr_store(new->first, first),
			     __wr_store(old->first, NULL));
}

/**
 * prhlist_splice_init() - move all entries from one list to another
 * @from: prhlist_head from which entries will be moved
 * @last: last entry on the @from list
 * @to:   prhlist_head to which entries will be moved
 *
 * @to can be empty, @from must contain at least @last.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prhlist_splice_init(struct prhlist_head *from, struct prhlist_node *last,
					       struct prhlist_head *to)
{
	struct prhlist_node *first = from->first, *next = to->first;

	return __wr_store_if(next, __wr_store(next->pprev, &last->next),
			     __wr_store(last->next, next),
			     __wr_store(to->first, first),
			     __wr_store(first->pprev, &to->first),
			     __wr_store(from->first, NULL));
}

/**
 * prhlist_entry - get the struct for this entry
 * @ptr:	the &struct prhlist_node pointer.
 * @type:	the type of the struct this is embedded in.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: Any.
 * Return: the structure that contains @ptr
 */
#define prhlist_entry(ptr, type, member) hlist_entry(&(ptr)->__pr_hnode, type, member.__pr_hnode)

/* The compiler looks at the type of @head, too. */
#define __prhlist_first(head)	((void)sizeof((head)->__pr_hlist), (head)->first)

/**
 * prhlist_for_each - iterate over a prhlist
 * @pos:	the &struct prhlist_node to use as a loop cursor.
 * @head:	the head for your list.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prhlist_for_each(pos, head)	for (pos = __prhlist_first(head); pos; pos = pos->next)

/**
 * prhlist_for_each_safe - iterate over a prhlist safe against removal of an entry
 * @pos:	the &struct prhlist_node to use as a loop cursor.
 * @n:		another &struct prhlist_node to use as temporary storage.
 * @head:	the head for your list.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prhlist_for_each_safe(pos, n, head) \
	for (pos = __prhlist_first(head); pos && ({ n = pos->next; 1; }); pos = n)

/* What is inside a node that is NULL is NULL: it is at the beginning. */
/**
 * prhlist_entry_safe - get the struct for this entry, if there is one
 * @ptr:	the &struct prhlist_node pointer, or NULL.
 * @type:	the type of the struct this is embedded in.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: Any.
 * Return: the structure that contains @ptr, or NULL if @ptr is NULL
 */
#define prhlist_entry_safe(ptr, type, member) \
	hlist_entry_safe(&(ptr)->__pr_hnode, type, member.__pr_hnode)

/**
 * prhlist_for_each_entry	- iterate over list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prhlist_for_each_entry(pos, head, member) \
	hlist_for_each_entry(pos, &(head)->__pr_hlist, member.__pr_hnode)

/**
 * prhlist_for_each_entry_continue - iterate over a prhlist continuing after current point
 * @pos:	the type * to use as a loop cursor.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prhlist_for_each_entry_continue(pos, member) \
	hlist_for_each_entry_continue(pos, member.__pr_hnode)

/**
 * prhlist_for_each_entry_from - iterate over a prhlist continuing from current point
 * @pos:	the type * to use as a loop cursor.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prhlist_for_each_entry_from(pos, member) hlist_for_each_entry_from(pos, member.__pr_hnode)

/**
 * prhlist_for_each_entry_safe - iterate over list of given type safe against removal of list entry
 * @pos:	the type * to use as a loop cursor.
 * @n:		a &struct prhlist_node to use as temporary storage
 * @head:	the head for your list.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: Any, while writers of the list are excluded.
 */
#define prhlist_for_each_entry_safe(pos, n, head, member)		\
	for (pos = prhlist_entry_safe(__prhlist_first(head), typeof(*pos), member); \
	     pos && (n = pos->member.next, true); pos = prhlist_entry_safe(n, typeof(*pos), member))

/**
 * prhlist_count_nodes - count nodes in the prhlist
 * @head:	the head for your prhlist.
 *
 * Context: Any, while writers of the list are excluded.
 * Return: the number of entries
 */
#define prhlist_count_nodes(head)	hlist_count_nodes(&(head)->__pr_hlist)

/* RCU */

/**
 * prhlist_del_init_rcu - deletes entry from hash list with re-initialization
 * @n: the element to delete from the hash list.
 *
 * prhlist_unhashed() is true afterwards; readers go on from @n.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prhlist_del_init_rcu(struct prhlist_node *n)
{
	return prhlist_unhashed(n) ? 0 : __pr_hdel(n, __wr_store(n->pprev, NULL));
}

/**
 * prhlist_del_rcu - deletes entry from hash list without re-initialization
 * @n: the element to delete from the hash list.
 *
 * Readers may still be on @n: it is freed after a grace period. Writers of one list
 * exclude each other.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prhlist_del_rcu(n)	__pr_hdel(n, __wr_store(__pr_n->pprev, LIST_POISON2))

/**
 * prhlist_replace_rcu - replace old entry by new one
 * @old : the element to be replaced
 * @new : the new element to insert
 *
 * In one step for readers. @old is freed after a grace period.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prhlist_replace_rcu(struct prhlist_node *old, struct prhlist_node *new)
{
	struct prhlist_node *const *pprev = old->pprev, *next = old->next;

	return __wr_store_if(next, __wr_store(next->pprev, &new->next),
			     __wr_store(new->next, next),
			     __wr_store(new->pprev, pprev),
			     __wr_publish(true, *pprev, new),
			     __wr_store(old->pprev, LIST_POISON2));
}

/**
 * prhlists_swap_heads_rcu - swap the lists the prhlist heads point to
 * @left:  The prhlist head on the left
 * @right: The prhlist head on the right
 *
 * Neither of them is empty.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prhlists_swap_heads_rcu(struct prhlist_head *left,
						   struct prhlist_head *right)
{
	struct prhlist_node *node1 = left->first, *node2 = right->first;

	return __wr_store_all(__wr_publish(true, left->first, node2),
			  __wr_publish(true, right->first, node1),
			  __wr_store(node2->pprev, &left->first),
			  __wr_store(node1->pprev, &right->first));
}

/* Not to be assigned to. */
#define prhlist_first_rcu(head)	(*((struct prhlist_node __rcu *const *)(&(head)->__pr_hlist.first)))
#define prhlist_next_rcu(node)	(*((struct prhlist_node __rcu *const *)(&(node)->__pr_hnode.next)))
#define prhlist_pprev_rcu(node)	(*((struct prhlist_node __rcu *const *)((node)->__pr_hnode.pprev)))

/**
 * prhlist_add_head_rcu - add a new entry at the beginning of the prhlist
 * @n: the element to add to the hash list.
 * @h: the list to add to.
 *
 * Writers of one list exclude each other; readers may run.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prhlist_add_head_rcu(n, h)	__pr_hhead(n, h, /*rcu=*/true)

/**
 * prhlist_add_before_rcu - add a new entry before the one specified
 * @n: the new element to add to the hash list.
 * @next: the existing element to add the new element before.
 *
 * Writers of one list exclude each other; readers may run.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prhlist_add_before_rcu(n, next)	__pr_hbefore(n, next, /*rcu=*/true)

/**
 * prhlist_add_behind_rcu - add a new entry after the one specified
 * @n: the new element to add to the hash list.
 * @prev: the existing element to add the new element after.
 *
 * Writers of one list exclude each other; readers may run.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define prhlist_add_behind_rcu(n, prev)	__pr_hbehind(n, prev, /*rcu=*/true)

/**
 * prhlist_add_tail_rcu - add a new entry at the end of the prhlist
 * @n: the element to add to the hash list.
 * @h: the list to add to.
 *
 * Goes through the list. Writers of one list exclude each other; readers may run.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int prhlist_add_tail_rcu(struct prhlist_node *n, struct prhlist_head *h)
{
	struct prhlist_node *i, *last = NULL;

	prhlist_for_each(i, h)
		last = i;
	return last ? prhlist_add_behind_rcu(n, last) : prhlist_add_head_rcu(n, h);
}

#define __prhlist_for_each_rcu(pos, head)				\
	for (pos = rcu_dereference(prhlist_first_rcu(head)); pos;	\
	     pos = rcu_dereference(prhlist_next_rcu(pos)))

/**
 * prhlist_for_each_entry_rcu - iterate over rcu list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prhlist_node within the struct.
 * @cond:	optional lockdep expression if called from non-RCU protection.
 *
 * Context: RCU read-side critical section, or what @cond says.
 */
#define prhlist_for_each_entry_rcu(pos, head, member, cond...) \
	hlist_for_each_entry_rcu(pos, &(head)->__pr_hlist, member.__pr_hnode, ## cond)

/**
 * prhlist_for_each_entry_srcu - iterate over rcu list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prhlist_node within the struct.
 * @cond:	lockdep expression for the lock required to traverse the list.
 *
 * Context: SRCU read-side critical section.
 */
#define prhlist_for_each_entry_srcu(pos, head, member, cond) \
	hlist_for_each_entry_srcu(pos, &(head)->__pr_hlist, member.__pr_hnode, cond)

/**
 * prhlist_for_each_entry_rcu_notrace - iterate over rcu list of given type (for tracing)
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: RCU read-side critical section.
 */
#define prhlist_for_each_entry_rcu_notrace(pos, head, member) \
	hlist_for_each_entry_rcu_notrace(pos, &(head)->__pr_hlist, member.__pr_hnode)

/**
 * prhlist_for_each_entry_rcu_bh - iterate over rcu list of given type
 * @pos:	the type * to use as a loop cursor.
 * @head:	the head for your list.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: RCU read-side critical section.
 */
#define prhlist_for_each_entry_rcu_bh(pos, head, member) \
	hlist_for_each_entry_rcu_bh(pos, &(head)->__pr_hlist, member.__pr_hnode)

/**
 * prhlist_for_each_entry_continue_rcu - iterate over a prhlist continuing after current point
 * @pos:	the type * to use as a loop cursor.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: RCU read-side critical section.
 */
#define prhlist_for_each_entry_continue_rcu(pos, member) \
	hlist_for_each_entry_continue_rcu(pos, member.__pr_hnode)

/**
 * prhlist_for_each_entry_continue_rcu_bh - iterate over a prhlist continuing after current point
 * @pos:	the type * to use as a loop cursor.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: RCU read-side critical section.
 */
#define prhlist_for_each_entry_continue_rcu_bh(pos, member) \
	hlist_for_each_entry_continue_rcu_bh(pos, member.__pr_hnode)

/**
 * prhlist_for_each_entry_from_rcu - iterate over a prhlist continuing from current point
 * @pos:	the type * to use as a loop cursor.
 * @member:	the name of the prhlist_node within the struct.
 *
 * Context: RCU read-side critical section.
 */
#define prhlist_for_each_entry_from_rcu(pos, member) \
	hlist_for_each_entry_from_rcu(pos, member.__pr_hnode)

/*
 * Lock-less NULL terminated single linked list. Who needs a lock against whom is
 * what the table in llist.h says.
 */

#define PRLLIST_HEAD_INIT(name)	{ .__pr_llist = LLIST_HEAD_INIT((name).__pr_llist) }

/* Static data, not in a module. */
#define PRLLIST_HEAD(name)	struct prllist_head name __wr_after_init = PRLLIST_HEAD_INIT(name)

/**
 * init_prllist_head - initialize lock-less list head
 * @list:	the head for your lock-less list
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
#define init_prllist_head(list)	__wr_store_all(__wr_store((list)->__pr_llist.first, NULL))

/**
 * init_prllist_node - initialize lock-less list node
 * @node:	the node to be initialised
 *
 * So that prllist_on_list() says it is on no list.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of prlist_add().
 */
static __always_inline int init_prllist_node(struct prllist_node *node)
{
	return __wr_store_all(__wr_store(node->next, node));
}

/**
 * prllist_on_list - test if a lock-list list node is on a list
 * @node:	the node to test
 *
 * Context: Any.
 * Return: true unless init_prllist_node() has marked @node as being on no list
 */
#define prllist_on_list(node)	llist_on_list(&(node)->__pr_lnode)

/**
 * prllist_entry - get the struct of this entry
 * @ptr:	the &struct prllist_node pointer.
 * @type:	the type of the struct this is embedded in.
 * @member:	the name of the prllist_node within the struct.
 *
 * Context: Any.
 * Return: the structure that contains @ptr
 */
#define prllist_entry(ptr, type, member) llist_entry(&(ptr)->__pr_lnode, type, member.__pr_lnode)

/**
 * prllist_for_each - iterate over some deleted entries of a lock-less list
 * @pos:	the &struct prllist_node to use as a loop cursor
 * @node:	the first entry of deleted list entries
 *
 * Context: Any. The entries belong to the caller.
 */
#define prllist_for_each(pos, node)	for ((pos) = (node); pos; (pos) = prllist_next(pos))

/**
 * prllist_for_each_safe - iterate over some deleted entries of a lock-less list
 *			 safe against removal of list entry
 * @pos:	the &struct prllist_node to use as a loop cursor
 * @n:		another &struct prllist_node to use as temporary storage
 * @node:	the first entry of deleted list entries
 *
 * Context: Any. The entries belong to the caller.
 */
#define prllist_for_each_safe(pos, n, node) \
	for ((pos) = (node); (pos) && ((n) = prllist_next(pos), true); (pos) = (n))

/**
 * prllist_for_each_entry - iterate over some deleted entries of lock-less list of given type
 * @pos:	the type * to use as a loop cursor.
 * @node:	the fist entry of deleted list entries.
 * @member:	the name of the prllist_node with the struct.
 *
 * Context: Any. The entries belong to the caller.
 */
#define prllist_for_each_entry(pos, node, member) \
	llist_for_each_entry(pos, &(node)->__pr_lnode, member.__pr_lnode)

/**
 * prllist_for_each_entry_safe - iterate over some deleted entries of lock-less list of given type
 *			       safe against removal of list entry
 * @pos:	the type * to use as a loop cursor.
 * @n:		another type * to use as temporary storage
 * @node:	the first entry of deleted list entries.
 * @member:	the name of the prllist_node with the struct.
 *
 * Context: Any. The entries belong to the caller.
 */
#define prllist_for_each_entry_safe(pos, n, node, member) \
	llist_for_each_entry_safe(pos, n, &(node)->__pr_lnode, member.__pr_lnode)

/**
 * prllist_empty - tests whether a lock-less list is empty
 * @head:	the list to test
 *
 * Out of date as soon as it is known.
 *
 * Context: Any.
 * Return: true if the list was empty when it was read
 */
#define prllist_empty(head)	llist_empty(&(head)->__pr_llist)

/**
 * prllist_next - get the node after this one
 * @node:	a node that has been deleted from its list, or is the caller's otherwise
 *
 * Context: Any.
 * Return: the next node, or NULL
 */
static inline struct prllist_node *prllist_next(const struct prllist_node *node)
{
	return node->next;
}

#define __prllist_node(node)	container_of(node, struct prllist_node, __pr_lnode)

#ifdef CONFIG_PRMEM

/**
 * prllist_add_batch - add several linked entries in batch
 * @new_first:	first entry in batch to be added
 * @new_last:	last entry in batch to be added
 * @head:	the head for your lock-less list
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: as prllist_add()
 */
int prllist_add_batch(struct prllist_node *new_first, struct prllist_node *new_last,
		      struct prllist_head *head);

/**
 * prllist_del_first - delete the first entry of lock-less list
 * @head:	the head for your lock-less list
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: the entry, the newest one, or NULL if the list is empty. NULL as well if
 * the head is not write-rare, which is reported.
 */
struct prllist_node *prllist_del_first(struct prllist_head *head);

/**
 * prllist_del_first_init - delete first entry from lock-list and mark is as being off-list
 * @head:	the head of lock-less list to delete from.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: as prllist_del_first(); NULL also if the entry is not write-rare. Then it is
 * on the list as before.
 */
struct prllist_node *prllist_del_first_init(struct prllist_head *head);

/**
 * prllist_del_first_this - delete given entry of lock-less list if it is first
 * @head:	the head for your lock-less list
 * @this:	a list entry.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: true if it was the first one, and was deleted. False as well if the head
 * is not write-rare, which is reported: no errno, since a caller of
 * llist_del_first_this() would take that for true, and free an entry of the list.
 */
bool prllist_del_first_this(struct prllist_head *head, struct prllist_node *this);

/**
 * prllist_del_all - delete all entries from lock-less list
 * @head:	the head of lock-less list to delete all entries
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: the first entry, from the newest to the oldest one, or NULL if the list is
 * empty. NULL as well if the head is not write-rare, which is reported.
 */
struct prllist_node *prllist_del_all(struct prllist_head *head);

/**
 * prllist_reverse_order - reverse order of a llist chain
 * @head:	first item of the list to be reversed
 *
 * The chain is the caller's, none of it is on a list. It is turned round a few entries
 * at a time.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: the new first entry. NULL if there is none, or if an entry is not
 * write-rare, which is reported and leaves the chain as it was. If memory stops to be
 * write-rare meanwhile, it is NULL as well, and the chain is in two parts.
 */
struct prllist_node *prllist_reverse_order(struct prllist_node *head);

#else

#define prllist_add_batch(new_first, new_last, head)			\
	((int)llist_add_batch(&(new_first)->__pr_lnode, &(new_last)->__pr_lnode, \
			      &(head)->__pr_llist))
#define prllist_del_all(head)	__prllist_node(llist_del_all(&(head)->__pr_llist))
#define prllist_del_first(head)	__prllist_node(llist_del_first(&(head)->__pr_llist))
#define prllist_del_first_init(head)	__prllist_node(llist_del_first_init(&(head)->__pr_llist))
#define prllist_del_first_this(head, this) \
	llist_del_first_this(&(head)->__pr_llist, &(this)->__pr_lnode)
#define prllist_reverse_order(head)	__prllist_node(llist_reverse_order(&(head)->__pr_lnode))

#endif

static __always_inline int __prllist_add_batch(struct prllist_node *new_first,
					       struct prllist_node *new_last,
					       struct prllist_head *head)
{
	struct prllist_node *first = head->first;

	return (new_first == new_last ? 0 : __wr_may_store(new_first->next)) ?:
	       __wr_store_all(__wr_store(new_last->next, first),
			      __wr_store(head->first, new_first)) ?: !first;
}

/**
 * prllist_add - add a new entry
 * @new:	new entry to be added
 * @head:	the head for your lock-less list
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return:
 * * 1 - added; the list was empty prior to adding this entry
 * * 0 - added
 * * -EACCES - the entry or the head is not write-rare
 * * -EINVAL - the entry or the head is not aligned
 * * -EPERM - called from NMI, or in a session with interrupts on
 *
 * On any error nothing has been changed, and the first error of a call site is
 * reported. A caller that treats the result as the bool of llist_add() mistakes an
 * error for "was empty", and wakes its consumer for nothing.
 */
static __always_inline int prllist_add(struct prllist_node *new, struct prllist_head *head)
{
	return prllist_add_batch(new, new, head);
}

static __always_inline int __prllist_add(struct prllist_node *new, struct prllist_head *head)
{
	return __prllist_add_batch(new, new, head);
}

static inline struct prllist_node *__prllist_del_all(struct prllist_head *head)
{
	struct prllist_node *first = head->first;

	return init_prllist_head(head) ? NULL : first;
}

#endif /* _LINUX_PRLIST_H */

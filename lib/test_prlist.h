/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit tests of protected lists share: a table of the calls that change a
 * list, each with a picture of before and after.
 *
 * A call is made on cells. A cell is a head or a node of any of the three kinds of
 * lists, and can lie in any memory. The cells are called H and G, which are heads,
 * and A, B, C, D, N and M.
 */
#ifndef _TEST_PRLIST_H
#define _TEST_PRLIST_H

#include <kunit/test.h>
#include <linux/minmax.h>
#include <linux/prlist.h>
#include <linux/prmem.h>

/* For sparse, the pointers that the parent publishes are no RCU pointers. */
#ifdef __CHECKER__
#define hlists_swap_heads_rcu(left, right)	swap(*(left), *(right))
#endif

#define PRLIST_TEST_CELLS	8

struct prlist_test_cell {
	unsigned long words[2];
} __aligned(2 * sizeof(unsigned long));

/* The cells of one call, wherever each of them is, in the order of "HGABCDNM". */
struct prlist_test_board {
	struct prlist_test_cell *cells[PRLIST_TEST_CELLS];
};

enum prlist_test_kind {
	PRLIST_TEST_LIST,
	PRLIST_TEST_HLIST,
	PRLIST_TEST_LLIST,
};

/**
 * struct prlist_test_call - a call that changes a list
 * @name: what it is called here, which tells the situation
 * @verb: what it is called there
 * @kind: of list
 * @before: the lists, divided by "|". A list begins with its head. An H-list that
 *	begins with a node is a node that is on no list; an L-list that does is a
 *	chain without a head. Cells that are not named hold rubbish
 * @after: the same after the call. What other cells hold is told by the parent
 * @written: the cells that are written
 * @checked: the cells that are not written, and must be write-rare nevertheless
 * @more_sessions: how many there are beyond the first
 * @sleeps: it may sleep
 * @is_bool: it is refused with false
 * @ret: what it returns
 * @call: makes the call
 * @model: makes the call of the parent, on ordinary memory
 */
struct prlist_test_call {
	const char *name;
	const char *verb;
	enum prlist_test_kind kind;
	const char *before;
	const char *after;
	const char *written;
	const char *checked;
	unsigned int more_sessions;
	bool sleeps;
	bool is_bool;
	int ret;
	int (*call)(struct prlist_test_board *board);
	void (*model)(struct prlist_test_board *board);
};

/* Times that a call waited for readers. */
extern unsigned int prlist_test_waits;

extern const struct prlist_test_call *const prlist_test_calls[];
extern const unsigned int prlist_test_nr_calls;

/* The cells of a board, by their letters in @names. */
#define prlist_test_for_each_cell(cell, names, board)			\
	for (const char *cell##_name = (names);				\
	     *cell##_name &&						\
	     ((cell) = prlist_test_cell(board, *cell##_name)); cell##_name++)

struct prlist_test_cell *prlist_test_cell(const struct prlist_test_board *board,
					  char name);

/* A board in one object, with so many bytes from a cell to the next. */
void prlist_test_place(struct prlist_test_board *board, void *object, size_t stride);

/* An object of write-rare memory for it, protected, aligned as a node has to be. */
void *prlist_test_room(struct kunit *test, size_t size);

/* Sets all cells to what they hold before the call, but those of read-only memory. */
void prlist_test_draw(struct kunit *test, const struct prlist_test_call *call,
		      const struct prlist_test_board *board);

/* What a cell has to hold before the call. */
struct prlist_test_cell prlist_test_contents(const struct prlist_test_call *call,
					     const struct prlist_test_board *board,
					     char name);

/* Are the lists of @board as in @picture? */
void prlist_test_looks_like(struct kunit *test, const struct prlist_test_call *call,
			    const struct prlist_test_board *board,
			    const char *picture);

/* How long the stress tests run. */
unsigned int prlist_test_seconds(void);

#endif /* _TEST_PRLIST_H */

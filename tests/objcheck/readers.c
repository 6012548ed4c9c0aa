// SPDX-License-Identifier: GPL-2.0
/*
 * Readers of write-rare data, and the same readers of ordinary data: wr_X() must
 * be the code of plain_X(). tools/objcheck compiles this as a file of the kernel,
 * and tools/code-check compares. The variables are compiled apart, so that the
 * compiler knows neither their values nor their distances.
 */
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/string.h>
#include <linux/types.h>

struct record {
	int number;
	long total;
	const struct record *next;
	char name[24];
};

#define DECLARE(kind, attribute)					\
extern int kind##_var_number attribute;					\
extern const struct record *kind##_var_pointer attribute;		\
extern struct record kind##_var_record attribute;			\
extern char kind##_var_string[64] attribute

DECLARE(wr, __wr_after_init);
DECLARE(plain, );

/* What is aligned to more than a pointer comes first, so that both have one layout. */
#define DECLARE_LISTS(kind, pr, attribute)				\
struct kind##_entry {							\
	struct pr##list_head list;					\
	struct pr##hlist_node hlist;					\
	struct pr##llist_node llist;					\
	int number;							\
};									\
									\
extern struct pr##list_head kind##_var_list attribute;			\
extern struct pr##hlist_head kind##_var_hlist attribute;		\
extern struct pr##llist_head kind##_var_llist attribute;		\
extern struct kind##_entry kind##_var_entry attribute

DECLARE_LISTS(wr, pr, __wr_after_init);
DECLARE_LISTS(plain, , );

static_assert(sizeof(struct wr_entry) == sizeof(struct plain_entry));

#ifdef VARIABLES

#define DEFINE(kind)							\
int kind##_var_number = 1;						\
const struct record *kind##_var_pointer = &kind##_var_record;		\
struct record kind##_var_record = { .number = 1 };			\
char kind##_var_string[64] = "/sbin/modprobe"

DEFINE(wr);
DEFINE(plain);

struct prlist_head wr_var_list = PRLIST_HEAD_INIT(wr_var_list);
struct prhlist_head wr_var_hlist = PRHLIST_HEAD_INIT;
struct prllist_head wr_var_llist = PRLLIST_HEAD_INIT(wr_var_llist);
struct wr_entry wr_var_entry = { .number = 1 };
struct list_head plain_var_list = LIST_HEAD_INIT(plain_var_list);
struct hlist_head plain_var_hlist = HLIST_HEAD_INIT;
struct llist_head plain_var_llist = LLIST_HEAD_INIT(plain_var_llist);
struct plain_entry plain_var_entry = { .number = 1 };

#else

#define READERS(kind)							\
int kind##_scalar(void);						\
int kind##_scalar_twice(void);						\
bool kind##_scalar_condition(int limit);				\
long kind##_pointer(void);						\
int kind##_pointer_chain(void);						\
long kind##_field(void);						\
struct record kind##_structure(void);					\
char kind##_character(unsigned int i);					\
bool kind##_string(const char *name);					\
size_t kind##_string_length(void);					\
									\
int kind##_scalar(void)							\
{									\
	return kind##_var_number;					\
}									\
									\
int kind##_scalar_twice(void)						\
{									\
	return kind##_var_number * kind##_var_number;			\
}									\
									\
bool kind##_scalar_condition(int limit)					\
{									\
	return kind##_var_number && kind##_var_number < limit;		\
}									\
									\
long kind##_pointer(void)						\
{									\
	return kind##_var_pointer->total;				\
}									\
									\
int kind##_pointer_chain(void)						\
{									\
	const struct record *r;						\
	int sum = 0;							\
									\
	for (r = kind##_var_pointer; r; r = r->next)			\
		sum += r->number;					\
	return sum;							\
}									\
									\
long kind##_field(void)							\
{									\
	return kind##_var_record.total;					\
}									\
									\
struct record kind##_structure(void)					\
{									\
	return kind##_var_record;					\
}									\
									\
char kind##_character(unsigned int i)					\
{									\
	return kind##_var_string[i];					\
}									\
									\
bool kind##_string(const char *name)					\
{									\
	return !strcmp(kind##_var_string, name);			\
}									\
									\
size_t kind##_string_length(void)					\
{									\
	return strlen(kind##_var_string);				\
}

READERS(wr)
READERS(plain)

#define LIST_READERS(kind, pr)						\
int kind##_list_each_entry(void);					\
int kind##_list_each_entry(void)					\
{									\
	struct kind##_entry *e;						\
	int sum = 0;							\
									\
	pr##list_for_each_entry(e, &kind##_var_list, list)		\
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_list_each_entry_reverse(void);				\
int kind##_list_each_entry_reverse(void)				\
{									\
	struct kind##_entry *e;						\
	int sum = 0;							\
									\
	pr##list_for_each_entry_reverse(e, &kind##_var_list, list)	\
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_list_each_entry_safe(void);					\
int kind##_list_each_entry_safe(void)					\
{									\
	struct kind##_entry *e, *n;					\
	int sum = 0;							\
									\
	pr##list_for_each_entry_safe(e, n, &kind##_var_list, list)	\
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_list_each_entry_rcu(void);					\
int kind##_list_each_entry_rcu(void)					\
{									\
	struct kind##_entry *e;						\
	int sum = 0;							\
									\
	pr##list_for_each_entry_rcu(e, &kind##_var_list, list)		\
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_list_each_entry_lockless(void);				\
int kind##_list_each_entry_lockless(void)				\
{									\
	struct kind##_entry *e;						\
	int sum = 0;							\
									\
	pr##list_for_each_entry_lockless(e, &kind##_var_list, list)	\
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_list_each(void);						\
int kind##_list_each(void)						\
{									\
	struct pr##list_head *p;					\
	int sum = 0;							\
									\
	pr##list_for_each(p, &kind##_var_list)				\
		sum += pr##list_entry(p, struct kind##_entry, list)->number; \
	return sum;							\
}									\
									\
int kind##_list_each_rcu(void);						\
int kind##_list_each_rcu(void)						\
{									\
	struct pr##list_head *p;					\
	int sum = 0;							\
									\
	pr##list_for_each_rcu(p, &kind##_var_list)			\
		sum += pr##list_entry(p, struct kind##_entry, list)->number; \
	return sum;							\
}									\
									\
int kind##_list_first_entry(void);					\
int kind##_list_first_entry(void)					\
{									\
	return pr##list_first_entry(&kind##_var_list, struct kind##_entry, \
				 list)->number;				\
}									\
									\
void * kind##_list_first_or_null(void);					\
void * kind##_list_first_or_null(void)					\
{									\
	return pr##list_first_entry_or_null(&kind##_var_list,		\
					      struct kind##_entry, list); \
}									\
									\
void * kind##_list_first_or_null_rcu(void);				\
void * kind##_list_first_or_null_rcu(void)				\
{									\
	return pr##list_first_or_null_rcu(&kind##_var_list,		\
					    struct kind##_entry, list);	\
}									\
									\
bool kind##_list_is_empty(void);					\
bool kind##_list_is_empty(void)						\
{									\
	return pr##list_empty(&kind##_var_list);			\
}									\
									\
bool kind##_list_is_empty_careful(void);				\
bool kind##_list_is_empty_careful(void)					\
{									\
	return pr##list_empty_careful(&kind##_var_list);		\
}									\
									\
bool kind##_list_has_one(void);						\
bool kind##_list_has_one(void)						\
{									\
	return pr##list_is_singular(&kind##_var_list);			\
}									\
									\
bool kind##_list_entry_is_last(void);					\
bool kind##_list_entry_is_last(void)					\
{									\
	return pr##list_is_last(&kind##_var_entry.list, &kind##_var_list); \
}									\
									\
size_t kind##_list_count(void);						\
size_t kind##_list_count(void)						\
{									\
	return pr##list_count_nodes(&kind##_var_list);			\
}									\
									\
int kind##_hlist_each_entry(void);					\
int kind##_hlist_each_entry(void)					\
{									\
	struct kind##_entry *e;						\
	int sum = 0;							\
									\
	pr##hlist_for_each_entry(e, &kind##_var_hlist, hlist)		\
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_hlist_each_entry_safe(void);					\
int kind##_hlist_each_entry_safe(void)					\
{									\
	struct kind##_entry *e;						\
	struct pr##hlist_node *n;					\
	int sum = 0;							\
									\
	pr##hlist_for_each_entry_safe(e, n, &kind##_var_hlist, hlist)	\
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_hlist_each_entry_rcu(void);					\
int kind##_hlist_each_entry_rcu(void)					\
{									\
	struct kind##_entry *e;						\
	int sum = 0;							\
									\
	pr##hlist_for_each_entry_rcu(e, &kind##_var_hlist, hlist)	\
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_hlist_each(void);						\
int kind##_hlist_each(void)						\
{									\
	struct pr##hlist_node *p;					\
	int sum = 0;							\
									\
	pr##hlist_for_each(p, &kind##_var_hlist)			\
		sum += pr##hlist_entry(p, struct kind##_entry, hlist)->number; \
	return sum;							\
}									\
									\
bool kind##_hlist_is_empty(void);					\
bool kind##_hlist_is_empty(void)					\
{									\
	return pr##hlist_empty(&kind##_var_hlist);			\
}									\
									\
bool kind##_hlist_entry_is_unhashed(void);				\
bool kind##_hlist_entry_is_unhashed(void)				\
{									\
	return pr##hlist_unhashed(&kind##_var_entry.hlist);		\
}									\
									\
bool kind##_hlist_entry_is_alone(void);					\
bool kind##_hlist_entry_is_alone(void)					\
{									\
	return pr##hlist_is_singular_node(&kind##_var_entry.hlist,	\
					      &kind##_var_hlist);	\
}									\
									\
int kind##_llist_each_entry(void);					\
int kind##_llist_each_entry(void)					\
{									\
	struct kind##_entry *e;						\
	int sum = 0;							\
									\
	pr##llist_for_each_entry(e, kind##_var_llist.first, llist)	\
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_llist_each_entry_safe(void);					\
int kind##_llist_each_entry_safe(void)					\
{									\
	struct kind##_entry *e, *n;					\
	int sum = 0;							\
									\
	pr##llist_for_each_entry_safe(e, n, kind##_var_llist.first, llist) \
		sum += e->number;					\
	return sum;							\
}									\
									\
int kind##_llist_each(void);						\
int kind##_llist_each(void)						\
{									\
	struct pr##llist_node *p;					\
	int sum = 0;							\
									\
	pr##llist_for_each(p, kind##_var_llist.first)			\
		sum += pr##llist_entry(p, struct kind##_entry, llist)->number; \
	return sum;							\
}									\
									\
bool kind##_llist_is_empty(void);					\
bool kind##_llist_is_empty(void)					\
{									\
	return pr##llist_empty(&kind##_var_llist);			\
}									\
									\
bool kind##_llist_entry_is_on_list(void);				\
bool kind##_llist_entry_is_on_list(void)				\
{									\
	return pr##llist_on_list(&kind##_var_entry.llist);		\
}

LIST_READERS(wr, pr)
LIST_READERS(plain, )

#endif /* VARIABLES */

// SPDX-License-Identifier: GPL-2.0
/*
 * Readers of write-rare data, and the same readers of ordinary data: wr_X() must
 * be the code of plain_X(). tools/objcheck compiles this as a file of the kernel,
 * and tools/code-check compares. The variables are compiled apart, so that the
 * compiler knows neither their values nor their distances.
 */
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

#ifdef VARIABLES

#define DEFINE(kind)							\
int kind##_var_number = 1;						\
const struct record *kind##_var_pointer = &kind##_var_record;		\
struct record kind##_var_record = { .number = 1 };			\
char kind##_var_string[64] = "/sbin/modprobe"

DEFINE(wr);
DEFINE(plain);

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

#endif /* VARIABLES */

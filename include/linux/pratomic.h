/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Write-rare counterparts of atomic_t, atomic_long_t and atomic64_t.
 */
#ifndef _LINUX_PRATOMIC_H
#define _LINUX_PRATOMIC_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/prmem.h>
#include <linux/types.h>

/**
 * DOC: pratomic
 *
 * pratomic_t, pratomic_long_t and pratomic64_t are atomic_t, atomic_long_t and
 * atomic64_t for write-rare memory. A verb has the name that it has there, with
 * the prefix ``pratomic_``, ``pratomic_long_`` or ``pratomic64_``, and the same
 * arguments in the same order. Reading is the same::
 *
 *	int pratomic_read(const pratomic_t *v);
 *	int pratomic_read_acquire(const pratomic_t *v);
 *
 * A verb that writes can be refused, so it returns 0 or an error. What its model
 * returns goes to where the last argument says, which may be NULL unless it says
 * whether something was done, as for cmpxchg, try_cmpxchg, \*_and_test,
 * add_negative, fetch_add_unless, add_unless, inc_not_zero, inc_unless_negative,
 * dec_unless_positive and dec_if_positive::
 *
 *	int pratomic_inc(pratomic_t *v);
 *	int pratomic_add_return(int i, pratomic_t *v, int *new);
 *	int pratomic_fetch_or(int i, pratomic_t *v, int *old);
 *	int pratomic_dec_and_test(pratomic_t *v, bool *is_zero);
 *	int pratomic_cmpxchg(pratomic_t *v, int old, int new, int *found);
 *
 * pratomic64_t is for 64-bit kernels.
 *
 * The verbs that return something are fully ordered. There are no
 * \*_relaxed, \*_acquire and \*_release forms of them: what they would save is
 * little beside the switch of the address space. pratomic_set() has release
 * order, too.
 *
 * Context: Reading: any. Writing: any but NMI; does not sleep, takes no lock.
 *
 * Return: of a verb that writes, 0 or the errors of wr_xchg(). On an error nothing
 * was written, neither to the counter nor to where the result goes.
 */
typedef struct pratomic { int counter; } pratomic_t;
typedef struct pratomic_long { long counter; } pratomic_long_t;
typedef struct pratomic64 { s64 __aligned(8) counter; } pratomic64_t;

#define PRATOMIC_INIT(i)	{ .counter = (i) }
#define PRATOMIC_LONG_INIT(i)	{ .counter = (i) }
#define PRATOMIC64_INIT(i)	{ .counter = (i) }

/* With release order. */
#ifdef CONFIG_PRMEM
#define __pratomic_store(p, i)	wr_assign(*(p), i)
#else
/* Pairs with whatever the reader orders his loads with. */
#define __pratomic_store(p, i)	({ smp_store_release(p, i); 0; })
#endif

#define __PRATOMIC_VOID(name, type, verb, op, value)			\
static inline int name##_##verb(type i, struct name *v)			\
{									\
	return wr_fetch_##op(&v->counter, value, NULL);			\
}

#define __PRATOMIC_VOID_ONE(name, type, verb, value)			\
static inline int name##_##verb(struct name *v)				\
{									\
	return wr_fetch_add(&v->counter, value, NULL);			\
}

#define __PRATOMIC_FETCH(name, type, verb, op, value)			\
static inline int name##_fetch_##verb(type i, struct name *v, type *old) \
{									\
	return wr_fetch_##op(&v->counter, value, old);			\
}

/* Sums wrap around, as those of atomic_t do. */
#define __PRATOMIC_SUM(name, type, verb, value)				\
static inline int name##_##verb##_return(type i, struct name *v, type *new) \
{									\
	type old, delta = (value);					\
	int err = wr_fetch_add(&v->counter, delta, &old);		\
									\
	if (!err && new)						\
		*new = (type)((u64)old + (u64)delta);			\
	return err;							\
}

#define __PRATOMIC_SUM_ONE(name, type, verb, value)			\
static inline int name##_##verb##_return(struct name *v, type *new)	\
{									\
	return name##_add_return(value, v, new);			\
}									\
									\
static inline int name##_fetch_##verb(struct name *v, type *old)	\
{									\
	return wr_fetch_add(&v->counter, value, old);			\
}									\
									\
static inline int name##_##verb##_and_test(struct name *v, bool *is_zero) \
{									\
	type new;							\
	int err = name##_add_return(value, v, &new);			\
									\
	if (!err)							\
		*is_zero = !new;					\
	return err;							\
}

/*
 * Writes @next, an expression in c, the value that is there, as long as go_on, one
 * in c as well, is true. What was there last goes to *@old; whether something was
 * written, to *@did.
 */
#define __PRATOMIC_LOOP(v, go_on, next, old, did)			\
({									\
	__auto_type __p = &(v)->counter;				\
	typeof(*__p) c, __found = READ_ONCE(*__p);			\
	bool __go_on;							\
	int __err = 0;							\
									\
	do {								\
		c = __found;						\
		__go_on = (go_on);					\
		if (__go_on)						\
			__err = wr_cmpxchg(__p, c, (next), &__found);	\
	} while (__go_on && !__err && __found != c);			\
	if (!__err) {							\
		*(old) = c;						\
		*(did) = __go_on;					\
	}								\
	__err;								\
})

/*
 * As their models: what dec_if_positive returns is negative if nothing was done.
 * That makes the lowest number, from which it wraps around, one more positive one.
 */
#define __PRATOMIC_UNLESS(name, type)					\
static inline int name##_fetch_add_unless(struct name *v, type a, type u, \
					  type *old)			\
{									\
	bool done;							\
									\
	return __PRATOMIC_LOOP(v, c != u, (type)((u64)c + (u64)a), old,	\
			       &done);					\
}									\
									\
static inline int name##_add_unless(struct name *v, type a, type u, bool *done) \
{									\
	type old;							\
	int err = name##_fetch_add_unless(v, a, u, &old);		\
									\
	if (!err)							\
		*done = old != u;					\
	return err;							\
}									\
									\
static inline int name##_inc_not_zero(struct name *v, bool *done)	\
{									\
	return name##_add_unless(v, 1, 0, done);			\
}									\
									\
static inline int name##_inc_unless_negative(struct name *v, bool *done) \
{									\
	type old;							\
	bool did;							\
	int err = __PRATOMIC_LOOP(v, c >= 0, (type)((u64)c + 1), &old,	\
				  &did);				\
									\
	if (!err)							\
		*done = did;						\
	return err;							\
}									\
									\
static inline int name##_dec_unless_positive(struct name *v, bool *done) \
{									\
	type old;							\
	bool did;							\
	int err = __PRATOMIC_LOOP(v, c <= 0, (type)((u64)c - 1), &old,	\
				  &did);				\
									\
	if (!err)							\
		*done = did;						\
	return err;							\
}									\
									\
static inline int name##_dec_if_positive(struct name *v, type *new)	\
{									\
	type old;							\
	bool did;							\
	int err = __PRATOMIC_LOOP(v, (type)((u64)c - 1) >= 0, c - 1,	\
				  &old, &did);				\
									\
	if (!err)							\
		*new = (type)((u64)old - 1);				\
	return err;							\
}

#define __PRATOMIC_REST(name, type)					\
static inline type name##_read(const struct name *v)			\
{									\
	return READ_ONCE(v->counter);					\
}									\
									\
static inline type name##_read_acquire(const struct name *v)		\
{									\
	return smp_load_acquire(&v->counter); /* pairs with a writer */	\
}									\
									\
static inline int name##_set(struct name *v, type i)			\
{									\
	return __pratomic_store(&v->counter, i);			\
}									\
									\
static inline int name##_set_release(struct name *v, type i)		\
{									\
	return __pratomic_store(&v->counter, i);			\
}									\
									\
static inline int name##_xchg(struct name *v, type new, type *old)	\
{									\
	return wr_xchg(&v->counter, new, old);				\
}									\
									\
static inline int name##_cmpxchg(struct name *v, type old, type new, type *found) \
{									\
	return wr_cmpxchg(&v->counter, old, new, found);		\
}									\
									\
static inline int name##_try_cmpxchg(struct name *v, type *old, type new, \
				     bool *done)			\
{									\
	type found;							\
	int err = wr_cmpxchg(&v->counter, *old, new, &found);		\
									\
	if (err)							\
		return err;						\
	*done = found == *old;						\
	*old = found;							\
	return 0;							\
}									\
									\
static inline int name##_sub_and_test(type i, struct name *v, bool *is_zero) \
{									\
	type new;							\
	int err = name##_sub_return(i, v, &new);			\
									\
	if (!err)							\
		*is_zero = !new;					\
	return err;							\
}									\
									\
static inline int name##_add_negative(type i, struct name *v, bool *is_negative) \
{									\
	type new;							\
	int err = name##_add_return(i, v, &new);			\
									\
	if (!err)							\
		*is_negative = new < 0;					\
	return err;							\
}

#define __PRATOMIC(name, type)						\
	__PRATOMIC_VOID(name, type, add, add, i)			\
	__PRATOMIC_VOID(name, type, sub, add, (type)-(u64)i)		\
	__PRATOMIC_VOID(name, type, and, and, i)			\
	__PRATOMIC_VOID(name, type, andnot, and, ~i)			\
	__PRATOMIC_VOID(name, type, or, or, i)				\
	__PRATOMIC_VOID(name, type, xor, xor, i)			\
	__PRATOMIC_VOID_ONE(name, type, inc, 1)				\
	__PRATOMIC_VOID_ONE(name, type, dec, -1)			\
	__PRATOMIC_FETCH(name, type, add, add, i)			\
	__PRATOMIC_FETCH(name, type, sub, add, (type)-(u64)i)		\
	__PRATOMIC_FETCH(name, type, and, and, i)			\
	__PRATOMIC_FETCH(name, type, andnot, and, ~i)			\
	__PRATOMIC_FETCH(name, type, or, or, i)				\
	__PRATOMIC_FETCH(name, type, xor, xor, i)			\
	__PRATOMIC_SUM(name, type, add, i)				\
	__PRATOMIC_SUM(name, type, sub, (type)-(u64)i)			\
	__PRATOMIC_SUM_ONE(name, type, inc, 1)				\
	__PRATOMIC_SUM_ONE(name, type, dec, -1)				\
	__PRATOMIC_UNLESS(name, type)					\
	__PRATOMIC_REST(name, type)

__PRATOMIC(pratomic, int)
__PRATOMIC(pratomic_long, long)
/* Elsewhere there is no exchange of 8 bytes that works on any word. */
#ifdef CONFIG_64BIT
__PRATOMIC(pratomic64, s64)
#endif

#endif /* _LINUX_PRATOMIC_H */

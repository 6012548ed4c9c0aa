/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Write-rare memory: data that is readable by plain loads, refused to plain
 * stores, and changed only through the calls below.
 *
 * Who may be called from where:
 *
 *	                        process   softirq   hard IRQ   NMI     session
 *	reading (plain loads)      yes       yes        yes     yes       yes
 *	wr_*()                     yes       yes        yes     -EPERM    yes
 *	wr_session_begin/end()     yes       yes        yes     nothing   nests
 *	prmem_is_*()               yes       yes        yes     yes       yes
 *	pmalloc*(), p*alloc()    may sleep    no         no      no        no
 *
 * Writers of the same data exclude each other with the lock they would use for
 * ordinary data. A write needs no lock for its own sake.
 */
#ifndef _LINUX_PRMEM_H
#define _LINUX_PRMEM_H

#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

struct ctl_table;

/**
 * enum pmalloc_mode - how the memory of a pool is protected
 * @PMALLOC_MODE_RO: writable until pmalloc_protect_pool(), read-only for good
 *	afterwards
 * @PMALLOC_MODE_WR: writable until pmalloc_protect_pool(), write-rare
 *	afterwards
 */
enum pmalloc_mode {
	PMALLOC_MODE_RO,
	PMALLOC_MODE_WR,
};

struct pmalloc_pool;

/**
 * WR_SESSION_BYTES - what wr_memcpy() and wr_memset() may write in one session
 *
 * So that a session keeps interrupts off for a bounded time. Outside a session
 * they write any length, with interrupts off for one page at a time.
 */
#define WR_SESSION_BYTES	SZ_64K

#ifdef CONFIG_PRMEM

/*
 * Static data of vmlinux that is changed through wr_*(). It sits in .rodata,
 * so that mark_rodata_ro() protects it together with all its aliases. A module
 * has no such section: there the attribute does not compile.
 */
#ifdef MODULE
#define __wr_after_init __wr_after_init_needs_vmlinux
#else
#define __wr_after_init __section(".data..wr_after_init")
#endif

/**
 * wr_memcpy - copy into write-rare memory
 * @dst: destination, write-rare over the whole length
 * @src: source, any kernel memory that does not overlap @dst
 * @len: length in bytes
 *
 * The whole destination and the source are checked before the first byte is
 * written. Interrupts are off while one page is copied and may come in between
 * pages, so readers can see a copy that crosses a page half done. An aligned
 * copy of 1, 2, 4 or 8 bytes is one store.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return:
 * * 0 - written
 * * -EACCES - some byte of the destination is not write-rare
 * * -EFAULT - some byte of the source cannot be read, or belongs to user space
 * * -EINVAL - @len is 0, or a range wraps around, or the two overlap
 * * -E2BIG - more than the rest of WR_SESSION_BYTES, in a session
 * * -EPERM - called from NMI
 *
 * On any error nothing has been written, and the first error of a call site is
 * reported in the kernel log. The exception is memory that another CPU takes
 * away during the call, because it makes the pool of @dst read-only or unmaps
 * @src: what was copied before stays copied, and the error is returned.
 */
int wr_memcpy(void *dst, const void *src, size_t len);

/**
 * wr_memset - fill write-rare memory
 * @dst: destination, write-rare over the whole length
 * @c: the byte to store
 * @len: length in bytes
 *
 * Checks and interrupts as for wr_memcpy().
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return:
 * * 0 - written
 * * -EACCES - some byte of the destination is not write-rare
 * * -EINVAL - @len is 0, or the range wraps around
 * * -E2BIG - more than the rest of WR_SESSION_BYTES, in a session
 * * -EPERM - called from NMI
 */
int wr_memset(void *dst, int c, size_t len);

static __always_inline bool __wr_is_word(size_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* The value of an object of 1, 2, 4 or 8 bytes, whatever its type. */
static __always_inline u64 __wr_bits(const void *obj, size_t size)
{
	switch (size) {
	case 1:
		return *(const u8 *)obj;
	case 2:
		return *(const u16 *)obj;
	case 4:
		return *(const u32 *)obj;
	default:
		return *(const u64 *)obj;
	}
}

int __wr_scalar(void *dst, u64 val, size_t size);

static __always_inline int __wr_object(void *dst, const void *src, size_t size)
{
	if (__wr_is_word(size))
		return __wr_scalar(dst, __wr_bits(src, size), size);
	return wr_memcpy(dst, src, size);
}

/**
 * wr_assign - assign to a write-rare variable, field or element
 * @lvalue: what to assign to: any scalar or structure, not a bit-field
 * @value: the new value, of a type that can be assigned to @lvalue
 *
 * The compiler checks @value as it would check ``lvalue = value``. An aligned
 * object of 1, 2, 4 or 8 bytes is written by one store. To publish a pointer to
 * lockless readers, use wr_rcu_assign_pointer().
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_memset().
 */
#define wr_assign(lvalue, value)					\
({									\
	__auto_type __wr_dst = &(lvalue);				\
	typeof(*__wr_dst) __wr_val = (value);				\
									\
	/* Not evaluated: an assignment that the compiler may refuse. */ \
	(void)sizeof(*__wr_dst = __wr_val);				\
	__wr_object((void *)__wr_dst, &__wr_val, sizeof(__wr_val));	\
})

/**
 * wr_ptr - write a write-rare pointer
 * @pp: address of the pointer
 * @val: the new pointer, of a type that can be assigned to ``*pp``
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_memset().
 */
#define wr_ptr(pp, val)							\
({									\
	__auto_type __wr_pp = (pp);					\
	typeof(*__wr_pp) __wr_val = (val);				\
									\
	BUILD_BUG_ON(sizeof(__wr_val) != sizeof(void *));		\
	__wr_scalar((void *)__wr_pp, (unsigned long)__wr_val,		\
		    sizeof(void *));					\
})

/**
 * wr_rcu_assign_pointer - publish through a write-rare RCU pointer
 * @p: the pointer to assign to
 * @v: the new value
 *
 * As rcu_assign_pointer(): a reader that sees @v through rcu_dereference() sees
 * everything that was written before, by plain stores and by wr_*() alike.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_memset().
 */
#define wr_rcu_assign_pointer(p, v)					\
({									\
	typeof(p) __wr_val = RCU_INITIALIZER(v);			\
									\
	__wr_scalar((void __force *)&(p),				\
		    (unsigned long __force)__wr_val, sizeof(void *));	\
})

#define __wr_typed(type, p, val)					\
({									\
	type *__wr_typed_p = (p);					\
									\
	wr_assign(*__wr_typed_p, (val));				\
})

/**
 * wr_char - write a write-rare char
 * @p: where to, a pointer to this type and to no other
 * @val: the new value
 *
 * wr_short(), wr_ushort(), wr_int(), wr_uint(), wr_long(), wr_ulong(),
 * wr_longlong() and wr_ulonglong() are the same for the types they are named
 * after. wr_assign() does all of this for any type.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_assign().
 */
#define wr_char(p, val)		__wr_typed(char, p, val)
#define wr_short(p, val)	__wr_typed(short, p, val)
#define wr_ushort(p, val)	__wr_typed(unsigned short, p, val)
#define wr_int(p, val)		__wr_typed(int, p, val)
#define wr_uint(p, val)		__wr_typed(unsigned int, p, val)
#define wr_long(p, val)		__wr_typed(long, p, val)
#define wr_ulong(p, val)	__wr_typed(unsigned long, p, val)
#define wr_longlong(p, val)	__wr_typed(long long, p, val)
#define wr_ulonglong(p, val)	__wr_typed(unsigned long long, p, val)

/*
 * Atomics. All of them are atomic against all CPUs, plain loads and other wr_*()
 * calls included, and fully ordered. What was there before cannot be the return
 * value, since a refusal has to be one: it goes to where the caller says.
 */
int __wr_xchg(void *p, u64 val, u64 *old, size_t size);
int __wr_cmpxchg(void *p, u64 expected, u64 val, u64 *old, size_t size);
int __wr_fetch_add(void *p, u64 i, u64 *old, size_t size);
int __wr_fetch_and(void *p, u64 i, u64 *old, size_t size);
int __wr_fetch_or(void *p, u64 i, u64 *old, size_t size);
int __wr_fetch_xor(void *p, u64 i, u64 *old, size_t size);

/* @fn on the word that @p points to, with one value of its type. */
#define __wr_atomic(fn, p, val, old)					\
({									\
	__auto_type __wr_ap = (p);					\
	typeof(*__wr_ap) __wr_aval = (val);				\
	typeof(*__wr_ap) *__wr_aold = (old);				\
	u64 __wr_abits;							\
	int __wr_aerr;							\
									\
	BUILD_BUG_ON(!__wr_is_word(sizeof(*__wr_ap)));				\
	__wr_aerr = fn((void *)__wr_ap,					\
		       __wr_bits(&__wr_aval, sizeof(__wr_aval)),	\
		       &__wr_abits, sizeof(*__wr_ap));			\
	if (!__wr_aerr && __wr_aold)					\
		*__wr_aold = (typeof(*__wr_ap))__wr_abits;		\
	__wr_aerr;							\
})

/**
 * wr_xchg - exchange a write-rare word
 * @p: pointer to an aligned integer or pointer of 1, 2, 4 or 8 bytes
 * @val: the new value
 * @old: where the old value goes, or NULL
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return:
 * * 0 - exchanged
 * * -EACCES - the word is not write-rare
 * * -EINVAL - the word is not aligned to its size
 * * -EPERM - called from NMI
 */
#define wr_xchg(p, val, old)	__wr_atomic(__wr_xchg, p, val, old)

/**
 * wr_cmpxchg - compare and exchange a write-rare word
 * @p: pointer to an aligned integer or pointer of 1, 2, 4 or 8 bytes
 * @expected: the value that is to be replaced
 * @val: the new value
 * @old: where the value goes that was found, never NULL: @val was stored if it
 *	is @expected, and nothing otherwise
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0 if the comparison was made, or the errors of wr_xchg().
 */
#define wr_cmpxchg(p, expected, val, old)				\
({									\
	__auto_type __wr_cp = (p);					\
	typeof(*__wr_cp) __wr_cexp = (expected);			\
	typeof(*__wr_cp) __wr_cval = (val);				\
	typeof(*__wr_cp) *__wr_cold = (old);				\
	u64 __wr_cbits;							\
	int __wr_cerr;							\
									\
	BUILD_BUG_ON(!__wr_is_word(sizeof(*__wr_cp)));				\
	__wr_cerr = __wr_cmpxchg((void *)__wr_cp,			\
				 __wr_bits(&__wr_cexp, sizeof(__wr_cexp)), \
				 __wr_bits(&__wr_cval, sizeof(__wr_cval)), \
				 &__wr_cbits, sizeof(*__wr_cp));	\
	if (!__wr_cerr)							\
		*__wr_cold = (typeof(*__wr_cp))__wr_cbits;		\
	__wr_cerr;							\
})

/**
 * wr_fetch_add - add to a write-rare integer
 * @p: pointer to an aligned integer of 1, 2, 4 or 8 bytes
 * @i: what to add; overflow wraps
 * @old: where the old value goes, or NULL
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_xchg().
 */
#define wr_fetch_add(p, i, old)	__wr_atomic(__wr_fetch_add, p, i, old)

/**
 * wr_fetch_or - set bits of a write-rare integer
 * @p: pointer to an aligned integer of 1, 2, 4 or 8 bytes
 * @i: the bits
 * @old: where the old value goes, or NULL
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_xchg().
 */
#define wr_fetch_or(p, i, old)	__wr_atomic(__wr_fetch_or, p, i, old)

/**
 * wr_fetch_and - keep bits of a write-rare integer
 * @p: pointer to an aligned integer of 1, 2, 4 or 8 bytes
 * @i: the bits
 * @old: where the old value goes, or NULL
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_xchg().
 */
#define wr_fetch_and(p, i, old)	__wr_atomic(__wr_fetch_and, p, i, old)

/**
 * wr_fetch_xor - flip bits of a write-rare integer
 * @p: pointer to an aligned integer of 1, 2, 4 or 8 bytes
 * @i: the bits
 * @old: where the old value goes, or NULL
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_xchg().
 */
#define wr_fetch_xor(p, i, old)	__wr_atomic(__wr_fetch_xor, p, i, old)

/**
 * wr_session_begin - open a session
 *
 * All wr_*() calls up to wr_session_end() share one switch of the address space,
 * and one alias for each page they write, up to eight pages at a time. Sessions
 * nest: the outermost one counts.
 *
 * In a session interrupts are off. The caller must not enable them, sleep, touch
 * user memory (it is not mapped), or stay for long: a few hundred instructions,
 * and no more than WR_SESSION_BYTES of wr_memcpy() and wr_memset().
 *
 * Readers on other CPUs see the writes of a session one by one, in no order but
 * that of wr_rcu_assign_pointer(). Writers of the
 * same data exclude each other with a lock that is taken outside the session, or
 * inside if it is a raw spinlock.
 *
 * In an NMI nothing happens, and the wr_*() calls return -EPERM.
 *
 * Context: Any. Interrupts are off until wr_session_end().
 */
void wr_session_begin(void);

/**
 * wr_session_end - close a session
 *
 * When the outermost session ends, its aliases are gone before interrupts come
 * back.
 *
 * Context: After wr_session_begin(), in the same function or one around it.
 */
void wr_session_end(void);

/**
 * prmem_is_wr - is this write-rare memory?
 * @p: start of the range
 * @n: length in bytes
 *
 * Memory of a pool that is not protected yet counts, since wr_memcpy() can write
 * there. With PRMEM=n nothing does.
 *
 * Context: Any.
 * Return: true if every byte of a range that is not empty is write-rare.
 */
bool prmem_is_wr(const void *p, size_t n);

/**
 * prmem_is_protected - does prmem refuse plain stores here?
 * @p: start of the range
 * @n: length in bytes
 *
 * True for pool memory of any mode from pmalloc_protect_pool() on, and for
 * __wr_after_init data once the kernel has write-protected itself, at the end of
 * its start. With PRMEM=n, or if prmem is inactive, nothing is protected.
 *
 * Context: Any.
 * Return: true if every byte of a range that is not empty is protected.
 */
bool prmem_is_protected(const void *p, size_t n);

/**
 * pmalloc_create_pool - create a pool
 * @name: for people; a copy is kept, cut after 23 characters
 * @mode: how its memory is protected
 *
 * Context: Process. May sleep.
 * Return:
 * * the pool
 * * NULL - no memory, no name, an unknown mode, or called before the early
 *   initcalls are done
 *
 * Keep the pointer in write-rare memory: who can change it can have the pool of
 * somebody else destroyed.
 */
struct pmalloc_pool *pmalloc_create_pool(const char *name,
					 enum pmalloc_mode mode);

/**
 * pmalloc - allocate from a pool
 * @pool: the pool
 * @size: in bytes
 *
 * The memory is zeroed, aligned to 8 bytes, and writable by plain stores until
 * the pool is next protected. It is given back with the whole pool. A pool
 * that was protected, and a write-rare one that was made read-only, grows by a
 * new area that stays writable until it is protected in its turn.
 *
 * Context: Process. May sleep.
 * Return:
 * * the memory
 * * NULL - no memory, @size is 0 or larger than all memory, or no such pool
 */
void *pmalloc(struct pmalloc_pool *pool, size_t size);

/**
 * pmalloc_protect_pool - protect everything allocated so far
 * @pool: the pool
 *
 * When this returns 0, no mapping of the memory is writable on any CPU, and it
 * is read-only or write-rare as the mode of the pool says. On an error the
 * areas that could not be protected are as before, and those of a read-only pool
 * that could accept wr_*() until a later call succeeds. With ``rodata=off``
 * nothing is protected, but the memory of a read-only pool still refuses wr_*().
 *
 * Context: Process. May sleep.
 * Return:
 * * 0 - all protected
 * * -ENOMEM - no memory for the page tables of the linear map
 * * -EINVAL - no such pool
 * * -EIO - the page tables did not become what they should be: memory that
 *   leads to them has been tampered with
 */
int pmalloc_protect_pool(struct pmalloc_pool *pool);

/**
 * pmalloc_make_pool_ro - make a pool read-only for good
 * @pool: the pool
 *
 * Protects what is not protected yet. When this returns 0, no write that was
 * under way on another CPU can still arrive, and the pool is a
 * PMALLOC_MODE_RO one. There is no way back but pmalloc_destroy_pool().
 *
 * Context: Process. May sleep.
 * Return: 0, or the errors of pmalloc_protect_pool().
 */
int pmalloc_make_pool_ro(struct pmalloc_pool *pool);

/**
 * pmalloc_destroy_pool - give a pool and all its memory back
 * @pool: the pool, or NULL
 *
 * Nobody may use the memory any more. A write that is still under way on
 * another CPU has ended before the first page is freed. Something that is no
 * pool is reported, and left alone.
 *
 * Context: Process. May sleep.
 */
void pmalloc_destroy_pool(struct pmalloc_pool *pool);

/**
 * proc_dostring_wr - proc_dostring() for a write-rare string
 * @table: the sysctl table, whose data is write-rare
 * @write: true if this is a write
 * @buffer: the user's buffer, already in kernel memory
 * @lenp: its size
 * @ppos: the file position
 *
 * Limits, truncation and positions are those of proc_dostring(), which does the
 * work on a copy.
 *
 * Context: Process. May sleep.
 * Return: 0, -ENOMEM, or the errors of wr_memcpy() and proc_dostring().
 */
int proc_dostring_wr(const struct ctl_table *table, int write, void *buffer,
		     size_t *lenp, loff_t *ppos);

#else /* !CONFIG_PRMEM */

/*
 * The same calls on ordinary memory: a store is a store, and a pool is a list
 * of what was allocated from it, so that it can be freed as a whole.
 */
#define __wr_after_init

static inline int wr_memcpy(void *dst, const void *src, size_t len)
{
	if (!len)
		return -EINVAL;
	memcpy(dst, src, len);
	return 0;
}

static inline int wr_memset(void *dst, int c, size_t len)
{
	if (!len)
		return -EINVAL;
	memset(dst, c, len);
	return 0;
}

/* Volatile, so that a word is one store here as well. */
#define wr_assign(lvalue, value)					\
({									\
	__auto_type __wr_dst = &(lvalue);				\
									\
	*(volatile typeof(*__wr_dst) *)__wr_dst = (value);		\
	0;								\
})

#define wr_ptr(pp, val)							\
({									\
	__auto_type __wr_pp = (pp);					\
									\
	BUILD_BUG_ON(sizeof(*__wr_pp) != sizeof(void *));		\
	WRITE_ONCE(*__wr_pp, (val));					\
	0;								\
})

#define wr_rcu_assign_pointer(p, v)	({ rcu_assign_pointer(p, v); 0; })

#define __wr_typed(type, p, val)					\
({									\
	type *__wr_typed_p = (p);					\
									\
	WRITE_ONCE(*__wr_typed_p, (val));				\
	0;								\
})

#define wr_char(p, val)		__wr_typed(char, p, val)
#define wr_short(p, val)	__wr_typed(short, p, val)
#define wr_ushort(p, val)	__wr_typed(unsigned short, p, val)
#define wr_int(p, val)		__wr_typed(int, p, val)
#define wr_uint(p, val)		__wr_typed(unsigned int, p, val)
#define wr_long(p, val)		__wr_typed(long, p, val)
#define wr_ulong(p, val)	__wr_typed(unsigned long, p, val)
#define wr_longlong(p, val)	__wr_typed(long long, p, val)
#define wr_ulonglong(p, val)	__wr_typed(unsigned long long, p, val)

#define wr_xchg(p, val, old)						\
({									\
	__auto_type __wr_ap = (p);					\
	typeof(*__wr_ap) *__wr_aold = (old);				\
	typeof(*__wr_ap) __wr_abits = xchg(__wr_ap, (val));		\
									\
	if (__wr_aold)							\
		*__wr_aold = __wr_abits;				\
	0;								\
})

#define wr_cmpxchg(p, expected, val, old)				\
({									\
	__auto_type __wr_cp = (p);					\
	typeof(*__wr_cp) *__wr_cold = (old);				\
									\
	*__wr_cold = cmpxchg(__wr_cp, (expected), (val));		\
	0;								\
})

#define __wr_fetch(p, i, old, op)					\
({									\
	__auto_type __wr_ap = (p);					\
	typeof(*__wr_ap) __wr_aval = (i);				\
	typeof(*__wr_ap) *__wr_aold = (old);				\
	typeof(*__wr_ap) __wr_abits = READ_ONCE(*__wr_ap);		\
									\
	while (!try_cmpxchg(__wr_ap, &__wr_abits,			\
			    __wr_abits op __wr_aval))			\
		;							\
	if (__wr_aold)							\
		*__wr_aold = __wr_abits;				\
	0;								\
})

#define wr_fetch_add(p, i, old)	__wr_fetch(p, i, old, +)
#define wr_fetch_or(p, i, old)	__wr_fetch(p, i, old, |)
#define wr_fetch_and(p, i, old)	__wr_fetch(p, i, old, &)
#define wr_fetch_xor(p, i, old)	__wr_fetch(p, i, old, ^)

static inline void wr_session_begin(void)
{
}

static inline void wr_session_end(void)
{
}

static inline bool prmem_is_wr(const void *p, size_t n)
{
	return false;
}

static inline bool prmem_is_protected(const void *p, size_t n)
{
	return false;
}

struct pmalloc_pool {
	struct pmalloc_chunk {
		struct pmalloc_chunk *next;
		u8 data[] __aligned(8);
	} *chunks;
};

static inline struct pmalloc_pool *pmalloc_create_pool(const char *name,
						       enum pmalloc_mode mode)
{
	if (!name || !*name || mode > PMALLOC_MODE_WR)
		return NULL;
	return kzalloc(sizeof(struct pmalloc_pool), GFP_KERNEL);
}

static inline void *pmalloc(struct pmalloc_pool *pool, size_t size)
{
	struct pmalloc_chunk *chunk, *first;

	if (!pool || !size || size > INT_MAX - sizeof(*chunk))
		return NULL;
	chunk = kvzalloc(struct_size(chunk, data, size), GFP_KERNEL);
	if (!chunk)
		return NULL;
	first = READ_ONCE(pool->chunks);
	do {
		chunk->next = first;
	} while (!try_cmpxchg(&pool->chunks, &first, chunk));
	return chunk->data;
}

static inline int pmalloc_protect_pool(struct pmalloc_pool *pool)
{
	return pool ? 0 : -EINVAL;
}

static inline int pmalloc_make_pool_ro(struct pmalloc_pool *pool)
{
	return pool ? 0 : -EINVAL;
}

static inline void pmalloc_destroy_pool(struct pmalloc_pool *pool)
{
	struct pmalloc_chunk *chunk, *next;

	if (!pool)
		return;
	for (chunk = pool->chunks; chunk; chunk = next) {
		next = chunk->next;
		kvfree(chunk);
	}
	kfree(pool);
}

#define proc_dostring_wr	proc_dostring

#endif /* CONFIG_PRMEM */

/**
 * wr_inc - add 1 to a write-rare integer, atomically
 * @p: pointer to an aligned integer of 1, 2, 4 or 8 bytes
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_xchg().
 */
#define wr_inc(p)	wr_fetch_add(p, 1, NULL)

/**
 * wr_dec - subtract 1 from a write-rare integer, atomically
 * @p: pointer to an aligned integer of 1, 2, 4 or 8 bytes
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return: 0, or the errors of wr_xchg().
 */
#define wr_dec(p)	wr_fetch_add(p, -1, NULL)

/* guard(wr_session)() opens a session for the rest of the block. */
DEFINE_LOCK_GUARD_0(wr_session, wr_session_begin(), wr_session_end())

#endif /* _LINUX_PRMEM_H */

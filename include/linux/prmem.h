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
 *	prmem_cache_free*()        yes       yes        yes     no        yes
 *	all others below         may sleep    no         no      no        no
 *
 * pratomic_*() and prlist_*() are like wr_*(), unless their own description differs.
 *
 * Writers of the same data exclude each other with the lock they would use for
 * ordinary data. A write needs no lock for its own sake.
 */
#ifndef _LINUX_PRMEM_H
#define _LINUX_PRMEM_H

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/cleanup.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>

struct ctl_table;

/* As proc_handler, which linux/sysctl.h has. */
typedef int prmem_proc_handler(const struct ctl_table *table, int write, void *buffer,
			       size_t *lenp, loff_t *ppos);

/**
 * enum pmalloc_mode - how the memory of a pool is protected
 * @PMALLOC_MODE_RO: writable until pmalloc_protect_pool(), read-only for good
 *	afterwards
 * @PMALLOC_MODE_WR: writable until pmalloc_protect_pool(), write-rare
 *	afterwards
 * @PMALLOC_MODE_AUTO_RO: as PMALLOC_MODE_RO, and an area is protected as well
 *	when the pool needs a new one
 * @PMALLOC_MODE_AUTO_WR: as PMALLOC_MODE_WR, and an area is protected as well
 *	when the pool needs a new one
 * @PMALLOC_MODE_START_WR: write-rare from birth
 *
 * Memory is taken from the newest area of a pool, and is protected area by area:
 *
 *	mode       newest area   older areas   after pmalloc_protect_pool()
 *	RO         writable      writable      read-only
 *	WR         writable      writable      write-rare
 *	AUTO_RO    writable      read-only     read-only
 *	AUTO_WR    writable      write-rare    write-rare
 *	START_WR   write-rare    write-rare    write-rare
 *
 * What is writable takes plain stores, and wr_*() as well.
 */
enum pmalloc_mode {
	PMALLOC_MODE_RO,
	PMALLOC_MODE_WR,
	PMALLOC_MODE_AUTO_RO,
	PMALLOC_MODE_AUTO_WR,
	PMALLOC_MODE_START_WR,
};

struct pmalloc_pool;
struct prmem_cache;

/* An area of pmalloc_create_pool() has as many bytes, or what one object needs. */
#define PMALLOC_REFILL_DEFAULT	PAGE_SIZE
#define PMALLOC_REFILL_MAX	((size_t)SZ_1G)

/**
 * PMALLOC_UNMARKED - the largest object of PMALLOC_MODE_START_WR that may be exposed
 *
 * In bytes. A larger object is never handed out twice, whatever ordinary memory an
 * attacker corrupts. A smaller one can be, while it is among the last
 * PMALLOC_UNMARKED bytes that were handed out, see pmalloc_protect_pool().
 */
#ifdef CONFIG_PRMEM
#define PMALLOC_UNMARKED	256
#else
#define PMALLOC_UNMARKED	0
#endif

/* No object of a cache is larger. */
#define PRMEM_CACHE_MAX_SIZE	(15 * PAGE_SIZE)
#define PRMEM_CACHE_MIN_ALIGN	sizeof(u64)

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

/* For a variable that was __read_mostly, and stays so with PRMEM=n. */
#define __wr_read_mostly __wr_after_init

/*
 * For what leads a writer to write-rare data and does not change itself, the table of
 * a sysctl for example: __ro_after_init, and ordinary data as before with PRMEM=n.
 */
#define __wr_ro_after_init __ro_after_init

/**
 * wr_memcpy - copy into write-rare memory
 * @dst: destination, write-rare over the whole length
 * @src: source, any kernel memory that does not overlap @dst
 * @len: length in bytes
 *
 * The whole destination and the source are checked before the first byte is
 * written. Outside a session, interrupts are off for one page at a time, so readers
 * may see a partial copy if it crosses a page. An aligned copy of 1, 2, 4 or 8 bytes
 * is one store.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return:
 * * 0 - written
 * * -EACCES - some byte of the destination is not write-rare
 * * -EFAULT - some byte of the source cannot be read, or belongs to user space
 * * -EINVAL - @len is 0, or a range wraps around, or the two overlap
 * * -E2BIG - more than the rest of WR_SESSION_BYTES, in a session
 * * -EPERM - called from NMI, or in a session with interrupts on
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
 * * -EPERM - called from NMI, or in a session with interrupts on
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
int __wr_word(void *dst, u64 val);

static __always_inline int __wr_object(void *dst, const void *src, size_t size)
{
	if (size == sizeof(u64))
		return __wr_word(dst, __wr_bits(src, size));
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
	__wr_word((void *)__wr_pp, (unsigned long)__wr_val);		\
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
	__wr_word((void __force *)&(p), (unsigned long __force)__wr_val); \
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

/* A write-rare pointer, and what it becomes. */
struct wr_store {
	void *where;
	void *val;
};

/**
 * __wr_stores - several pointers at once, or none
 * @stores: aligned pointers in at most eight pages, in the order of the stores
 * @nr: how many, at most 16
 *
 * For lists. All places are found to be write-rare before the first one is
 * written, and all are written in one session. Each is one store, with release
 * order.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 * Return:
 * * 0 - all written
 * * -EACCES - one is not write-rare; nothing was written
 * * -EINVAL - one is not aligned; nothing was written
 * * -E2BIG - too many, too many pages, or none; nothing was written
 * * -EPERM - called from NMI, or in a session with interrupts on
 */
int __wr_stores(const struct wr_store *stores, unsigned int nr);

/*
 * Atomics. All of them are atomic against all CPUs, plain loads and other wr_*()
 * calls included, and fully ordered. The return value reports a refusal, so the old
 * value is stored through a pointer instead.
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
 * * -EPERM - called from NMI, or in a session with interrupts on
 */
#define wr_xchg(p, val, old)	__wr_atomic(__wr_xchg, p, val, old)

/**
 * wr_cmpxchg - compare and exchange a write-rare word
 * @p: pointer to an aligned integer or pointer of 1, 2, 4 or 8 bytes
 * @expected: the value that is to be replaced
 * @val: the new value
 * @old: receives the value found; must not be NULL. @val was stored if and only if
 *	this equals @expected
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
 * user memory (it is not mapped), or take long. A few hundred instructions is what
 * a session is made for. wr_memcpy() and wr_memset() write at most WR_SESSION_BYTES
 * in it, which is some 50,000.
 *
 * Readers on other CPUs see the writes of a session one by one. Only
 * wr_rcu_assign_pointer() guarantees an order. Writers of the same data exclude each
 * other with a lock that is taken outside the session, or inside if it is a raw
 * spinlock.
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
 * pmalloc_create_custom_pool - create a pool with areas of a given size
 * @name: for people; a copy is kept, cut after 23 characters
 * @refill: bytes of an area, rounded up to pages, at most PMALLOC_REFILL_MAX
 * @align_order: log2 of the alignment of objects in bytes; 0 to PAGE_SHIFT
 * @mode: how its memory is protected
 *
 * An object that is larger than @refill gets an area of its own size.
 *
 * Context: Process. May sleep.
 * Return:
 * * the pool
 * * NULL - no memory, no name, a value that is out of range, or called before
 *   the early initcalls are done
 *
 * Keep the pointer in write-rare memory: an attacker who can change it can have
 * another pool destroyed instead.
 */
struct pmalloc_pool *pmalloc_create_custom_pool(const char *name, size_t refill,
						int align_order,
						enum pmalloc_mode mode);

/**
 * pmalloc_create_pool - create a pool
 * @name: as for pmalloc_create_custom_pool()
 * @mode: how its memory is protected
 *
 * An area is one page, or more if an object needs more. Objects are aligned to 8
 * bytes.
 *
 * Context: Process. May sleep.
 * Return: as pmalloc_create_custom_pool()
 */
struct pmalloc_pool *pmalloc_create_pool(const char *name,
					 enum pmalloc_mode mode);

/**
 * pmalloc - allocate from a pool
 * @pool: the pool
 * @size: in bytes
 *
 * The memory is zeroed and aligned as the pool says. Its mode says who can write
 * it. It is given back with the whole pool. A pool that was protected grows by a
 * new area, which is not protected yet, unless the mode is
 * PMALLOC_MODE_START_WR.
 *
 * Allocations from one pool may run at the same time. In the two AUTO modes an
 * allocation may protect earlier ones: fill an object before anyone allocates again,
 * or use wr_*(), which AUTO_WR always allows. With AUTO_RO callers must serialise, or
 * use pmemdup(), which needs no serialisation.
 *
 * Context: Process. May sleep; allocates with GFP_KERNEL.
 * Return:
 * * the memory
 * * NULL - no memory, @size is 0 or larger than all memory, no such pool, or one
 *   of PMALLOC_MODE_START_WR after pmalloc_make_pool_ro()
 */
void *pmalloc(struct pmalloc_pool *pool, size_t size);

/**
 * pmemdup - allocate from a pool, and copy
 * @pool: the pool
 * @src: what to copy, in kernel memory
 * @size: in bytes
 *
 * Nothing protects the new object before the copy is complete, so this is safe in all
 * modes while others use the pool.
 *
 * Context: Process. May sleep.
 * Return: the copy, or NULL as pmalloc(); also if @src is NULL or cannot be read.
 */
void *pmemdup(struct pmalloc_pool *pool, const void *src, size_t size);

/**
 * pstrdup - allocate from a pool, and copy a string
 * @pool: the pool
 * @s: the string
 *
 * Context: Process. May sleep.
 * Return: the copy, or NULL as pmemdup().
 */
char *pstrdup(struct pmalloc_pool *pool, const char *s);

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
 * Call this when done with allocations, whatever the mode is. In a pool of
 * PMALLOC_MODE_START_WR, an attacker who corrupts ordinary memory could have the small
 * objects that were allocated last, up to PMALLOC_UNMARKED bytes of them, handed out
 * again, until the pool is protected or takes another area. What is allocated after
 * this call is in a new area.
 *
 * Allocations from the pool must not run at the same time: what they return could
 * be protected already.
 *
 * Context: Process. May sleep.
 * Return:
 * * 0 - all protected
 * * -EINVAL - no such pool
 * * -EIO - the page tables did not become what they should be: memory that
 *   leads to them has been tampered with
 */
int pmalloc_protect_pool(struct pmalloc_pool *pool);

/**
 * pmalloc_make_pool_ro - make a pool read-only for good
 * @pool: the pool
 *
 * Protects what is not protected yet. When this returns 0, all writes that were in
 * progress on other CPUs have finished. What is allocated later is writable, and
 * becomes read-only as in PMALLOC_MODE_RO or PMALLOC_MODE_AUTO_RO; a pool of
 * PMALLOC_MODE_START_WR allocates nothing any more. The only way back is
 * pmalloc_destroy_pool().
 *
 * Context: Process. May sleep.
 * Return: 0, or the errors of pmalloc_protect_pool().
 */
int pmalloc_make_pool_ro(struct pmalloc_pool *pool);

/**
 * pmalloc_destroy_pool - give a pool and all its memory back
 * @pool: the pool, or NULL
 *
 * Nobody may use the memory any more. Writes that are in progress on other CPUs
 * finish before the first page is freed. A pointer that is not a pool is reported,
 * and nothing happens.
 *
 * Context: Process. May sleep.
 */
void pmalloc_destroy_pool(struct pmalloc_pool *pool);

/**
 * prmem_cache_create - create a cache of write-rare objects
 * @name: for people; a copy is kept, cut after 23 characters
 * @size: of an object in bytes, at most PRMEM_CACHE_MAX_SIZE
 * @align: of an object in bytes, a power of two up to PAGE_SIZE, or 0 for 8
 *
 * An object is write-rare from the moment it is allocated. A write that runs past the
 * end of an object is refused, and so is one to an object that is not allocated.
 * Objects are freed individually.
 *
 * Context: Process. May sleep.
 * Return:
 * * the cache
 * * NULL - no memory, no name, a value that is out of range, or called before the
 *   early initcalls are done
 *
 * Keep the pointer in write-rare memory.
 */
struct prmem_cache *prmem_cache_create(const char *name, size_t size,
				       size_t align);

/**
 * prmem_cache_alloc - allocate an object with its contents
 * @cache: the cache
 * @init: an object of the same size, in kernel memory, to copy; or NULL for zeroes
 *
 * There is no moment at which a plain store could reach the object.
 *
 * Context: Process. May sleep; allocates with GFP_KERNEL.
 * Return: the object, or NULL if there is no memory, no such cache, or @init cannot
 * be read.
 */
void *prmem_cache_alloc(struct prmem_cache *cache, const void *init);

/**
 * prmem_cache_free - free an object
 * @cache: the cache it comes from
 * @object: the object, or NULL
 *
 * The object is zeroed, its page stays read-only, and the next few allocations do
 * not return it. A pointer that is not an allocated object of this cache is reported,
 * and nothing happens.
 *
 * Context: Any but NMI. Does not sleep, takes no lock. Outside of a session,
 * interrupts are off for one page of the object at a time.
 */
void prmem_cache_free(struct prmem_cache *cache, void *object);

/**
 * prmem_cache_free_rcu - free an object after a grace period
 * @cache: the cache it comes from
 * @object: the object, or NULL
 *
 * As prmem_cache_free(), after all readers that may have found the object before the
 * call have finished. Needs no room in the object, and no memory.
 *
 * Context: Any but NMI. Does not sleep, takes no lock.
 */
void prmem_cache_free_rcu(struct prmem_cache *cache, void *object);

/**
 * prmem_cache_destroy - give a cache back
 * @cache: the cache, or NULL
 *
 * All objects must have been freed; those of prmem_cache_free_rcu() are waited for. If
 * one is left, this is reported, and the cache stays.
 *
 * Context: Process. May sleep.
 */
void prmem_cache_destroy(struct prmem_cache *cache);

/**
 * proc_check_table_wr - can anybody write this sysctl table?
 * @table: the table
 *
 * For a handler that writes table->data by itself. Whoever can write a table can have
 * a handler write any write-rare memory. So tables are __wr_ro_after_init, or in a pool
 * that is read-only, where those of modules have to be.
 *
 * Context: Any.
 * Return:
 * * 0 - it is read-only, or prmem is not active
 * * -EACCES - it is not; the first refusal of a call site is reported
 */
int proc_check_table_wr(const struct ctl_table *table);

/**
 * proc_handler_wr - call a sysctl handler, and write what it changes
 * @handler: stores to the data of the table that it is given
 * @table: the sysctl table, whose data is write-rare, and which is itself read-only,
 *	see proc_check_table_wr()
 * @write: true if this is a write
 * @buffer: the user's buffer, already in kernel memory
 * @lenp: its size
 * @ppos: the file position
 *
 * The handler works on a copy of the data, one writer at a time. A value that stays the
 * same is not written. A single integer is one store.
 *
 * Context: Process. May sleep.
 * Return: 0, -ENOMEM, or the errors of @handler, proc_check_table_wr() and wr_memcpy().
 */
int proc_handler_wr(prmem_proc_handler *handler, const struct ctl_table *table, int write,
		    void *buffer, size_t *lenp, loff_t *ppos);

/**
 * proc_dostring_wr - proc_dostring() for a write-rare string
 * @table: as for proc_handler_wr()
 * @write: true if this is a write
 * @buffer: the user's buffer, already in kernel memory
 * @lenp: its size
 * @ppos: the file position
 *
 * Limits, truncation and positions are those of proc_dostring(), which does the
 * work on a copy, see proc_handler_wr().
 *
 * Context: Process. May sleep.
 * Return: 0, or the errors of proc_handler_wr() and proc_dostring().
 */
int proc_dostring_wr(const struct ctl_table *table, int write, void *buffer,
		     size_t *lenp, loff_t *ppos);

/**
 * proc_dobool_wr - proc_dobool() for a write-rare bool
 * @table: as for proc_handler_wr()
 * @write: true if this is a write
 * @buffer: the user's buffer, already in kernel memory
 * @lenp: its size
 * @ppos: the file position
 *
 * As proc_dostring_wr().
 *
 * Context: Process. May sleep.
 * Return: 0, or the errors of proc_handler_wr() and proc_dobool().
 */
int proc_dobool_wr(const struct ctl_table *table, int write, void *buffer,
		   size_t *lenp, loff_t *ppos);

/**
 * proc_dointvec_wr - proc_dointvec() for write-rare integers
 * @table: as for proc_handler_wr()
 * @write: true if this is a write
 * @buffer: the user's buffer, already in kernel memory
 * @lenp: its size
 * @ppos: the file position
 *
 * As proc_dostring_wr(). A single integer is one store; a vector is copied as by
 * wr_memcpy().
 *
 * Context: Process. May sleep.
 * Return: 0, or the errors of proc_handler_wr() and proc_dointvec().
 */
int proc_dointvec_wr(const struct ctl_table *table, int write, void *buffer,
		     size_t *lenp, loff_t *ppos);

/**
 * proc_dointvec_minmax_wr - proc_dointvec_minmax() for write-rare integers
 * @table: as for proc_handler_wr()
 * @write: true if this is a write
 * @buffer: the user's buffer, already in kernel memory
 * @lenp: its size
 * @ppos: the file position
 *
 * As proc_dointvec_wr().
 *
 * Context: Process. May sleep.
 * Return: 0, or the errors of proc_handler_wr() and proc_dointvec_minmax().
 */
int proc_dointvec_minmax_wr(const struct ctl_table *table, int write,
			    void *buffer, size_t *lenp, loff_t *ppos);

/**
 * proc_doulongvec_minmax_wr - proc_doulongvec_minmax() for write-rare unsigned longs
 * @table: as for proc_handler_wr()
 * @write: true if this is a write
 * @buffer: the user's buffer, already in kernel memory
 * @lenp: its size
 * @ppos: the file position
 *
 * As proc_dointvec_wr().
 *
 * Context: Process. May sleep.
 * Return: 0, or the errors of proc_handler_wr() and proc_doulongvec_minmax().
 */
int proc_doulongvec_minmax_wr(const struct ctl_table *table, int write,
			      void *buffer, size_t *lenp, loff_t *ppos);

/*
 * What __wr_stores() is given, as the stores it stands for: all of them, or all and
 * @last if @cond. The values are computed before the first store is made.
 */
#define __wr_store(where, val)	{ (void *)&(where), __wr_pointer(where, val) }
#define __wr_publish(release, where, val)	__wr_store(where, val)

#define __wr_store_all(...)						\
({									\
	const struct wr_store __wr_list[] = { __VA_ARGS__ };		\
									\
	__wr_stores(__wr_list, ARRAY_SIZE(__wr_list));			\
})

/*
 * 0 if the pointer @where can be written. If it cannot, a store that would change
 * nothing says why, and is reported.
 */
#define __wr_may_store(where)						\
({									\
	__auto_type __wr_at = &(where);				\
									\
	likely(prmem_is_wr(__wr_at, sizeof(*__wr_at)) &&		\
	       IS_ALIGNED((unsigned long)__wr_at, sizeof(*__wr_at))) ?	\
		0 : __wr_store_all(__wr_store(*__wr_at, *__wr_at));	\
})
#define __wr_may_store_both(a, b)	(__wr_may_store(a) ?: __wr_may_store(b))

#define __wr_store_if(cond, last, ...)					\
({									\
	const struct wr_store __wr_list[] = { __VA_ARGS__, last };	\
									\
	__wr_stores(__wr_list, ARRAY_SIZE(__wr_list) - !(cond));	\
})

#else /* !CONFIG_PRMEM */

/*
 * The same calls on ordinary memory: a store is a store, and a pool is a list
 * of what was allocated from it, so that it can be freed as a whole.
 */
#define __wr_after_init
#define __wr_read_mostly __read_mostly
#define __wr_ro_after_init

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

#define wr_rcu_assign_pointer(p, v)					\
({									\
	/* For its type: rcu_assign_pointer() takes any pointer. */	\
	if (0)								\
		(p) = RCU_INITIALIZER(v);				\
	rcu_assign_pointer(p, v);					\
	0;								\
})

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
	int align_order;
	struct __pmalloc_chunk {
		struct __pmalloc_chunk *next;
	} *chunks;
};

static inline struct pmalloc_pool *
pmalloc_create_custom_pool(const char *name, size_t refill, int align_order,
			   enum pmalloc_mode mode)
{
	struct pmalloc_pool *pool;

	if (!name || !*name || (unsigned int)mode > PMALLOC_MODE_START_WR ||
	    align_order < 0 || align_order > PAGE_SHIFT ||
	    !refill || refill > PMALLOC_REFILL_MAX)
		return NULL;
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (pool)
		pool->align_order = align_order;
	return pool;
}

static inline struct pmalloc_pool *pmalloc_create_pool(const char *name,
						       enum pmalloc_mode mode)
{
	return pmalloc_create_custom_pool(name, PMALLOC_REFILL_DEFAULT,
					  ilog2(sizeof(u64)), mode);
}

static inline void *pmalloc(struct pmalloc_pool *pool, size_t size)
{
	struct __pmalloc_chunk *chunk, *first;
	size_t room;

	if (!pool || !size || size > INT_MAX - 2 * PAGE_SIZE)
		return NULL;
	/* The link is in front, and as long as the alignment. */
	room = max(sizeof(*chunk), 1UL << pool->align_order);
	chunk = kvzalloc(ALIGN(size + room, room), GFP_KERNEL);
	if (!chunk)
		return NULL;
	first = READ_ONCE(pool->chunks);
	do {
		chunk->next = first;
	} while (!try_cmpxchg(&pool->chunks, &first, chunk));
	return (void *)chunk + room;
}

static inline void *pmemdup(struct pmalloc_pool *pool, const void *src,
			    size_t size)
{
	void *copy = src ? pmalloc(pool, size) : NULL;

	return copy ? memcpy(copy, src, size) : NULL;
}

static inline char *pstrdup(struct pmalloc_pool *pool, const char *s)
{
	return s ? pmemdup(pool, s, strlen(s) + 1) : NULL;
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
	struct __pmalloc_chunk *chunk, *next;

	if (!pool)
		return;
	for (chunk = pool->chunks; chunk; chunk = next) {
		next = chunk->next;
		kvfree(chunk);
	}
	kfree(pool);
}

/* An object has what it takes to be freed later behind it. */
struct prmem_cache {
	size_t size;
	struct kmem_cache *objects;
};

struct __prmem_rcu {
	struct rcu_head head;
	struct kmem_cache *objects;
	void *object;
};

static inline struct __prmem_rcu *__prmem_rcu(const struct prmem_cache *cache,
					      void *object)
{
	return object + ALIGN(cache->size, sizeof(void *));
}

static inline void __prmem_free_rcu(struct rcu_head *head)
{
	struct __prmem_rcu *rcu = container_of(head, struct __prmem_rcu, head);

	kmem_cache_free(rcu->objects, rcu->object);
}

static inline struct prmem_cache *prmem_cache_create(const char *name, size_t size,
						     size_t align)
{
	struct prmem_cache *cache;

	if (!name || !*name || !size || size > PRMEM_CACHE_MAX_SIZE ||
	    align > PAGE_SIZE || (align && !is_power_of_2(align)))
		return NULL;
	cache = kzalloc(sizeof(*cache), GFP_KERNEL);
	if (!cache)
		return NULL;
	cache->size = size;
	/* An object may be copied to user space, as with PRMEM=y. */
	cache->objects = kmem_cache_create_usercopy(name,
						    ALIGN(size, sizeof(void *)) +
						    sizeof(struct __prmem_rcu),
						    max(align, PRMEM_CACHE_MIN_ALIGN),
						    0, 0, size, NULL);
	if (cache->objects)
		return cache;
	kfree(cache);
	return NULL;
}

static inline void *prmem_cache_alloc(struct prmem_cache *cache, const void *init)
{
	void *object;

	if (!cache)
		return NULL;
	object = kmem_cache_zalloc(cache->objects, GFP_KERNEL);
	if (object && init)
		memcpy(object, init, cache->size);
	return object;
}

static inline void prmem_cache_free(struct prmem_cache *cache, void *object)
{
	if (cache && object)
		kmem_cache_free(cache->objects, object);
}

static inline void prmem_cache_free_rcu(struct prmem_cache *cache, void *object)
{
	struct __prmem_rcu *rcu;

	if (!cache || !object)
		return;
	rcu = __prmem_rcu(cache, object);
	rcu->objects = cache->objects;
	rcu->object = object;
	call_rcu(&rcu->head, __prmem_free_rcu);
}

static inline void prmem_cache_destroy(struct prmem_cache *cache)
{
	if (!cache)
		return;
	rcu_barrier();
	kmem_cache_destroy(cache->objects);
	kfree(cache);
}

static inline int proc_check_table_wr(const struct ctl_table *table)
{
	return 0;
}

#define proc_handler_wr(handler, ...)	handler(__VA_ARGS__)
#define proc_dostring_wr		proc_dostring
#define proc_dobool_wr			proc_dobool
#define proc_dointvec_wr		proc_dointvec
#define proc_dointvec_minmax_wr		proc_dointvec_minmax
#define proc_doulongvec_minmax_wr	proc_doulongvec_minmax

/* One store after the other; each value is computed just before. */
#define __wr_store(where, val) \
	(*(void *volatile *)&(where) = __wr_pointer(where, val))
#define __wr_publish(release, where, val)				\
({									\
	if (release)	/* Pairs with rcu_dereference(). */		\
		smp_store_release((void **)&(where), __wr_pointer(where, val)); \
	else								\
		__wr_store(where, val);					\
})
#define __wr_store_all(...)	({ __VA_ARGS__; 0; })
#define __wr_may_store(where)	((void)&(where), 0)
#define __wr_may_store_both(a, b)	((void)&(a), (void)&(b), 0)
#define __wr_store_if(cond, last, ...)					\
({									\
	__VA_ARGS__;							\
	if (cond)							\
		last;							\
	0;								\
})

#endif /* CONFIG_PRMEM */

/**
 * pzalloc - pmalloc() under the name of kzalloc()
 * @pool: the pool
 * @size: in bytes
 *
 * Context: Process. May sleep.
 * Return: as pmalloc(), whose memory is zeroed anyway
 */
static inline void *pzalloc(struct pmalloc_pool *pool, size_t size)
{
	return pmalloc(pool, size);
}

/**
 * pmalloc_array - allocate an array from a pool
 * @pool: the pool
 * @n: number of elements
 * @size: of an element in bytes
 *
 * Context: Process. May sleep.
 * Return: as pmalloc(); NULL also if @n times @size overflows
 */
static inline void *pmalloc_array(struct pmalloc_pool *pool, size_t n, size_t size)
{
	return pmalloc(pool, size_mul(n, size));
}

/**
 * pcalloc - pmalloc_array() under the name of kcalloc()
 * @pool: the pool
 * @n: number of elements
 * @size: of an element in bytes
 *
 * Context: Process. May sleep.
 * Return: as pmalloc_array()
 */
static inline void *pcalloc(struct pmalloc_pool *pool, size_t n, size_t size)
{
	return pmalloc_array(pool, n, size);
}

/* @val, of a type that can be assigned to @where, even if that is const. */
#define __wr_pointer(where, val)	((void *)(1 ? (val) : (where)))

/* __free(pmalloc_pool) destroys a pool when its variable goes out of scope. */
DEFINE_FREE(pmalloc_pool, struct pmalloc_pool *, pmalloc_destroy_pool(_T))

/* __free(prmem_cache) does so with a cache. */
DEFINE_FREE(prmem_cache, struct prmem_cache *, prmem_cache_destroy(_T))

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

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Benchmarks of write-rare memory, next to what one would use instead.
 *
 * A row is one operation done by one mechanism. Its loop stands between two marks,
 * instructions that do nothing: tests/bench/count.c, a plugin of QEMU, counts what is
 * executed in between. The guest itself counts with the architecture's counter.
 *
 * A mechanism is a pair of functions. X_open() makes pages of an area writable, and
 * says at which address; X_close() undoes that. BENCH_MECHANISM() makes the operations
 * out of them. Both are inlined, so that nothing but their own cost is measured.
 */
#ifndef _PRMEM_BENCH_H
#define _PRMEM_BENCH_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/types.h>

#ifdef CONFIG_X86_64
#include <asm/msr.h>

#define BENCH_MARK_ASM(code)	".byte 0x0f, 0x1f, 0x80; .long 0x70726d00 + " code
#define BENCH_STORE_ASM		"movq %1, %0"
#define BENCH_STORED(word)	"=m" (word)
#define BENCH_LOOP_ASM		"1: subq $1, %0; jnz 1b"

static __always_inline u64 bench_now(void)
{
	return rdtsc_ordered();
}
#else
#include <asm/arch_timer.h>

#define BENCH_MARK_ASM(code)	".inst 0xd280001f + ((0x7000 + " code ") << 5)"
#define BENCH_STORE_ASM		"str %1, %0"
#define BENCH_STORED(word)	"=Q" (word)
#define BENCH_LOOP_ASM		"1: subs %0, %0, #1; b.ne 1b"

static __always_inline u64 bench_now(void)
{
	return __arch_counter_get_cntvct();
}
#endif

enum bench_mark {
	BENCH_BEGIN = 1,
	BENCH_END,
	BENCH_WATCH,
	BENCH_FORGET,
	BENCH_NO_LINES,
};

static __always_inline void bench_mark(const enum bench_mark mark)
{
	asm volatile(BENCH_MARK_ASM("%c0") : : "i" (mark) : "memory");
}

/*
 * Whoever counts learns the address from the store, of what is there. Nobody changes
 * the word meanwhile.
 */
static __always_inline void bench_watch_word(void *word)
{
	u64 val = READ_ONCE(*(u64 *)word);

	asm volatile(BENCH_MARK_ASM("%c2") "; " BENCH_STORE_ASM
		     : BENCH_STORED(*(u64 *)word) : "r" (val), "i" (BENCH_WATCH) : "memory");
}

/* 2 instructions each time. */
static __always_inline void bench_known_loop(unsigned long times)
{
	asm volatile(BENCH_LOOP_ASM : "+r" (times) : : "cc");
}

/* Pages of the largest area of a mechanism. */
#define BENCH_PAGES		256U

/* How many stores are one by one or together. */
#define BENCH_BATCH		16U

/**
 * struct bench_area - what is written to
 * @mem: its address
 * @pages: its pages
 * @nr_pages: how many
 * @protected: refuses plain stores
 * @alias: where it is mapped in a temporary mm
 */
struct bench_area {
	void *mem;
	struct page *pages[BENCH_PAGES];
	unsigned int nr_pages;
	bool protected;
	unsigned long alias;
};

/* What X_open() keeps for X_close(). */
struct bench_state {
	unsigned long flags;
	struct mm_struct *prev;
};

/**
 * struct bench_ops - what a mechanism can do
 * @name: for people
 * @write: 8 bytes, one store
 * @publish: a pointer, with release order
 * @exchange: compare and exchange, 8 bytes
 * @copy: any number of bytes
 * @batch: BENCH_BATCH words that are @stride bytes apart, opened together
 * @watch: has the words watched that have to change for this area
 * @remaps: by construction, for one page; negative if @watch tells
 * @whole_area: opening a page opens the linear map of the whole area as well
 * @irqs_off: has to be called so
 * @nr: how often it is measured
 */
struct bench_ops {
	const char *name;
	void (*write)(struct bench_area *area, u64 *p, u64 val);
	void (*publish)(struct bench_area *area, u64 *p, u64 val);
	u64 (*exchange)(struct bench_area *area, u64 *p, u64 old, u64 val);
	void (*copy)(struct bench_area *area, void *dst, const void *src, size_t len);
	void (*batch)(struct bench_area *area, unsigned int stride, u64 val);
	void (*watch)(struct bench_area *area);
	int remaps;
	bool whole_area;
	bool irqs_off;
	unsigned int nr;
};

/**
 * struct bench - a run
 * @out: where rows go
 * @seq: number of the row
 * @ticks: what the last loop took
 * @ipis: the interrupts that were sent to other CPUs for it
 * @failed: a row was not what it seems to be
 */
struct bench {
	struct seq_file *out;
	unsigned int seq;
	u64 ticks;
	u64 ipis;
	bool failed;
};

void bench_frames(struct bench *b, struct bench_area *area);
void bench_watch(const struct bench_ops *ops, struct bench_area *area);
int bench_remaps(const struct bench_ops *ops, const struct bench_area *area,
		 unsigned int openings, unsigned int nr_pages);
void bench_row_of_calls(struct bench *b, const char *operation, const char *mechanism,
			unsigned int nr, unsigned int calls, int remaps, bool ok);

/* An operation that is one call of the mechanism, or none. */
static inline void bench_row(struct bench *b, const char *operation, const char *mechanism,
			     unsigned int nr, int remaps, bool ok)
{
	bench_row_of_calls(b, operation, mechanism, nr, 0, remaps, ok);
}

/**
 * struct bench_loop - one that is measured
 * @b: the run
 * @irqs_off: is it with interrupts off?
 * @flags: whether they were on
 */
struct bench_loop {
	struct bench *b;
	bool irqs_off;
	unsigned long flags;
};

void bench_prepare(struct bench_loop *loop);
void bench_finish(struct bench_loop *loop);

static __always_inline void bench_begin(struct bench_loop *loop)
{
	bench_prepare(loop);
	loop->b->ticks = bench_now();
	bench_mark(BENCH_BEGIN);
}

static __always_inline void bench_end(struct bench_loop *loop)
{
	bench_mark(BENCH_END);
	loop->b->ticks = bench_now() - loop->b->ticks;
	bench_finish(loop);
}

/*
 * @body, @nr times; twice before, so that nothing is for the first time. @between is
 * done after these, and is not measured: what it changes only the loop can have seen.
 */
#define BENCH_LOOP_BETWEEN(b, nr, irqs_off, between, body)		\
do {									\
	struct bench_loop __loop = { b, irqs_off };			\
	unsigned int __round, __times, i;				\
									\
	for (__round = 0; __round < 2; __round++) {			\
		__times = __round ? (nr) : 2;				\
		if (__round) {						\
			between;					\
			bench_begin(&__loop);				\
		}							\
		for (i = 0; i < __times; i++) {				\
			body;						\
			barrier();					\
		}							\
		if (__round)						\
			bench_end(&__loop);				\
	}								\
} while (0)

#define BENCH_LOOP(b, nr, irqs_off, body)				\
	BENCH_LOOP_BETWEEN(b, nr, irqs_off, ({ }), body)

static __always_inline unsigned int bench_page(const struct bench_area *area, const void *p)
{
	return (p - area->mem) >> PAGE_SHIFT;
}

/* The operations of X, which opens up to @max pages at once. */
#define BENCH_MECHANISM(x, max)						\
static noinline void x##_write(struct bench_area *area, u64 *p, u64 val) \
{									\
	unsigned int page = bench_page(area, p);			\
	struct bench_state state;					\
	void *w = x##_open(area, page, 1, &state);				\
									\
	WRITE_ONCE(*(u64 *)(w + offset_in_page(p)), val);		\
	x##_close(area, page, 1, w, &state);					\
}									\
									\
static noinline void x##_publish(struct bench_area *area, u64 *p, u64 val) \
{									\
	unsigned int page = bench_page(area, p);			\
	struct bench_state state;					\
	void *w = x##_open(area, page, 1, &state);				\
									\
	/* Pairs with rcu_dereference(), if there were readers. */	\
	smp_store_release((u64 *)(w + offset_in_page(p)), val);	\
	x##_close(area, page, 1, w, &state);					\
}									\
									\
static noinline u64 x##_cmpxchg(struct bench_area *area, u64 *p, u64 old, u64 val) \
{									\
	unsigned int page = bench_page(area, p);			\
	struct bench_state state;					\
	void *w = x##_open(area, page, 1, &state);				\
	u64 ret = cmpxchg((u64 *)(w + offset_in_page(p)), old, val);	\
									\
	x##_close(area, page, 1, w, &state);					\
	return ret;							\
}									\
									\
static noinline void x##_copy(struct bench_area *area, void *dst, const void *src, size_t len) \
{									\
	while (len) {							\
		size_t chunk = min_t(size_t, len, (max) * PAGE_SIZE - offset_in_page(dst)); \
		unsigned int nr = PFN_UP(offset_in_page(dst) + chunk);	\
		unsigned int page = bench_page(area, dst);		\
		struct bench_state state;				\
		void *w = x##_open(area, page, nr, &state);			\
									\
		memcpy(w + offset_in_page(dst), src, chunk);		\
		x##_close(area, page, nr, w, &state);				\
		dst += chunk;						\
		src += chunk;						\
		len -= chunk;						\
	}								\
}

/* Several stores, for which X opens the pages once. */
#define BENCH_TOGETHER(x)						\
static noinline void x##_batch(struct bench_area *area, unsigned int stride, u64 val) \
{									\
	unsigned int i, nr = PFN_UP(BENCH_BATCH * stride);		\
	struct bench_state state;					\
	void *w = x##_open(area, 0, nr, &state);				\
									\
	for (i = 0; i < BENCH_BATCH; i++)				\
		WRITE_ONCE(*(u64 *)(w + i * stride), val + i);	\
	x##_close(area, 0, nr, w, &state);					\
}

static __always_inline u64 *bench_word(struct bench_area *area, unsigned int i,
				       unsigned int stride)
{
	return area->mem + i * stride;
}

static __always_inline void bench_write_all(const struct bench_ops *ops,
					    struct bench_area *area,
					    unsigned int stride, u64 val)
{
	unsigned int i;

	for (i = 0; i < BENCH_BATCH; i++)
		ops->write(area, bench_word(area, i, stride), val + i);
}

/*
 * temporary.c: two mms that no process has. The entries of BENCH_BATCH pages of the
 * first one lie in one page table; the second one maps each area for good.
 */
#define BENCH_ALIAS	BIT(30)

extern struct mm_struct *bench_bare_mm, *bench_alias_mm;
extern pte_t *bench_bare_ptes, bench_bare_entries[BENCH_PAGES];

void bench_bare_know(struct bench_area *area);
int bench_alias_map(struct bench_area *area);
int bench_temporary_init(void);

/* x86.c, arm64.c */
pgprot_t bench_alias_prot(void);

extern const struct bench_ops bench_bare, bench_patch, bench_alias;

/* Does set_memory_rw() open the linear map of an area, or of what it is given? */
#define BENCH_WHOLE_AREA	IS_ENABLED(CONFIG_ARM64)

/* mechanisms.c */
extern const struct bench_ops bench_plain, bench_prmem, bench_vmap, bench_setmem;

/* Tests */
void bench_writes(struct bench *b);
void bench_profile(struct bench *b);
void bench_memory(struct bench *b);
void bench_growth(struct bench *b);
void bench_cpus(struct bench *b);
void bench_lists(struct bench *b);

int bench_area_new(struct bench_area *area, unsigned int nr_pages, bool protect);
int bench_area_of(struct bench_area *area, void *mem, unsigned int nr_pages);
struct pmalloc_pool;

void *bench_aligned(struct pmalloc_pool *pool, size_t size);
bool bench_refuses(const void *mem, size_t size);
bool bench_refuses_stores(const struct bench_area *area);
bool bench_is_writable(const void *mem);
bool bench_is_gone(const void *mem);

#endif /* _PRMEM_BENCH_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * Mechanisms that need nothing of the architecture.
 *
 * Those that stand for other proposals do no more than these did, or less: no checks,
 * no locks where the caller may have one.
 */
#include <linux/cpumask.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/set_memory.h>
#include <linux/vmalloc.h>

#include "bench.h"

/* Plain stores to memory that nobody protects: the floor. */
static noinline void plain_write(struct bench_area *area, u64 *p, u64 val)
{
	WRITE_ONCE(*p, val);
}

static noinline void plain_publish(struct bench_area *area, u64 *p, u64 val)
{
	/* Pairs with rcu_dereference(), if there were readers. */
	smp_store_release(p, val);
}

static noinline u64 plain_cmpxchg(struct bench_area *area, u64 *p, u64 old, u64 val)
{
	return cmpxchg(p, old, val);
}

static noinline void plain_copy(struct bench_area *area, void *dst, const void *src,
				size_t len)
{
	memcpy(dst, src, len);
}

static noinline void plain_batch(struct bench_area *area, unsigned int stride, u64 val)
{
	unsigned int i;

	for (i = 0; i < BENCH_BATCH; i++)
		WRITE_ONCE(*(u64 *)(area->mem + i * stride), val + i);
}

const struct bench_ops bench_plain = {
	.name = "plain store", .write = plain_write, .publish = plain_publish,
	.exchange = plain_cmpxchg, .copy = plain_copy, .batch = plain_batch,
	.nr = 10000,
};

/* The first RFC: the page gets a second mapping, which all CPUs see. */
static __always_inline void *vmap_open(struct bench_area *area, unsigned int page,
				       unsigned int nr, struct bench_state *state)
{
	struct page *pages[BENCH_BATCH];
	unsigned int i;

	for (i = 0; i < nr; i++)
		pages[i] = vmalloc_to_page(area->mem + (page + i) * PAGE_SIZE);
	return vmap(pages, nr, VM_MAP, PAGE_KERNEL);
}

/*
 * What vunmap() puts off a worker does as soon as it is more than 8192 pages (for one
 * CPU), of which each mapping has one more than it maps. Here it is done somewhat
 * earlier, and at once, so that each run has the same part of it.
 */
#define VMAP_PUT_OFF	8000

static int vmap_left;

static void vmap_put_off(void)
{
	vm_unmap_aliases();
	vmap_left = VMAP_PUT_OFF * fls(num_online_cpus());
}

static __always_inline void vmap_close(struct bench_area *area, unsigned int page,
				       unsigned int nr, void *w, struct bench_state *state)
{
	vunmap(w);
	vmap_left -= nr + 1;
	if (vmap_left <= 0)
		vmap_put_off();
}

BENCH_MECHANISM(vmap, BENCH_BATCH)
BENCH_TOGETHER(vmap)

static void vmap_watch(struct bench_area *area)
{
	vmap_put_off();
}

const struct bench_ops bench_vmap = {
	.name = "vmap per write", .write = vmap_write, .publish = vmap_publish,
	.exchange = vmap_cmpxchg, .copy = vmap_copy, .batch = vmap_batch,
	.watch = vmap_watch, .remaps = 1, .nr = 2 * VMAP_PUT_OFF,
};

static __always_inline void *setmem_open(struct bench_area *area, unsigned int page,
					 unsigned int nr, struct bench_state *state)
{
	void *w = area->mem + page * PAGE_SIZE;

	set_memory_rw((unsigned long)w, nr);
	return w;
}

static __always_inline void setmem_close(struct bench_area *area, unsigned int page,
					 unsigned int nr, void *w, struct bench_state *state)
{
	set_memory_ro((unsigned long)w, nr);
}

BENCH_MECHANISM(setmem, BENCH_PAGES)
BENCH_TOGETHER(setmem)

/* The page's own mapping, and the one in the linear map; on arm64, that of all pages. */
const struct bench_ops bench_setmem = {
	.name = "set_memory_rw/ro", .write = setmem_write, .publish = setmem_publish,
	.exchange = setmem_cmpxchg, .copy = setmem_copy, .batch = setmem_batch,
	.remaps = 2, .whole_area = BENCH_WHOLE_AREA, .nr = 1000,
};

/* Ours, as a caller would write it; errors are found in what was not written. */
static noinline void prmem_write(struct bench_area *area, u64 *p, u64 val)
{
	wr_assign(*p, val);
}

static noinline void prmem_publish(struct bench_area *area, u64 *p, u64 val)
{
	void __rcu **pp = (void __rcu **)p;

	wr_rcu_assign_pointer(*pp, (void *)val);
}

static noinline u64 prmem_cmpxchg(struct bench_area *area, u64 *p, u64 old, u64 val)
{
	u64 found = 0;

	wr_cmpxchg(p, old, val, &found);
	return found;
}

static noinline void prmem_copy(struct bench_area *area, void *dst, const void *src,
				size_t len)
{
	wr_memcpy(dst, src, len);
}

static noinline void prmem_batch(struct bench_area *area, unsigned int stride, u64 val)
{
	unsigned int i;

	guard(wr_session)();
	for (i = 0; i < BENCH_BATCH; i++)
		wr_assign(*(u64 *)(area->mem + i * stride), val + i);
}

static void prmem_watch(struct bench_area *area)
{
	unsigned int slot;

	for (slot = 0; slot < PRMEM_SLOTS; slot++)
		bench_watch_word(&prmem_windows[raw_smp_processor_id()].slots[slot]);
}

const struct bench_ops bench_prmem = {
	.name = "prmem", .write = prmem_write, .publish = prmem_publish,
	.exchange = prmem_cmpxchg, .copy = prmem_copy, .batch = prmem_batch,
	.watch = prmem_watch, .remaps = -1, .nr = 10000,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Writes: the same work by each mechanism.
 *
 * A row is good if the area refused plain stores before and after (both of its
 * mappings), and if what was to be written is there.
 */
#include <linux/memory.h>
#include <linux/mutex.h>
#include <linux/prmem.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bench.h"

static const struct bench_ops *const mechanisms[] = {
	&bench_plain, &bench_bare, &bench_prmem, &bench_vmap, &bench_setmem,
	&bench_patch, &bench_alias,
};

static struct bench_area plain_area, pool_area, ro_area, ro_one, ro_batch;
static u64 *source;

/*
 * set_memory_rw() of arm64 opens the linear map of all pages of an area: that one is
 * given as many as it needs.
 */
static struct bench_area *area_of(const struct bench_ops *ops, unsigned int nr_pages)
{
	if (ops == &bench_plain)
		return &plain_area;
	if (ops == &bench_setmem && nr_pages <= BENCH_BATCH)
		return nr_pages == 1 ? &ro_one : &ro_batch;
	return ops == &bench_prmem || ops == &bench_bare ? &pool_area : &ro_area;
}

static bool new_areas(void)
{
	const size_t size = BENCH_PAGES * PAGE_SIZE;
	struct pmalloc_pool *pool = pmalloc_create_custom_pool("bench", size, PAGE_SHIFT,
							       PMALLOC_MODE_WR);
	unsigned int i;

	source = vmalloc(size);
	if (!source || bench_area_new(&plain_area, BENCH_PAGES, false) ||
	    bench_area_new(&ro_area, BENCH_PAGES, true) ||
	    bench_area_new(&ro_one, 1, true) || bench_area_new(&ro_batch, BENCH_BATCH, true) ||
	    bench_area_of(&pool_area, pmalloc(pool, size), BENCH_PAGES) ||
	    pmalloc_protect_pool(pool))
		return false;
	for (i = 0; i < size / sizeof(u64); i++)
		source[i] = i * 0x9e3779b97f4a7c15;
	return true;
}

/* Where 16 words are: in one page, or in one page each. */
#define ONE_PAGE	(2 * (unsigned int)sizeof(u64))
#define OWN_PAGES	((unsigned int)PAGE_SIZE)

static u64 *word(struct bench_area *area, unsigned int i, unsigned int stride)
{
	return area->mem + i * stride;
}

static bool words_are(struct bench_area *area, unsigned int stride, u64 val)
{
	unsigned int i;

	for (i = 0; i < BENCH_BATCH; i++)
		if (*word(area, i, stride) != val + i)
			return false;
	return true;
}

static int remaps(const struct bench_ops *ops, unsigned int nr_pages)
{
	return ops->remaps < 0 ? -1 : ops->remaps * nr_pages;
}

static noinline void nothing(struct bench_area *area, u64 *p, u64 val)
{
}

/* What a row of each mechanism has of the loop and the call of the mechanism. */
static void frame(struct bench *b)
{
	void (*fn)(struct bench_area *area, u64 *p, u64 val) = nothing;

	OPTIMIZER_HIDE_VAR(fn);
	BENCH_LOOP(b, 1000000, true, fn(&plain_area, plain_area.mem, i));
	bench_row(b, "calibration", "loop and call", 1000000, 0, true);
}

static void one_write(struct bench *b, const struct bench_ops *ops)
{
	struct bench_area *area = area_of(ops, 1);
	bool ok = bench_refuses_stores(area);
	u64 *p = area->mem;

	bench_watch(ops, area);
	ops->write(area, p, 0x1234);
	ok &= *p == 0x1234;
	BENCH_LOOP(b, ops->nr, ops->irqs_off, ops->write(area, p, i + 1));
	bench_row(b, "8-byte write", ops->name, ops->nr, remaps(ops, 1),
		  ok && *p == ops->nr && bench_refuses_stores(area));
}

static void one_copy(struct bench *b, const struct bench_ops *ops, size_t len,
		     const char *operation)
{
	unsigned int nr = max(2U, ops->nr / (1 + (unsigned int)(len / 100)));
	struct bench_area *area = area_of(ops, DIV_ROUND_UP(len, PAGE_SIZE));
	bool ok = bench_refuses_stores(area);

	bench_watch(ops, area);
	/* Another source than before, so that it can be seen to have been copied. */
	ops->copy(area, area->mem, area == &plain_area ? (void *)source + PAGE_SIZE :
		  plain_area.mem, min(len, PAGE_SIZE));
	BENCH_LOOP(b, nr, ops->irqs_off, ops->copy(area, area->mem, source, len));
	bench_row(b, operation, ops->name, nr, remaps(ops, DIV_ROUND_UP(len, PAGE_SIZE)),
		  ok && !memcmp(area->mem, source, len) && bench_refuses_stores(area));
}

static __always_inline void write_all(const struct bench_ops *ops, struct bench_area *area,
				      unsigned int stride, u64 val)
{
	unsigned int k;

	for (k = 0; k < BENCH_BATCH; k++)
		ops->write(area, word(area, k, stride), val + k);
}

static void batch(struct bench *b, const struct bench_ops *ops, unsigned int stride,
		  const char *one_by_one, const char *together)
{
	unsigned int nr = ops->nr / 8, nr_pages = PFN_UP(BENCH_BATCH * stride);
	struct bench_area *area = area_of(ops, nr_pages);
	bool ok = bench_refuses_stores(area);

	bench_watch(ops, area);
	BENCH_LOOP(b, nr, ops->irqs_off, write_all(ops, area, stride, i));
	bench_row(b, one_by_one, ops->name, nr, remaps(ops, BENCH_BATCH),
		  ok && words_are(area, stride, nr - 1) && bench_refuses_stores(area));
	if (!ops->batch)
		return;
	nr *= 2;
	BENCH_LOOP(b, nr, ops->irqs_off, ops->batch(area, stride, i + 77));
	bench_row(b, together, ops->name, nr, remaps(ops, nr_pages),
		  ok && words_are(area, stride, nr + 76) && bench_refuses_stores(area));
}

static void one_pointer(struct bench *b, const struct bench_ops *ops)
{
	struct bench_area *area = area_of(ops, 1);
	bool ok = bench_refuses_stores(area);
	u64 *p = area->mem;

	bench_watch(ops, area);
	BENCH_LOOP(b, ops->nr, ops->irqs_off, ops->publish(area, p, i + 5));
	bench_row(b, "publish an RCU pointer", ops->name, ops->nr, remaps(ops, 1),
		  ok && *p == ops->nr + 4 && bench_refuses_stores(area));
}

static void one_exchange(struct bench *b, const struct bench_ops *ops)
{
	struct bench_area *area = area_of(ops, 1);
	bool ok = bench_refuses_stores(area);
	u64 *p = area->mem;

	bench_watch(ops, area);
	/* Each of them depends on the one before. */
	ops->write(area, p, 0);
	BENCH_LOOP(b, ops->nr, ops->irqs_off, ops->exchange(area, p, *p, *p + 1));
	bench_row(b, "cmpxchg", ops->name, ops->nr, remaps(ops, 1),
		  ok && *p == ops->nr + 2 && bench_refuses_stores(area));
}

static void all_writes(struct bench *b, const struct bench_ops *ops)
{
	one_write(b, ops);
	one_copy(b, ops, 64, "64-byte write");
	one_copy(b, ops, PAGE_SIZE, "write of a page");
	one_copy(b, ops, SZ_1M, "write of 1 MiB");
	batch(b, ops, ONE_PAGE, "16 writes to one page, one by one",
	      "16 writes to one page, together");
	batch(b, ops, OWN_PAGES, "16 writes to 16 pages, one by one",
	      "16 writes to 16 pages, together");
	if (ops->publish)
		one_pointer(b, ops);
	if (ops->exchange)
		one_exchange(b, ops);
}

void bench_writes(struct bench *b)
{
	unsigned int i;

	if (!new_areas()) {
		b->failed = true;
		return;
	}
	frame(b);
	mutex_lock(&text_mutex);
	for (i = 0; i < ARRAY_SIZE(mechanisms); i++)
		all_writes(b, mechanisms[i]);
	mutex_unlock(&text_mutex);
}

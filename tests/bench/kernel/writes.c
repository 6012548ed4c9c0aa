// SPDX-License-Identifier: GPL-2.0
/*
 * Writes: the same work by each mechanism.
 *
 * A row is good if the area refused plain stores before and after (both of its
 * mappings), and if what was to be written is there, and was not there before.
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
	struct pmalloc_pool *pool = pmalloc_create_custom_pool("bench", size + PMD_SIZE,
							       PAGE_SHIFT, PMALLOC_MODE_WR);

	source = vmalloc(size);
	return source && !bench_area_new(&plain_area, BENCH_PAGES, false) &&
	       !bench_area_new(&ro_area, BENCH_PAGES, true) &&
	       !bench_area_new(&ro_one, 1, true) &&
	       !bench_area_new(&ro_batch, BENCH_BATCH, true) &&
	       !bench_area_of(&pool_area, bench_aligned(pool, size), BENCH_PAGES) &&
	       !pmalloc_protect_pool(pool);
}

/* Give the source words that are not where they are copied to; false if one is. */
static bool renew_source(const struct bench_area *area, size_t len)
{
	static u64 word = 1;
	const u64 *p = area->mem;
	unsigned int i;

	for (i = 0; i < len / sizeof(u64); i++) {
		word += 0x9e3779b97f4a7c15;
		source[i] = word;
		if (p[i] == word)
			return false;
	}
	return true;
}

/* Where 16 words are: in one page, or in one page each. */
#define ONE_PAGE	(2 * (unsigned int)sizeof(u64))
#define OWN_PAGES	((unsigned int)PAGE_SIZE)

static bool words_are(struct bench_area *area, unsigned int stride, u64 val)
{
	unsigned int i;

	for (i = 0; i < BENCH_BATCH; i++)
		if (*bench_word(area, i, stride) != val + i)
			return false;
	return true;
}

static int one_remap(const struct bench_ops *ops, const struct bench_area *area)
{
	return bench_remaps(ops, area, 1, 1);
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
	bench_row(b, "8-byte write", ops->name, ops->nr, one_remap(ops, area),
		  ok && *p == ops->nr && bench_refuses_stores(area));
}

static void one_copy(struct bench *b, const struct bench_ops *ops, size_t len,
		     const char *operation)
{
	unsigned int nr = max(2U, ops->nr / (1 + (unsigned int)(len / 100)));
	unsigned int nr_pages = DIV_ROUND_UP(len, PAGE_SIZE);
	struct bench_area *area = area_of(ops, nr_pages);
	bool ok = bench_refuses_stores(area);

	bench_watch(ops, area);
	BENCH_LOOP_BETWEEN(b, nr, ops->irqs_off, ok &= renew_source(area, len),
			   ops->copy(area, area->mem, source, len));
	bench_row(b, operation, ops->name, nr, bench_remaps(ops, area, 1, nr_pages),
		  ok && !memcmp(area->mem, source, len) && bench_refuses_stores(area));
}

static void batch(struct bench *b, const struct bench_ops *ops, unsigned int stride,
		  const char *one_by_one, const char *together)
{
	unsigned int nr = ops->nr / 8, nr_pages = PFN_UP(BENCH_BATCH * stride);
	struct bench_area *area = area_of(ops, nr_pages);
	bool ok = bench_refuses_stores(area);

	bench_watch(ops, area);
	BENCH_LOOP(b, nr, ops->irqs_off, bench_write_all(ops, area, stride, i));
	bench_row_of_calls(b, one_by_one, ops->name, nr, BENCH_BATCH,
			   bench_remaps(ops, area, BENCH_BATCH, BENCH_BATCH),
			   ok && words_are(area, stride, nr - 1) &&
			   bench_refuses_stores(area));
	if (!ops->batch)
		return;
	nr *= 2;
	BENCH_LOOP(b, nr, ops->irqs_off, ops->batch(area, stride, i + 77));
	bench_row(b, together, ops->name, nr, bench_remaps(ops, area, 1, nr_pages),
		  ok && words_are(area, stride, nr + 76) && bench_refuses_stores(area));
}

static void one_pointer(struct bench *b, const struct bench_ops *ops)
{
	struct bench_area *area = area_of(ops, 1);
	bool ok = bench_refuses_stores(area);
	u64 *p = area->mem;

	bench_watch(ops, area);
	BENCH_LOOP(b, ops->nr, ops->irqs_off, ops->publish(area, p, i + 5));
	bench_row(b, "publish an RCU pointer", ops->name, ops->nr, one_remap(ops, area),
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
	bench_row(b, "cmpxchg", ops->name, ops->nr, one_remap(ops, area),
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
	bench_frames(b, &plain_area);
	mutex_lock(&text_mutex);
	for (i = 0; i < ARRAY_SIZE(mechanisms); i++)
		all_writes(b, mechanisms[i]);
	mutex_unlock(&text_mutex);
}

/* For a trace of the instructions of a write. */
void bench_profile(struct bench *b)
{
	if (new_areas())
		one_write(b, &bench_prmem);
	else
		b->failed = true;
}

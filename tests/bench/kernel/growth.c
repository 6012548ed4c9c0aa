// SPDX-License-Identifier: GPL-2.0
/*
 * How cost grows: with bytes, pools, areas, and CPUs.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/prmem.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define NR		2000U
#define MOST_CPUS	8U

static void label(char *buf, size_t size, const char *what, unsigned long nr)
{
	snprintf(buf, size, "%s: %lu", what, nr);
}

/* Bytes */

/* Other bytes than those at @dst, where the same ones have to have come from @src. */
static bool renew(u8 *src, const u8 *dst, size_t len)
{
	const u8 byte = *src;

	memset(src, byte + 1, len);
	return !memchr_inv(dst, byte, len);
}

static noinline void plain_copy(void *dst, const void *src, size_t len)
{
	memcpy(dst, src, len);
}

static void bytes(struct bench *b)
{
	const size_t most = SZ_16M;
	struct pmalloc_pool *pool = pmalloc_create_custom_pool("bench_bytes", most + PMD_SIZE, 3,
							       PMALLOC_MODE_WR);
	void *dst = bench_aligned(pool, most), *src = vzalloc(most), *plain = vzalloc(most);
	unsigned int nr;
	char what[32];
	size_t len;
	bool ok;

	if (!dst || !src || !plain || pmalloc_protect_pool(pool)) {
		b->failed = true;
		return;
	}
	for (len = sizeof(u64); len <= most; len *= 8) {
		nr = clamp(SZ_16M / len / 64, 1UL, 1000UL);
		label(what, sizeof(what), "bytes", len);
		memset(src, ilog2(len), len);
		ok = bench_is_writable(plain);
		BENCH_LOOP_BETWEEN(b, nr, false, ok &= renew(src, plain, len),
				   plain_copy(plain, src, len));
		bench_row(b, what, "plain store", nr, 0, ok && !memcmp(plain, src, len));
		ok = bench_refuses(dst, len);
		BENCH_LOOP_BETWEEN(b, nr, false, ok &= renew(src, dst, len),
				   ok &= !wr_memcpy(dst, src, len));
		bench_row(b, what, "prmem", nr, -1, ok && !memcmp(dst, src, len) &&
			  bench_refuses(dst, len));
	}
}

/* Pools, and areas of one pool */

static void write_and_allocate(struct bench *b, const char *what, struct pmalloc_pool *pool,
			       u64 *word)
{
	bool ok = bench_refuses(word, sizeof(*word));

	BENCH_LOOP(b, NR, false, ok &= !wr_assign(*word, i + 3));
	bench_row(b, what, "8-byte write", NR, -1, ok && *word == NR + 2 &&
		  bench_refuses(word, sizeof(*word)));
	BENCH_LOOP(b, NR, false, ok &= !!pmalloc(pool, 64));
	bench_row(b, what, "pmalloc of 64 bytes", NR, 0, ok);
}

static void many_pools(struct bench *b)
{
	struct pmalloc_pool *pool;
	unsigned int nr, have = 0;
	char what[32];
	u64 *word = NULL;

	for (nr = 1; nr <= 10000; nr *= 10) {
		for (; have < nr; have++) {
			pool = pmalloc_create_pool("bench_many", PMALLOC_MODE_WR);
			word = pmalloc(pool, sizeof(*word));
			if (!word || pmalloc_protect_pool(pool)) {
				b->failed = true;
				return;
			}
		}
		label(what, sizeof(what), "pools", nr);
		write_and_allocate(b, what, pool, word);
	}
}

static void many_areas(struct bench *b)
{
	struct pmalloc_pool *pool = pmalloc_create_pool("bench_areas", PMALLOC_MODE_AUTO_WR);
	unsigned int nr, have = 0;
	u64 *word, *first = NULL;
	char what[32];

	for (nr = 1; nr <= 10000; nr *= 10) {
		for (; have < nr; have++) {
			word = pmalloc(pool, PAGE_SIZE);
			first = first ?: word;
			if (!word) {
				b->failed = true;
				return;
			}
		}
		label(what, sizeof(what), "areas", nr);
		if (pmalloc_protect_pool(pool))
			b->failed = true;
		write_and_allocate(b, what, pool, first);
	}
}

void bench_growth(struct bench *b)
{
	bytes(b);
	many_pools(b);
	many_areas(b);
}

/* CPUs */

struct writer {
	const struct bench_ops *ops;
	struct bench_area *area;
	struct completion done;
	u64 *word;
	u64 ticks;
	bool ok;
};

static atomic_t waiting;

/*
 * Interrupts are off, so that nothing but the writes is counted. Each CPU has a page
 * of its own: what CPUs share is what the mechanism makes them share.
 */
static int writer(void *data)
{
	struct writer *w = data;
	unsigned long flags;
	unsigned int i;

	w->ops->write(w->area, w->word, 1);
	local_irq_save(flags);
	atomic_dec(&waiting);
	while (atomic_read(&waiting))
		cpu_relax();
	w->ticks = bench_now();
	bench_mark(BENCH_BEGIN);
	for (i = 0; i < NR; i++)
		w->ops->write(w->area, w->word, i);
	bench_mark(BENCH_END);
	w->ticks = bench_now() - w->ticks;
	local_irq_restore(flags);
	w->ok = *w->word == NR - 1;
	complete(&w->done);
	return 0;
}

static void on_all_cpus(struct bench *b, const struct bench_ops *ops, struct bench_area *area)
{
	static struct writer writers[MOST_CPUS];
	bool ok = bench_refuses_stores(area);
	struct task_struct *tasks[MOST_CPUS];
	unsigned int cpu;
	char what[32];

	b->ticks = 0;
	b->ipis = 0;
	atomic_set(&waiting, num_online_cpus());
	for_each_online_cpu(cpu) {
		writers[cpu].ops = ops;
		writers[cpu].area = area;
		writers[cpu].word = area->mem + cpu * PAGE_SIZE;
		init_completion(&writers[cpu].done);
		tasks[cpu] = kthread_create_on_cpu(writer, &writers[cpu], cpu, "bench/%u");
		if (IS_ERR(tasks[cpu])) {
			b->failed = true;
			return;
		}
	}
	bench_mark(BENCH_NO_LINES);
	/* One that runs leaves its CPU to nobody until the last one runs. */
	for_each_online_cpu(cpu)
		wake_up_process(tasks[cpu]);
	for_each_online_cpu(cpu) {
		wait_for_completion(&writers[cpu].done);
		ok &= writers[cpu].ok;
		b->ticks += writers[cpu].ticks;
	}
	label(what, sizeof(what), "CPUs", num_online_cpus());
	bench_row(b, what, ops->name, NR * num_online_cpus(), 0,
		  ok && bench_refuses_stores(area));
}

void bench_cpus(struct bench *b)
{
	static struct bench_area plain_area, pool_area, ro_area;
	struct pmalloc_pool *pool = pmalloc_create_pool("bench_cpus", PMALLOC_MODE_WR);

	if (num_online_cpus() > MOST_CPUS ||
	    bench_area_new(&plain_area, MOST_CPUS, false) ||
	    bench_area_new(&ro_area, MOST_CPUS, true) ||
	    bench_area_of(&pool_area, pmalloc(pool, MOST_CPUS * PAGE_SIZE), MOST_CPUS) ||
	    pmalloc_protect_pool(pool)) {
		b->failed = true;
		return;
	}
	on_all_cpus(b, &bench_plain, &plain_area);
	on_all_cpus(b, &bench_prmem, &pool_area);
	on_all_cpus(b, &bench_alias, &ro_area);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The files in debugfs whose reading runs the benchmarks, rows, and areas.
 *
 * A row is "row, its number, operation, mechanism, how often, calls of the mechanism
 * within the operation, ticks, interrupts sent to other CPUs, remaps by construction,
 * ok". The numbers are those of the pairs of
 * marks, so that the rows can be joined with what the plugin has counted.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/prmem.h>
#include <linux/sched.h>
#include <linux/set_memory.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <trace/events/ipi.h>

#include "bench.h"

/* Who is measured. Interrupts and other tasks send theirs for themselves. */
static struct task_struct *measured;
static atomic64_t sent;

static void on_ipi(void *data, const unsigned int cpu, unsigned long callsite,
		   void *callback)
{
	if (in_task() && current == measured && cpu != smp_processor_id())
		atomic64_inc(&sent);
}

static void on_ipis(void *data, const struct cpumask *mask, unsigned long callsite,
		    void *callback)
{
	if (in_task() && current == measured)
		atomic64_add(cpumask_weight(mask), &sent);
}

/* Has the words watched that @ops changes to open @area, and no others. */
void bench_watch(const struct bench_ops *ops, struct bench_area *area)
{
	bench_mark(BENCH_FORGET);
	if (ops->watch)
		ops->watch(area);
}

void bench_prepare(struct bench_loop *loop)
{
	/* So that two runs are alike: the next tick of the timer is 10 ms away. */
	schedule_timeout_uninterruptible(1);
	measured = current;
	loop->b->ipis = atomic64_read(&sent);
	if (loop->irqs_off)
		local_irq_save(loop->flags);
}

void bench_finish(struct bench_loop *loop)
{
	if (loop->irqs_off)
		local_irq_restore(loop->flags);
	loop->b->ipis = atomic64_read(&sent) - loop->b->ipis;
}

/* How many mappings @ops opens for @nr_pages that it is given in @openings parts. */
int bench_remaps(const struct bench_ops *ops, const struct bench_area *area,
		 unsigned int openings, unsigned int nr_pages)
{
	if (ops->remaps < 0)
		return -1;
	if (ops->whole_area)
		return openings * area->nr_pages + nr_pages;
	return ops->remaps * nr_pages;
}

void bench_row_of_calls(struct bench *b, const char *operation, const char *mechanism,
			unsigned int nr, unsigned int calls, int remaps, bool ok)
{
	seq_printf(b->out, "row\t%u\t%s\t%s\t%u\t%u\t%llu\t%llu\t%d\t%s\n", ++b->seq,
		   operation, mechanism, nr, calls, b->ticks, b->ipis, remaps,
		   ok ? "ok" : "not ok");
	b->failed |= !ok;
}

/* Does a store to each mapping of @page fault, or does it arrive? */
static bool page_refuses(void *addr, struct page *page, bool wanted)
{
	u64 found = READ_ONCE(*(u64 *)addr), other = ~found;
	bool refused = copy_to_kernel_nofault(addr, &other, sizeof(other));

	if (refused != wanted || (refused && READ_ONCE(*(u64 *)addr) != found))
		return false;
	if (!refused)
		return !copy_to_kernel_nofault(addr, &found, sizeof(found));
	return copy_to_kernel_nofault(page_address(page), &other, sizeof(other)) &&
	       READ_ONCE(*(u64 *)addr) == found;
}

/* Do stores to all pages of @mem fault, and to those of the linear map? */
bool bench_refuses(const void *mem, size_t size)
{
	void *p = (void *)mem, *end = (void *)mem + size;

	while (p < end) {
		if (!vmalloc_to_page(p) || !page_refuses(p, vmalloc_to_page(p), true))
			return false;
		p = PTR_ALIGN_DOWN(p, PAGE_SIZE) + PAGE_SIZE;
	}
	return size;
}

/* Does a store arrive? What was there is there again afterwards. */
bool bench_is_writable(const void *mem)
{
	return mem && page_refuses((void *)mem, NULL, false);
}

/* Is nothing mapped at @mem any more, and nothing found there? */
bool bench_is_gone(const void *mem)
{
	u64 found;

	return !vmalloc_to_page(mem) &&
	       copy_from_kernel_nofault(&found, mem, sizeof(found));
}

/* Is @area protected, if it should be, and open, if not? */
bool bench_refuses_stores(const struct bench_area *area)
{
	unsigned int i;

	for (i = 0; i < area->nr_pages; i++)
		if (!page_refuses(area->mem + i * PAGE_SIZE, area->pages[i], area->protected))
			return false;
	return true;
}

int bench_area_of(struct bench_area *area, void *mem, unsigned int nr_pages)
{
	unsigned int i;

	if (!mem)
		return -ENOMEM;
	area->mem = mem;
	area->nr_pages = nr_pages;
	area->protected = true;
	for (i = 0; i < nr_pages; i++)
		area->pages[i] = vmalloc_to_page(mem + i * PAGE_SIZE);
	return 0;
}

/*
 * @size bytes that begin where a table of the last level begins, so that they have as many
 * of these in each boot.
 */
void *bench_aligned(struct pmalloc_pool *pool, size_t size)
{
	void *mem = pmalloc(pool, size + PMD_SIZE);

	return mem ? PTR_ALIGN(mem, PMD_SIZE) : NULL;
}

/* Never freed: the guest ends when everything has been measured. */
int bench_area_new(struct bench_area *area, unsigned int nr_pages, bool protect)
{
	int err = bench_area_of(area, vzalloc(nr_pages * PAGE_SIZE), nr_pages);

	area->protected = protect;
	if (!err && protect)
		err = set_memory_ro((unsigned long)area->mem, nr_pages);
	if (!err)
		err = bench_alias_map(area);
	return err;
}

#define KNOWN_LOOPS	1000000UL

/* What a tick is, and what the loop itself takes. */
static void calibrate(struct bench *b)
{
	unsigned int nr = KNOWN_LOOPS;
	unsigned long flags;

	/* Without a tick of the timer, which would count as well. */
	local_irq_save(flags);
	b->ipis = 0;
	b->ticks = bench_now();
	bench_mark(BENCH_BEGIN);
	bench_known_loop(KNOWN_LOOPS);
	bench_mark(BENCH_END);
	b->ticks = bench_now() - b->ticks;
	local_irq_restore(flags);
	bench_row(b, "calibration", "loop of 2 instructions", nr, 0, true);
	BENCH_LOOP(b, nr, true, ({ }));
	bench_row(b, "calibration", "empty loop", nr, 0, true);
}

static noinline void nothing(struct bench_area *area, u64 *p, u64 val)
{
}

/*
 * What a row has of the loop and the call of the mechanism, and what one has that calls
 * the mechanism several times.
 */
void bench_frames(struct bench *b, struct bench_area *area)
{
	static const struct bench_ops none = { .write = nothing };
	const struct bench_ops *ops = &none;
	u64 *p = area->mem;

	OPTIMIZER_HIDE_VAR(ops);
	BENCH_LOOP(b, KNOWN_LOOPS, true, ops->write(area, p, i));
	bench_row(b, "calibration", "loop and call", KNOWN_LOOPS, 0, true);
	BENCH_LOOP(b, KNOWN_LOOPS / 10, true, bench_write_all(ops, area, sizeof(u64), i));
	bench_row_of_calls(b, "calibration", "loop and calls", KNOWN_LOOPS / 10, BENCH_BATCH,
			   0, true);
}

static int run(struct seq_file *m, void *unused)
{
	void (*test)(struct bench *b) = m->private;
	struct bench b = { .out = m };

	calibrate(&b);
	test(&b);
	seq_printf(m, "end\t%u\t%s\n", b.seq, b.failed ? "not ok" : "ok");
	return 0;
}

static int open_file(struct inode *inode, struct file *file)
{
	/* With room for all: what does not fit would be run again. */
	return single_open_size(file, run, inode->i_private, SZ_256K);
}

static const struct file_operations bench_fops = {
	.owner = THIS_MODULE,
	.open = open_file,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init bench_init(void)
{
	struct dentry *dir = debugfs_create_dir("prmem_bench", NULL);
	int err = bench_temporary_init() ?: register_trace_ipi_send_cpu(on_ipi, NULL) ?:
		  register_trace_ipi_send_cpumask(on_ipis, NULL);

	if (err)
		return err;
	debugfs_create_file("writes", 0400, dir, bench_writes, &bench_fops);
	debugfs_create_file("profile", 0400, dir, bench_profile, &bench_fops);
	debugfs_create_file("memory", 0400, dir, bench_memory, &bench_fops);
	debugfs_create_file("growth", 0400, dir, bench_growth, &bench_fops);
	debugfs_create_file("cpus", 0400, dir, bench_cpus, &bench_fops);
	debugfs_create_file("lists", 0400, dir, bench_lists, &bench_fops);
	return 0;
}
late_initcall(bench_init);

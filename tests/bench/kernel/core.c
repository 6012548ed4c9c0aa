// SPDX-License-Identifier: GPL-2.0
/*
 * The files in debugfs whose reading runs the benchmarks, rows, and areas.
 *
 * A row is "row, its number, operation, mechanism, how often, ticks, function calls
 * from other CPUs, remaps by construction, ok". The numbers are those of the pairs of
 * marks, so that the rows can be joined with what the plugin has counted.
 */
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqflags.h>
#include <linux/irqnr.h>
#include <linux/module.h>
#include <linux/prmem.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "bench.h"

#ifdef CONFIG_X86_64
#include <asm/hardirq.h>

/* What invalidations are sent as: CPUs that are told to call a function. */
u64 bench_ipis(void)
{
	unsigned int cpu;
	u64 nr = 0;

	for_each_online_cpu(cpu)
		nr += per_cpu(irq_stat, cpu).irq_call_count;
	return nr;
}
#else
/* The second one of those that are called so. */
u64 bench_ipis(void)
{
	unsigned int cpu, irq, found = 0;
	struct irq_desc *desc;
	u64 nr = 0;

	for_each_irq_desc(irq, desc) {
		if (!desc->action || !desc->action->name || strcmp(desc->action->name, "IPI"))
			continue;
		if (++found != 2)
			continue;
		for_each_online_cpu(cpu)
			nr += irq_desc_kstat_cpu(desc, cpu);
	}
	return nr;
}
#endif

void bench_begin(struct bench *b, bool irqs_off, unsigned long *flags)
{
	b->ipis = bench_ipis();
	if (irqs_off)
		local_irq_save(*flags);
}

void bench_end(struct bench *b, bool irqs_off, unsigned long flags)
{
	if (irqs_off)
		local_irq_restore(flags);
	b->ipis = bench_ipis() - b->ipis;
}

void bench_row(struct bench *b, const char *operation, const char *mechanism,
	       unsigned int nr, int remaps, bool ok)
{
	seq_printf(b->out, "row\t%u\t%s\t%s\t%u\t%llu\t%llu\t%d\t%s\n", ++b->seq,
		   operation, mechanism, nr, b->ticks, b->ipis, remaps, ok ? "ok" : "not ok");
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

/* Never freed: the guest ends when everything has been measured. */
int bench_area_new(struct bench_area *area, unsigned int nr_pages, bool protect)
{
	int err = bench_area_of(area, vzalloc(nr_pages * PAGE_SIZE), nr_pages);

	area->protected = protect;
	if (!err && protect)
		err = set_memory_ro((unsigned long)area->mem, nr_pages);
	if (!err)
		err = bench_arch_alias(area);
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
	BENCH_MARK(1);
	bench_known_loop(KNOWN_LOOPS);
	BENCH_MARK(2);
	b->ticks = bench_now() - b->ticks;
	local_irq_restore(flags);
	bench_row(b, "calibration", "loop of 2 instructions", nr, 0, true);
	BENCH_LOOP(b, nr, true, ({ }));
	bench_row(b, "calibration", "empty loop", nr, 0, true);
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
	int err = bench_arch_init();

	if (err)
		return err;
	debugfs_create_file("writes", 0400, dir, bench_writes, &bench_fops);
	debugfs_create_file("memory", 0400, dir, bench_memory, &bench_fops);
	debugfs_create_file("growth", 0400, dir, bench_growth, &bench_fops);
	debugfs_create_file("cpus", 0400, dir, bench_cpus, &bench_fops);
#ifdef PRMEM_BENCH_LISTS
	debugfs_create_file("lists", 0400, dir, bench_lists, &bench_fops);
#endif
	return 0;
}
late_initcall(bench_init);

// SPDX-License-Identifier: GPL-2.0
/*
 * Write-rare memory, seen from outside: /sys/kernel/debug/prmem/.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/seq_file.h>

static const char * const mode_names[] = {
	[PMALLOC_MODE_RO]	= "RO",
	[PMALLOC_MODE_WR]	= "WR",
	[PMALLOC_MODE_AUTO_RO]	= "AUTO_RO",
	[PMALLOC_MODE_AUTO_WR]	= "AUTO_WR",
	[PMALLOC_MODE_START_WR]	= "START_WR",
};

static void show_row(struct seq_file *m, const char *name, const char *mode,
		     const struct pmalloc_usage *usage)
{
	seq_printf(m, "%-24s %-9s %6lu %10lu %10lu %10lu %8lu\n", name, mode,
		   usage->areas, usage->used, usage->size - usage->used,
		   usage->protected, usage->objects);
}

static int show_pool(const struct pmalloc_pool *pool, void *m)
{
	struct pmalloc_usage usage;

	pmalloc_usage(pool, &usage);
	show_row(m, pool->name, mode_names[pool->mode], &usage);
	return 0;
}

static int show_cache(const struct prmem_cache_usage *cache, void *m)
{
	struct pmalloc_usage usage = {
		.areas = cache->slabs, .objects = cache->objects,
		.size = cache->size, .used = cache->used,
		.protected = prmem_active() ? cache->size : 0,
	};

	show_row(m, cache->name, "cache", &usage);
	return 0;
}

/* Bytes, but for areas (slabs of a cache) and objects, which are counted. */
static int pools_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%-24s %-9s %6s %10s %10s %10s %8s\n", "# name", "mode",
		   "areas", "used", "wasted", "protected", "objects");
	return pmalloc_walk_pools(show_pool, m) ?: prmem_walk_caches(show_cache, m);
}
DEFINE_SHOW_ATTRIBUTE(pools);

static void show_counters(struct seq_file *m)
{
#ifdef CONFIG_PRMEM_STATS
	struct prmem_stats sum = { };
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		sum.switches += per_cpu(prmem_stats, cpu).switches;
		sum.remaps += per_cpu(prmem_stats, cpu).remaps;
		sum.refused += per_cpu(prmem_stats, cpu).refused;
	}
	seq_printf(m, "sessions %lu\nremaps %lu\nrefused %lu\n", sum.switches,
		   sum.remaps, sum.refused);
#endif
}

static int stats_show(struct seq_file *m, void *unused)
{
	const char *inactive = prmem_arch_inactive();
	unsigned long blocks, pages, used;

	prmem_block_counts(&blocks, &pages, &used);
	seq_printf(m, "state %s%s%s%s\n", inactive ? "inactive" : "active",
		   inactive ? " (" : "", inactive ?: "", inactive ? ")" : "");
	seq_printf(m, "blocks %lu\nblock_bytes %lu\nused_bytes %lu\n", blocks,
		   pages * PAGE_SIZE, used * PAGE_SIZE);
	show_counters(m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int __init prmem_debugfs_init(void)
{
	struct dentry *dir = debugfs_create_dir("prmem", NULL);

	debugfs_create_file("pools", 0400, dir, NULL, &pools_fops);
	debugfs_create_file("stats", 0400, dir, NULL, &stats_fops);
	return 0;
}
late_initcall(prmem_debugfs_init);

// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation, and reading.
 */
#include <linux/list.h>
#include <linux/mman.h>
#include <linux/prlist.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define NR		2000U
#define NR_POOLS	100U
#define OBJECT_SIZE	64

static void *objects[NR + 2];

/*
 * All of them are zeroes, can be written to, and are memory of their own: what is
 * written to one of them is not changed by what is written to the others.
 */
static bool all_there(unsigned int nr)
{
	unsigned int i;
	u64 *object;

	for (i = 0; i < nr; i++) {
		object = objects[i];
		if (!object || memchr_inv(object, 0, OBJECT_SIZE))
			return false;
		if (prmem_is_protected(object, OBJECT_SIZE))
			wr_memset(object, i % 251 + 1, OBJECT_SIZE);
		else
			memset(object, i % 251 + 1, OBJECT_SIZE);
	}
	for (i = 0; i < nr; i++)
		if (memchr_inv(objects[i], i % 251 + 1, OBJECT_SIZE))
			return false;
	return true;
}

static bool refuses(const void *object)
{
	return bench_refuses(object, OBJECT_SIZE);
}

static bool all_of(unsigned int nr, bool (*is)(const void *object))
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!is(objects[i]))
			return false;
	return true;
}

static void pmalloc_rows(struct bench *b, enum pmalloc_mode mode, size_t refill,
			 const char *name)
{
	struct pmalloc_pool *pool = pmalloc_create_custom_pool("bench_objects", refill, 3, mode);
	bool ok;

	BENCH_LOOP(b, NR, false, objects[i] = pmalloc(pool, OBJECT_SIZE));
	ok = all_there(NR);
	/* Afterwards it is what it is for. */
	ok &= !pmalloc_protect_pool(pool) && all_of(NR, refuses);
	bench_row(b, "allocate 64 bytes", name, NR, 0, ok);
}

static void allocations(struct bench *b)
{
	unsigned int k;

	BENCH_LOOP(b, NR, false, objects[i] = kzalloc(OBJECT_SIZE, GFP_KERNEL));
	bench_row(b, "allocate 64 bytes", "kzalloc", NR, 0, all_there(NR));
	BENCH_LOOP(b, NR, false, objects[i] = vzalloc(OBJECT_SIZE));
	bench_row(b, "allocate 64 bytes", "vzalloc", NR, 0, all_there(NR));
	for (k = 0; k < NR; k++)
		vfree(objects[k]);
	pmalloc_rows(b, PMALLOC_MODE_WR, PMALLOC_REFILL_DEFAULT, "pmalloc, WR");
	pmalloc_rows(b, PMALLOC_MODE_WR, 16 * PAGE_SIZE, "pmalloc, WR, areas of 16 pages");
	pmalloc_rows(b, PMALLOC_MODE_START_WR, PMALLOC_REFILL_DEFAULT, "pmalloc, START_WR");
	pmalloc_rows(b, PMALLOC_MODE_AUTO_WR, PMALLOC_REFILL_DEFAULT, "pmalloc, AUTO_WR");
}

static void caches(struct bench *b)
{
	struct kmem_cache *slab = kmem_cache_create("bench", OBJECT_SIZE, 0, 0, NULL);
	struct prmem_cache *cache = prmem_cache_create("bench", OBJECT_SIZE, 0);
	u8 init[OBJECT_SIZE];
	bool ok = true;
	u8 *object;

	memset(init, 1, sizeof(init));
	BENCH_LOOP(b, NR, false, ({
		object = kmem_cache_alloc(slab, GFP_KERNEL);
		memcpy(object, init, OBJECT_SIZE);
		ok &= object[OBJECT_SIZE - 1] == 1;
		kmem_cache_free(slab, object);
	}));
	object = kmem_cache_alloc(slab, GFP_KERNEL | __GFP_ZERO);
	bench_row(b, "allocate, fill and free an object of 64 bytes", "kmem_cache", NR, 0,
		  ok && bench_is_writable(object));
	BENCH_LOOP(b, NR, false, ({
		object = prmem_cache_alloc(cache, init);
		ok &= object[OBJECT_SIZE - 1] == 1;
		prmem_cache_free(cache, object);
	}));
	object = prmem_cache_alloc(cache, init);
	bench_row(b, "allocate, fill and free an object of 64 bytes", "prmem_cache", NR, 0,
		  ok && !memcmp(object, init, OBJECT_SIZE) &&
		  bench_refuses(object, OBJECT_SIZE));
}

/* As many as a loop takes, and the two before. */
static void pools(struct bench *b)
{
	static struct pmalloc_pool *list[NR_POOLS + 2];
	unsigned int k = 0;
	bool ok;

	BENCH_LOOP(b, NR_POOLS, false, ({
		list[k] = pmalloc_create_pool("bench_pool", PMALLOC_MODE_WR);
		objects[k] = pmalloc(list[k], OBJECT_SIZE);
		k++;
	}));
	bench_row(b, "create a pool, with one object", "pmalloc", NR_POOLS, 0,
		  all_there(NR_POOLS + 2));
	k = 0;
	ok = all_of(NR_POOLS + 2, bench_is_writable);
	BENCH_LOOP(b, NR_POOLS, false, ok &= !pmalloc_protect_pool(list[k++]));
	bench_row(b, "protect a pool of one page", "pmalloc", NR_POOLS, 0,
		  ok && all_of(NR_POOLS + 2, refuses));
	k = 0;
	BENCH_LOOP(b, NR_POOLS, false, pmalloc_destroy_pool(list[k++]));
	bench_row(b, "destroy a pool of one page", "pmalloc", NR_POOLS, 0,
		  all_of(NR_POOLS + 2, bench_is_gone));
}

static void vmalloc_pools(struct bench *b)
{
	unsigned int k = 0;
	bool ok;

	BENCH_LOOP(b, NR_POOLS, false, objects[k++] = vzalloc(PAGE_SIZE));
	bench_row(b, "create a pool, with one object", "vzalloc", NR_POOLS, 0,
		  all_there(NR_POOLS + 2));
	k = 0;
	ok = all_of(NR_POOLS + 2, bench_is_writable);
	BENCH_LOOP(b, NR_POOLS, false, ok &= !set_memory_ro((unsigned long)objects[k++], 1));
	bench_row(b, "protect a pool of one page", "set_memory_ro", NR_POOLS, 0,
		  ok && all_of(NR_POOLS + 2, refuses));
	k = 0;
	BENCH_LOOP(b, NR_POOLS, false, ({
		set_memory_rw((unsigned long)objects[k], 1);
		vfree(objects[k++]);
	}));
	bench_row(b, "destroy a pool of one page", "set_memory_rw, vfree", NR_POOLS, 0,
		  all_of(NR_POOLS + 2, bench_is_gone));
}

/* Reading */

#define NR_NODES	1000U

struct plain_node {
	struct list_head list;
	u64 val;
};

struct prmem_node {
	struct prlist_head list;
	u64 val;
};

static noinline u64 plain_sum(struct list_head *head)
{
	struct plain_node *pos;
	u64 val = 0;

	list_for_each_entry(pos, head, list)
		val += READ_ONCE(pos->val);
	return val;
}

static noinline u64 prmem_sum(struct prlist_head *head)
{
	struct prmem_node *pos;
	u64 val = 0;

	prlist_for_each_entry(pos, head, list)
		val += READ_ONCE(pos->val);
	return val;
}

static noinline u64 read_word(const u64 *p)
{
	return READ_ONCE(*p);
}

/* One loop for both of them, so that it takes the same. */
static noinline void read_row(struct bench *b, const u64 *word, const char *name)
{
	bool ok = *word == 7;

	BENCH_LOOP(b, NR, false, ok &= read_word(word) == 7);
	bench_row(b, "read 8 bytes", name, NR, 0, ok);
}

static void plain_rows(struct bench *b, u64 wanted)
{
	struct plain_node *nodes = vmalloc(NR_NODES * sizeof(*nodes));
	static LIST_HEAD(head);
	bool ok = bench_is_writable(nodes);
	unsigned int k;

	if (!ok) {
		b->failed = true;
		return;
	}
	for (k = 0; k < NR_NODES; k++) {
		nodes[k].val = k;
		list_add_tail(&nodes[k].list, &head);
	}
	read_row(b, &nodes[7].val, "plain memory");
	BENCH_LOOP(b, NR, false, ok &= plain_sum(&head) == wanted);
	bench_row(b, "iterate over 1,000 nodes", "plain memory", NR, 0, ok);
}

static void prmem_rows(struct bench *b, u64 wanted)
{
	struct pmalloc_pool *pool = pmalloc_create_pool("bench_nodes", PMALLOC_MODE_WR);
	struct prlist_head *head = pmalloc(pool, sizeof(*head));
	struct prmem_node *nodes = pmalloc_array(pool, NR_NODES, sizeof(*nodes));
	bool ok = head && nodes && !pmalloc_protect_pool(pool);
	unsigned int k;

	if (!ok) {
		b->failed = true;
		return;
	}
	INIT_PRLIST_HEAD(head);
	for (k = 0; k < NR_NODES; k++) {
		ok &= !wr_assign(nodes[k].val, k);
		prlist_add_tail(&nodes[k].list, head);
	}
	ok &= bench_refuses(head, sizeof(*head)) &&
	      bench_refuses(nodes, NR_NODES * sizeof(*nodes));
	read_row(b, &nodes[7].val, "prmem");
	BENCH_LOOP(b, NR, false, ok &= prmem_sum(head) == wanted);
	bench_row(b, "iterate over 1,000 nodes", "prmem", NR, 0, ok);
}

static void usercopy(struct bench *b, void __user *to, const void *from, const char *name)
{
	size_t len = OBJECT_SIZE;
	u8 found[OBJECT_SIZE];
	bool ok = true;

	OPTIMIZER_HIDE_VAR(len);
	BENCH_LOOP(b, NR, false, ok &= from && !copy_to_user(to, from, len));
	ok &= !copy_from_user(found, to, sizeof(found)) && !memcmp(found, from, sizeof(found));
	bench_row(b, "copy 64 bytes to user space", name, NR, 0, ok);
}

static void usercopies(struct bench *b)
{
	unsigned long user = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	struct pmalloc_pool *pool = pmalloc_create_pool("bench_copy", PMALLOC_MODE_START_WR);
	struct prmem_cache *cache = prmem_cache_create("bench_copy", OBJECT_SIZE, 0);
	u8 init[OBJECT_SIZE] = { 2 };
	void __user *to = (void __user *)user;

	if (IS_ERR_VALUE(user)) {
		b->failed = true;
		return;
	}
	init[5] = 5;
	usercopy(b, to, kmemdup(init, OBJECT_SIZE, GFP_KERNEL), "kmalloc memory");
	init[5] = 6;
	usercopy(b, to, memcpy(vmalloc(PAGE_SIZE), init, OBJECT_SIZE), "vmalloc memory");
	init[5] = 7;
	usercopy(b, to, pmemdup(pool, init, OBJECT_SIZE), "memory of a pool");
	init[5] = 8;
	usercopy(b, to, prmem_cache_alloc(cache, init), "object of a cache");
}

void bench_memory(struct bench *b)
{
	const u64 sum = NR_NODES * (NR_NODES - 1) / 2;

	allocations(b);
	caches(b);
	pools(b);
	vmalloc_pools(b);
	plain_rows(b, sum);
	prmem_rows(b, sum);
	usercopies(b);
}

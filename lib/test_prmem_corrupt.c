// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: the corruption drill. What an attacker can
 * write is corrupted word by word: what belongs to prmem and is not protected,
 * what describes its pages, and what the kernel asks on the way. Each time all
 * kinds of writes are tried. A write may be refused, and must never go anywhere
 * but where it was sent. Then the word is put back.
 *
 * This happens while all other CPUs stand still, because most of these words are
 * not for prmem alone. What is seen is judged afterwards.
 */
#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/completion.h>
#include <linux/hardirq.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pgalloc.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <asm/sections.h>
#ifdef CONFIG_X86_64
#include <asm/current.h>
#include <asm/page.h>
#include <asm/tlbflush.h>
#endif

#include "../mm/prmem_alloc.h"
#include "test_prmem.h"

#define FILL		0x5a
#define WORDS		(PAGE_SIZE / sizeof(u64))
#define EVIL		0xe1e2e3e4e5e6e7e8ULL
#define OBJECT_WORDS	8

static u64 static_word __wr_after_init;
static const u8 source[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

/*
 * The two pages that are written, what should be in them, and what must never
 * change: pages of a write-rare and of a read-only pool, and ordinary ones.
 */
struct drill {
	u64 *wr;
	u64 *model;
	u64 *bystander;
	u64 *ro;
	u64 *ordinary;
	u64 *area;
	u64 *wr_linear;
	u64 *ro_linear;
	u64 *object;

	u64 n;
	unsigned int runs;
	unsigned int refused_good;
	unsigned int went_through;
	unsigned int plain_stores;
	unsigned int wrong_window;
};

static void expect_word(struct drill *drill, int err, unsigned int i, u64 value)
{
	if (err)
		drill->refused_good++;
	else
		drill->model[i] = value;
}

/* What is write-rare: refused or done. */
static void write_good(struct drill *drill)
{
	u64 *wr = drill->wr, n = ++drill->n, old;
	int err;

	expect_word(drill, wr_assign(wr[0], n), 0, n);
	expect_word(drill, wr_xchg(&wr[1], n + 1, &old), 1, n + 1);
	expect_word(drill, wr_fetch_add(&wr[2], 3, NULL), 2, drill->model[2] + 3);
	err = wr_memcpy(&wr[8], source, sizeof(source));
	if (!err)
		memcpy(&drill->model[8], source, sizeof(source));
	/* Across the two pages. */
	err |= wr_memset(&wr[WORDS - 1], n, 16);
	if (!err)
		memset(&drill->model[WORDS - 1], n, 16);
	drill->refused_good += !!err;
}

static void write_in_session(struct drill *drill, unsigned long alias)
{
	u64 *wr = drill->wr, n = ++drill->n;

	guard(wr_session)();
	if (prmem_this_window()->alias != alias)
		drill->wrong_window++;
	expect_word(drill, wr_assign(wr[3], n), 3, n);
	expect_word(drill, wr_assign(wr[WORDS + 3], n), WORDS + 3, n);
	expect_word(drill, wr_inc(&wr[4]), 4, drill->model[4] + 1);
	if (wr_assign(static_word, n) || static_word != n)
		drill->refused_good++;
	drill->went_through += !wr_assign(drill->ro[1], EVIL);
	drill->went_through += !wr_inc(&drill->ordinary[1]);
}

/* Two of two pages, or none of them. */
static noinline void write_together(struct drill *drill)
{
	u64 *wr = drill->wr, n = ++drill->n;
	struct wr_store stores[] = {
		{ &wr[5], (void *)n }, { &wr[WORDS + 5], (void *)n },
	};
	int err = __wr_stores(stores, 2);

	expect_word(drill, err, 5, n);
	if (!err)
		drill->model[WORDS + 5] = n;
	stores[0].val = (void *)EVIL;
	stores[1] = (struct wr_store){ &drill->ro[2], (void *)EVIL };
	drill->went_through += !__wr_stores(stores, 2);
	stores[1].where = &drill->ordinary[2];
	drill->went_through += !__wr_stores(stores, 2);
}

/* What is not. */
static void write_bad(struct drill *drill)
{
	u64 old;

	drill->went_through += !wr_assign(drill->ro[0], EVIL);
	drill->went_through += !wr_memset(drill->ro, 0xee, 16);
	drill->went_through += !wr_assign(drill->ordinary[0], EVIL);
	drill->went_through += !wr_memcpy(drill->ordinary, source, 16);
	drill->went_through += !wr_xchg(&drill->area[0], EVIL, &old);
	drill->went_through += !wr_inc(drill->wr_linear);
	drill->went_through += !wr_assign(*drill->ro_linear, EVIL);
	drill->went_through += !wr_memset(&drill->wr[2 * WORDS - 1], 0xee, 16);
}

/* And an object of a cache: in its bounds, and across them. */
static void write_object(struct drill *drill)
{
	u64 n = ++drill->n;

	if (!drill->object)
		return;
	if (wr_assign(drill->object[0], n) || drill->object[0] != n)
		drill->refused_good++;
	drill->went_through += !wr_memset(&drill->object[OBJECT_WORDS - 1], 0xee, 16);
}

static void store_plainly(struct drill *drill)
{
	u64 *const targets[] = {
		drill->wr, drill->wr_linear, drill->ro, drill->ro_linear,
		drill->object ?: drill->wr,
	};
	u64 evil = EVIL;
	int i;

	for (i = 0; i < ARRAY_SIZE(targets); i++)
		drill->plain_stores += !copy_to_kernel_nofault(targets[i], &evil, 8);
}

static void run_drill(struct drill *drill, unsigned long alias, bool with_stores)
{
	drill->runs++;
	write_good(drill);
	write_in_session(drill, alias);
	write_together(drill);
	scoped_guard(wr_session)
		write_together(drill);
	write_bad(drill);
	write_object(drill);
	if (with_stores)
		store_plainly(drill);
}

static u64 *page_of(struct kunit *test, enum pmalloc_mode mode, size_t size)
{
	return prmem_test_protected(test, mode, size, FILL);
}

static struct drill *new_drill(struct kunit *test)
{
	struct drill *drill = kunit_kzalloc(test, sizeof(*drill), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, drill);
	drill->model = kunit_kzalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, drill->model);
	memset(drill->model, FILL, 2 * PAGE_SIZE);
	drill->ordinary = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, drill->ordinary);
	memset(drill->ordinary, FILL, PAGE_SIZE);
	drill->wr = page_of(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE);
	drill->bystander = page_of(test, PMALLOC_MODE_WR, PAGE_SIZE);
	drill->ro = page_of(test, PMALLOC_MODE_RO, PAGE_SIZE);
	drill->wr_linear = prmem_test_linear_alias(drill->wr);
	drill->ro_linear = prmem_test_linear_alias(drill->ro);
	drill->area = vmalloc(PAGE_SIZE);
	KUNIT_ASSERT_NOT_NULL(test, drill->area);
	memset(drill->area, FILL, PAGE_SIZE);
	/* The call sites that are refused are reported here, and then no more. */
	pr_info("prmem-expect: begin 0-12 prmem: write refused\n");
	preempt_disable();
	run_drill(drill, prmem_this_window()->alias, true);
	preempt_enable();
	pr_info("prmem-expect: end\n");
	return drill;
}

static void judge_drill(struct kunit *test, struct drill *drill, const char *what)
{
	KUNIT_EXPECT_EQ_MSG(test, drill->went_through, 0, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, drill->plain_stores, 0, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, drill->wrong_window, 0, "%s", what);
	KUNIT_EXPECT_TRUE_MSG(test,
			      !memcmp(drill->wr, drill->model, 2 * PAGE_SIZE),
			      "%s: something else was written", what);
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(drill->bystander, FILL, PAGE_SIZE),
			      "%s", what);
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(drill->ro, FILL, PAGE_SIZE), "%s",
			      what);
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(drill->ordinary, FILL, PAGE_SIZE),
			      "%s", what);
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(drill->area, FILL, PAGE_SIZE), "%s",
			      what);
}

static void end_drill(struct kunit *test, struct drill *drill)
{
	KUNIT_EXPECT_GT(test, drill->runs, 1);
	/* None of what is corrupted here is asked, so nothing is refused either. */
	KUNIT_EXPECT_EQ(test, drill->refused_good, 0);
	vfree(drill->area);
	prmem_test_no_writable_alias(test);
}

/*
 * Words to corrupt, one after the other.
 */
struct corruption {
	struct drill *drill;
	u8 *base;
	size_t size;
	size_t width;
	const u64 *values;
	unsigned int nr_values;
	bool no_faults;
	bool no_others;
};

static void store_word(u8 *at, u64 value, size_t width)
{
	if (width == 4)
		WRITE_ONCE(*(u32 *)at, value);
	else
		WRITE_ONCE(*(u64 *)at, value);
}

static int corrupt_while_stopped(void *arg)
{
	struct corruption *c = arg;
	unsigned long alias = prmem_this_window()->alias;
	unsigned int i;
	u64 was;
	u8 *at;

	for (at = c->base; at < c->base + c->size; at += c->width) {
		was = c->width == 4 ? *(u32 *)at : *(u64 *)at;
		for (i = 0; i < c->nr_values; i++) {
			store_word(at, c->values[i], c->width);
			run_drill(c->drill, alias, !c->no_faults);
			store_word(at, was, c->width);
		}
		if (c->no_others)
			continue;
		store_word(at, ~was, c->width);
		run_drill(c->drill, alias, !c->no_faults);
		store_word(at, was, c->width);
	}
	return 0;
}

static const u64 usual_values[] = { 0, 1, -1ULL, EVIL };

static void corrupt(struct kunit *test, struct drill *drill, const char *what,
		    void *base, size_t size, bool no_faults)
{
	struct corruption c = {
		.drill = drill, .base = base, .size = size,
		.width = (size | (unsigned long)base) % 8 ? 4 : 8, .no_faults = no_faults,
		.values = usual_values, .nr_values = ARRAY_SIZE(usual_values),
	};

	KUNIT_ASSERT_EQ(test, size % 4, 0);
	KUNIT_EXPECT_EQ(test, stop_machine(corrupt_while_stopped, &c, NULL), 0);
	judge_drill(test, drill, what);
}

/* With values that mean something to the kernel. */
static void corrupt_with(struct kunit *test, struct drill *drill, const char *what,
			 void *base, size_t size, const u64 *values,
			 unsigned int nr_values, bool no_faults)
{
	struct corruption c = {
		.drill = drill, .base = base, .size = size, .width = size,
		.values = values, .nr_values = nr_values, .no_faults = no_faults,
	};

	KUNIT_EXPECT_EQ(test, stop_machine(corrupt_while_stopped, &c, NULL), 0);
	judge_drill(test, drill, what);
}

/* Writing while something is corrupted */

static void i9_write_with_corrupted_sidecars(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct drill *drill = new_drill(test);

	corrupt(test, drill, "mutex of the pools", &pmalloc_mutex,
		sizeof(pmalloc_mutex), false);
	corrupt(test, drill, "mutex of sysctl", &prmem_copy_mutex,
		sizeof(prmem_copy_mutex), false);
	corrupt(test, drill, "what an oops calls", &prmem_die_block,
		sizeof(prmem_die_block), false);
	corrupt(test, drill, "what a panic calls", &prmem_panic_block,
		sizeof(prmem_panic_block), false);
	corrupt(test, drill, "side of a pool", pool->side, sizeof(*pool->side), false);
	corrupt(test, drill, "prmem_mm", prmem_mm, sizeof(*prmem_mm), false);
	/* Not its lock: what that says about itself is printed. */
	corrupt(test, drill, "limit of reports", &prmem_report_rest.interval,
		sizeof(prmem_report_rest) -
		offsetof(struct ratelimit_state, interval), false);
	end_drill(test, drill);
}

KUNIT_DEFINE_ACTION_WRAPPER(destroy_cache, prmem_cache_destroy, struct prmem_cache *);

static void i9_write_with_corrupted_side_of_a_cache(struct kunit *test)
{
	const size_t size = OBJECT_WORDS * sizeof(u64);
	struct drill *drill = new_drill(test);
	struct prmem_cache *cache = prmem_cache_create("kunit_drill", size, 0);
	u64 *other;

	KUNIT_ASSERT_NOT_NULL(test, cache);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy_cache, cache), 0);
	drill->object = prmem_cache_alloc(cache, NULL);
	other = prmem_cache_alloc(cache, NULL);
	KUNIT_ASSERT_NOT_NULL(test, drill->object);
	KUNIT_ASSERT_NOT_NULL(test, other);
	pr_info("prmem-expect: begin 0-1 prmem: write refused\n");
	write_object(drill);
	pr_info("prmem-expect: end\n");
	corrupt(test, drill, "side of a cache", cache->side, sizeof(*cache->side), false);
	KUNIT_EXPECT_NULL(test, memchr_inv(&drill->object[1], 0, size - sizeof(u64)));
	KUNIT_EXPECT_NULL(test, memchr_inv(other, 0, size));
	prmem_cache_free(cache, drill->object);
	prmem_cache_free(cache, other);
	end_drill(test, drill);
}

#ifdef CONFIG_PRMEM_STATS
static void i9_write_with_corrupted_stats(struct kunit *test)
{
	struct drill *drill = new_drill(test);
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		corrupt(test, drill, "stats", per_cpu_ptr(&prmem_stats, cpu),
			sizeof(prmem_stats), false);
	end_drill(test, drill);
}
#endif

/* A table of reported sites that is full of lies keeps the report, at most. */
static void i9_refusal_with_corrupted_reports(struct kunit *test)
{
	unsigned long *was = kunit_kmalloc(test, sizeof(prmem_reported), GFP_KERNEL);
	u64 *ro = page_of(test, PMALLOC_MODE_RO, PAGE_SIZE);
	int err[3];

	KUNIT_ASSERT_NOT_NULL(test, was);
	memcpy(was, prmem_reported, sizeof(prmem_reported));
	pr_info("prmem-expect: begin 0-3 prmem: write refused\n");
	memset(prmem_reported, 0xff, sizeof(prmem_reported));
	err[0] = wr_assign(*ro, EVIL);
	memset(prmem_reported, 0, sizeof(prmem_reported));
	err[1] = wr_memset(ro, 0xee, 16);
	memset(prmem_reported, 0xff, sizeof(prmem_reported));
	prmem_report_rest.interval = 0;
	err[2] = wr_inc(ro);
	prmem_report_rest.interval = DEFAULT_RATELIMIT_INTERVAL;
	memcpy(prmem_reported, was, sizeof(prmem_reported));
	pr_info("prmem-expect: end\n");

	for (int i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ_MSG(test, err[i], -EACCES, "call %d", i);
	KUNIT_EXPECT_NULL(test, memchr_inv(ro, FILL, PAGE_SIZE));
}

/* What vmalloc() knows of it, and where it finds that. */
static void corrupt_vmalloc(struct kunit *test, struct drill *drill,
			    const char *what, const void *addr)
{
	struct vm_struct *vm = find_vm_area(addr);
	struct vmap_area *area = find_vmap_area((unsigned long)addr);

	KUNIT_ASSERT_NOT_NULL(test, vm);
	corrupt(test, drill, what, vm, sizeof(*vm), false);
	KUNIT_ASSERT_NOT_NULL(test, area);
	corrupt(test, drill, what, area, sizeof(*area), false);
}

static void i9_write_with_corrupted_vmalloc(struct kunit *test)
{
	struct drill *drill = new_drill(test);
	const void *descs = prmem_test_pool(test, PMALLOC_MODE_WR);

	corrupt_vmalloc(test, drill, "write-rare area", drill->wr);
	corrupt_vmalloc(test, drill, "read-only area", drill->ro);
	corrupt_vmalloc(test, drill, "descriptors",
			PTR_ALIGN_DOWN(descs, PAGE_SIZE));
	corrupt_vmalloc(test, drill, "windows",
			PTR_ALIGN_DOWN((const void *)prmem_windows, PAGE_SIZE));
	end_drill(test, drill);
}

static void i9_write_with_corrupted_struct_page(struct kunit *test)
{
	struct drill *drill = new_drill(test);

	corrupt(test, drill, "page of a write-rare area",
		vmalloc_to_page(drill->wr), sizeof(struct page), false);
	corrupt(test, drill, "page of a read-only area",
		vmalloc_to_page(drill->ro), sizeof(struct page), false);
	corrupt(test, drill, "page of the windows",
		vmalloc_to_page((void *)prmem_windows), sizeof(struct page), false);
	corrupt(test, drill, "page of a private page table",
		virt_to_page(prmem_window_pgd(0)), sizeof(struct page), false);
	end_drill(test, drill);
}

static void i9_write_with_corrupted_init_mm(struct kunit *test)
{
	struct drill *drill = new_drill(test);
	void *empty = (void *)get_zeroed_page(GFP_KERNEL);
	u64 values[] = { 0, -1ULL, EVIL, (unsigned long)empty };

	KUNIT_ASSERT_NOT_NULL(test, empty);
	corrupt_with(test, drill, "init_mm.pgd", &init_mm.pgd, sizeof(init_mm.pgd),
		     values, ARRAY_SIZE(values), true);
	end_drill(test, drill);
	free_page((unsigned long)empty);
}

/*
 * That of another CPU, and of one that is not there. The latter not with DEBUG_PREEMPT:
 * there my_cpu_offset is looked up by number, so that all per-CPU data would be nowhere,
 * and what RCU says to lockdep is whatever is there. And no number is beyond a word:
 * tracing and lockdep would look it up in a cpumask, and KASAN would stop them.
 */
#ifdef CONFIG_DEBUG_PREEMPT
#define NR_NUMBERS	nr_cpu_ids
#else
#define NR_NUMBERS	BITS_PER_LONG
#endif

static int corrupt_cpu_number(void *arg)
{
	struct corruption *c = arg;

#ifdef CONFIG_X86_64
	c->base = (u8 *)this_cpu_ptr(&pcpu_hot.cpu_number);
#elif defined(CONFIG_ARM64)
	c->base = (u8 *)&current_thread_info()->cpu;
#endif
	return corrupt_while_stopped(c);
}

static void i9_write_with_corrupted_cpu_number(struct kunit *test)
{
	struct drill *drill = new_drill(test);
	u64 values[] = {
		0, min(1U, nr_cpu_ids - 1), nr_cpu_ids / 2, nr_cpu_ids - 1,
		min(nr_cpu_ids, NR_NUMBERS - 1U), NR_NUMBERS - 1,
	};
	struct corruption c = {
		.drill = drill, .size = 4, .width = 4, .values = values,
		.nr_values = ARRAY_SIZE(values), .no_faults = true,
		.no_others = true,
	};

	KUNIT_EXPECT_EQ(test, stop_machine(corrupt_cpu_number, &c, NULL), 0);
	judge_drill(test, drill, "number of the CPU");
#if defined(CONFIG_SMP) && !defined(CONFIG_FORCE_NR_CPUS)
	corrupt(test, drill, "nr_cpu_ids", &nr_cpu_ids, sizeof(nr_cpu_ids), true);
#endif
	end_drill(test, drill);
}

#ifdef CONFIG_X86_64
/* What the kernel translates addresses with, and what it says is loaded. */
static int corrupt_loaded_mm(void *arg)
{
	struct corruption *c = arg;

	c->base = (u8 *)this_cpu_ptr(&cpu_tlbstate.loaded_mm);
	return corrupt_while_stopped(c);
}

static void i9_write_with_corrupted_addresses(struct kunit *test)
{
	struct drill *drill = new_drill(test);
	u64 values[] = { 0, (unsigned long)LOADED_MM_SWITCHING, EVIL };
	struct corruption c = {
		.drill = drill, .size = 8, .width = 8, .values = values,
		.nr_values = ARRAY_SIZE(values), .no_faults = true,
	};

	corrupt(test, drill, "phys_base", &phys_base, sizeof(phys_base), true);
	corrupt(test, drill, "nr_pfn_mapped", &nr_pfn_mapped,
		sizeof(nr_pfn_mapped), true);
	corrupt(test, drill, "max_pfn_mapped", &max_pfn_mapped,
		sizeof(max_pfn_mapped), true);
	KUNIT_EXPECT_EQ(test, stop_machine(corrupt_loaded_mm, &c, NULL), 0);
	judge_drill(test, drill, "loaded_mm");
	end_drill(test, drill);
}
#endif

/* Pools while something is corrupted */

/* An open pool of two pages, and the words of what vmalloc() knows of them. */
struct victim {
	struct pmalloc_pool *pool;
	u64 *object;
	struct vm_struct *vm;
	struct vm_struct was;
};

static void new_victim(struct kunit *test, struct victim *victim)
{
	victim->pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	victim->object = prmem_test_object(test, victim->pool, 2 * PAGE_SIZE, FILL);
	victim->vm = find_vm_area(victim->object);
	KUNIT_ASSERT_NOT_NULL(test, victim->vm);
	victim->was = *victim->vm;
}

/* It says that its pages are those of somebody else, and more of them. */
static void point_elsewhere(struct victim *victim, struct page **pages)
{
	victim->vm->pages = pages;
	victim->vm->nr_pages = 2;
	victim->vm->phys_addr = PFN_PHYS(page_to_pfn(pages[0]));
	victim->vm->requested_size = SZ_1G;
	victim->vm->caller = NULL;
}

static void i9_pool_with_corrupted_vm_struct(struct kunit *test)
{
	u64 *bystander = page_of(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE);
	u64 *ordinary = vmalloc(2 * PAGE_SIZE);
	struct page *pages[2];
	struct victim victim;
	int i, refs[2];

	KUNIT_ASSERT_NOT_NULL(test, ordinary);
	memset(ordinary, FILL, 2 * PAGE_SIZE);
	new_victim(test, &victim);
	for (i = 0; i < 2; i++)
		pages[i] = vmalloc_to_page(ordinary + i * WORDS);
	point_elsewhere(&victim, pages);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(victim.pool), 0);
	/* What is protected is the object, and not what the vm_struct names. */
	prmem_test_stores_fault(test, victim.object);
	prmem_test_stores_fault(test, victim.object + WORDS);
	memset(ordinary, FILL, 2 * PAGE_SIZE);
	prmem_test_no_writable_alias(test);

	for (i = 0; i < 2; i++) {
		pages[i] = vmalloc_to_page(bystander + i * WORDS);
		refs[i] = page_count(pages[i]);
	}
	victim.vm->size = 0;
	victim.vm->addr = bystander;
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(victim.pool), 0);
	prmem_test_stores_fault(test, victim.object);
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(victim.object, 1));
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(bystander, 2 * PAGE_SIZE));

	/* vmalloc() itself needs these two to undo the mapping. */
	victim.vm->size = victim.was.size;
	victim.vm->addr = victim.was.addr;
	prmem_test_destroy(test, victim.pool);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, page_count(pages[i]), refs[i]);
		prmem_test_stores_fault(test, bystander + i * WORDS);
	}
	KUNIT_EXPECT_NULL(test, memchr_inv(bystander, FILL, 2 * PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(ordinary, FILL, 2 * PAGE_SIZE));
	prmem_test_no_writable_alias(test);
	vfree(ordinary);
}

/* Links of free pages, a mapping, an index: nothing of it matters. */
static void i9_pool_with_corrupted_struct_page(struct kunit *test)
{
	struct page *page, was;
	struct victim victim;

	new_victim(test, &victim);
	page = vmalloc_to_page(victim.object);
	was = *page;
	page->mapping = (void *)EVIL;
	page->lru.next = (void *)EVIL;
	page->lru.prev = (void *)EVIL;
	set_page_private(page, EVIL);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(victim.pool), 0);
	prmem_test_stores_fault(test, victim.object);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(victim.pool), 0);
	prmem_test_stores_fault(test, victim.object);
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(victim.object, 1));
	page->mapping = was.mapping;
	page->lru = was.lru;
	set_page_private(page, was.private);
	prmem_test_no_writable_alias(test);
}

/*
 * What was meant to protect something is led astray. That has to be noticed: the
 * call fails and leaves the pool as it was, or the memory is protected.
 */
static void protect_astray(struct kunit *test, const struct victim *victim, int err)
{
	KUNIT_EXPECT_TRUE(test, err == 0 || err == -EIO || err == -EINVAL);
	KUNIT_EXPECT_EQ(test, prmem_is_protected(victim->object, 2 * PAGE_SIZE),
			!err);
	prmem_test_no_writable_alias(test);
	/* And it can be done when all is well. */
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(victim->pool), 0);
	prmem_test_stores_fault(test, victim->object);
	prmem_test_stores_fault(test, victim->object + WORDS);
	prmem_test_no_writable_alias(test);
}

/* A block that is not this one. */
static unsigned long other_block(struct kunit *test, unsigned long block)
{
	u8 *pages = pmalloc(prmem_test_pool(test, PMALLOC_MODE_WR), SZ_4M);
	unsigned long other = block;
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (i = 0; i < SZ_4M && other == block; i += PAGE_SIZE)
		other = page_private(vmalloc_to_page(pages + i));
	KUNIT_ASSERT_NE(test, other, block);
	return other;
}

/*
 * A page says that it belongs to a block that is none, or that it is not in: it is
 * lost, and no other is given back in its place.
 */
static void i9_destroy_with_corrupted_block(struct kunit *test)
{
	unsigned long evil[] = { EVIL, 0, (unsigned long)test, 0 };
	struct victim victim;
	struct page *page;
	unsigned long was;
	int i;

	for (i = 0; i < ARRAY_SIZE(evil); i++) {
		new_victim(test, &victim);
		page = vmalloc_to_page(victim.object);
		was = page_private(page);
		if (i == ARRAY_SIZE(evil) - 1)
			evil[i] = other_block(test, was);
		set_page_private(page, evil[i]);
		pr_info("prmem-expect: begin 1 prmem: frame .* is in no block\n");
		prmem_test_destroy(test, victim.pool);
		pr_info("prmem-expect: end\n");
		set_page_private(page, was);
		prmem_test_no_writable_alias(test);
	}
}

/*
 * The kernel's page tables as init_mm.pgd shows them: copies, which lead to the
 * real ones everywhere but at one address, where the last table is a copy, too.
 */
#define MAX_TABLES	16

struct other_tables {
	void *tables[MAX_TABLES];
	unsigned int nr;
	pgd_t *pgd;
};

static void *copy_table(struct kunit *test, struct other_tables *other,
			const void *table, size_t size)
{
	void *copy = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO,
					      get_order(size));

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, PTR_ALIGN_DOWN(table, PAGE_SIZE), PAGE_SIZE);
	other->tables[other->nr++] = copy;
	return copy;
}

static void make_other_tables(struct kunit *test, struct other_tables *other,
			      unsigned long addr)
{
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;
	pgd_t *pgd;

	/* With page-table isolation a PGD is two pages. */
	other->pgd = copy_table(test, other, swapper_pg_dir, 2 * PAGE_SIZE);
	pgd = pgd_offset_pgd(other->pgd, addr);
	p4d = p4d_offset(pgd, addr);
	if ((void *)p4d != pgd) {
		pgd_populate(&init_mm, pgd, copy_table(test, other, p4d, PAGE_SIZE));
		p4d = p4d_offset(pgd, addr);
	}
	pud = pud_offset(p4d, addr);
	if ((void *)pud != p4d) {
		p4d_populate(&init_mm, p4d, copy_table(test, other, pud, PAGE_SIZE));
		pud = pud_offset(p4d, addr);
	}
	if (pud_leaf(*pud))
		return;
	pmd = pmd_offset(pud, addr);
	if ((void *)pmd != pud) {
		pud_populate(&init_mm, pud, copy_table(test, other, pmd, PAGE_SIZE));
		pmd = pmd_offset(pud, addr);
	}
	if (pmd_leaf(*pmd))
		return;
	pmd_populate_kernel(&init_mm, pmd,
			    copy_table(test, other, pte_offset_kernel(pmd, addr),
				       PAGE_SIZE));
}

static void free_other_tables(struct other_tables *other)
{
	unsigned int i;

	free_pages((unsigned long)other->tables[0], get_order(2 * PAGE_SIZE));
	for (i = 1; i < other->nr; i++)
		free_page((unsigned long)other->tables[i]);
}

/*
 * What others map and unmap in the range of the copied table while that is in use would be
 * lost: a thread could have no stack. So there must be nobody else. All that is free below
 * an area as long as the range of a table is taken, so that the victim comes after it, and
 * then what is free around the victim.
 */
#define MOST_HOLES	1000

struct alone {
	struct vm_struct *below;
	struct vm_struct *above;
	struct vm_struct *holes[MOST_HOLES];
	unsigned int nr;
};

static struct alone *new_alone(struct kunit *test)
{
	struct alone *alone = kunit_kzalloc(test, sizeof(*alone), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, alone);
	return alone;
}

static void take_holes(struct alone *alone, unsigned long start, unsigned long end)
{
	unsigned long size = rounddown_pow_of_two(end - start + 1);
	struct vm_struct *hole;

	while (size >= PAGE_SIZE && alone->nr < MOST_HOLES) {
		hole = __get_vm_area_caller(size, VM_SPARSE, start, end,
					    __builtin_return_address(0));
		if (hole)
			alone->holes[alone->nr++] = hole;
		else
			size /= 2;
	}
}

static void give_holes(struct alone *alone)
{
	while (alone->nr)
		free_vm_area(alone->holes[--alone->nr]);
}

static void keep_away(struct alone *alone)
{
	alone->below = get_vm_area(PMD_SIZE, VM_SPARSE);
	if (alone->below)
		take_holes(alone, VMALLOC_START, (unsigned long)alone->below->addr);
}

static void let_in(struct alone *alone)
{
	give_holes(alone);
	if (alone->below)
		free_vm_area(alone->below);
	if (alone->above)
		free_vm_area(alone->above);
	alone->below = NULL;
	alone->above = NULL;
}

/* Is @victim between the two, and nobody else's page in its table? */
static bool is_alone(struct alone *alone, const void *victim)
{
	unsigned long start = (unsigned long)victim & PMD_MASK;
	unsigned int i;
	pte_t *table;

	alone->above = get_vm_area(PMD_SIZE, VM_SPARSE);
	give_holes(alone);
	if (!victim || !alone->below || !alone->above || victim > alone->above->addr ||
	    start < (unsigned long)alone->below->addr)
		return false;
	take_holes(alone, (unsigned long)alone->below->addr,
		   (unsigned long)alone->above->addr);
	table = pte_offset_kernel(pmd_off_k(start), start);
	for (i = 0; i < PTRS_PER_PTE; i++)
		if (!pte_none(ptep_get(&table[i])) && !pte_prmem(ptep_get(&table[i])))
			return false;
	return true;
}

/* Somebody may always have been quicker. */
#define MOST_TRIES	20

static void new_victim_alone(struct kunit *test, struct victim *victim,
			     struct alone *alone)
{
	unsigned int tries;

	for (tries = 0; tries < MOST_TRIES; tries++) {
		keep_away(alone);
		new_victim(test, victim);
		if (is_alone(alone, victim->object))
			return;
		let_in(alone);
	}
	KUNIT_FAIL_AND_ABORT(test, "others are there each time");
}

static struct prmem_cache *new_cache_alone(struct kunit *test, void **object,
					   struct alone *alone)
{
	struct prmem_cache *cache;
	unsigned int tries;

	for (tries = 0; tries < MOST_TRIES; tries++) {
		cache = prmem_cache_create("kunit", 64, 0);
		KUNIT_ASSERT_NOT_NULL(test, cache);
		keep_away(alone);
		*object = prmem_cache_alloc(cache, NULL);
		if (is_alone(alone, *object))
			return cache;
		let_in(alone);
		prmem_cache_free(cache, *object);
		prmem_cache_destroy(cache);
	}
	KUNIT_FAIL_AND_ABORT(test, "others are there each time");
	return NULL;
}

static void i9_protect_with_other_page_tables(struct kunit *test)
{
	struct alone *alone = new_alone(test);
	struct other_tables other = { };
	struct victim victim;
	pgd_t *was = init_mm.pgd;
	int err;

	new_victim_alone(test, &victim, alone);
	make_other_tables(test, &other, (unsigned long)victim.object);
	pr_info("prmem-expect: begin 1 prmem: area at .* stays writable\n");
	WRITE_ONCE(init_mm.pgd, other.pgd);
	err = pmalloc_protect_pool(victim.pool);
	WRITE_ONCE(init_mm.pgd, was);
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_EQ(test, err, -EIO);
	let_in(alone);
	protect_astray(test, &victim, err);
	free_other_tables(&other);
}

/* What could still be written is not given back, and the cache can go later. */
static void i9_destroy_cache_with_other_page_tables(struct kunit *test)
{
	struct alone *alone = new_alone(test);
	struct prmem_test_usage before, after;
	struct other_tables other = { };
	pgd_t *was = init_mm.pgd;
	struct prmem_cache *cache;
	void *object;

	cache = new_cache_alone(test, &object, alone);
	prmem_cache_free(cache, object);
	make_other_tables(test, &other, (unsigned long)object);
	prmem_test_usage(test, &before);
	pr_info("prmem-expect: begin 1 prmem: slab at .* stays write-rare\n");
	WRITE_ONCE(init_mm.pgd, other.pgd);
	prmem_cache_destroy(cache);
	WRITE_ONCE(init_mm.pgd, was);
	pr_info("prmem-expect: end\n");
	let_in(alone);
	prmem_test_same_usage(test, "nothing is given back", &before);
	KUNIT_EXPECT_TRUE(test, pte_wr_rare(prmem_pte((unsigned long)object)));
	prmem_cache_destroy(cache);
	prmem_test_usage(test, &after);
	KUNIT_EXPECT_LT(test, after.used, before.used);
	prmem_test_no_writable_alias(test);
	free_other_tables(&other);
}

#ifdef CONFIG_X86_64
/* All tables of the linear map that have huge pages in them are copies. */
static void make_other_linear_map(struct kunit *test, struct other_tables *other)
{
	unsigned long addr, end = (unsigned long)high_memory;

	make_other_tables(test, other, PAGE_OFFSET);
	for (addr = PAGE_OFFSET + PUD_SIZE; addr < end; addr += PUD_SIZE) {
		p4d_t *p4d = p4d_offset(pgd_offset_pgd(other->pgd, addr), addr);
		pud_t *pud = pud_offset(p4d, addr);
		pmd_t *pmd;

		if (pud_leaf(*pud) || !pud_present(*pud))
			continue;
		pmd = copy_table(test, other, pmd_offset(pud, addr), PAGE_SIZE);
		pud_populate(&init_mm, pud, pmd);
	}
}

/*
 * What was meant to close a block is led astray: it is not used. Unless its part of
 * the linear map is in small pages already, whose tables are no copies.
 */
static void i9_block_with_other_page_tables(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	const size_t size = 3 * SZ_2M;
	struct other_tables other = { };
	pgd_t *was = init_mm.pgd;
	u64 *object;

	make_other_linear_map(test, &other);
	pr_info("prmem-expect: begin 0-1 prmem: block at frame .* stays writable\n");
	WRITE_ONCE(init_mm.pgd, other.pgd);
	object = pmalloc(pool, size);
	WRITE_ONCE(init_mm.pgd, was);
	pr_info("prmem-expect: end\n");
	if (!prmem_test_static_protected())
		KUNIT_EXPECT_NULL(test, object);
	if (object)
		KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	prmem_test_no_writable_alias(test);
	free_other_tables(&other);

	/* And it can be done when all is well. */
	object = pmalloc(pool, size);
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	prmem_test_stores_fault(test, object);
	prmem_test_no_writable_alias(test);
}
#endif

/* Two callers at once: the mutex forgets that it is held. */
struct breaker {
	struct completion done;
	struct pmalloc_pool *pool;
	int tried;
};

static int create_in_thread(void *arg)
{
	struct breaker *breaker = arg;

	breaker->pool = pmalloc_create_pool("kunit_broken", PMALLOC_MODE_WR);
	complete(&breaker->done);
	return 0;
}

/* What says who holds a mutex. */
static unsigned long *owner_of(struct mutex *mutex)
{
#ifdef CONFIG_PREEMPT_RT
	return (unsigned long *)&mutex->rtmutex.owner;
#else
	return (unsigned long *)&mutex->owner;
#endif
}

static int break_mutex(const struct pmalloc_area *area, void *arg)
{
	unsigned long *owner = owner_of(&pmalloc_mutex), was = READ_ONCE(*owner);
	struct breaker *breaker = arg;

	WRITE_ONCE(*owner, 0);
	if (!IS_ERR(kthread_run(create_in_thread, breaker, "prmem_breaker"))) {
		wait_for_completion(&breaker->done);
		breaker->tried++;
	}
	WRITE_ONCE(*owner, was);
	return 1;
}

static void i9_broken_mutex(struct kunit *test)
{
	struct breaker breaker = { };

	init_completion(&breaker.done);
	pr_info("prmem-expect: begin 1 prmem: the lock of the pools is broken\n");
	KUNIT_EXPECT_EQ(test, pmalloc_walk_areas(break_mutex, &breaker), 1);
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_EQ(test, breaker.tried, 1);
	KUNIT_EXPECT_NULL(test, breaker.pool);
	/* All is well again. */
	prmem_test_protected(test, PMALLOC_MODE_WR, 8, 0);
}

/*
 * More areas than there are descriptors for, in the pages there are. What the
 * vm_struct says about the range of descriptors is of no interest.
 */
#define MANY_AREAS	(4 * PAGE_SIZE / 128)

static void i9_descriptors_with_corrupted_range(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct vm_struct *vm = find_vm_area(PTR_ALIGN_DOWN((void *)pool, PAGE_SIZE));
	struct vm_struct was;
	unsigned int nr;
	u64 *object;

	KUNIT_ASSERT_NOT_NULL(test, vm);
	was = *vm;
	/* Nothing but the guard page. */
	vm->size = PAGE_SIZE;
	vm->addr = NULL;
	vm->nr_pages = U16_MAX;
	for (nr = 0; nr < MANY_AREAS; nr++) {
		object = pmalloc(pool, PAGE_SIZE);
		if (!object)
			break;
	}
	vm->size = was.size;
	vm->addr = was.addr;
	vm->nr_pages = was.nr_pages;
	KUNIT_ASSERT_NOT_NULL(test, object);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	prmem_test_stores_fault(test, object);
	prmem_test_no_writable_alias(test);
}

static struct kunit_case corrupt_cases[] = {
	KUNIT_CASE(i9_write_with_corrupted_sidecars),
	KUNIT_CASE(i9_write_with_corrupted_side_of_a_cache),
#ifdef CONFIG_PRMEM_STATS
	KUNIT_CASE(i9_write_with_corrupted_stats),
#endif
	KUNIT_CASE(i9_refusal_with_corrupted_reports),
	KUNIT_CASE(i9_write_with_corrupted_vmalloc),
	KUNIT_CASE(i9_write_with_corrupted_struct_page),
	KUNIT_CASE(i9_write_with_corrupted_init_mm),
	KUNIT_CASE(i9_write_with_corrupted_cpu_number),
#ifdef CONFIG_X86_64
	KUNIT_CASE(i9_write_with_corrupted_addresses),
#endif
	KUNIT_CASE(i9_pool_with_corrupted_vm_struct),
	KUNIT_CASE(i9_pool_with_corrupted_struct_page),
#ifdef CONFIG_X86_64
	KUNIT_CASE(i9_block_with_other_page_tables),
#endif
	KUNIT_CASE(i9_destroy_with_corrupted_block),
	KUNIT_CASE(i9_protect_with_other_page_tables),
	KUNIT_CASE(i9_destroy_cache_with_other_page_tables),
	KUNIT_CASE(i9_broken_mutex),
	KUNIT_CASE(i9_descriptors_with_corrupted_range),
	{}
};

static struct kunit_suite corrupt_suite = {
	.name = "prmem_corrupt",
	.init = prmem_test_need_protection,
	.test_cases = corrupt_cases,
};

kunit_test_suite(corrupt_suite);

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory, the second half: attacks, of which nothing
 * may succeed. A plain store that must fault is made with
 * copy_to_kernel_nofault(), and the value is read again. A call that must be
 * refused must return its error, be reported once with its caller, and leave
 * the destination as it was.
 *
 * Suites that are built in run before mark_rodata_ro(). Static data is protected
 * only in a run that is started later, through debugfs; prmem_test_static_protected()
 * says what a case has to expect.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/kasan.h>
#include <linux/kthread.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/pagewalk.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <asm/sections.h>
#ifdef CONFIG_X86_64
#include <asm/apic.h>
#include <asm/nmi.h>
#include <asm/tlbflush.h>
#endif

#include "test_prmem.h"

static u64 target __wr_after_init = 0x1234;

bool prmem_test_static_protected(void)
{
	return prmem_active() && system_state == SYSTEM_RUNNING;
}

void *prmem_test_linear_alias(void *addr)
{
	return page_address(vmalloc_to_page(addr)) + offset_in_page(addr);
}

/* Plain stores */

static void store_must_fault(struct kunit *test, void *dst)
{
	u64 before = *(u64 *)dst, evil = ~before;

	KUNIT_EXPECT_EQ(test, copy_to_kernel_nofault(dst, &evil, sizeof(evil)),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, *(u64 *)dst, before);
}

void prmem_test_stores_fault(struct kunit *test, void *dst)
{
	store_must_fault(test, dst);
	store_must_fault(test, prmem_test_linear_alias(dst));
}

/*
 * I1: no page table maps a protected frame writable. All frames of all areas are
 * collected, and then all of the kernel's page tables are searched for them.
 */
struct search {
	struct kunit *test;
	unsigned long *frames;
	unsigned long nr_frames;
	unsigned long nr_seen;
	unsigned long nr_writable;
	unsigned int cpu;
};

static int collect_area(const struct pmalloc_area *area, void *arg)
{
	struct search *search = arg;
	unsigned int i;

	for (i = 0; area->protected && i < area->nr_pages; i++)
		__set_bit(vmalloc_to_pfn((void *)area->addr + i * PAGE_SIZE),
			  search->frames);
	return 0;
}

static void check_leaf(struct search *search, unsigned long pfn,
		       unsigned long nr, bool writable, unsigned long addr)
{
	for (; nr; pfn++, addr += PAGE_SIZE, nr--) {
		if (pfn >= search->nr_frames || !test_bit(pfn, search->frames))
			continue;
		search->nr_seen++;
		if (!writable)
			continue;
		search->nr_writable++;
		if (search->nr_writable < 10)
			kunit_err(search->test, "frame %#lx is writable at %#lx\n",
				  pfn, addr);
	}
}

/* KASAN maps most of its shadow through a few tables that it shares. */
static bool is_shared_shadow(const void *table)
{
#if defined(CONFIG_KASAN_GENERIC) || defined(CONFIG_KASAN_SW_TAGS)
	/* Each is there if the level is. */
	return table == lm_alias(kasan_early_shadow_pte) ||
	       (CONFIG_PGTABLE_LEVELS > 2 &&
		table == lm_alias(kasan_early_shadow_pmd)) ||
	       (CONFIG_PGTABLE_LEVELS > 3 &&
		table == lm_alias(kasan_early_shadow_pud)) ||
	       (CONFIG_PGTABLE_LEVELS > 4 &&
		table == lm_alias(kasan_early_shadow_p4d));
#else
	return false;
#endif
}

static int search_pgd(pgd_t *pgd, unsigned long addr, unsigned long next,
		      struct mm_walk *walk)
{
	/* Of address 0: where the table begins. */
	if (pgtable_l5_enabled() && is_shared_shadow(p4d_offset(pgd, 0)))
		walk->action = ACTION_CONTINUE;
	return 0;
}

static int search_p4d(p4d_t *p4d, unsigned long addr, unsigned long next,
		      struct mm_walk *walk)
{
	if (is_shared_shadow(p4d_pgtable(*p4d)))
		walk->action = ACTION_CONTINUE;
	return 0;
}

static int search_pud(pud_t *pud, unsigned long addr, unsigned long next,
		      struct mm_walk *walk)
{
	if (!pud_present(*pud))
		return 0;
	if (pud_leaf(*pud))
		check_leaf(walk->private, pud_pfn(*pud), PUD_SIZE / PAGE_SIZE,
			   pud_write(*pud), addr & PUD_MASK);
	else if (is_shared_shadow(pud_pgtable(*pud)))
		walk->action = ACTION_CONTINUE;
	return 0;
}

static int search_pmd(pmd_t *pmd, unsigned long addr, unsigned long next,
		      struct mm_walk *walk)
{
	if (!pmd_present(*pmd))
		return 0;
	if (pmd_leaf(*pmd))
		check_leaf(walk->private, pmd_pfn(*pmd), PMD_SIZE / PAGE_SIZE,
			   pmd_write(*pmd), addr & PMD_MASK);
	else if (is_shared_shadow((void *)pmd_page_vaddr(*pmd)))
		walk->action = ACTION_CONTINUE;
	return 0;
}

static int search_pte(pte_t *pte, unsigned long addr, unsigned long next,
		      struct mm_walk *walk)
{
	pte_t entry = ptep_get(pte);

	if (pte_present(entry))
		check_leaf(walk->private, pte_pfn(entry), 1, pte_write(entry),
			   addr);
	return 0;
}

static const struct mm_walk_ops search_ops = {
	.pgd_entry = search_pgd,
	.p4d_entry = search_p4d,
	.pud_entry = search_pud,
	.pmd_entry = search_pmd,
	.pte_entry = search_pte,
	.walk_lock = PGWALK_RDLOCK,
};

static void search_range(struct search *search, unsigned long start,
			 unsigned long end, pgd_t *pgd)
{
	mmap_read_lock(&init_mm);
	KUNIT_EXPECT_EQ(search->test,
			walk_kernel_page_table_range(start, end, &search_ops,
						     pgd, search), 0);
	mmap_read_unlock(&init_mm);
}

static int search_window(void *arg)
{
	struct search *search = arg;
	pgd_t *pgd = prmem_window_pgd(search->cpu);
	unsigned long slot = prmem_window_alias(search->cpu);

	search_range(search, 0, TASK_SIZE_MAX, pgd);
	search_range(search, slot & PGDIR_MASK, (slot & PGDIR_MASK) + PGDIR_SIZE, pgd);
	return 0;
}

/*
 * Work that frees objects may be in a session anywhere, at any time. But not on the
 * CPU on which we are: there, sessions are not preempted. A CPU that is down has none.
 */
static void search_all_tables(struct search *search)
{
	unsigned long kernel_end = -PAGE_SIZE;

	search_range(search, PRMEM_KERNEL_START, kernel_end, swapper_pg_dir);
	for_each_possible_cpu(search->cpu) {
		if (smp_call_on_cpu(search->cpu, search_window, search, false))
			search_window(search);
	}
}

void prmem_test_no_writable_alias(struct kunit *test)
{
	struct search search = { .test = test, .nr_frames = max_pfn };
	unsigned long pfn, first, last, expected;

	search.frames = bitmap_zalloc(search.nr_frames, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, search.frames);
	KUNIT_EXPECT_EQ(test, pmalloc_walk_areas(collect_area, &search), 0);
	KUNIT_EXPECT_EQ(test, prmem_walk_slabs(collect_area, &search), 0);
	if (prmem_test_static_protected()) {
		first = PHYS_PFN(__pa_symbol(__start_wr_after_init));
		last = PHYS_PFN(__pa_symbol(__end_wr_after_init - 1));
		for (pfn = first; pfn <= last; pfn++)
			__set_bit(pfn, search.frames);
	}
	search_all_tables(&search);

	/* Each is mapped at its address and in the linear map, at least. */
	expected = 2 * bitmap_weight(search.frames, search.nr_frames);
	KUNIT_EXPECT_GE(test, search.nr_seen, expected);
	KUNIT_EXPECT_GT(test, expected, 0);
	KUNIT_EXPECT_EQ(test, search.nr_writable, 0);
	bitmap_free(search.frames);
}

/* Is the search able to find anything? One of two mappings of a page is writable. */
static void search_finds_writable_pages(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	void *object = prmem_test_object(test, pool, 8, 0x5a);
	struct search search = { .test = test, .nr_frames = max_pfn };

	search.frames = bitmap_zalloc(search.nr_frames, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, search.frames);
	__set_bit(vmalloc_to_pfn(object), search.frames);
	search_all_tables(&search);
	KUNIT_EXPECT_EQ(test, search.nr_seen, 2);
	KUNIT_EXPECT_EQ(test, search.nr_writable, 1);
	bitmap_free(search.frames);
}

static void i1_after_each_operation(struct kunit *test)
{
	struct pmalloc_pool *pool;
	u64 *object;

	prmem_test_no_writable_alias(test);
	pool = pmalloc_create_pool("kunit_i1", PMALLOC_MODE_WR);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	object = prmem_test_object(test, pool, 2 * PAGE_SIZE, 0x5a);
	prmem_test_no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	prmem_test_no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, wr_assign(target, target + 1), 0);
	prmem_test_no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, wr_memset(object, 2, 2 * PAGE_SIZE), 0);
	prmem_test_no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, wr_assign(*object, 1), 0);
	prmem_test_no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	prmem_test_no_writable_alias(test);
	pmalloc_destroy_pool(pool);
	prmem_test_no_writable_alias(test);
}

static void i1_plain_store_to_pool(struct kunit *test)
{
	void *wr = prmem_test_protected(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE, 0x5a);
	void *ro = prmem_test_protected(test, PMALLOC_MODE_RO, 2 * PAGE_SIZE, 0x5a);

	prmem_test_stores_fault(test, wr);
	prmem_test_stores_fault(test, wr + 2 * PAGE_SIZE - 8);
	prmem_test_stores_fault(test, ro);
	prmem_test_stores_fault(test, ro + 2 * PAGE_SIZE - 8);
}

static void i1_plain_store_to_static(struct kunit *test)
{
	u64 before = target, evil = 0xbad, *alias = lm_alias(&target);

	if (prmem_test_static_protected()) {
		store_must_fault(test, &target);
		store_must_fault(test, alias);
		return;
	}
	/* So that the other arm is known to be able to fail. */
	KUNIT_EXPECT_EQ(test, copy_to_kernel_nofault(&target, &evil, 8), 0);
	KUNIT_EXPECT_EQ(test, target, evil);
	KUNIT_EXPECT_EQ(test, wr_assign(target, before), 0);
}

/* I2: the alias */

/* A rule by which those of other CPUs could be told from that of one? */
static bool evenly_spaced(void)
{
	unsigned long gap = prmem_window_alias(1) - prmem_window_alias(0);
	unsigned int cpu;

	for (cpu = 2; cpu < num_possible_cpus(); cpu++)
		if (prmem_window_alias(cpu) - prmem_window_alias(cpu - 1) != gap)
			return false;
	return true;
}

static void i2_alias_is_private(struct kunit *test)
{
	unsigned long slots = 0;
	unsigned int cpu;
	u8 seen;

	for_each_possible_cpu(cpu) {
		KUNIT_EXPECT_EQ(test,
				copy_from_kernel_nofault(&seen,
							 (void *)prmem_window_alias(cpu), 1),
				-EFAULT);
		KUNIT_EXPECT_PTR_NE(test, prmem_window_pgd(cpu),
				    (pgd_t *)swapper_pg_dir);
		if (prmem_window_alias(cpu) != prmem_window_alias(0))
			slots++;
	}
	/* Drawn at random, each on its own. */
	if (num_possible_cpus() > 1)
		KUNIT_EXPECT_GT(test, slots, 0);
	if (num_possible_cpus() > 2)
		KUNIT_EXPECT_FALSE(test, evenly_spaced());
}

void prmem_test_enter(struct by_hand *hand)
{
	prmem_irq_save(hand->flags);
	hand->win = prmem_this_window();
	hand->alias = (void *)hand->win->alias;
	prmem_arch_enter(&hand->win->arch, &hand->saved);
}

void prmem_test_map(struct by_hand *hand, void *object)
{
	prmem_arch_map(hand->win->slots, hand->win->alias,
		       vmalloc_to_pfn(object));
}

void prmem_test_unmap(struct by_hand *hand)
{
	prmem_arch_unmap(hand->win->slots, hand->win->alias);
}

void prmem_test_leave(struct by_hand *hand)
{
	prmem_arch_leave(&hand->saved);
	prmem_irq_restore(hand->flags);
}

long prmem_test_read_alias(void *alias)
{
	u64 seen;

	return copy_from_kernel_nofault(&seen, alias, sizeof(seen));
}

struct view {
	void *alias;
	long err;
};

static void look_from_other_cpu(void *arg)
{
	struct view *view = arg;
	struct by_hand hand;

	/* Even this CPU's own window does not show the alias of another. */
	prmem_test_enter(&hand);
	view->err = prmem_test_read_alias(view->alias);
	prmem_test_leave(&hand);
}

static void i2_alias_is_gone_after_the_write(struct kunit *test)
{
	u64 *object = prmem_test_protected(test, PMALLOC_MODE_WR, 8, 0x5a);
	long open_err, direct_err, closed_err;
	struct by_hand hand;

	prmem_test_enter(&hand);
	prmem_test_map(&hand, object);
	open_err = copy_to_kernel_nofault(hand.alias, "\1\2\3\4\5\6\7\10", 8);
	direct_err = copy_to_kernel_nofault(object, "\0", 1);
	prmem_test_unmap(&hand);
	/* The page tables are still loaded: only the TLB could know it now. */
	closed_err = prmem_test_read_alias(hand.alias);
	prmem_test_leave(&hand);

	KUNIT_EXPECT_EQ(test, open_err, 0);
	KUNIT_EXPECT_EQ(test, *object, 0x0807060504030201ULL);
	KUNIT_EXPECT_EQ(test, direct_err, -EFAULT);
	KUNIT_EXPECT_EQ(test, closed_err, -EFAULT);
}

static void i2_alias_is_not_seen_by_other_cpus(struct kunit *test)
{
	u64 *object = prmem_test_protected(test, PMALLOC_MODE_WR, 8, 0x5a);
	struct view view = { };
	struct by_hand hand;
	unsigned int cpu;
	long still_err;
	int err;

	if (num_online_cpus() == 1)
		kunit_skip(test, "there is no other CPU");

	/* The page tables stay filled while the other CPU looks. */
	cpu = cpumask_any_but(cpu_online_mask, get_cpu());
	prmem_test_enter(&hand);
	prmem_test_map(&hand, object);
	prmem_test_leave(&hand);
	view.alias = hand.alias;
	err = smp_call_function_single(cpu, look_from_other_cpu, &view, 1);
	prmem_test_enter(&hand);
	still_err = prmem_test_read_alias(hand.alias);
	prmem_test_unmap(&hand);
	prmem_test_leave(&hand);
	put_cpu();

	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, view.err, -EFAULT);
	KUNIT_EXPECT_EQ(test, still_err, 0);
}

#ifdef CONFIG_X86_64
/* What an NMI handler sees in the middle of a window. */
static struct {
	u64 *dst;
	int err;
	bool uaccess_okay;
	bool done;
} nmi;

static int look_from_nmi(unsigned int type, struct pt_regs *regs)
{
	if (!nmi.dst || READ_ONCE(nmi.done))
		return NMI_DONE;
	nmi.uaccess_okay = nmi_uaccess_okay();
	nmi.err = wr_assign(*nmi.dst, 0xbad);
	WRITE_ONCE(nmi.done, true);
	return NMI_HANDLED;
}

static bool send_nmi(void)
{
	int i;

	WRITE_ONCE(nmi.done, false);
	__apic_send_IPI_mask(cpumask_of(smp_processor_id()), NMI_VECTOR);
	for (i = 0; i < 100000 && !READ_ONCE(nmi.done); i++)
		cpu_relax();
	return READ_ONCE(nmi.done);
}

/* In a user's address space, so that there is user memory an NMI could touch. */
static void i2_nmi_inside_the_window(struct kunit *test)
{
	u64 *object = prmem_test_protected(test, PMALLOC_MODE_WR, 8, 0x5a);
	bool sent_before, okay_before, sent_inside, okay_inside;
	unsigned long cr3_before, cr3_after;
	struct by_hand hand;
	struct mm_struct *mm;

	mm = mm_alloc();
	KUNIT_ASSERT_NOT_NULL(test, mm);
	nmi.dst = object;
	KUNIT_ASSERT_EQ(test, register_nmi_handler(NMI_LOCAL, look_from_nmi, 0,
						   "prmem_kunit"), 0);
	/* Both are refused; the call site is reported once per boot. */
	pr_info("prmem-expect: begin 0-1 prmem: write refused.*NMI\n");
	kthread_use_mm(mm);
	preempt_disable();
	sent_before = send_nmi();
	okay_before = nmi.uaccess_okay;
	cr3_before = __read_cr3();

	prmem_test_enter(&hand);
	prmem_test_map(&hand, object);
	sent_inside = send_nmi();
	okay_inside = nmi.uaccess_okay;
	/* The window is as the NMI found it. */
	*(u64 *)hand.alias = 0x600d;
	prmem_test_unmap(&hand);
	prmem_test_leave(&hand);

	cr3_after = __read_cr3();
	preempt_enable();
	kthread_unuse_mm(mm);
	mmput(mm);
	unregister_nmi_handler(NMI_LOCAL, "prmem_kunit");
	nmi.dst = NULL;
	pr_info("prmem-expect: end\n");

	KUNIT_EXPECT_TRUE(test, sent_before);
	KUNIT_EXPECT_TRUE(test, okay_before);
	KUNIT_EXPECT_TRUE(test, sent_inside);
	KUNIT_EXPECT_FALSE(test, okay_inside);
	KUNIT_EXPECT_EQ(test, cr3_before, cr3_after);
	KUNIT_EXPECT_EQ(test, *object, 0x600d);
	KUNIT_EXPECT_EQ(test, nmi.err, -EPERM);
}
#endif

/* I8: read-only is final, also for a write that has begun */

struct slow_cpu {
	int state;
};

static void be_slow(void *arg)
{
	struct slow_cpu *slow = arg;

	/* As in a window: interrupts are off. */
	WRITE_ONCE(slow->state, 1);
	mdelay(50);
	WRITE_ONCE(slow->state, 2);
}

/* Starts a section with interrupts off on another CPU. */
static void start_slow_cpu(struct kunit *test, struct slow_cpu *slow)
{
	static call_single_data_t csd;
	unsigned int cpu;

	if (num_online_cpus() == 1)
		kunit_skip(test, "there is no other CPU to wait for");

	slow->state = 0;
	cpu = cpumask_any_but(cpu_online_mask, get_cpu());
	INIT_CSD(&csd, be_slow, slow);
	KUNIT_EXPECT_EQ(test, smp_call_function_single_async(cpu, &csd), 0);
	while (!READ_ONCE(slow->state))
		cpu_relax();
	put_cpu();
}

static void i8_made_ro_is_final(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	u64 *object = prmem_test_object(test, pool, PAGE_SIZE, 0x5a);

	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	KUNIT_EXPECT_EQ(test, wr_assign(*object, 7), 0);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	prmem_test_watch_reports(test);
	prmem_test_refused_everywhere(test, "made RO", object);
	prmem_test_stores_fault(test, object);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	prmem_test_refused_everywhere(test, "still RO", object);
	KUNIT_EXPECT_EQ(test, *object, 7);
}

/*
 * Nothing here changes a mapping, which would flush the TLB of the slow CPU and
 * wait for that: what is waited for is the write.
 */
static void i8_make_ro_waits_for_writers(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct slow_cpu slow;

	prmem_test_object(test, pool, 8, 0x5a);
	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	start_slow_cpu(test, &slow);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(slow.state), 2);
}

static void i8_destroy_waits_for_writers(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct slow_cpu slow;

	prmem_test_object(test, pool, 8, 0x5a);
	start_slow_cpu(test, &slow);
	prmem_test_destroy(test, pool);
	KUNIT_EXPECT_EQ(test, READ_ONCE(slow.state), 2);
}

/* Memory that is given back is ordinary memory again. */
static void destroy_gives_memory_back(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct search search = { .test = test, .nr_frames = max_pfn };
	unsigned long blocks[2], pages[2], used[2], nr_free, nr_pages, i;
	void *object;

	prmem_block_counts(&blocks[0], &pages[0], &used[0]);
	nr_free = pages[0] - used[0];
	nr_pages = nr_free + 4 * SZ_2M / PAGE_SIZE;
	object = prmem_test_object(test, pool, nr_pages * PAGE_SIZE, 0x5a);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	search.frames = bitmap_zalloc(search.nr_frames, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, search.frames);
	for (i = 0; i < nr_pages; i++)
		__set_bit(vmalloc_to_pfn(object + i * PAGE_SIZE), search.frames);

	prmem_test_destroy(test, pool);
	KUNIT_EXPECT_FALSE(test, pte_present(prmem_pte((unsigned long)object)));
	prmem_block_counts(&blocks[1], &pages[1], &used[1]);
	KUNIT_EXPECT_EQ(test, blocks[1], blocks[0]);
	KUNIT_EXPECT_EQ(test, pages[1], pages[0]);
	/* A page of descriptors may have been added, and stays. */
	KUNIT_EXPECT_LE(test, used[1], used[0] + 1);
	/* Physical memory need not start at 0. The linear map ends there. */
	search_range(&search, PRMEM_KERNEL_START, (unsigned long)high_memory,
		     swapper_pg_dir);
	KUNIT_EXPECT_EQ(test, search.nr_seen, nr_pages);
	/* A block that others use as well stays, and was filled up first. */
	KUNIT_EXPECT_GE(test, search.nr_writable, nr_pages - nr_free);
	bitmap_free(search.frames);
}

/* 6400 pages go through the pools: a leak could not be missed. */
static void destroy_leaks_nothing(struct kunit *test)
{
	unsigned long free = global_zone_page_state(NR_FREE_PAGES);
	struct pmalloc_pool *pool;
	int i;

	for (i = 0; i < 200; i++) {
		pool = pmalloc_create_pool("kunit_back", i % 2);
		KUNIT_ASSERT_NOT_NULL(test, pool);
		prmem_test_object(test, pool, 32 * PAGE_SIZE, 0x5a);
		if (i % 4)
			KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
		pmalloc_destroy_pool(pool);
	}
	KUNIT_EXPECT_GT(test, global_zone_page_state(NR_FREE_PAGES) + 1600, free);
}

/* I9: what prmem knows is protected like what it guards */
static void i9_descriptors_are_write_rare(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);

	prmem_test_object(test, pool, 8, 0x5a);
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(pool, sizeof(*pool)));
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(pool->areas, sizeof(*pool->areas)));
	prmem_test_stores_fault(test, pool);
	prmem_test_stores_fault(test, pool->areas);
}

struct areas {
	struct kunit *test;
	unsigned long addr[64];
	unsigned int nr;
};

static int note_area(const struct pmalloc_area *area, void *arg)
{
	struct areas *areas = arg;

	if (area->protected && areas->nr < ARRAY_SIZE(areas->addr))
		areas->addr[areas->nr++] = area->addr;
	return 0;
}

/* The table of windows and all descriptors are among them. */
static void i9_no_area_takes_a_plain_store(struct kunit *test)
{
	struct areas *areas = kunit_kzalloc(test, sizeof(*areas), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, areas);
	KUNIT_EXPECT_EQ(test, pmalloc_walk_areas(note_area, areas), 0);
	KUNIT_EXPECT_GE(test, areas->nr, 2);
	for (i = 0; i < areas->nr; i++)
		prmem_test_stores_fault(test, (void *)areas->addr[i]);
}

/*
 * What an attacker could hand in instead of a pool. Each of these prints one
 * report of its own kind.
 */
static void i9_only_pools_are_pools(struct kunit *test)
{
	struct pmalloc_pool *pool = prmem_test_pool(test, PMALLOC_MODE_WR);
	struct pmalloc_pool *forged = prmem_test_protected(test, PMALLOC_MODE_WR,
							   sizeof(*forged), 0);
	struct pmalloc_area *area;
	void *object = prmem_test_object(test, pool, 8, 0x5a);

	KUNIT_EXPECT_EQ(test, wr_memcpy(forged, pool, sizeof(*forged)), 0);
	area = pool->areas;

	pr_info("prmem-expect: begin 5 prmem: no such pool\n");
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(forged), -EINVAL);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro((void *)area), -EINVAL);
	KUNIT_EXPECT_NULL(test, pmalloc((void *)pool + 8, 8));
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(NULL), -EINVAL);
	prmem_test_destroy(test, pool);
	pmalloc_destroy_pool(pool);
	pr_info("prmem-expect: end\n");
	KUNIT_EXPECT_FALSE(test, pte_present(prmem_pte((unsigned long)object)));
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(forged, sizeof(*forged)));
}

static struct kunit_case attack_cases[] = {
	KUNIT_CASE(search_finds_writable_pages),
	KUNIT_CASE(i1_after_each_operation),
	KUNIT_CASE(i1_plain_store_to_pool),
	KUNIT_CASE(i1_plain_store_to_static),
	KUNIT_CASE(i2_alias_is_private),
	KUNIT_CASE(i2_alias_is_gone_after_the_write),
	KUNIT_CASE(i2_alias_is_not_seen_by_other_cpus),
#ifdef CONFIG_X86_64
	KUNIT_CASE(i2_nmi_inside_the_window),
#endif
	KUNIT_CASE(i8_made_ro_is_final),
	KUNIT_CASE(i8_make_ro_waits_for_writers),
	KUNIT_CASE(i8_destroy_waits_for_writers),
	KUNIT_CASE(destroy_gives_memory_back),
	KUNIT_CASE(destroy_leaks_nothing),
	KUNIT_CASE(i9_descriptors_are_write_rare),
	KUNIT_CASE(i9_no_area_takes_a_plain_store),
	KUNIT_CASE(i9_only_pools_are_pools),
	{}
};

int prmem_test_need_protection(struct kunit *test)
{
	const char *inactive = prmem_arch_inactive();

	if (inactive)
		kunit_skip(test, "nothing is protected: %s", inactive);
	return 0;
}

static struct kunit_suite attack_suite = {
	.name = "prmem_attack",
	.init = prmem_test_need_protection,
	.test_cases = attack_cases,
};

kunit_test_suite(attack_suite);

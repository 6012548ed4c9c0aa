// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory, the second half: attacks, of which nothing
 * may succeed. A plain store that must fault is made with
 * copy_to_kernel_nofault(), and the value is read again. A call that must be
 * refused must return its error, be reported once with its caller, and leave
 * the destination as it was.
 *
 * Suites that are built in run before mark_rodata_ro(). Static data is protected
 * only in a run that is started later, through debugfs; is_static_protected()
 * says what a case has to expect.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/delay.h>
#include <linux/kallsyms.h>
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

static u64 target __wr_after_init = 0x1234;

static bool is_static_protected(void)
{
	return prmem_active() && system_state == SYSTEM_RUNNING;
}

KUNIT_DEFINE_ACTION_WRAPPER(destroy_pool, pmalloc_destroy_pool,
			    struct pmalloc_pool *);

static struct pmalloc_pool *test_pool(struct kunit *test, enum pmalloc_mode mode)
{
	struct pmalloc_pool *pool = pmalloc_create_pool("kunit_attack", mode);

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy_pool, pool),
			0);
	return pool;
}

static void *test_object(struct kunit *test, struct pmalloc_pool *pool,
			 size_t size)
{
	void *object = pmalloc(pool, size);

	KUNIT_ASSERT_NOT_NULL(test, object);
	memset(object, 0x5a, size);
	return object;
}

static void *protected_object(struct kunit *test, enum pmalloc_mode mode,
			      size_t size)
{
	struct pmalloc_pool *pool = test_pool(test, mode);
	void *object = test_object(test, pool, size);

	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	return object;
}

static void *linear_alias(void *addr)
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

static void plain_stores_must_fault(struct kunit *test, void *dst)
{
	store_must_fault(test, dst);
	store_must_fault(test, linear_alias(dst));
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
		kunit_err(search->test, "frame %#lx is writable at %#lx\n", pfn,
			  addr);
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
	if (pgtable_l5_enabled() && is_shared_shadow((void *)pgd_page_vaddr(*pgd)))
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

static void search_all_tables(struct search *search)
{
	unsigned long kernel_end = -PAGE_SIZE;
	unsigned int cpu;

	search_range(search, PRMEM_KERNEL_START, kernel_end, swapper_pg_dir);
	for_each_possible_cpu(cpu) {
		pgd_t *pgd = prmem_window_pgd(cpu);
		unsigned long slot = prmem_window_alias(cpu);

		search_range(search, 0, TASK_SIZE_MAX, pgd);
		search_range(search, slot & PGDIR_MASK,
			     (slot & PGDIR_MASK) + PGDIR_SIZE, pgd);
	}
}

static void no_writable_alias(struct kunit *test)
{
	struct search search = { .test = test, .nr_frames = max_pfn };
	unsigned long pfn, first, last, expected;

	search.frames = bitmap_zalloc(search.nr_frames, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, search.frames);
	KUNIT_EXPECT_EQ(test, pmalloc_walk_areas(collect_area, &search), 0);
	if (is_static_protected()) {
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

/* Is the search able to find anything? Two writable mappings of one page. */
static void search_finds_writable_pages(struct kunit *test)
{
	struct pmalloc_pool *pool = test_pool(test, PMALLOC_MODE_WR);
	void *object = test_object(test, pool, 8);
	struct search search = { .test = test, .nr_frames = max_pfn };

	search.frames = bitmap_zalloc(search.nr_frames, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, search.frames);
	__set_bit(vmalloc_to_pfn(object), search.frames);
	search_all_tables(&search);
	KUNIT_EXPECT_EQ(test, search.nr_seen, 2);
	KUNIT_EXPECT_EQ(test, search.nr_writable, 2);
	bitmap_free(search.frames);
}

static void i1_after_each_operation(struct kunit *test)
{
	struct pmalloc_pool *pool;
	u64 *object;

	no_writable_alias(test);
	pool = pmalloc_create_pool("kunit_i1", PMALLOC_MODE_WR);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	object = test_object(test, pool, 2 * PAGE_SIZE);
	no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, wr_assign(target, target + 1), 0);
	no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, wr_memset(object, 2, 2 * PAGE_SIZE), 0);
	no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, wr_assign(*object, 1), 0);
	no_writable_alias(test);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	no_writable_alias(test);
	pmalloc_destroy_pool(pool);
	no_writable_alias(test);
}

static void i1_plain_store_to_pool(struct kunit *test)
{
	void *wr = protected_object(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE);
	void *ro = protected_object(test, PMALLOC_MODE_RO, 2 * PAGE_SIZE);

	plain_stores_must_fault(test, wr);
	plain_stores_must_fault(test, wr + 2 * PAGE_SIZE - 8);
	plain_stores_must_fault(test, ro);
	plain_stores_must_fault(test, ro + 2 * PAGE_SIZE - 8);
}

static void i1_plain_store_to_static(struct kunit *test)
{
	u64 before = target, evil = 0xbad, *alias = lm_alias(&target);

	if (is_static_protected()) {
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
	/* Drawn at random: they do not all agree. */
	if (num_possible_cpus() > 1)
		KUNIT_EXPECT_GT(test, slots, 0);
}

/*
 * A window by hand, in which a test can look around. Interrupts are off.
 */
struct by_hand {
	const struct prmem_window *win;
	struct prmem_saved saved;
	unsigned long flags;
	void *alias;
};

static void enter_by_hand(struct by_hand *hand)
{
	prmem_irq_save(hand->flags);
	hand->win = prmem_this_window();
	hand->alias = (void *)hand->win->alias;
	prmem_arch_enter(&hand->win->arch, &hand->saved);
}

static void map_by_hand(struct by_hand *hand, void *object)
{
	prmem_arch_map(hand->win->slots, hand->win->alias,
		       vmalloc_to_pfn(object));
}

static void unmap_by_hand(struct by_hand *hand)
{
	prmem_arch_unmap(hand->win->slots, hand->win->alias);
}

static void leave_by_hand(struct by_hand *hand)
{
	prmem_arch_leave(&hand->saved);
	prmem_irq_restore(hand->flags);
}

/* Not instrumented: on some architectures KASAN does not know the alias. */
static long read_alias(void *alias)
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
	enter_by_hand(&hand);
	view->err = read_alias(view->alias);
	leave_by_hand(&hand);
}

static void i2_alias_is_gone_after_the_write(struct kunit *test)
{
	u64 *object = protected_object(test, PMALLOC_MODE_WR, 8);
	long open_err, direct_err, closed_err;
	struct by_hand hand;

	enter_by_hand(&hand);
	map_by_hand(&hand, object);
	open_err = copy_to_kernel_nofault(hand.alias, "\1\2\3\4\5\6\7\10", 8);
	direct_err = copy_to_kernel_nofault(object, "\0", 1);
	unmap_by_hand(&hand);
	/* The page tables are still loaded: only the TLB could know it now. */
	closed_err = read_alias(hand.alias);
	leave_by_hand(&hand);

	KUNIT_EXPECT_EQ(test, open_err, 0);
	KUNIT_EXPECT_EQ(test, *object, 0x0807060504030201ULL);
	KUNIT_EXPECT_EQ(test, direct_err, -EFAULT);
	KUNIT_EXPECT_EQ(test, closed_err, -EFAULT);
}

static void i2_alias_is_not_seen_by_other_cpus(struct kunit *test)
{
	u64 *object = protected_object(test, PMALLOC_MODE_WR, 8);
	struct view view = { };
	struct by_hand hand;
	unsigned int cpu;
	long still_err;
	int err;

	if (num_online_cpus() == 1)
		kunit_skip(test, "there is no other CPU");

	/* The page tables stay filled while the other CPU looks. */
	cpu = cpumask_any_but(cpu_online_mask, get_cpu());
	enter_by_hand(&hand);
	map_by_hand(&hand, object);
	leave_by_hand(&hand);
	view.alias = hand.alias;
	err = smp_call_function_single(cpu, look_from_other_cpu, &view, 1);
	enter_by_hand(&hand);
	still_err = read_alias(hand.alias);
	unmap_by_hand(&hand);
	leave_by_hand(&hand);
	put_cpu();

	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, view.err, -EFAULT);
	KUNIT_EXPECT_EQ(test, still_err, 0);
}

/* I3, I4: what must be refused */

static struct {
	int nr;
	int err;
	unsigned long caller;
} reports;

static bool note_report(const char *why, int err, const void *dst, size_t len,
			unsigned long caller)
{
	reports.nr++;
	reports.err = err;
	reports.caller = caller;
	return true;
}

static u8 before[64], after[64];

/* The first bytes, as far as they can be read. */
static size_t picture(u8 *bytes, const void *dst, size_t len)
{
	size_t i;

	len = min(len, sizeof(before));
	for (i = 0; i < len; i++) {
		if (copy_from_kernel_nofault(&bytes[i], dst + i, 1))
			break;
	}
	return i;
}

static void must_be_refused(struct kunit *test, const char *what, int err,
			    int expected)
{
	char caller[KSYM_SYMBOL_LEN];

	snprintf(caller, sizeof(caller), "%ps", (void *)reports.caller);
	KUNIT_EXPECT_EQ_MSG(test, err, expected, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, reports.nr, 1, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, reports.err, expected, "%s", what);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(caller, "refused_"),
			      "%s: reported as called from %s", what, caller);
	reports.nr = 0;
}

static noinline void refused_memcpy(struct kunit *test, const char *what,
				    void *dst, const void *src, size_t len,
				    int expected)
{
	size_t readable = picture(before, dst, len);
	int err = wr_memcpy(dst, src, len);

	KUNIT_EXPECT_EQ(test, picture(after, dst, len), readable);
	KUNIT_EXPECT_MEMEQ_MSG(test, before, after, readable, "%s", what);
	must_be_refused(test, what, err, expected);
}

static noinline void refused_memset(struct kunit *test, const char *what,
				    void *dst, size_t len, int expected)
{
	size_t readable = picture(before, dst, len);
	int err = wr_memset(dst, 0xee, len);

	KUNIT_EXPECT_EQ(test, picture(after, dst, len), readable);
	KUNIT_EXPECT_MEMEQ_MSG(test, before, after, readable, "%s", what);
	must_be_refused(test, what, err, expected);
}

static noinline void refused_assign(struct kunit *test, const char *what,
				    u64 *dst, int expected)
{
	size_t readable = picture(before, dst, sizeof(*dst));
	int err = wr_assign(*dst, 0xeeeeeeeeeeeeeeeeULL);

	KUNIT_EXPECT_EQ(test, picture(after, dst, sizeof(*dst)), readable);
	KUNIT_EXPECT_MEMEQ_MSG(test, before, after, readable, "%s", what);
	must_be_refused(test, what, err, expected);
}

static const u8 source[2 * PAGE_SIZE] = { 1 };

static void refused_everywhere(struct kunit *test, const char *what, void *dst)
{
	refused_memcpy(test, what, dst, source, 16, -EACCES);
	refused_memset(test, what, dst, 16, -EACCES);
	refused_assign(test, what, dst, -EACCES);
}

static void watch_reports(struct kunit *test)
{
	reports.nr = 0;
	kunit_activate_static_stub(test, prmem_report, note_report);
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
	u64 *object = protected_object(test, PMALLOC_MODE_WR, 8);
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

	enter_by_hand(&hand);
	map_by_hand(&hand, object);
	sent_inside = send_nmi();
	okay_inside = nmi.uaccess_okay;
	/* The window is as the NMI found it. */
	*(u64 *)hand.alias = 0x600d;
	unmap_by_hand(&hand);
	leave_by_hand(&hand);

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

static u64 ordinary_static[2];

static void i3_foreign_destination(struct kunit *test)
{
	u64 on_stack[2] = { 1, 2 };
	void *heap = kunit_kzalloc(test, 16, GFP_KERNEL);
	void *area = vmalloc(PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, heap);
	KUNIT_ASSERT_NOT_NULL(test, area);
	watch_reports(test);
	refused_everywhere(test, "NULL", NULL);
	refused_everywhere(test, "user address", (void *)0x10000);
	refused_everywhere(test, "not canonical", (void *)(1UL << 62));
	refused_everywhere(test, "kernel text", _stext);
	refused_everywhere(test, "rodata", (void *)source);
	refused_everywhere(test, "static data", ordinary_static);
	refused_everywhere(test, "heap", heap);
	refused_everywhere(test, "vmalloc", area);
	refused_everywhere(test, "stack", on_stack);
	refused_everywhere(test, "no memory at all", (void *)VMALLOC_END - PAGE_SIZE);
	refused_everywhere(test, "alias",
			   (void *)prmem_window_alias(raw_smp_processor_id()));
	vfree(area);
}

static void i3_pool_destination(struct kunit *test)
{
	struct pmalloc_pool *pool = test_pool(test, PMALLOC_MODE_WR);
	u8 *object = test_object(test, pool, PAGE_SIZE);
	u8 *ro = protected_object(test, PMALLOC_MODE_RO, PAGE_SIZE);
	void *freed;

	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	watch_reports(test);
	refused_everywhere(test, "RO pool", ro);
	refused_everywhere(test, "linear alias", linear_alias(object));
	refused_memcpy(test, "ends after the area", object + PAGE_SIZE - 8,
		       source, 9, -EACCES);
	refused_memset(test, "ends after the area", object, PAGE_SIZE + 1,
		       -EACCES);
	refused_memcpy(test, "starts before the area", object - 1, source, 8,
		       -EACCES);
	refused_assign(test, "starts before the area", (u64 *)(object - 4),
		       -EACCES);
	/* Up to the page before the area, which is unmapped. */
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(object, PAGE_SIZE));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object, PAGE_SIZE + 1));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object - 1, 2));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object, 0));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(object, SIZE_MAX));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(ro, 1));

	freed = object;
	kunit_release_action(test, destroy_pool, pool);
	refused_everywhere(test, "freed pool memory", freed);
}

static void i3_static_bounds(struct kunit *test)
{
	void *start = __start_wr_after_init, *end = __end_wr_after_init;
	size_t size = end - start;

	watch_reports(test);
	refused_memcpy(test, "starts before the section", start - 1, source, 8,
		       -EACCES);
	refused_memcpy(test, "ends after the section", end - 1, source, 2,
		       -EACCES);
	refused_memset(test, "ends after the section", start, size + 1, -EACCES);
	refused_memset(test, "covers the section", start - 1, size + 2, -EACCES);
	refused_everywhere(test, "behind the section", PTR_ALIGN(end, 8));
	refused_everywhere(test, "linear alias", lm_alias(&target));
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(start, size));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(start, size + 1));
	KUNIT_EXPECT_FALSE(test, prmem_is_wr(start - 1, size));
}

static void i4_bad_length_and_source(struct kunit *test)
{
	u8 *object = protected_object(test, PMALLOC_MODE_WR, 2 * PAGE_SIZE);
	u8 *pages = vmalloc(PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, pages);
	watch_reports(test);
	refused_memcpy(test, "length 0", object, source, 0, -EINVAL);
	refused_memset(test, "length 0", object, 0, -EINVAL);
	refused_memset(test, "length 0 at NULL", NULL, 0, -EINVAL);
	refused_memset(test, "wraps around", object, SIZE_MAX, -EINVAL);
	refused_memcpy(test, "wraps around", object, source,
		       -(unsigned long)object + 1, -EINVAL);
	refused_memcpy(test, "source wraps around", object, (void *)-8UL, 16,
		       -EINVAL);
	refused_memcpy(test, "onto itself", object, object, 8, -EINVAL);
	refused_memcpy(test, "overlaps from below", object + 8, object, 9,
		       -EINVAL);
	refused_memcpy(test, "overlaps from above", object, object + 8, 9,
		       -EINVAL);
	refused_memcpy(test, "source NULL", object, NULL, 8, -EFAULT);
	refused_memcpy(test, "source in user space", object, (void *)0x10000, 8,
		       -EFAULT);
	refused_memcpy(test, "source unmapped", object, pages + PAGE_SIZE, 8,
		       -EFAULT);
	/* The first page could be copied, and must not be. */
	refused_memcpy(test, "source ends unmapped", object,
		       pages + PAGE_SIZE - 64, 65, -EFAULT);
	vfree(pages);
}

/* Every refusal comes to the one place that decides, each time. */
static void i4_each_refusal_is_told(struct kunit *test)
{
	int i;

	watch_reports(test);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, wr_assign(ordinary_static[0], 1), -EACCES);
	KUNIT_EXPECT_EQ(test, reports.nr, 3);
	KUNIT_EXPECT_EQ(test, ordinary_static[0], 0);
}

/* The suite may run more than once. */
static bool already;

static void i4_a_site_is_reported_once(struct kunit *test)
{
	/* Addresses of no code, so that nothing real is marked as reported. */
	const unsigned long site = (unsigned long)ordinary_static;
	int i;

	/* The table fills up, and knows its entries for as long as it lasts. */
	for (i = 0; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, prmem_is_new_site(site + i), !already);
		KUNIT_EXPECT_FALSE(test, prmem_is_new_site(site + i));
	}
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_FALSE(test, prmem_is_new_site(site + i));
	already = true;
}

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
	struct pmalloc_pool *pool = test_pool(test, PMALLOC_MODE_WR);
	u64 *object = test_object(test, pool, PAGE_SIZE);

	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	KUNIT_EXPECT_EQ(test, wr_assign(*object, 7), 0);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	watch_reports(test);
	refused_everywhere(test, "made RO", object);
	plain_stores_must_fault(test, object);
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	refused_everywhere(test, "still RO", object);
	KUNIT_EXPECT_EQ(test, *object, 7);
}

/*
 * Nothing here changes a mapping, which would flush the TLB of the slow CPU and
 * wait for that: what is waited for is the write.
 */
static void i8_make_ro_waits_for_writers(struct kunit *test)
{
	struct pmalloc_pool *pool = test_pool(test, PMALLOC_MODE_WR);
	struct slow_cpu slow;

	test_object(test, pool, 8);
	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(pool), 0);
	start_slow_cpu(test, &slow);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro(pool), 0);
	KUNIT_EXPECT_EQ(test, READ_ONCE(slow.state), 2);
}

static void i8_destroy_waits_for_writers(struct kunit *test)
{
	struct pmalloc_pool *pool = test_pool(test, PMALLOC_MODE_WR);
	struct slow_cpu slow;

	test_object(test, pool, 8);
	start_slow_cpu(test, &slow);
	kunit_release_action(test, destroy_pool, pool);
	KUNIT_EXPECT_EQ(test, READ_ONCE(slow.state), 2);
}

/* Memory that is given back is ordinary memory again. */
static void destroy_gives_memory_back(struct kunit *test)
{
	struct pmalloc_pool *pool = test_pool(test, PMALLOC_MODE_WR);
	struct search search = { .test = test, .nr_frames = max_pfn };
	void *object = test_object(test, pool, 4 * PAGE_SIZE);
	int i;

	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
	search.frames = bitmap_zalloc(search.nr_frames, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, search.frames);
	for (i = 0; i < 4; i++)
		__set_bit(vmalloc_to_pfn(object + i * PAGE_SIZE), search.frames);

	kunit_release_action(test, destroy_pool, pool);
	KUNIT_EXPECT_FALSE(test, pte_present(prmem_pte((unsigned long)object)));
	/* Physical memory need not start at 0. The linear map ends there. */
	search_range(&search, PRMEM_KERNEL_START, (unsigned long)high_memory,
		     swapper_pg_dir);
	KUNIT_EXPECT_EQ(test, search.nr_seen, 4);
	KUNIT_EXPECT_EQ(test, search.nr_writable, 4);
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
		test_object(test, pool, 32 * PAGE_SIZE);
		if (i % 4)
			KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(pool), 0);
		pmalloc_destroy_pool(pool);
	}
	KUNIT_EXPECT_GT(test, global_zone_page_state(NR_FREE_PAGES) + 1600, free);
}

/* I9: what prmem knows is protected like what it guards */
static void i9_descriptors_are_write_rare(struct kunit *test)
{
	struct pmalloc_pool *pool = test_pool(test, PMALLOC_MODE_WR);

	test_object(test, pool, 8);
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(pool, sizeof(*pool)));
	KUNIT_EXPECT_TRUE(test, prmem_is_wr(pool->areas, sizeof(*pool->areas)));
	plain_stores_must_fault(test, pool);
	plain_stores_must_fault(test, pool->areas);
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
		plain_stores_must_fault(test, (void *)areas->addr[i]);
}

/*
 * What an attacker could hand in instead of a pool. Each of these prints one
 * report of its own kind.
 */
static void i9_only_pools_are_pools(struct kunit *test)
{
	struct pmalloc_pool *pool = test_pool(test, PMALLOC_MODE_WR);
	struct pmalloc_pool *forged = protected_object(test, PMALLOC_MODE_WR,
						       sizeof(*forged));
	struct pmalloc_area *area;
	void *object = test_object(test, pool, 8);

	KUNIT_EXPECT_EQ(test, wr_memcpy(forged, pool, sizeof(*forged)), 0);
	area = pool->areas;

	pr_info("prmem-expect: begin 5 prmem: no such pool\n");
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(forged), -EINVAL);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro((void *)area), -EINVAL);
	KUNIT_EXPECT_NULL(test, pmalloc((void *)pool + 8, 8));
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(NULL), -EINVAL);
	kunit_release_action(test, destroy_pool, pool);
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
	KUNIT_CASE(i3_foreign_destination),
	KUNIT_CASE(i3_pool_destination),
	KUNIT_CASE(i3_static_bounds),
	KUNIT_CASE(i4_bad_length_and_source),
	KUNIT_CASE(i4_each_refusal_is_told),
	KUNIT_CASE(i4_a_site_is_reported_once),
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

static int attack_init(struct kunit *test)
{
	if (!prmem_active())
		kunit_skip(test, "rodata=off: nothing is protected");
	return 0;
}

static struct kunit_suite attack_suite = {
	.name = "prmem_attack",
	.init = attack_init,
	.test_cases = attack_cases,
};

kunit_test_suite(attack_suite);

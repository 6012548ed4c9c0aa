// SPDX-License-Identifier: GPL-2.0
/*
 * Private, single-CPU, one-page writable windows for write-rare memory: what is
 * done at boot, and how the memory of a pool is protected. What a write needs is
 * in asm/prmem.h.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/pfn.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>

#include <asm/prmem.h>
#include <asm/set_memory.h>
#include <asm/tlbflush.h>

int __init prmem_arch_init(void)
{
	return 0;
}

/* With 52-bit physical addresses TTBR0 has their top bits at its bottom. */
void __init prmem_arch_window_init(struct arch_prmem_window *win, pgd_t *pgd,
				   unsigned int cpu)
{
	win->ttbr0 = phys_to_ttbr(virt_to_phys(pgd));
	win->id = cpu == smp_processor_id() ? prmem_arch_id() : per_cpu_offset(cpu);
}

/**
 * struct edit - a change of permissions
 * @set: bits to set
 * @clear: bits to clear
 * @nr_own: how many entries of the area were changed
 * @nr_linear: how many entries of the linear map were changed
 * @low: the lowest linear address
 * @high: the highest linear address
 */
struct edit {
	pteval_t set;
	pteval_t clear;
	unsigned int nr_own;
	unsigned int nr_linear;
	unsigned long low;
	unsigned long high;
};

/*
 * Nobody else changes these entries at the same time. The area is prmem's; an
 * entry of the linear map is changed by who owns the page, and the page is in
 * the area. The hardware changes an entry that is old or clean, which entries of
 * the kernel never are.
 */
static void edit_pte(pte_t *ptep, const struct edit *edit)
{
	pte_t pte = __ptep_get(ptep);

	pte = clear_pte_bit(pte, __pgprot(edit->clear));
	__set_pte(ptep, set_pte_bit(pte, __pgprot(edit->set)));
}

static int edit_linear(pte_t *ptep, unsigned long addr, void *data)
{
	struct edit *edit = data;

	if (!pte_valid(__ptep_get(ptep)))
		return -EINVAL;
	edit_pte(ptep, edit);
	edit->nr_linear++;
	edit->low = min(edit->low, addr);
	edit->high = max(edit->high, addr);
	return 0;
}

/* The frame is what the page table says: vm_struct is ordinary memory. */
static int edit_own(pte_t *ptep, unsigned long addr, void *data)
{
	struct edit *edit = data;
	pte_t pte = __ptep_get(ptep);
	unsigned long linear;
	int err;

	if (!pte_prmem(pte))
		return -EINVAL;
	/* Not page_address(), which adds the tag of KASAN. */
	linear = (unsigned long)__va(PFN_PHYS(pte_pfn(pte)));
	if (can_set_direct_map()) {
		err = apply_to_existing_page_range(&init_mm, linear, PAGE_SIZE,
						   edit_linear, edit);
		if (err)
			return err;
	}
	edit_pte(ptep, edit);
	edit->nr_own++;
	return 0;
}

/*
 * set_memory_ro() and set_memory_rw() are for whole areas of vmalloc(), and find
 * the pages in vm_struct. Here all is found in the page tables. apply_to_*()
 * skips a table that is not there, hence the counts.
 *
 * Entries change in their permissions only, so they need not be invalid in
 * between, and one flush at the end will do. The pages can be anywhere in the
 * linear map: flush_tlb_kernel_range() turns a range that is too long for single
 * invalidations into one of everything.
 */
static int edit_area(unsigned long addr, unsigned int nr_pages, struct edit *edit)
{
	unsigned long size = nr_pages * PAGE_SIZE;
	int err;

	edit->low = ULONG_MAX;
	err = apply_to_existing_page_range(&init_mm, addr, size, edit_own, edit);
	if (!err && (edit->nr_own != nr_pages ||
		     (can_set_direct_map() && edit->nr_linear != nr_pages)))
		err = -EINVAL;

	flush_tlb_kernel_range(addr, addr + size);
	if (edit->nr_linear)
		flush_tlb_kernel_range(edit->low, edit->high + PAGE_SIZE);
	return err;
}

int prmem_arch_set_ro(unsigned long addr, unsigned int nr_pages)
{
	struct edit edit = { .set = PTE_RDONLY, .clear = PTE_WRITE };
	int err;

	err = edit_area(addr, nr_pages, &edit);
	/*
	 * A page may come from an area of vmalloc() that was freed, and that the
	 * TLB of some CPU still maps writable, because such flushes are batched.
	 */
	vm_unmap_aliases();
	return err;
}

int prmem_arch_set_rw(unsigned long addr, unsigned int nr_pages)
{
	struct edit edit = { .set = PTE_WRITE, .clear = PTE_RDONLY };

	return edit_area(addr, nr_pages, &edit);
}

/*
 * Static data is protected unless rodata=off. To protect a page of a pool, the
 * linear map must consist of pages, and it does with rodata=full, which is the
 * default, or for the sake of debugging options.
 */
const char *prmem_arch_inactive(void)
{
	if (!rodata_enabled)
		return "rodata=off";
	if (!can_set_direct_map())
		return "rodata=on leaves the linear map writable";
	return NULL;
}

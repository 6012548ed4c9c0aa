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

/*
 * Static data is protected unless rodata=off. To protect a page of a pool, the
 * linear map must consist of pages, and it does with rodata=full, which is the
 * default, or for the sake of debugging options.
 */
static const char *__init why_inactive(void)
{
	if (!rodata_enabled)
		return "rodata=off";
	if (!can_set_direct_map())
		return "rodata=on leaves the linear map writable";
	return NULL;
}

/*
 * can_set_direct_map() asks writable memory. The linear map is made once, and so is
 * the answer, before other CPUs run.
 */
static const char *inactive __ro_after_init;

int __init prmem_arch_init(void)
{
	inactive = why_inactive();
	return 0;
}

/* With 52-bit physical addresses TTBR0 has their top bits at its bottom. */
void __init prmem_arch_window_init(struct arch_prmem_window *win, pgd_t *pgd,
				   unsigned int cpu)
{
	win->ttbr0 = phys_to_ttbr(virt_to_phys(pgd));
	win->id = cpu == smp_processor_id() ? prmem_arch_id() : per_cpu_offset(cpu);
}

static int linear_mkro(pte_t *ptep, unsigned long addr, void *count)
{
	if (!pte_valid(__ptep_get(ptep)))
		return -EINVAL;
	__set_pte(ptep, prmem_pte_mkro(__ptep_get(ptep)));
	++*(unsigned int *)count;
	return 0;
}

static int linear_mkrw(pte_t *ptep, unsigned long addr, void *count)
{
	if (!pte_valid(__ptep_get(ptep)))
		return -EINVAL;
	__set_pte(ptep, prmem_pte_mkrw(__ptep_get(ptep)));
	++*(unsigned int *)count;
	return 0;
}

/*
 * Nobody else changes these entries at the same time: that is for who owns the
 * pages. Entries change in their permissions only, so they need not be invalid in
 * between, and one flush at the end will do. The hardware changes an entry that is
 * old or clean, which entries of the kernel never are. apply_to_*() skips a table
 * that is not there, hence the count.
 */
static int edit_linear(unsigned long addr, unsigned int nr_pages, pte_fn_t fn)
{
	unsigned long size = nr_pages * PAGE_SIZE;
	unsigned int count = 0;
	int err;

	if (prmem_arch_inactive())
		return -EOPNOTSUPP;
	err = apply_to_existing_page_range(&init_mm, addr, size, fn, &count);
	flush_tlb_kernel_range(addr, addr + size);
	return err ?: count == nr_pages ? 0 : -EINVAL;
}

int prmem_arch_linear_ro(unsigned long addr, unsigned int nr_pages)
{
	int err = edit_linear(addr, nr_pages, linear_mkro);

	/*
	 * A page may come from an area of vmalloc() that was freed, and that the
	 * TLB of some CPU still maps writable, because such flushes are batched.
	 */
	vm_unmap_aliases();
	return err;
}

int prmem_arch_linear_rw(unsigned long addr, unsigned int nr_pages)
{
	return edit_linear(addr, nr_pages, linear_mkrw);
}

const char *prmem_arch_inactive(void)
{
	return inactive;
}

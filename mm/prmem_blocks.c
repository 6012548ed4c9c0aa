// SPDX-License-Identifier: GPL-2.0
/*
 * Pages for protected memory.
 *
 * They come in blocks of 2 MiB, or less where that is not to be had. The linear
 * map of a block is closed when it is made, as a whole, so that a huge page there
 * remains one, and opened again before it goes back to the page allocator. What
 * is in use of a block is mapped elsewhere, page by page, and nothing but these
 * mappings decides who may write.
 *
 * The frames of a mapping are read from the page table alone: vm_struct and
 * struct page are ordinary memory. What the latter says about the block of a page
 * is checked against the block.
 */
#include <linux/bug.h>
#include <linux/mm.h>
#include <linux/prmem.h>
#include <linux/rcupdate.h>
#include <linux/vmalloc.h>

#include "internal.h"
#include "prmem_alloc.h"

/* Those with free pages. A full one is found through its pages alone. */
static struct prmem_block *free_blocks __wr_after_init;
static u32 nr_blocks __wr_after_init;
static u32 nr_block_pages __wr_after_init;
static u32 nr_block_used __wr_after_init;

/* The first descriptor of all is for the block that descriptors come from. */
static struct prmem_desc first_desc __wr_after_init;

static struct prmem_desc *block_desc_alloc(void)
{
	struct prmem_desc *desc = prmem_desc_alloc(PRMEM_DESC_BLOCK);

	if (desc || first_desc.type != PRMEM_DESC_FREE || prmem_ready())
		return desc;
	wr_assign(first_desc.type, PRMEM_DESC_BLOCK);
	return &first_desc;
}

static bool is_block(const struct prmem_block *block)
{
	const struct prmem_desc *desc = prmem_desc_of(block, block);

	return desc == &first_desc || prmem_is_desc(desc, PRMEM_DESC_BLOCK);
}

/* The linear map, whatever KASAN thinks of these pages. */
static unsigned long linear_addr(unsigned long pfn)
{
	return (unsigned long)__va(PFN_PHYS(pfn));
}

static bool linear_is_closed(unsigned long pfn, unsigned int nr_pages)
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++) {
		if (prmem_maps_writable(linear_addr(pfn + i)))
			return false;
	}
	return true;
}

/* What changes the page tables asks ordinary memory on its way: init_mm.pgd. */
static int close_linear(unsigned long pfn, unsigned int nr_pages)
{
	int err;

	if (!prmem_active())
		return 0;
	err = prmem_arch_linear_ro(linear_addr(pfn), nr_pages);
	if (!err && CHECK_DATA_CORRUPTION(!linear_is_closed(pfn, nr_pages),
					  "prmem: block at frame %#lx stays writable\n",
					  pfn))
		err = -EIO;
	/* The way back needs no memory, because what had to be split is split. */
	if (err && WARN_ON_ONCE(prmem_arch_linear_rw(linear_addr(pfn), nr_pages)))
		return -ENOTRECOVERABLE;
	return err;
}

static void free_pages_of(struct page *page, unsigned int nr_pages)
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++) {
		set_page_private(page + i, 0);
		__free_page(page + i);
	}
}

static struct page *alloc_pages_of(unsigned int *nr_pages)
{
	unsigned int order = PRMEM_BLOCK_ORDER;
	struct page *page;

	for (; order; order--) {
		page = alloc_pages(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN, order);
		if (page)
			break;
	}
	if (!order)
		page = alloc_page(GFP_KERNEL);
	if (!page)
		return NULL;
	/* Whoever holds a page may do so for longer than the block exists. */
	split_page(page, order);
	*nr_pages = 1U << order;
	return page;
}

static struct prmem_block *block_create(void)
{
	struct prmem_desc *desc = block_desc_alloc();
	struct prmem_block init = { .next = free_blocks };
	struct page *page;
	unsigned int i;
	int err;

	if (!desc)
		return NULL;
	page = alloc_pages_of(&init.nr_pages);
	if (!page)
		goto free_desc;
	init.pfn = page_to_pfn(page);
	err = close_linear(init.pfn, init.nr_pages);
	if (err) {
		/* What the linear map refuses writes to is lost. */
		if (err != -ENOTRECOVERABLE)
			free_pages_of(page, init.nr_pages);
		goto free_desc;
	}
	for (i = 0; i < init.nr_pages; i++)
		set_page_private(page + i, (unsigned long)&desc->block);
	wr_assign(desc->block, init);
	wr_ptr(&free_blocks, &desc->block);
	wr_inc(&nr_blocks);
	wr_fetch_add(&nr_block_pages, init.nr_pages, NULL);
	return &desc->block;

free_desc:
	prmem_desc_free(desc);
	return NULL;
}

static void unlink_block(const struct prmem_block *block)
{
	struct prmem_block **link = &free_blocks;

	while (*link != block)
		link = &(*link)->next;
	wr_ptr(link, block->next);
}

static void block_destroy(struct prmem_block *block)
{
	unlink_block(block);
	wr_dec(&nr_blocks);
	wr_fetch_add(&nr_block_pages, -block->nr_pages, NULL);
	/* From the descriptor each time: on the stack it could be changed. */
	if (!prmem_active() ||
	    !WARN_ON_ONCE(prmem_arch_linear_rw(linear_addr(block->pfn),
					       block->nr_pages)))
		free_pages_of(pfn_to_page(block->pfn), block->nr_pages);
	prmem_desc_free(prmem_desc_of(block, block));
}

static void mark_page(struct prmem_block *block, unsigned int index, bool used)
{
	unsigned long *word = &block->used[BIT_WORD(index)];

	guard(wr_session)();
	wr_assign(*word, *word ^ BIT_MASK(index));
	wr_assign(block->nr_used, block->nr_used + (used ? 1 : -1));
	wr_assign(nr_block_used, nr_block_used + (used ? 1 : -1));
}

struct page *prmem_alloc_page(void)
{
	struct prmem_block *block;
	unsigned int index;

	/* What is topped up may be all that a block has. */
	while (!free_blocks) {
		if (!block_create())
			return NULL;
		prmem_desc_top_up();
	}
	block = free_blocks;
	index = find_first_zero_bit(block->used, block->nr_pages);
	mark_page(block, index, /*used=*/true);
	if (block->nr_used == block->nr_pages)
		unlink_block(block);
	return pfn_to_page(block->pfn + index);
}

void prmem_free_page(struct page *page)
{
	struct prmem_block *block = (struct prmem_block *)page_private(page);
	unsigned long pfn = page_to_pfn(page);

	if (CHECK_DATA_CORRUPTION(!is_block(block) || pfn < block->pfn ||
				  pfn - block->pfn >= block->nr_pages ||
				  !test_bit(pfn - block->pfn, block->used),
				  "prmem: frame %#lx is in no block\n", pfn))
		return;
	if (block->nr_used == block->nr_pages) {
		wr_ptr(&block->next, free_blocks);
		wr_ptr(&free_blocks, block);
	}
	mark_page(block, pfn - block->pfn, /*used=*/false);
	if (!block->nr_used)
		block_destroy(block);
}

void prmem_block_counts(unsigned long *blocks, unsigned long *pages,
			unsigned long *used)
{
	*blocks = nr_blocks;
	*pages = nr_block_pages;
	*used = nr_block_used;
}

/* Mappings */

static pgprot_t birth_prot(enum prmem_birth birth)
{
	if (birth == PRMEM_BORN_WR && rodata_enabled)
		return pgprot_prmem(pgprot_wr_rare(PAGE_KERNEL_RO));
	return pgprot_prmem(pgprot_wr_rare(PAGE_KERNEL));
}

static int map_page(unsigned long addr, pgprot_t prot)
{
	struct page *page = prmem_alloc_page();
	int err;

	if (!page)
		return -ENOMEM;
	err = vmap_pages_range_noflush(addr, addr + PAGE_SIZE, pgprot_nx(prot),
				       &page, PAGE_SHIFT);
	if (err)
		prmem_free_page(page);
	return err;
}

int prmem_map_pages(unsigned long addr, unsigned int nr_pages,
		    enum prmem_birth birth)
{
	pgprot_t prot = birth_prot(birth);
	unsigned int i;
	int err;

	for (i = 0; i < nr_pages; i++) {
		err = map_page(addr + i * PAGE_SIZE, prot);
		if (err)
			goto unmap;
	}
	/* Nothing was mapped here, so there is nothing in a TLB. */
	flush_cache_vmap(addr, addr + nr_pages * PAGE_SIZE);
	if (birth == PRMEM_BORN_OPEN)
		memset((void *)addr, 0, nr_pages * PAGE_SIZE);
	else
		err = wr_memset((void *)addr, 0, nr_pages * PAGE_SIZE);
	if (!err)
		return 0;
unmap:
	prmem_unmap_pages(addr, i);
	/* The caller may try again at this address. */
	flush_tlb_kernel_range(addr, addr + i * PAGE_SIZE);
	return err;
}

/*
 * A page is not given back while a TLB may map it writable. A TLB that still maps
 * it read-only, at an address that nobody uses, does no harm: vunmap() gets to it
 * before the address is used again.
 */
void prmem_unmap_pages(unsigned long addr, unsigned int nr_pages)
{
	unsigned long end = addr + nr_pages * PAGE_SIZE;
	unsigned long pfn;

	if (!prmem_all_ptes(addr, nr_pages, prmem_pte_is_closed)) {
		prmem_update_ptes(addr, nr_pages, prmem_pte_close);
		flush_tlb_kernel_range(addr, end);
		if (CHECK_DATA_CORRUPTION(!prmem_all_ptes(addr, nr_pages,
							  prmem_pte_is_closed),
					  "prmem: pages at %#lx stay writable\n", addr))
			return;
	}
	for (; addr < end; addr += PAGE_SIZE) {
		pfn = prmem_pte_frame(prmem_pte(addr));
		vunmap_range_noflush(addr, addr + PAGE_SIZE);
		/* What is still mapped is lost. */
		if (!CHECK_DATA_CORRUPTION(!pte_none(prmem_pte(addr)),
					   "prmem: page at %#lx stays mapped\n",
					   addr))
			prmem_free_page(pfn_to_page(pfn));
	}
}

/*
 * Fails for nothing but a page table that is not there, which is a corruption,
 * because what is mapped has all of its page tables.
 */
int prmem_update_ptes(unsigned long addr, unsigned int nr_pages, pte_fn_t fn)
{
	return apply_to_existing_page_range(&init_mm, addr, nr_pages * PAGE_SIZE,
					    fn, NULL);
}

bool prmem_all_ptes(unsigned long addr, unsigned int nr_pages, bool (*fn)(pte_t))
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++) {
		if (!fn(prmem_pte(addr + i * PAGE_SIZE)))
			return false;
	}
	return true;
}

int prmem_pte_close(pte_t *ptep, unsigned long addr, void *unused)
{
	set_pte_at(&init_mm, addr, ptep, prmem_pte_mkro(ptep_get(ptep)));
	return 0;
}

int prmem_pte_open(pte_t *ptep, unsigned long addr, void *unused)
{
	set_pte_at(&init_mm, addr, ptep, prmem_pte_mkrw(ptep_get(ptep)));
	return 0;
}

/*
 * The software bits mean nothing to the hardware, so there is no TLB to flush.
 * When prmem_pte_to_ro() has taken one away, the caller waits for the writes that
 * still saw it.
 */
int prmem_pte_to_object(pte_t *ptep, unsigned long addr, void *unused)
{
	set_pte_at(&init_mm, addr, ptep, pte_mkobject(ptep_get(ptep)));
	return 0;
}

int prmem_pte_to_ro(pte_t *ptep, unsigned long addr, void *unused)
{
	set_pte_at(&init_mm, addr, ptep, pte_clear_wr_rare(ptep_get(ptep)));
	return 0;
}

bool prmem_pte_is_closed(pte_t pte)
{
	return pte_present(pte) && !pte_write(pte);
}

/*
 * A write that saw the software bit has interrupts off, which is an RCU read-side
 * critical section. Expedited, because there is a caller who waits, and the TLB
 * flush that closed the memory interrupted all CPUs in any case.
 */
void prmem_wait_for_writers(void)
{
	synchronize_rcu_expedited();
}

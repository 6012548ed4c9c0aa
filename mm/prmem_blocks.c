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

#include <kunit/static_stub.h>

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

static bool linear_is(const struct prmem_block *block, bool writable)
{
	unsigned int i;

	for (i = 0; i < block->nr_pages; i++) {
		if (prmem_maps_writable(linear_addr(block->pfn + i)) != writable)
			return false;
	}
	return true;
}

/*
 * What is closed before is somebody else's, who would find it open when this block
 * goes back. What changes the page tables asks ordinary memory on its way:
 * init_mm.pgd. Hence the look before and after.
 */
static int close_linear(const struct prmem_block *block)
{
	int err;

	if (!prmem_active())
		return 0;
	if (CHECK_DATA_CORRUPTION(!linear_is(block, /*writable=*/true),
				  "prmem: block at frame %#lx belongs to somebody\n",
				  block->pfn))
		return -ENOTRECOVERABLE;
	err = prmem_arch_linear_ro(linear_addr(block->pfn), block->nr_pages);
	if (!err && CHECK_DATA_CORRUPTION(!linear_is(block, /*writable=*/false),
					  "prmem: block at frame %#lx stays writable\n",
					  block->pfn))
		err = -EIO;
	/* The way back needs no memory, because what had to be split is split. */
	if (err && WARN_ON_ONCE(prmem_arch_linear_rw(linear_addr(block->pfn),
						     block->nr_pages)))
		return -ENOTRECOVERABLE;
	return err;
}

static void free_pages_of(const struct prmem_block *block)
{
	struct page *page;
	unsigned int i;

	for (i = 0; i < block->nr_pages; i++) {
		page = pfn_to_page(block->pfn + i);
		set_page_private(page, 0);
		__free_page(page);
	}
}

/* For the tests: one of them may have pages of its own. */
struct page *prmem_alloc_block_pages(unsigned int order)
{
	KUNIT_STATIC_STUB_REDIRECT(prmem_alloc_block_pages, order);
	return alloc_pages(order ? GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN :
				   GFP_KERNEL, order);
}

static bool alloc_pages_of(struct prmem_block *block)
{
	unsigned int order = PRMEM_BLOCK_ORDER + 1;
	struct page *page;

	do {
		page = prmem_alloc_block_pages(--order);
	} while (!page && order);
	if (!page)
		return false;
	/* Whoever holds a page may do so for longer than the block exists. */
	split_page(page, order);
	wr_assign(block->pfn, page_to_pfn(page));
	wr_assign(block->nr_pages, 1U << order);
	return true;
}

static void link_block(struct prmem_block *block)
{
	wr_ptr(&block->next, free_blocks);
	wr_ptr(&free_blocks, block);
}

/* All is in the descriptor from the start: on the stack it could be changed. */
static struct prmem_block *block_create(void)
{
	struct prmem_desc *desc = block_desc_alloc();
	struct prmem_block *block;
	unsigned int i;
	int err;

	if (!desc)
		return NULL;
	block = &desc->block;
	wr_memset(block, 0, sizeof(*block));
	if (!alloc_pages_of(block))
		goto free_desc;
	err = close_linear(block);
	if (err) {
		/* What the linear map refuses writes to is lost. */
		if (err != -ENOTRECOVERABLE)
			free_pages_of(block);
		goto free_desc;
	}
	for (i = 0; i < block->nr_pages; i++)
		set_page_private(pfn_to_page(block->pfn + i), (unsigned long)block);
	link_block(block);
	wr_inc(&nr_blocks);
	wr_fetch_add(&nr_block_pages, block->nr_pages, NULL);
	return block;

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
	if (!prmem_active() ||
	    !WARN_ON_ONCE(prmem_arch_linear_rw(linear_addr(block->pfn),
					       block->nr_pages)))
		free_pages_of(block);
	prmem_desc_free(prmem_desc_of(block, block));
}

/*
 * The frame that is on its way from a block to a mapping, or back. On the stack it
 * could be changed, and a page that is in use would be handed out or given back.
 */
static unsigned long moving_pfn __wr_after_init;

/* Returns false if the moving frame was marked so before, or is not of @block. */
static bool mark_page(struct prmem_block *block, bool used)
{
	unsigned long index = moving_pfn - block->pfn, *word;

	if (index >= block->nr_pages || test_bit(index, block->used) == used)
		return false;
	word = &block->used[BIT_WORD(index)];
	guard(wr_session)();
	wr_assign(*word, *word ^ BIT_MASK(index));
	wr_assign(block->nr_used, block->nr_used + (used ? 1 : -1));
	wr_assign(nr_block_used, nr_block_used + (used ? 1 : -1));
	return true;
}

/*
 * A block with free pages. Before any of them is used, there is a descriptor for the
 * next block: the page could be the last one, and both would have to come first.
 */
static struct prmem_block *block_with_room(void)
{
	do {
		if (!free_blocks && !block_create())
			return NULL;
		if (prmem_desc_top_up()) {
			if (free_blocks && !free_blocks->nr_used)
				block_destroy(free_blocks);
			return NULL;
		}
		/* What was topped up may be all that the block had. */
	} while (!free_blocks);
	return free_blocks;
}

/* A page that no mapping but those of its user maps writable, as moving frame. */
static bool take_page(void)
{
	struct prmem_block *block = block_with_room();

	if (!block)
		return false;
	wr_assign(moving_pfn, block->pfn + find_first_zero_bit(block->used,
							       block->nr_pages));
	if (CHECK_DATA_CORRUPTION(!mark_page(block, /*used=*/true),
				  "prmem: frame %#lx is in use\n", moving_pfn))
		return false;
	if (block->nr_used == block->nr_pages)
		unlink_block(block);
	return true;
}

/* The moving frame goes back. Nothing may map it writable, not even a TLB. */
static void give_page_back(void)
{
	struct prmem_block *block =
		(struct prmem_block *)page_private(pfn_to_page(moving_pfn));

	if (CHECK_DATA_CORRUPTION(!is_block(block) ||
				  !mark_page(block, /*used=*/false),
				  "prmem: frame %#lx is in no block\n", moving_pfn))
		return;
	if (block->nr_used == block->nr_pages - 1)
		link_block(block);
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

/* Whatever it will be, it is not open before somebody has looked at it. */
static pgprot_t birth_prot(enum prmem_birth birth)
{
	pgprot_t prot = pgprot_wr_rare(pgprot_nx(rodata_enabled ? PAGE_KERNEL_RO :
								  PAGE_KERNEL));

	return birth == PRMEM_BORN_OBJECT ? prot : pgprot_prmem(prot);
}

/* Is the moving frame at @addr, as it should be, and nowhere writable? */
static bool is_born(unsigned long addr, enum prmem_birth birth)
{
	pte_t pte = prmem_pte(addr);

	return pte_wr_rare(pte) && prmem_pte_frame(pte) == moving_pfn &&
	       pte_is_object(pte) == (birth == PRMEM_BORN_OBJECT) &&
	       !!pte_write(pte) == !rodata_enabled &&
	       !(prmem_active() && prmem_maps_writable(linear_addr(moving_pfn)));
}

/* For the tests: one of them may map it otherwise. */
int prmem_vmap_page(unsigned long addr, pgprot_t prot, struct page *page)
{
	KUNIT_STATIC_STUB_REDIRECT(prmem_vmap_page, addr, prot, page);
	return vmap_pages_range_noflush(addr, addr + PAGE_SIZE, prot, &page,
					PAGE_SHIFT);
}

static int map_page(unsigned long addr, enum prmem_birth birth)
{
	int err;

	if (!take_page())
		return -ENOMEM;
	err = prmem_vmap_page(addr, birth_prot(birth), pfn_to_page(moving_pfn));
	if (err) {
		give_page_back();
		return err;
	}
	if (!CHECK_DATA_CORRUPTION(!is_born(addr, birth),
				   "prmem: page at %#lx is not mapped as it should be\n",
				   addr))
		return 0;
	/* Nobody knows what else became of it: it is lost. */
	vunmap_range(addr, addr + PAGE_SIZE);
	return -EIO;
}

static bool pte_is_writable(pte_t pte)
{
	return pte_present(pte) && pte_write(pte);
}

/* A TLB may know by now that these pages were read-only. */
static int open_pages(unsigned long addr, unsigned int nr_pages)
{
	int err = prmem_update_ptes(addr, nr_pages, prmem_pte_open);

	flush_tlb_kernel_range(addr, addr + nr_pages * PAGE_SIZE);
	return CHECK_DATA_CORRUPTION(err || !prmem_all_ptes(addr, nr_pages,
							    pte_is_writable),
				     "prmem: pages at %#lx stay read-only\n", addr) ?
	       -EIO : 0;
}

/* Objects are born out of the bounds of any. */
static int zero_objects(unsigned long addr, unsigned int nr_pages)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr_pages && !err; i++) {
		guard(wr_session)();
		prmem_session_whole_pages(true);
		err = wr_memset((void *)addr + i * PAGE_SIZE, 0, PAGE_SIZE);
		prmem_session_whole_pages(false);
	}
	return err;
}

static int zero_pages(unsigned long addr, unsigned int nr_pages,
		      enum prmem_birth birth)
{
	if (birth == PRMEM_BORN_OBJECT)
		return zero_objects(addr, nr_pages);
	if (birth == PRMEM_BORN_WR)
		return wr_memset((void *)addr, 0, nr_pages * PAGE_SIZE);
	memset((void *)addr, 0, nr_pages * PAGE_SIZE);
	return 0;
}

int prmem_map_pages(unsigned long addr, unsigned int nr_pages,
		    enum prmem_birth birth)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr_pages; i++) {
		err = map_page(addr + i * PAGE_SIZE, birth);
		if (err)
			goto unmap;
	}
	/* Nothing was mapped here, so there is nothing in a TLB. */
	flush_cache_vmap(addr, addr + nr_pages * PAGE_SIZE);
	err = birth == PRMEM_BORN_OPEN ? open_pages(addr, nr_pages) : 0;
	if (!err)
		err = zero_pages(addr, nr_pages, birth);
	if (!err)
		return 0;
unmap:
	prmem_unmap_pages(addr, i);
	/* The caller may try again at this address. */
	flush_tlb_kernel_range(addr, addr + i * PAGE_SIZE);
	return err;
}

static bool pte_is_shut(pte_t pte)
{
	return prmem_pte_is_closed(pte) && prmem_pte_is_ro(pte);
}

/* Neither a plain store nor wr_*() gets to these pages, not even one under way. */
static bool shut_pages(unsigned long addr, unsigned int nr_pages)
{
	if (!prmem_all_ptes(addr, nr_pages, prmem_pte_is_ro)) {
		prmem_update_ptes(addr, nr_pages, prmem_pte_to_ro);
		prmem_wait_for_writers();
	}
	if (!prmem_all_ptes(addr, nr_pages, prmem_pte_is_closed)) {
		prmem_update_ptes(addr, nr_pages, prmem_pte_close);
		flush_tlb_kernel_range(addr, addr + nr_pages * PAGE_SIZE);
	}
	return prmem_all_ptes(addr, nr_pages, pte_is_shut);
}

/*
 * A page is not given back while a TLB may map it writable. A TLB that still maps
 * it read-only, at an address that nobody uses, does no harm: vunmap() gets to it
 * before the address is used again.
 */
void prmem_unmap_pages(unsigned long addr, unsigned int nr_pages)
{
	unsigned long end = addr + nr_pages * PAGE_SIZE;

	if (CHECK_DATA_CORRUPTION(!shut_pages(addr, nr_pages),
				  "prmem: pages at %#lx stay writable\n", addr))
		return;
	for (; addr < end; addr += PAGE_SIZE) {
		wr_assign(moving_pfn, prmem_pte_frame(prmem_pte(addr)));
		vunmap_range_noflush(addr, addr + PAGE_SIZE);
		/* What is still mapped is lost. */
		if (!CHECK_DATA_CORRUPTION(!pte_none(prmem_pte(addr)),
					   "prmem: page at %#lx stays mapped\n",
					   addr))
			give_page_back();
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
	set_pte_at(&init_mm, addr, ptep,
		   pfn_pte(prmem_pte_frame(ptep_get(ptep)),
			   birth_prot(PRMEM_BORN_OBJECT)));
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

bool prmem_pte_is_ro(pte_t pte)
{
	return !pte_wr_rare(pte);
}

/*
 * A write that saw the software bit has interrupts off, which is an RCU read-side
 * critical section. Expedited, because there is a caller who waits, and the TLB
 * flush that closed the memory interrupted all CPUs in any case.
 */
void prmem_wait_for_writers(void)
{
	KUNIT_STATIC_STUB_REDIRECT(prmem_wait_for_writers);
	synchronize_rcu_expedited();
}

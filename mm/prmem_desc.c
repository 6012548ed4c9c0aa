// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors of protected memory.
 *
 * They lie in a range of addresses of their own, in write-rare pages, and are
 * changed through wr_*() like anything else. Whoever hands one in can be checked
 * by asking constants and write-rare memory only. What is not protected is the
 * mutex. Whoever breaks it finds the write-rare lock word behind it taken.
 */
#include <linux/bug.h>
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/prmem.h>
#include <linux/vmalloc.h>

#include <kunit/visibility.h>

#include "prmem_alloc.h"

/* The mutex is for waiting, the word decides. */
VISIBLE_IF_KUNIT DEFINE_MUTEX(pmalloc_mutex);
static u32 locked __wr_after_init;

/*
 * Pages are added to the front of the range, and stay. The first descriptor of
 * each describes the page itself.
 */
#define DESC_RANGE	SZ_16M
#define DESCS_PER_PAGE	(PAGE_SIZE / sizeof(struct prmem_desc))

static unsigned long desc_base __wr_after_init;
static unsigned long desc_size __wr_after_init;
static struct prmem_desc *free_descs __wr_after_init;
static u32 nr_free __wr_after_init;
struct pmalloc_area *prmem_desc_areas __wr_after_init;

/* A page of descriptors may need a block first, which needs a descriptor. */
#define NR_RESERVED	1
static bool refilling __wr_after_init;

bool prmem_lock(void)
{
	u32 taken = 1;

	mutex_lock(&pmalloc_mutex);
	if (!CHECK_DATA_CORRUPTION(wr_xchg(&locked, 1, &taken) || taken,
				   "prmem: the lock of the pools is broken\n"))
		return true;
	mutex_unlock(&pmalloc_mutex);
	return false;
}

void prmem_unlock(void)
{
	wr_assign(locked, 0);
	mutex_unlock(&pmalloc_mutex);
}

/* Whatever @desc is, only write-rare memory and constants are asked. */
bool prmem_is_desc(const struct prmem_desc *desc, enum prmem_desc_type type)
{
	unsigned long offset = (unsigned long)desc - desc_base;

	if (offset >= desc_size || offset % sizeof(*desc))
		return false;
	return desc->type == type;
}

void prmem_desc_free(struct prmem_desc *desc)
{
	guard(wr_session)();
	wr_assign(desc->type, PRMEM_DESC_FREE);
	wr_ptr(&desc->next_free, free_descs);
	wr_ptr(&free_descs, desc);
	wr_inc(&nr_free);
}

/* Before the windows exist a page cannot be write-rare. */
static int map_desc_page(unsigned long addr)
{
	return prmem_map_pages(addr, 1, prmem_ready() ? PRMEM_BORN_WR :
							PRMEM_BORN_OPEN);
}

static int add_desc_page(void)
{
	unsigned long addr = desc_base + desc_size;
	struct prmem_desc *desc = (struct prmem_desc *)addr;
	struct pmalloc_area init = {
		.next = prmem_desc_areas, .addr = addr, .nr_pages = 1,
		.protected = prmem_ready(),
	};
	unsigned int i;
	int err;

	if (desc_size == DESC_RANGE)
		return -ENOMEM;
	err = map_desc_page(addr);
	if (err)
		return err;
	/* Pools point to ordinary objects. */
	kmemleak_alloc(desc, PAGE_SIZE, 0, GFP_KERNEL);
	wr_assign(desc->type, PRMEM_DESC_AREA);
	wr_assign(desc->area, init);
	wr_ptr(&prmem_desc_areas, &desc->area);
	wr_assign(desc_size, desc_size + PAGE_SIZE);
	for (i = 1; i < DESCS_PER_PAGE; i++)
		prmem_desc_free(&desc[i]);
	return 0;
}

static int desc_refill(void)
{
	int err;

	wr_assign(refilling, true);
	err = add_desc_page();
	wr_assign(refilling, false);
	return err;
}

/*
 * Whoever has taken the reserve for a block has pages for more. Called before any
 * page is handed out, but those that are for descriptors.
 */
int prmem_desc_top_up(void)
{
	return refilling || nr_free >= NR_RESERVED ? 0 : desc_refill();
}

struct prmem_desc *prmem_desc_alloc(enum prmem_desc_type type)
{
	unsigned int reserved = type == PRMEM_DESC_BLOCK ? 0 : NR_RESERVED;
	struct prmem_desc *desc;

	if (nr_free <= reserved && (!reserved || desc_refill()))
		return NULL;
	desc = free_descs;
	wr_session_begin();
	wr_ptr(&free_descs, desc->next_free);
	wr_dec(&nr_free);
	wr_assign(desc->type, type);
	wr_session_end();
	return desc;
}

int prmem_desc_create_range(void)
{
	struct vm_struct *vm = get_vm_area(DESC_RANGE, VM_SPARSE);

	if (!vm)
		return -ENOMEM;
	return wr_assign(desc_base, (unsigned long)vm->addr);
}

/* Protects the descriptors that were needed before the windows existed. */
int prmem_desc_protect_early(void)
{
	struct pmalloc_area *area;
	int err;

	for (area = prmem_desc_areas; area; area = area->next) {
		err = prmem_close_area(area);
		if (err)
			return err;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Write-rare memory: the write path.
 *
 * A destination is write-rare if it lies between __start_wr_after_init and
 * __end_wr_after_init, which are constants, or if the kernel's page table maps
 * it with the software bit that pmalloc sets. Nothing else is asked: the answer
 * depends on nothing that a stray store could change. The same look-up yields
 * the page frame, so that what was checked is what is written.
 *
 * Interrupts are off from the look-up until the alias is gone. This is what
 * pmalloc relies on when it takes the bit away: once every CPU has been seen
 * with interrupts on (synchronize_rcu() waits for that), no write is under way.
 */
#define pr_fmt(fmt) "prmem: " fmt

#include <linux/bug.h>
#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/kasan-checks.h>
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <kunit/static_stub.h>

#include "prmem_internal.h"

static bool ready __ro_after_init;

/*
 * The frame of __start_wr_after_init. __pa_symbol() would ask phys_base each
 * time, which is writable.
 */
static unsigned long static_pfn __ro_after_init;

bool prmem_ready(void)
{
	return ready;
}

/* Is memory really protected? It is not if the user asked for rodata=off. */
bool prmem_active(void)
{
	return rodata_enabled;
}

/*
 * Each call site is reported once. Two sites that share an entry silence each
 * other at most once in a row: the entry always names the latest.
 */
#define SITE_BITS	8

static unsigned long reported[1 << SITE_BITS];

/**
 * prmem_report - say that a write was refused
 * @why: the reason in words
 * @err: what the caller gets
 * @dst: destination
 * @len: length in bytes
 * @caller: the call site
 *
 * The only place that decides what happens beside the error code.
 *
 * Return: true if this call site is reported for the first time.
 */
bool prmem_report(const char *why, int err, const void *dst, size_t len,
		  unsigned long caller)
{
	unsigned long *site;

	KUNIT_STATIC_STUB_REDIRECT(prmem_report, why, err, dst, len, caller);

	site = &reported[hash_long(caller, SITE_BITS)];
	return CHECK_DATA_CORRUPTION(xchg(site, caller) != caller,
				     "prmem: write refused: %zu bytes to %pS: %s (%d), from %pS\n",
				     len, dst, why, err, (void *)caller);
}

static noinline int refuse(const char *why, int err, const void *dst,
			   size_t len, unsigned long caller)
{
	prmem_report(why, err, dst, len, caller);
	return err;
}

static bool in_static(unsigned long addr, size_t len)
{
	unsigned long size = __end_wr_after_init - __start_wr_after_init;
	unsigned long offset = addr - (unsigned long)__start_wr_after_init;

	return offset < size && len <= size - offset;
}

/*
 * The entry that maps @addr, or an empty one. Only tables of the vmalloc range
 * are walked, and only with interrupts off: the one thing that frees such a
 * table, a huge mapping that takes its place, sends a TLB shootdown before.
 */
static pte_t pool_pte(unsigned long addr)
{
	/* Not pgd_offset_k(): init_mm.pgd is writable, the symbol is not. */
	pgd_t *pgd = pgd_offset_pgd(swapper_pg_dir, addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	if (pgd_none(READ_ONCE(*pgd)))
		return __pte(0);
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(READ_ONCE(*p4d)))
		return __pte(0);
	pud = pud_offset(p4d, addr);
	if (pud_none(READ_ONCE(*pud)) || pud_leaf(READ_ONCE(*pud)))
		return __pte(0);
	pmd = pmd_offset(pud, addr);
	if (pmd_none(READ_ONCE(*pmd)) || pmd_leaf(READ_ONCE(*pmd)))
		return __pte(0);
	return ptep_get(pte_offset_kernel(pmd, addr));
}

/* Is @addr write-rare, and in which frame is it? */
static bool wr_lookup(unsigned long addr, unsigned long *pfn)
{
	pte_t pte;

	lockdep_assert_irqs_disabled();

	if (in_static(addr, 1)) {
		*pfn = static_pfn + PHYS_PFN(addr) -
		       PHYS_PFN((unsigned long)__start_wr_after_init);
		return true;
	}
	if (addr < VMALLOC_START || addr >= VMALLOC_END)
		return false;
	pte = pool_pte(addr);
	*pfn = pte_pfn(pte);
	return pte_wr_rare(pte);
}

/*
 * Pool memory ends where an area ends, because vmalloc keeps an unmapped guard
 * page between areas. Interrupts are off for one look-up at a time.
 */
static bool range_is_wr(unsigned long addr, size_t len)
{
	unsigned long page, last = addr + len - 1;
	unsigned long flags, pfn;
	bool is_wr;

	if (in_static(addr, 1) || in_static(last, 1))
		return in_static(addr, len);

	for (page = addr & PAGE_MASK; page <= last; page += PAGE_SIZE) {
		local_irq_save(flags);
		is_wr = wr_lookup(page, &pfn);
		local_irq_restore(flags);
		if (!is_wr)
			return false;
	}
	return true;
}

bool prmem_is_wr(const void *p, size_t n)
{
	unsigned long addr = (unsigned long)p;

	return n && addr + n - 1 >= addr && range_is_wr(addr, n);
}
EXPORT_SYMBOL_GPL(prmem_is_wr);

/*
 * One open page. Before the private page tables exist, which is before other
 * CPUs run and before anything is protected, the alias is the address itself.
 */
struct window {
	struct prmem_arch_window arch;
	unsigned long flags;
};

static void *window_open(struct window *win, unsigned long addr)
{
	unsigned long pfn;

	RCU_LOCKDEP_WARN(!rcu_is_watching(),
			 "prmem: a write that synchronize_rcu() cannot see");

	local_irq_save(win->flags);
	if (unlikely(!wr_lookup(addr, &pfn))) {
		local_irq_restore(win->flags);
		return NULL;
	}
	if (unlikely(!ready))
		return (void *)addr;
	prmem_arch_enter(&win->arch);
	return prmem_arch_map(pfn) + offset_in_page(addr);
}

static void window_close(struct window *win)
{
	if (likely(ready)) {
		prmem_arch_unmap();
		prmem_arch_leave(&win->arch);
	}
	local_irq_restore(win->flags);
}

/*
 * Stores have release order, so that wr_rcu_assign_pointer() needs no function
 * of its own: on x86 this is a plain store, on arm64 one instruction either way.
 * They pair with rcu_dereference() in its readers.
 */
static void store(void *alias, u64 val, size_t size)
{
	switch (size) {
	case 1:
		smp_store_release((u8 *)alias, val); /* as above */
		break;
	case 2:
		smp_store_release((u16 *)alias, val); /* as above */
		break;
	case 4:
		smp_store_release((u32 *)alias, val); /* as above */
		break;
	default:
		smp_store_release((u64 *)alias, val); /* as above */
		break;
	}
}

static const char not_wr[] = "destination is not write-rare";
static const char from_nmi[] = "not possible from NMI";

/* Why a destination cannot be written, or NULL. */
static const char *check_dst(const void *dst, size_t len, int *err)
{
	unsigned long addr = (unsigned long)dst;

	if (in_nmi()) {
		*err = -EPERM;
		return from_nmi;
	}
	if (!len || addr + len - 1 < addr) {
		*err = -EINVAL;
		return "length is 0 or wraps around";
	}
	if (!range_is_wr(addr, len)) {
		*err = -EACCES;
		return not_wr;
	}
	return NULL;
}

/* Reads one byte of each page of the source, before anything is written. */
static bool src_is_readable(const void *src, size_t len)
{
	const void *last = src + len - 1;
	u8 byte;

	for (; src < last; src = PTR_ALIGN_DOWN(src, PAGE_SIZE) + PAGE_SIZE) {
		if (copy_from_kernel_nofault(&byte, src, 1))
			return false;
	}
	return !copy_from_kernel_nofault(&byte, last, 1);
}

static const char *check_src(const void *dst, const void *src, size_t len,
			     int *err)
{
	unsigned long distance = dst < src ? src - dst : dst - src;

	if ((unsigned long)src + len - 1 < (unsigned long)src) {
		*err = -EINVAL;
		return "length wraps around";
	}
	if (distance < len) {
		*err = -EINVAL;
		return "source and destination overlap";
	}
	if (!src_is_readable(src, len)) {
		*err = -EFAULT;
		return "source is not readable kernel memory";
	}
	return NULL;
}

/*
 * Inside the window a fault would leave the scheduler's state half switched, so
 * the copy cannot be a plain memcpy(): the source may go away after the check.
 */
static int copy_chunk(void *dst, const void *src, size_t len)
{
	struct window win;
	void *alias;
	long err;

	alias = window_open(&win, (unsigned long)dst);
	if (!alias)
		return -EACCES;
	err = copy_from_kernel_nofault(alias, src, len);
	window_close(&win);
	return err ? -EFAULT : 0;
}

static int set_chunk(void *dst, int c, size_t len)
{
	struct window win;
	void *alias;

	alias = window_open(&win, (unsigned long)dst);
	if (!alias)
		return -EACCES;
	memset(alias, c, len);
	window_close(&win);
	return 0;
}

static size_t chunk_len(const void *dst, size_t len)
{
	return min(len, PAGE_SIZE - offset_in_page(dst));
}

static const char raced[] = "pool or source went away during the write";

static int copy(void *dst, const void *src, size_t len, unsigned long caller)
{
	const char *why;
	size_t chunk;
	int err;

	why = check_dst(dst, len, &err) ?: check_src(dst, src, len, &err);
	if (unlikely(why))
		return refuse(why, err, dst, len, caller);

	kasan_check_read(src, len);
	kasan_check_write(dst, len);
	for (; len; dst += chunk, src += chunk, len -= chunk) {
		chunk = chunk_len(dst, len);
		err = copy_chunk(dst, src, chunk);
		if (unlikely(err))
			return refuse(raced, err, dst, len, caller);
	}
	return 0;
}

int wr_memcpy(void *dst, const void *src, size_t len)
{
	return copy(dst, src, len, _RET_IP_);
}
EXPORT_SYMBOL_GPL(wr_memcpy);

/**
 * __wr_scalar - store an object of 1, 2, 4 or 8 bytes
 * @dst: destination
 * @val: the value, in the low bytes
 * @size: 1, 2, 4 or 8
 *
 * Context: Any but NMI.
 * Return: 0, -EACCES or -EPERM as wr_memset().
 */
int __wr_scalar(void *dst, u64 val, size_t size)
{
	struct window win;
	void *alias;

	/* No promise of one store for these, and maybe two pages: a copy. */
	if (unlikely(!IS_ALIGNED((unsigned long)dst, size)))
		return copy(dst, &val, size, _RET_IP_);
	if (unlikely(in_nmi()))
		return refuse(from_nmi, -EPERM, dst, size, _RET_IP_);
	/* An aligned object can leave the static section, but not a page. */
	if (unlikely(in_static((unsigned long)dst, 1) &&
		     !in_static((unsigned long)dst, size)))
		return refuse(not_wr, -EACCES, dst, size, _RET_IP_);

	alias = window_open(&win, (unsigned long)dst);
	if (unlikely(!alias))
		return refuse(not_wr, -EACCES, dst, size, _RET_IP_);
	store(alias, val, size);
	window_close(&win);
	/* Not inside the window: a report takes long and may be fatal. */
	kasan_check_write(dst, size);
	return 0;
}
EXPORT_SYMBOL_GPL(__wr_scalar);

int wr_memset(void *dst, int c, size_t len)
{
	const char *why;
	size_t chunk;
	int err;

	why = check_dst(dst, len, &err);
	if (unlikely(why))
		return refuse(why, err, dst, len, _RET_IP_);

	kasan_check_write(dst, len);
	for (; len; dst += chunk, len -= chunk) {
		chunk = chunk_len(dst, len);
		err = set_chunk(dst, c, chunk);
		if (unlikely(err))
			return refuse(raced, err, dst, len, _RET_IP_);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(wr_memset);

/*
 * An early initcall runs before the other CPUs and after everything that is
 * needed: the page allocator, vmalloc, and a seeded random pool. There is no
 * going on without the private page tables: the first write after
 * mark_rodata_ro() would have nowhere to go.
 */
static int __init prmem_init(void)
{
	int err;

	static_pfn = PHYS_PFN(__pa_symbol(__start_wr_after_init));
	err = prmem_arch_init();
	if (!err) {
		ready = true;
		err = pmalloc_init();
	}
	if (err)
		panic("prmem: cannot set up the private page tables: error %d\n", err);

	/* The section is outside .data, where kmemleak looks by itself. */
	kmemleak_alloc(__start_wr_after_init,
		       __end_wr_after_init - __start_wr_after_init, 0,
		       GFP_KERNEL);

	pr_info(PRMEM_ARCH_NAME ": private page tables, %s\n",
		prmem_active() ? "active" : "inactive (rodata=off)");
	return 0;
}
early_initcall(prmem_init);

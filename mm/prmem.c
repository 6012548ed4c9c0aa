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
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/kasan-checks.h>
#include <linux/kmemleak.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/pgtable.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include <kunit/static_stub.h>

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
 * The call sites that have been reported. A hash table that only fills up; when
 * it is full, the rate of reports is limited instead.
 */
#define SITE_BITS	8
#define NR_SITES	BIT(SITE_BITS)

static unsigned long reported[NR_SITES];

/* Is this the first time for @caller? */
bool prmem_is_new_site(unsigned long caller)
{
	static DEFINE_RATELIMIT_STATE(rest, DEFAULT_RATELIMIT_INTERVAL, 1);
	unsigned int i, start = hash_long(caller, SITE_BITS);
	unsigned long old;

	for (i = 0; i < NR_SITES; i++) {
		old = cmpxchg(&reported[(start + i) % NR_SITES], 0, caller);
		if (!old)
			return true;
		if (old == caller)
			return false;
	}
	return __ratelimit(&rest);
}

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
	/* KUnit finds its stubs under a lock. */
	if (!in_nmi())
		KUNIT_STATIC_STUB_REDIRECT(prmem_report, why, err, dst, len,
					   caller);

	return CHECK_DATA_CORRUPTION(prmem_is_new_site(caller),
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
 * table, a huge mapping that takes its place, sends a TLB shootdown before. It
 * clears the entry that leads to the table even earlier, so each entry is read
 * once.
 */
static pte_t pool_pte(unsigned long addr)
{
	/* Not pgd_offset_k(): init_mm.pgd is writable, the symbol is not. */
	pgd_t *pgdp = pgd_offset_pgd(swapper_pg_dir, addr), pgd;
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;
	pmd_t *pmdp, pmd;

	if (addr < VMALLOC_START || addr >= VMALLOC_END)
		return __pte(0);
	pgd = READ_ONCE(*pgdp);
	if (pgd_none(pgd))
		return __pte(0);
	p4dp = p4d_offset_lockless(pgdp, pgd, addr);
	p4d = READ_ONCE(*p4dp);
	if (p4d_none(p4d))
		return __pte(0);
	pudp = pud_offset_lockless(p4dp, p4d, addr);
	pud = READ_ONCE(*pudp);
	if (pud_none(pud) || pud_leaf(pud))
		return __pte(0);
	pmdp = pmd_offset_lockless(pudp, pud, addr);
	pmd = READ_ONCE(*pmdp);
	if (pmd_none(pmd) || pmd_leaf(pmd))
		return __pte(0);
	return ptep_get(pte_offset_kernel(&pmd, addr));
}

pte_t prmem_pte(unsigned long addr)
{
	unsigned long flags;
	pte_t pte;

	local_irq_save(flags);
	pte = pool_pte(addr);
	local_irq_restore(flags);
	return pte;
}

#define NO_FRAME	(~0UL)

/* The frame of a write-rare page. By value: on the stack it could be changed. */
static unsigned long wr_frame(unsigned long addr)
{
	pte_t pte;

	lockdep_assert_irqs_disabled();

	if (in_static(addr, 1))
		return static_pfn + PHYS_PFN(addr) -
		       PHYS_PFN((unsigned long)__start_wr_after_init);
	pte = pool_pte(addr);
	return pte_wr_rare(pte) ? pte_pfn(pte) : NO_FRAME;
}

/*
 * Pool memory ends where an area ends, because vmalloc keeps an unmapped guard
 * page between areas. Interrupts are off for one look-up at a time.
 */
static bool range_is_wr(unsigned long addr, size_t len)
{
	unsigned long page, last = addr + len - 1;
	unsigned long flags, frame;

	if (in_static(addr, 1) || in_static(last, 1))
		return in_static(addr, len);

	for (page = addr & PAGE_MASK; page <= last; page += PAGE_SIZE) {
		local_irq_save(flags);
		frame = wr_frame(page);
		local_irq_restore(flags);
		if (frame == NO_FRAME)
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

/**
 * struct open_page - one page that is open for writing
 * @win: the window of this CPU
 * @saved: what to put back
 * @flags: whether interrupts were on
 */
struct open_page {
	const struct prmem_window *win;
	struct prmem_saved saved;
	unsigned long flags;
};

/* Before other CPUs run and anything is protected, a page is open anyway. */
static void *open_early(struct open_page *page, unsigned long addr)
{
	if (wr_frame(addr) != NO_FRAME)
		return (void *)addr;
	local_irq_restore(page->flags);
	return NULL;
}

/*
 * Opens the page of @addr if it is write-rare. Returns the alias of @addr, or
 * NULL. The look-up comes last, so that its result goes straight into the slot.
 */
static void *open_page(struct open_page *page, unsigned long addr)
{
	unsigned long frame;

	RCU_LOCKDEP_WARN(!rcu_is_watching(),
			 "prmem: a write that synchronize_rcu() cannot see");

	local_irq_save(page->flags);
	if (unlikely(!ready))
		return open_early(page, addr);
	page->win = prmem_arch_enter(&page->saved);
	frame = wr_frame(addr);
	if (likely(frame != NO_FRAME))
		return prmem_arch_map(page->win, frame) + offset_in_page(addr);
	prmem_arch_leave(&page->saved);
	local_irq_restore(page->flags);
	return NULL;
}

static void close_page(struct open_page *page)
{
	if (likely(ready)) {
		prmem_arch_unmap(page->win);
		prmem_arch_leave(&page->saved);
	}
	local_irq_restore(page->flags);
}

/* The lock of pmalloc. @word is prmem's own: no report if it is not write-rare. */
bool prmem_test_and_set(u32 *word)
{
	struct open_page page;
	u32 *alias, old = 1;

	alias = open_page(&page, (unsigned long)word);
	if (alias) {
		old = xchg(alias, 1);
		close_page(&page);
	}
	return old;
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

static int write_scalar(void *dst, u64 val, size_t size, unsigned long caller)
{
	struct open_page page;
	void *alias;

	if (unlikely(in_nmi()))
		return refuse(from_nmi, -EPERM, dst, size, caller);
	/* An aligned object can leave the static section, but not a page. */
	if (unlikely(in_static((unsigned long)dst, 1) &&
		     !in_static((unsigned long)dst, size)))
		return refuse(not_wr, -EACCES, dst, size, caller);

	alias = open_page(&page, (unsigned long)dst);
	if (unlikely(!alias))
		return refuse(not_wr, -EACCES, dst, size, caller);
	store(alias, val, size);
	close_page(&page);
	/* Not inside the window: a report takes long and may be fatal. */
	kasan_check_write(dst, size);
	return 0;
}

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
	struct open_page page;
	void *alias;
	long err;

	alias = open_page(&page, (unsigned long)dst);
	if (!alias)
		return -EACCES;
	err = copy_from_kernel_nofault(alias, src, len);
	close_page(&page);
	return err ? -EFAULT : 0;
}

static int set_chunk(void *dst, int c, size_t len)
{
	struct open_page page;
	void *alias;

	alias = open_page(&page, (unsigned long)dst);
	if (!alias)
		return -EACCES;
	memset(alias, c, len);
	close_page(&page);
	return 0;
}

static size_t chunk_len(const void *dst, size_t len)
{
	return min(len, PAGE_SIZE - offset_in_page(dst));
}

static const char raced[] = "pool or source went away during the write";

static bool is_scalar(const void *dst, size_t len)
{
	return len <= sizeof(u64) && is_power_of_2(len) &&
	       IS_ALIGNED((unsigned long)dst, len);
}

static int copy(void *dst, const void *src, size_t len, unsigned long caller)
{
	const char *why;
	size_t chunk;
	u64 val;
	int err;

	why = check_dst(dst, len, &err) ?: check_src(dst, src, len, &err);
	if (unlikely(why))
		return refuse(why, err, dst, len, caller);

	kasan_check_read(src, len);
	if (is_scalar(dst, len) && !copy_from_kernel_nofault(&val, src, len))
		return write_scalar(dst, __wr_bits(&val, len), len, caller);
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
	if (likely(IS_ALIGNED((unsigned long)dst, size)))
		return write_scalar(dst, val, size, _RET_IP_);
	/* No promise of one store for these, and maybe two pages. */
	return copy(dst, &val, size, _RET_IP_);
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
 * An early initcall runs before the other CPUs, and after the page allocator and
 * vmalloc are there. There is no going on without the private page tables: the
 * first write after mark_rodata_ro() would have nowhere to go.
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

	pr_info("prmem: " PRMEM_ARCH_NAME ": private page tables, %s\n",
		prmem_active() ? "active" : "inactive (rodata=off)");
	return 0;
}
early_initcall(prmem_init);

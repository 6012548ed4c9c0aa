/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit tests of write-rare memory share.
 *
 * Inside a session interrupts are off, and nothing that may sleep can be called,
 * the expectations of KUnit among it: what is seen there is kept and judged later.
 */
#ifndef _TEST_PRMEM_H
#define _TEST_PRMEM_H

#include <kunit/test.h>
#include <linux/prmem.h>

/* A pool that is destroyed at the end of the case, or earlier. */
struct pmalloc_pool *prmem_test_pool(struct kunit *test, enum pmalloc_mode mode);
void prmem_test_destroy(struct kunit *test, struct pmalloc_pool *pool);

/* An object of a pool with all bytes set to @fill, not protected. */
void *prmem_test_object(struct kunit *test, struct pmalloc_pool *pool,
			size_t size, u8 fill);

/* The same in a protected pool of its own. */
void *prmem_test_protected(struct kunit *test, enum pmalloc_mode mode,
			   size_t size, u8 fill);

/*
 * The thread of the case gets an address space of its own, with one page that is
 * mapped for a user and can be read and written; and gives it back.
 */
unsigned long prmem_test_user_begin(struct kunit *test);
void prmem_test_user_end(void);

#ifdef CONFIG_PRMEM
#include <linux/prmem_internal.h>

/*
 * Suites that are built in run before mark_rodata_ro(). Static data is protected
 * only in a run that is started later, through debugfs.
 */
bool prmem_test_static_protected(void);

void *prmem_test_linear_alias(void *addr);

/* Plain stores to pool memory must fault, at its address and in the linear map. */
void prmem_test_stores_fault(struct kunit *test, void *dst);

/* I1: searches all kernel page tables for writable mappings of protected pages. */
void prmem_test_no_writable_alias(struct kunit *test);

/* What prmem_report() was told, instead of the kernel log. */
struct prmem_test_reports {
	int nr;
	int err;
	unsigned long caller;
};

extern struct prmem_test_reports prmem_test_reports;

void prmem_test_watch_reports(struct kunit *test);

/* All calls that write must refuse @dst, outside of a session and in one. */
void prmem_test_refused_everywhere(struct kunit *test, const char *what, void *dst);

/* A window by hand, in which a test can look around. Interrupts are off. */
struct by_hand {
	const struct prmem_window *win;
	struct prmem_saved saved;
	unsigned long flags;
	void *alias;
};

void prmem_test_enter(struct by_hand *hand);
void prmem_test_map(struct by_hand *hand, void *object);
void prmem_test_unmap(struct by_hand *hand);
void prmem_test_leave(struct by_hand *hand);

/* Not instrumented: on some architectures KASAN does not know the alias. */
long prmem_test_read_alias(void *alias);

/* Skips a suite where nothing is protected. */
int prmem_test_need_protection(struct kunit *test);

/**
 * struct prmem_test_usage - what pools and caches hold
 * @blocks: blocks of pages
 * @pages: pages in all blocks
 * @used: pages that are in use
 * @desc_pages: those among them that hold descriptors, which are never given back
 * @descs: descriptors in use, with those of these pages
 */
struct prmem_test_usage {
	unsigned long blocks;
	unsigned long pages;
	unsigned long used;
	unsigned long desc_pages;
	unsigned long descs;
};

void prmem_test_usage(struct kunit *test, struct prmem_test_usage *usage);

/* Nothing must have been left behind since @before. */
void prmem_test_same_usage(struct kunit *test, const char *what,
			   const struct prmem_test_usage *before);
#endif

#endif /* _TEST_PRMEM_H */

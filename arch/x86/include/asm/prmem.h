/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_PRMEM_H
#define _ASM_X86_PRMEM_H

#include <linux/pgtable.h>

/* For the boot line. */
#define PRMEM_ARCH_NAME		"x86_64"

/* Where the kernel's half of the address space begins. */
#define PRMEM_KERNEL_START	(-1UL << __VIRTUAL_MASK_SHIFT)

/*
 * The software bit that marks a kernel page-table entry as write-rare. In user
 * page tables the same bit means userfaultfd write protection, which has no
 * meaning for the kernel's own mappings.
 */
#define _PAGE_WR_RARE		_PAGE_SOFTW2

static inline pgprot_t pgprot_wr_rare(pgprot_t prot)
{
	return __pgprot(pgprot_val(prot) | _PAGE_WR_RARE);
}

static inline bool pte_wr_rare(pte_t pte)
{
	return pte_present(pte) && (pte_flags(pte) & _PAGE_WR_RARE);
}

static inline pte_t pte_mkwr_rare(pte_t pte)
{
	return pte_set_flags(pte, _PAGE_WR_RARE);
}

static inline pte_t pte_clear_wr_rare(pte_t pte)
{
	return pte_clear_flags(pte, _PAGE_WR_RARE);
}

/**
 * struct prmem_window - the window of one CPU
 * @cr3: what to load
 * @slot: the page-table entry of the alias
 * @alias: the address that @slot maps
 */
struct prmem_window {
	unsigned long cr3;
	pte_t *slot;
	unsigned long alias;
};

/**
 * struct prmem_saved - what has to be put back when a window closes
 * @cr3: CR3 as it was found, with its PCID and LAM bits
 * @loaded_mm: cpu_tlbstate.loaded_mm as it was found
 */
struct prmem_saved {
	unsigned long cr3;
	struct mm_struct *loaded_mm;
};

#endif /* _ASM_X86_PRMEM_H */

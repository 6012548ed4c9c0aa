/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A write path in miniature for tests/objcheck/seeded: as tools/code-check wants
 * it, and with one fault for each SEED_*.
 */
#include "seeded.h"

	.arch	armv8.1-a

#ifdef READERS

FUNC(wr_scalar)
	adrp	x0, wr_var_number
	ldr	w0, [x0, :lo12:wr_var_number]
#ifdef SEED_READER_DOES_MORE
	rev	w0, w0
#endif
	ret
END(wr_scalar)

FUNC(plain_scalar)
	adrp	x0, plain_var_number
	ldr	w0, [x0, :lo12:plain_var_number]
	ret
END(plain_scalar)

#else

.macro alternative old, new, length
	.section .altinstructions, "a"
	.long	\old - .
	.long	\new - .
	.short	1
	.byte	\length, \length
	.previous
.endm

	/* The static branch in open_page(). */
	.section __jump_table, "a"
	.globl	__start___jump_table, __stop___jump_table
__start___jump_table:
	.long	3f - .
#ifdef SEED_STRANGER_PATCHED_IN
	.long	stranger - .
#else
	.long	4f - .
#endif
	.quad	0
__stop___jump_table:
	.previous

	.text
	/* What is patched in is near, but in no function. */
patch:
#ifdef SEED_LOCK_PATCHED_IN
	stadd	w1, [x0]
#else
	str	wzr, [x0]
#endif
mrs_vhe:
	mrs	x4, tpidr_el2

	alternative 6f, patch, 4
	alternative 5f, mrs_vhe, 4

FUNC(open_page)
	stp	x29, x30, [sp, #-32]!
	mrs	x2, daif
	msr	daifset, #3
	str	x2, [x0, #24]
	adrp	x3, windows
	ldr	x3, [x3, :lo12:windows]
	mrs	x2, ttbr1_el1
	str	x2, [x0, #8]
	msr	ttbr0_el1, x3
#ifndef SEED_NO_LOAD
	msr	ttbr1_el1, x2
#endif
	msr	ttbr0_el1, x3
	isb
6:	nop
3:	nop
4:	cbz	x1, 1f
	/* One of this CPU's, and one of this CPU's task. */
	adrp	x2, percpu
	add	x2, x2, :lo12:percpu
5:	mrs	x4, tpidr_el1
	str	x3, [x2, x4]
	add	x4, x2, x4
	ldxr	w5, [x4]
	stxr	w6, w5, [x4]
	mrs	x4, sp_el0
	str	x3, [x4, #16]
	str	x3, [x3, #8]
	dsb	nshst
	isb
#ifdef SEED_LOCK
	ldxr	w5, [x3]
	stxr	w6, w5, [x3]
#endif
#ifdef SEED_LOCK_IMPLIED
	swpal	w5, w6, [x3]
#endif
#ifdef SEED_SHARED_VARIABLE
	adrp	x2, shared
	str	w1, [x2, :lo12:shared]
#endif
#ifdef SEED_SHARED_POINTER
	adrp	x2, shared
	add	x2, x2, :lo12:shared
	mov	x5, x2
	stp	x1, x1, [x5, #8]
#endif
#ifdef SEED_SHARED_ELEMENT
	adrp	x2, shared
	add	x2, x2, :lo12:shared
	str	x1, [x2, x1, lsl #3]
#endif
#ifdef SEED_IPI
	msr	S3_0_C12_C11_5, x1
#endif
#ifdef SEED_BROADCAST
	tlbi	vaale1is, x1
#endif
#ifdef SEED_WAIT
	wfe
#endif
#ifdef SEED_WAIT_FOR_ALL
	dsb	ish
#endif
#ifdef SEED_CALL_THE_FIRMWARE
	smc	#0
#endif
#ifdef SEED_TRAP
	brk	#0x800
#endif
#ifdef SEED_STRANGER
	bl	stranger
#endif
#ifdef SEED_STRANGER_AT_THE_END
	b.eq	stranger
#endif
#ifdef SEED_INDIRECT
	blr	x3
#endif
	add	x0, x3, x1
	ldp	x29, x30, [sp], #32
	ret
1:	ldr	x2, [x0, #8]
	msr	ttbr1_el1, x2
	mov	x0, #0
	ldp	x29, x30, [sp], #32
	ret
END(open_page)

FUNC(close_page)
	ldr	x1, [x0]
	cbz	x1, 1f
	str	xzr, [x1]
	dsb	nshst
#ifdef SEED_INVALIDATION_TOO_LATE
	msr	ttbr1_el1, x1
	tlbi	vaale1, x1
#else
#ifndef SEED_NO_INVALIDATION
	tlbi	vaale1, x1
#endif
	dsb	nsh
	isb
	msr	ttbr1_el1, x1
#endif
1:	msr	daif, x2
	ret
END(close_page)

	/* The value is in x1. */
FUNC(word_alone)
	stp	x29, x30, [sp, #-32]!
	adrp	x3, windows
	ldr	x3, [x3, :lo12:windows]
	mrs	x5, ttbr1_el1
	msr	ttbr1_el1, x3
	cbz	x0, 1f
	ldr	x4, [x3, #16]
#ifdef SEED_WORD_ALONE_SLOT_ON_THE_STACK
	ldr	x4, [sp, #16]
#endif
	str	x0, [x4]
	ldr	x2, [x3, #24]
	add	x0, x2, x0
#ifdef SEED_WORD_ALONE_READ
	ldr	x6, [x0]
#endif
#ifndef SEED_WORD_ALONE_STORES_LATE
	stlr	x1, [x0]
#endif
#ifdef SEED_WORD_ALONE_TWICE
	stlr	x1, [x0]
#endif
	str	xzr, [x4]
#ifndef SEED_WORD_ALONE_NO_INVALIDATION
	tlbi	vaale1, x2
#endif
#ifdef SEED_WORD_ALONE_STORES_LATE
	stlr	x1, [x0]
#endif
	msr	ttbr1_el1, x5
	ldp	x29, x30, [sp], #32
	ret
1:	msr	ttbr1_el1, x5
	ldp	x29, x30, [sp], #32
	ret
END(word_alone)

	/* In a session that has the page in its first slot, or alone. */
FUNC(__wr_word)
	adrp	x3, windows
	ldr	x3, [x3, :lo12:windows]
	ldr	x4, [x3, #0x88]
	cmp	x4, x0
	b.ne	1f
	ldr	x2, [x3, #24]
	and	x0, x0, #0xfff
	add	x0, x2, x0
#ifdef SEED_WORD_READ
	ldr	x5, [x0]
#endif
#ifndef SEED_WORD_NOT_STORED
	stlr	x1, [x0]
#endif
#ifdef SEED_WORD_TWICE
	stlr	x1, [x0]
#endif
	ret
1:	b	word_alone
END(__wr_word)

	/* The size is in x2, the value in x1. */
FUNC(__wr_scalar)
	stp	x29, x30, [sp, #-64]!
	stp	x19, x20, [sp, #16]
	mov	x19, x1
	mov	x20, x2
	add	x0, sp, #32
	bl	open_page
	cbz	x0, 9f
#ifdef SEED_READ
	ldr	x1, [x0]
#endif
#ifdef SEED_READ_BY_WAY_OF_THE_STACK
	stp	xzr, x0, [sp, #32]
	ldr	x3, [sp, #40]
	ldrb	w3, [x3, #1]
#endif
#ifdef SEED_OTHER_STORE
	stp	x19, x19, [x0]
#endif
#ifdef SEED_ALIAS_HANDED_OVER
	bl	helper
#endif
#ifdef SEED_NO_STORE
	cbz	x20, 8f
#endif
	cmp	x20, #1
	b.eq	1f
	cmp	x20, #2
	b.eq	2f
	cmp	x20, #4
	b.eq	4f
#ifdef SEED_TWO_HALVES
	str	w19, [x0]
	lsr	x19, x19, #32
	stlr	w19, [x0]
#elif defined(SEED_STORE_IN_A_LOOP)
7:	stlr	x19, [x0]
	subs	x20, x20, #1
	b.ne	7b
#else
	stlr	x19, [x0]
#endif
#ifdef SEED_STORE_TWICE
	str	x19, [x0, #8]
#endif
	b	8f
1:	stlrb	w19, [x0]
	b	8f
2:	stlrh	w19, [x0]
	b	8f
4:	stlr	w19, [x0]
8:
#ifdef SEED_STORE_AFTER_CLOSE
	mov	x20, x0
	add	x0, sp, #32
	bl	close_page
	str	x19, [x20]
#else
	add	x0, sp, #32
	bl	close_page
#endif
	mov	w0, #0
9:	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #64
	ret
END(__wr_scalar)

FUNC(helper)
	ret
END(helper)

.macro atomic name, one, two, four, eight
FUNC(\name)
	stp	x29, x30, [sp, #-64]!
	stp	x19, x20, [sp, #16]
	mov	x19, x1
	mov	x20, x2
	add	x0, sp, #32
	bl	open_page
	cbz	x0, 9f
	cmp	x20, #1
	b.eq	1f
	cmp	x20, #2
	b.eq	2f
	cmp	x20, #4
	b.eq	4f
	\eight
	b	8f
1:	\one
	b	8f
2:	\two
	b	8f
4:	\four
8:	add	x0, sp, #32
	bl	close_page
9:	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #64
	ret
END(\name)
.endm

.macro same name, op
	atomic \name, "\op\()b w19, w1, [x0]", "\op\()h w19, w1, [x0]", "\op w19, w1, [x0]", \
		"\op x19, x1, [x0]"
.endm

.macro with_loop name, op
	atomic \name, "\op\()b w19, w1, [x0]", "\op\()h w19, w1, [x0]", "\op w19, w1, [x0]", \
		"5: ldxr x1, [x0]; stlxr w2, x1, [x0]; cbnz w2, 5b"
.endm

#ifdef SEED_ATOMIC_MISSING
	atomic __wr_xchg, "swpalb w19, w1, [x0]", "swpalh w19, w1, [x0]", "swpal w19, w1, [x0]", \
		"stlr x19, [x0]"
#elif defined(SEED_ATOMIC_TOO_NARROW)
	atomic __wr_xchg, "swpalb w19, w1, [x0]", "swpalh w19, w1, [x0]", "swpal w19, w1, [x0]", \
		"swpal w19, w1, [x0]"
#else
	same __wr_xchg, swpal
#endif
	same __wr_cmpxchg, casal
#ifdef SEED_ATOMIC_TWICE
	atomic __wr_fetch_add, "ldaddalb w19, w1, [x0]", "ldaddalh w19, w1, [x0]", \
		"ldaddal w19, w1, [x0]", "ldaddal x19, x1, [x0]; ldaddal x19, x1, [x0]"
#elif defined(SEED_ATOMIC_ELSEWHERE)
	atomic __wr_fetch_add, "ldaddalb w19, w1, [x0]", "ldaddalh w19, w1, [x0]", \
		"ldaddal w19, w1, [x0]", "ldaddal x19, x1, [x0]; ldaddal x19, x1, [x20]"
#else
	same __wr_fetch_add, ldaddal
#endif
	with_loop __wr_fetch_and, ldclral
	with_loop __wr_fetch_or, ldsetal
	with_loop __wr_fetch_xor, ldeoral

.macro copy name
FUNC(\name)
	stp	x29, x30, [sp, #-64]!
	add	x0, sp, #32
	bl	open_page
	add	x0, sp, #32
	bl	close_page
	bl	__stack_chk_fail
	ldp	x29, x30, [sp], #64
	ret
END(\name)
.endm
#ifdef SEED_COPY_WITHOUT_WINDOW
FUNC(wr_memcpy)
	ret
END(wr_memcpy)
#else
	copy wr_memcpy
#endif
	copy wr_memset

FUNC(wr_session_begin)
	ldr	w1, [x0]
	cbnz	w1, 1f
	adrp	x1, early_depth
	str	w1, [x1, :lo12:early_depth]
#ifndef SEED_SESSION_NO_LOAD
	msr	ttbr1_el1, x1
#endif
1:	ret
END(wr_session_begin)

FUNC(wr_session_end)
	cbz	x0, 2f
	brk	#0x800
1:
#ifdef SEED_SESSION_INVALIDATION_AT_TIMES
	subs	x2, x2, #1
	b.eq	3f
#endif
#ifndef SEED_SESSION_NO_INVALIDATION
	tlbi	vaale1, x0
#endif
	subs	x2, x2, #1
	b.ne	1b
3:	msr	ttbr1_el1, x1
2:	ret
END(wr_session_end)

FUNC(stores_alone)
	msr	ttbr1_el1, x1
1:
#ifdef SEED_STORES_SLOT_ON_THE_STACK
	ldr	x3, [sp, #8]
	add	x0, x3, #16
#endif
#ifdef SEED_STORES_WINDOW_ON_THE_STACK
	ldr	x3, [sp, #8]
	ldr	x3, [x3, #16]
	str	xzr, [x3]
#endif
#ifdef SEED_STORES_TAG_ON_THE_STACK
	ldr	x3, [sp, #8]
	str	x3, [x4]
#endif
#ifndef SEED_STORES_NO_INVALIDATION
	tlbi	vaale1, x0
#endif
	subs	x2, x2, #1
	b.ne	1b
	msr	ttbr1_el1, x1
	ret
END(stores_alone)

#ifdef SEED_STORES_WITHOUT_WINDOW
FUNC(__wr_stores)
	ret
END(__wr_stores)
#else
FUNC(__wr_stores)
	stp	x29, x30, [sp, #-16]!
	bl	stores_alone
	ldp	x29, x30, [sp], #16
	ret
END(__wr_stores)
#endif

FUNC(prmem_is_wr)
#ifdef SEED_QUERY_LOCKS
	ldadd	w1, w2, [x0]
#endif
	ret
END(prmem_is_wr)

FUNC(prmem_is_protected)
	ret
END(prmem_is_protected)

#endif /* READERS */

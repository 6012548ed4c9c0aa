/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A write path in miniature for tests/objcheck/seeded: as tools/code-check wants
 * it, and with one fault for each SEED_*.
 */
#include "seeded.h"

#ifdef READERS

FUNC(wr_scalar)
	mov	wr_var_number(%rip), %eax
#ifdef SEED_READER_DOES_MORE
	bswap	%eax
#endif
	ret
END(wr_scalar)

FUNC(plain_scalar)
	mov	plain_var_number(%rip), %eax
	ret
END(plain_scalar)

#else

	.section .altinstructions, "a"
	.long	0f - .
	.long	1f - .
	.long	0
	.byte	3, 2f - 1f
	.previous
	.section .altinstr_replacement, "ax"
1:
#ifdef SEED_LOCK_PATCHED_IN
	lock incl (%rdi)
#else
	incl	(%rdi)
#endif
2:
	.previous

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
FUNC(open_page)
	pushf
	popq	24(%rdi)
	cli
	mov	windows(%rip), %rdx
	movq	$0, (%rdi)
	mov	%cr3, %rax
	mov	%rax, 8(%rdi)
	mov	(%rdx), %rax
#ifndef SEED_NO_LOAD
#ifdef SEED_TLB_KEPT
	bts	$63, %rax
#endif
	mov	%rax, %cr3
#endif
0:	nopl	(%rax)
3:	.byte	0x0f, 0x1f, 0x44, 0x00, 0x00
4:	test	%rsi, %rsi
	je	refused
	mov	%rdx, (%rdi)
	movq	$1, %gs:0x1000
#ifdef SEED_LOCK
	lock incl (%rdx)
#endif
#ifdef SEED_LOCK_IMPLIED
	xchg	%rcx, (%rdx)
#endif
#ifdef SEED_SHARED_VARIABLE
	incl	shared(%rip)
#endif
#ifdef SEED_SHARED_POINTER
	mov	$shared, %rcx
	add	$8, %rcx
	movl	$1, (%rcx)
#endif
#ifdef SEED_SHARED_ELEMENT
	movl	$1, shared(, %rsi, 8)
#endif
#ifdef SEED_IPI
	wrmsr
#endif
#ifdef SEED_WAIT
	pause
#endif
#ifdef SEED_TRAP
	ud2
#endif
#ifdef SEED_STRANGER
	call	stranger
#endif
#ifdef SEED_STRANGER_AT_THE_END
	je	stranger
#endif
#ifdef SEED_INDIRECT
	call	*%rdx
#endif
	lea	(%rdx, %rsi), %rax
	ret
refused:
	mov	8(%rdi), %rax
	bts	$63, %rax
	mov	%rax, %cr3
	xor	%eax, %eax
	ret
END(open_page)

FUNC(close_page)
	mov	(%rdi), %rax
	test	%rax, %rax
	je	1f
#ifdef SEED_INVALIDATION_TOO_LATE
	mov	%rax, %cr3
	invlpg	(%rax)
#else
	movq	$0, (%rax)
#ifndef SEED_NO_INVALIDATION
	invlpg	(%rax)
#endif
	mov	%rax, %cr3
#endif
1:	sti
	ret
END(close_page)

	/* The value is in %rsi. */
FUNC(word_alone)
	push	%rbx
	mov	windows(%rip), %rdx
	mov	%cr3, %r8
	mov	(%rdx), %rax
#ifdef SEED_WORD_ALONE_TLB_KEPT
	bts	$63, %rax
#endif
	mov	%rax, %cr3
	test	%rdi, %rdi
	je	1f
	mov	0x10(%rdx), %rcx
#ifdef SEED_WORD_ALONE_SLOT_ON_THE_STACK
	mov	(%rsp), %rcx
#endif
	mov	%rdi, (%rcx)
	add	0x18(%rdx), %rdi
#ifdef SEED_WORD_ALONE_READ
	cmp	%rsi, (%rdi)
#endif
#ifndef SEED_WORD_ALONE_STORES_LATE
	mov	%rsi, (%rdi)
#endif
#ifdef SEED_WORD_ALONE_TWICE
	mov	%rsi, (%rdi)
#endif
	mov	0x18(%rdx), %rax
	movq	$0, (%rcx)
#ifndef SEED_WORD_ALONE_NO_INVALIDATION
	invlpg	(%rax)
#endif
#ifdef SEED_WORD_ALONE_STORES_LATE
	mov	%rsi, (%rdi)
#endif
	bts	$63, %r8
	mov	%r8, %cr3
	pop	%rbx
	ret
1:	bts	$63, %r8
	mov	%r8, %cr3
	pop	%rbx
	ret
END(word_alone)

	/* In a session that has the page in its first slot, or alone. */
FUNC(__wr_word)
	mov	windows(%rip), %rdx
	cmp	%rdi, 0x88(%rdx)
	jne	1f
	and	$0xfff, %edi
	add	0x18(%rdx), %rdi
#ifdef SEED_WORD_READ
	cmp	%rsi, (%rdi)
#endif
#ifndef SEED_WORD_NOT_STORED
	mov	%rsi, (%rdi)
#endif
#ifdef SEED_WORD_TWICE
	mov	%rsi, (%rdi)
#endif
	ret
1:	jmp	word_alone
END(__wr_word)

	/* The size is in %rdx, the value in %rsi. */
FUNC(__wr_scalar)
	push	%rbx
	push	%r12
	sub	$40, %rsp
	mov	%rsi, %rbx
	mov	%rdx, %r12
	mov	%rsp, %rdi
	call	open_page
	test	%rax, %rax
	je	9f
#ifdef SEED_READ
	mov	(%rax), %rcx
#endif
#ifdef SEED_READ_BY_WAY_OF_THE_STACK
	mov	%rax, 32(%rsp)
	mov	32(%rsp), %rcx
	cmp	%rbx, (%rcx)
#endif
#ifdef SEED_OTHER_STORE
	orb	$1, (%rax)
#endif
#ifdef SEED_ALIAS_HANDED_OVER
	mov	%rax, %rdi
	call	helper
#endif
#ifdef SEED_NO_STORE
	test	%r12, %r12
	je	8f
#endif
	cmp	$1, %r12
	je	1f
	cmp	$2, %r12
	je	2f
	cmp	$4, %r12
	je	4f
#ifdef SEED_TWO_HALVES
	mov	%ebx, (%rax)
	shr	$32, %rbx
	mov	%ebx, 4(%rax)
#elif defined(SEED_STORE_IN_A_LOOP)
7:	mov	%rbx, (%rax)
	dec	%r12
	jne	7b
#else
	mov	%rbx, (%rax)
#endif
#ifdef SEED_STORE_TWICE
	mov	%rbx, 8(%rax)
#endif
	jmp	8f
1:	mov	%bl, (%rax)
	jmp	8f
2:	mov	%bx, (%rax)
	jmp	8f
4:	mov	%ebx, (%rax)
8:
#ifdef SEED_STORE_AFTER_CLOSE
	mov	%rax, %r12
	mov	%rsp, %rdi
	call	close_page
	mov	%rbx, (%r12)
#else
	mov	%rsp, %rdi
	call	close_page
#endif
	xor	%eax, %eax
9:	add	$40, %rsp
	pop	%r12
	pop	%rbx
	ret
END(__wr_scalar)

FUNC(helper)
	ret
END(helper)

.macro atomic name, one, two, four, eight
FUNC(\name)
	push	%rbx
	push	%r12
	sub	$32, %rsp
	mov	%rsi, %rbx
	mov	%rdx, %r12
	mov	%rsp, %rdi
	call	open_page
	test	%rax, %rax
	je	9f
	cmp	$1, %r12
	je	1f
	cmp	$2, %r12
	je	2f
	cmp	$4, %r12
	je	4f
	\eight
	jmp	8f
1:	\one
	jmp	8f
2:	\two
	jmp	8f
4:	\four
8:	mov	%rsp, %rdi
	call	close_page
	xor	%eax, %eax
9:	add	$32, %rsp
	pop	%r12
	pop	%rbx
	ret
END(\name)
.endm

.macro same name, op
	atomic \name, "\op %bl, (%rax)", "\op %bx, (%rax)", "\op %ebx, (%rax)", "\op %rbx, (%rax)"
.endm

.macro with_loop name
	atomic \name, "lock xadd %bl, (%rax)", "lock xadd %bx, (%rax)", "lock xadd %ebx, (%rax)", \
		"5: mov (%rax), %rcx; lock cmpxchg %rbx, (%rax); jne 5b"
.endm

#ifdef SEED_ATOMIC_MISSING
	atomic __wr_xchg, "xchg %bl, (%rax)", "xchg %bx, (%rax)", "xchg %ebx, (%rax)", "mov %rbx, (%rax)"
#elif defined(SEED_ATOMIC_TOO_NARROW)
	atomic __wr_xchg, "xchg %bl, (%rax)", "xchg %bx, (%rax)", "xchg %ebx, (%rax)", "xchg %ebx, (%rax)"
#else
	same __wr_xchg, xchg
#endif
	same __wr_cmpxchg, "lock cmpxchg"
#ifdef SEED_ATOMIC_TWICE
	atomic __wr_fetch_add, "lock xadd %bl, (%rax)", "lock xadd %bx, (%rax)", \
		"lock xadd %ebx, (%rax)", "lock xadd %rbx, (%rax); lock xadd %rbx, (%rax)"
#elif defined(SEED_ATOMIC_ELSEWHERE)
	atomic __wr_fetch_add, "lock xadd %bl, (%rax)", "lock xadd %bx, (%rax)", \
		"lock xadd %ebx, (%rax)", "lock xadd %rbx, (%rax); lock xadd %rbx, (%r12)"
#else
	same __wr_fetch_add, "lock xadd"
#endif
	with_loop __wr_fetch_and
	with_loop __wr_fetch_or
	with_loop __wr_fetch_xor

.macro copy name
FUNC(\name)
	sub	$40, %rsp
	mov	%rsp, %rdi
	call	open_page
	mov	%rsp, %rdi
	call	close_page
	call	__stack_chk_fail
	add	$40, %rsp
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
	cmpl	$0, (%rdi)
	jne	1f
	incl	early_depth(%rip)
#ifndef SEED_SESSION_NO_LOAD
#ifdef SEED_SESSION_TLB_KEPT
	movabs	$0x8000000000000000, %rdx
	or	%rdx, %rax
#endif
	mov	%rax, %cr3
#endif
1:	ret
END(wr_session_begin)

FUNC(wr_session_end)
	decl	(%rdi)
	jne	2f
	ud2
1:
#ifdef SEED_SESSION_INVALIDATION_AT_TIMES
	dec	%rcx
	je	3f
#endif
#ifndef SEED_SESSION_NO_INVALIDATION
	invlpg	(%rax)
#endif
	dec	%rcx
	jne	1b
3:	mov	%rax, %cr3
2:	ret
END(wr_session_end)

FUNC(stores_alone)
#ifdef SEED_STORES_TLB_KEPT
	movabs	$0x8000000000000000, %rdx
	or	%rdx, %rax
#endif
	mov	%rax, %cr3
1:
#ifdef SEED_STORES_SLOT_ON_THE_STACK
	mov	8(%rsp), %rbx
	lea	16(%rbx), %rax
#endif
#ifdef SEED_STORES_WINDOW_ON_THE_STACK
	mov	8(%rsp), %rbx
	mov	16(%rbx), %rbx
	movq	$0, (%rbx)
#endif
#ifdef SEED_STORES_TAG_ON_THE_STACK
	mov	8(%rsp), %rbx
	mov	%rbx, (%rdi)
#endif
#ifndef SEED_STORES_NO_INVALIDATION
	invlpg	(%rax)
#endif
	dec	%rcx
	jne	1b
	mov	%rax, %cr3
	ret
END(stores_alone)

#ifdef SEED_STORES_WITHOUT_WINDOW
FUNC(__wr_stores)
	ret
END(__wr_stores)
#else
FUNC(__wr_stores)
	call	stores_alone
	ret
END(__wr_stores)
#endif

FUNC(prmem_is_wr)
#ifdef SEED_QUERY_LOCKS
	lock incl (%rdi)
#endif
	ret
END(prmem_is_wr)

FUNC(prmem_is_protected)
	ret
END(prmem_is_protected)

#endif /* READERS */

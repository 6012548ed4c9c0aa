/* SPDX-License-Identifier: GPL-2.0 */
/* What the write paths in miniature of tests/objcheck/seeded share. */

#define FUNC(name)	.globl name; .type name, %function; name:
#define END(name)	.size name, . - name

/* tools/code-check reads the readers from one object and this from another. */
#ifdef VARIABLES

#ifdef SEED_VARIABLE_NOT_WRITE_RARE
	.data
#else
	.section .data..wr_after_init, "aw"
#endif
	.globl	wr_var_number
	.type	wr_var_number, %object
	.size	wr_var_number, 4
wr_var_number:
	.long	1

	.data
	.globl	plain_var_number
	.type	plain_var_number, %object
	.size	plain_var_number, 4
plain_var_number:
	.long	1

/* Where a write path that strays ends up; not one of prmem's own objects. */
	.text
FUNC(stranger)
	ret
END(stranger)

FUNC(__stack_chk_fail)
	ret
END(__stack_chk_fail)

	.bss
	.balign	8
.macro variable name
	.globl	\name
	.type	\name, %object
	.size	\name, 64
\name:
	.skip	64
.endm
	variable windows
	variable shared
	variable early_depth
	variable percpu

	.end

#endif /* VARIABLES */

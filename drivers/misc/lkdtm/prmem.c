// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on data that prmem protects: an arbitrary kernel write, through the
 * address of the data and through its alias in the linear map. The targets are
 * the two strings that name the programs the kernel runs as root, and an object
 * in a write-rare and in a read-only pool.
 */
#include "lkdtm.h"
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/prmem.h>
#include <linux/vmalloc.h>

#define OBJECT_SIZE	32

static char *wr_object;
static char *ro_object;

static char *create_object(const char *name, enum pmalloc_mode mode)
{
	struct pmalloc_pool *pool = pmalloc_create_pool(name, mode);
	char *object;

	if (!pool)
		return NULL;
	object = pmalloc(pool, OBJECT_SIZE);
	if (!object)
		goto destroy;
	strscpy(object, "legitimate", OBJECT_SIZE);
	if (pmalloc_protect_pool(pool))
		goto destroy;
	return object;

destroy:
	pmalloc_destroy_pool(pool);
	return NULL;
}

/* The pools live as long as the kernel, like the data of a real user. */
static bool have_objects(void)
{
	if (!wr_object)
		wr_object = create_object("lkdtm_wr", PMALLOC_MODE_WR);
	if (!ro_object)
		ro_object = create_object("lkdtm_ro", PMALLOC_MODE_RO);
	if (!wr_object || !ro_object)
		pr_err("FAIL: cannot create the pools\n");
	return wr_object && ro_object;
}

/* The linear map's view of a pool object; with PRMEM=n it is the only one. */
static void *linear_alias(void *addr)
{
	if (!is_vmalloc_addr(addr))
		return addr;
	return page_address(vmalloc_to_page(addr)) + offset_in_page(addr);
}

/* What an attacker's primitive does: stores, and nothing else. */
static noinline void overwrite(const char *what, char *target,
			       const char *value)
{
	size_t i = 0;

	pr_info("attempting to overwrite %s at %pS\n", what, target);
	do {
		WRITE_ONCE(target[i], value[i]);
	} while (value[i++]);
	pr_err("FAIL: the write to %s survived\n", what);
	pr_expected_config_param(CONFIG_PRMEM, "rodata");
}

static void overwrite_symbol(const char *symbol, bool linear, const char *value)
{
	void *target = (void *)kallsyms_lookup_name(symbol);

	if (!target) {
		pr_err("FAIL: no symbol %s\n", symbol);
		return;
	}
	overwrite(symbol, linear ? lm_alias(target) : target, value);
}

static void lkdtm_PRMEM_MODPROBE(void)
{
	overwrite_symbol("modprobe_path", /*linear=*/false, "/sbin/attacker");
}

static void lkdtm_PRMEM_MODPROBE_LINEAR(void)
{
	overwrite_symbol("modprobe_path", /*linear=*/true, "/sbin/attacker");
}

static void lkdtm_PRMEM_CORE(void)
{
	overwrite_symbol("core_pattern", /*linear=*/false, "|/sbin/attacker");
}

static void lkdtm_PRMEM_CORE_LINEAR(void)
{
	overwrite_symbol("core_pattern", /*linear=*/true, "|/sbin/attacker");
}

static void lkdtm_PRMEM_WR_POOL(void)
{
	if (have_objects())
		overwrite("the write-rare object", wr_object, "attacker");
}

static void lkdtm_PRMEM_WR_POOL_LINEAR(void)
{
	if (have_objects())
		overwrite("the write-rare object", linear_alias(wr_object),
			  "attacker");
}

static void lkdtm_PRMEM_RO_POOL(void)
{
	if (have_objects())
		overwrite("the read-only object", ro_object, "attacker");
}

static void lkdtm_PRMEM_RO_POOL_LINEAR(void)
{
	if (have_objects())
		overwrite("the read-only object", linear_alias(ro_object),
			  "attacker");
}

/* The owner of the write-rare object changes it. */
static void lkdtm_PRMEM_WR_POOL_UPDATE(void)
{
	int err;

	if (!have_objects())
		return;
	err = wr_memcpy(wr_object, "updated", sizeof("updated"));
	if (err)
		pr_err("FAIL: prmem: update of the write-rare object refused: %d\n",
		       err);
}

/* Nobody changes the read-only object, not even through the API. */
static void lkdtm_PRMEM_RO_POOL_UPDATE(void)
{
	int err;

	if (!have_objects())
		return;
	err = wr_memcpy(ro_object, "updated", sizeof("updated"));
	if (err) {
		pr_info("prmem: write to RO pool object refused: %d\n", err);
		return;
	}
	pr_err("FAIL: prmem: write to RO pool object went through\n");
	pr_expected_config(CONFIG_PRMEM);
}

/*
 * A bug in the middle of a session. The task dies, the kernel lives on: with
 * interrupts on, with its own page tables, and with a window that works.
 */
static void lkdtm_PRMEM_SESSION_OOPS(void)
{
	char *nowhere = NULL;
	int err;

	if (!have_objects())
		return;
	wr_session_begin();
	err = wr_memset(wr_object, 'o', sizeof("oopsing") - 1);
	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, err);
	wr_session_end();
	pr_err("FAIL: survived a write to NULL in a session\n");
}

static void lkdtm_PRMEM_SHOW(void)
{
	if (have_objects())
		pr_info("prmem pool objects: wr=\"%s\" ro=\"%s\"\n",
			wr_object, ro_object);
}

static struct crashtype crashtypes[] = {
	CRASHTYPE(PRMEM_MODPROBE),
	CRASHTYPE(PRMEM_MODPROBE_LINEAR),
	CRASHTYPE(PRMEM_CORE),
	CRASHTYPE(PRMEM_CORE_LINEAR),
	CRASHTYPE(PRMEM_WR_POOL),
	CRASHTYPE(PRMEM_WR_POOL_LINEAR),
	CRASHTYPE(PRMEM_RO_POOL),
	CRASHTYPE(PRMEM_RO_POOL_LINEAR),
	CRASHTYPE(PRMEM_WR_POOL_UPDATE),
	CRASHTYPE(PRMEM_RO_POOL_UPDATE),
	CRASHTYPE(PRMEM_SESSION_OOPS),
	CRASHTYPE(PRMEM_SHOW),
};

struct crashtype_category prmem_crashtypes = {
	.crashtypes = crashtypes,
	.len	    = ARRAY_SIZE(crashtypes),
};

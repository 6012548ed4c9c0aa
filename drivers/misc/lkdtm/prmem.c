// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on data that prmem protects. Most are an arbitrary kernel write, through
 * the address of the data and through its alias in the linear map. The targets are
 * the strings that name the programs the kernel runs as root, the switches of
 * sysctl, objects in pools and in a cache, the descriptor of a pool, and the list
 * of what IMA has measured. The others use what would write for them: a stale
 * alias, wr_memcpy() with a range that is too long or whose object is gone, a pool
 * that is none, and usercopy.
 */
#include "lkdtm.h"
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/prmem.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#ifdef CONFIG_PRMEM
#include <linux/prmem_internal.h>
#endif
#ifdef CONFIG_IMA
#include "../../../security/integrity/ima/ima.h"
#endif

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

/* The same for a switch, which is a word of its own size. */
static noinline void overwrite_switch(const char *what, void *target,
				      unsigned long value, size_t size)
{
	pr_info("attempting to overwrite %s at %pS\n", what, target);
	switch (size) {
	case 1:
		WRITE_ONCE(*(u8 *)target, value);
		break;
	case 4:
		WRITE_ONCE(*(u32 *)target, value);
		break;
	default:
		WRITE_ONCE(*(u64 *)target, value);
	}
	pr_err("FAIL: the write to %s survived\n", what);
	pr_expected_config_param(CONFIG_PRMEM, "rodata");
}

static void overwrite_symbol(const char *symbol, bool linear, const char *value)
{
	void *target = (void *)kallsyms_lookup_name(symbol);

	if (!target) {
		pr_err("XFAIL: no symbol %s\n", symbol);
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

/* NAME, symbol, what an attacker would want there, and its size. */
#define SWITCHES(X)							\
	X(UMH_BSET, usermodehelper_bset, ~0UL, 8)			\
	X(UMH_INHERITABLE, usermodehelper_inheritable, ~0UL, 8)		\
	X(DMESG_RESTRICT, dmesg_restrict, 0, 4)				\
	X(KPTR_RESTRICT, kptr_restrict, 0, 4)				\
	X(UNPRIV_BPF, sysctl_unprivileged_bpf_disabled, 0, 4)		\
	X(BPF_JIT_HARDEN, bpf_jit_harden, 0, 4)				\
	X(BPF_JIT_KALLSYMS, bpf_jit_kallsyms, 1, 4)			\
	X(MODULES_DISABLED, modules_disabled, 0, 4)			\
	X(KEXEC_DISABLED, kexec_load_disabled, 0, 4)			\
	X(RANDOMIZE_VA, randomize_va_space, 0, 4)			\
	X(DAC_MMAP_MIN, dac_mmap_min_addr, 0, 8)			\
	X(MMAP_MIN, mmap_min_addr, 0, 8)				\
	X(SUID_DUMPABLE, suid_dumpable, 1, 4)				\
	X(PROTECTED_SYMLINKS, sysctl_protected_symlinks, 0, 4)		\
	X(PROTECTED_HARDLINKS, sysctl_protected_hardlinks, 0, 4)	\
	X(PROTECTED_FIFOS, sysctl_protected_fifos, 0, 4)		\
	X(PROTECTED_REGULAR, sysctl_protected_regular, 0, 4)		\
	X(PTRACE_SCOPE, ptrace_scope, 0, 4)				\
	X(USERFAULTFD, sysctl_unprivileged_userfaultfd, 1, 4)		\
	X(IO_URING, sysctl_io_uring_disabled, 0, 4)			\
	X(IO_URING_GROUP, sysctl_io_uring_group, 0, 4)			\
	X(TIOCSTI, tty_legacy_tiocsti, 1, 1)				\
	X(LDISC_AUTOLOAD, tty_ldisc_autoload, 1, 4)

static void attack_switch(const char *symbol, bool linear, unsigned long value,
			  size_t size)
{
	void *target = (void *)kallsyms_lookup_name(symbol);

	if (target)
		overwrite_switch(symbol, linear ? lm_alias(target) : target,
				 value, size);
	else
		pr_err("XFAIL: no symbol %s\n", symbol);
}

#define DEFINE_SWITCH(NAME, symbol, ...)				\
static void lkdtm_PRMEM_##NAME(void)					\
{									\
	attack_switch(#symbol, /*linear=*/false, __VA_ARGS__);		\
}									\
									\
static void lkdtm_PRMEM_##NAME##_LINEAR(void)				\
{									\
	attack_switch(#symbol, /*linear=*/true, __VA_ARGS__);		\
}

SWITCHES(DEFINE_SWITCH)

static void lkdtm_PRMEM_POWEROFF(void)
{
	overwrite_symbol("poweroff_cmd", /*linear=*/false, "/sbin/attacker");
}

static void lkdtm_PRMEM_POWEROFF_LINEAR(void)
{
	overwrite_symbol("poweroff_cmd", /*linear=*/true, "/sbin/attacker");
}

static void lkdtm_PRMEM_UEVENT(void)
{
	overwrite_symbol("uevent_helper", /*linear=*/false, "/sbin/attacker");
}

static void lkdtm_PRMEM_UEVENT_LINEAR(void)
{
	overwrite_symbol("uevent_helper", /*linear=*/true, "/sbin/attacker");
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

/*
 * Where the last write of this CPU went: to an alias, which is gone, or, without
 * prmem, to the object itself. The place is known to who can read page tables.
 */
static char *written_at(char *object)
{
#ifdef CONFIG_PRMEM
	return (char *)prmem_window_alias(raw_smp_processor_id()) +
	       offset_in_page(object);
#else
	return object;
#endif
}

static void lkdtm_PRMEM_STALE_ALIAS(void)
{
	if (have_objects() &&
	    !wr_memcpy(wr_object, "legitimate", sizeof("legitimate")))
		overwrite("a stale alias", written_at(wr_object), "attacker");
}

/* What makes a pool what it is. With PRMEM=n the pool has no use but this. */
static void lkdtm_PRMEM_DESCRIPTOR(void)
{
	struct pmalloc_pool *pool;

	pool = pmalloc_create_pool("lkdtm_desc", PMALLOC_MODE_WR);
	if (!pool) {
		pr_err("FAIL: cannot create the pool\n");
		return;
	}
#ifdef CONFIG_PRMEM
	overwrite("the descriptor of a pool", pool->name, "attacker");
#else
	overwrite("the descriptor of a pool", (char *)pool, "attacker");
#endif
}

/* A pool that an attacker has put together, all zeroes, in memory of his own. */
static void lkdtm_PRMEM_FORGED_POOL(void)
{
	static char forgery[256] __aligned(8);

	pr_info("attempting to allocate from a forged pool\n");
	if (pmalloc((struct pmalloc_pool *)forgery, 8)) {
		pr_err("FAIL: memory from a forged pool\n");
		pr_expected_config(CONFIG_PRMEM);
		return;
	}
	pr_info("prmem: no memory from a forged pool\n");
}

/* A write through the API, that must be refused. Each site is reported once. */
static __always_inline void forge_write(const char *what, void *dst, size_t len)
{
	static const char forgery[PAGE_SIZE] = "attacker";
	int err;

	pr_info("attempting wr_memcpy() to %s\n", what);
	err = wr_memcpy(dst, forgery, len);
	if (err) {
		pr_info("prmem: write to %s refused: %d\n", what, err);
		return;
	}
	pr_err("FAIL: prmem: write to %s went through\n", what);
	pr_expected_config(CONFIG_PRMEM);
}

/* One page is an area. With PRMEM=n there is room behind it that nobody uses. */
static void lkdtm_PRMEM_AREA_OVERFLOW(void)
{
	struct pmalloc_pool *pool;
	char *object;

	pool = pmalloc_create_pool("lkdtm_area", PMALLOC_MODE_START_WR);
	object = pmalloc(pool, PAGE_SIZE);
	if (object)
		forge_write("the end of an area", object + PAGE_SIZE - 8, 16);
	else
		pr_err("FAIL: cannot create the area\n");
	pmalloc_destroy_pool(pool);
}

/* With PRMEM=n each object has something behind it that is used by RCU alone. */
#define CACHE_OBJECT_SIZE	64

static struct prmem_cache *objects_cache(void)
{
	static struct prmem_cache *cache;

	if (!cache)
		cache = prmem_cache_create("lkdtm", CACHE_OBJECT_SIZE, 0);
	return cache;
}

static void lkdtm_PRMEM_OBJECT_OVERFLOW(void)
{
	char *object = prmem_cache_alloc(objects_cache(), NULL);

	if (!object) {
		pr_err("FAIL: cannot create the object\n");
		return;
	}
	forge_write("more than an object", object, CACHE_OBJECT_SIZE + 8);
	prmem_cache_free(objects_cache(), object);
}

static char *freed_object(void)
{
	char *object = prmem_cache_alloc(objects_cache(), NULL);

	if (object)
		prmem_cache_free(objects_cache(), object);
	else
		pr_err("FAIL: cannot create the object\n");
	return object;
}

static void lkdtm_PRMEM_FREED(void)
{
	char *object = freed_object();

	if (object)
		overwrite("a freed object", object, "gone");
}

static void lkdtm_PRMEM_FREED_UPDATE(void)
{
	char *object = freed_object();

	if (object)
		forge_write("a freed object", object, 8);
}

/* A user's buffer, copied to where no user should have a say. */
static void lkdtm_PRMEM_USERCOPY(void)
{
	static const char value[] = "attacker";
	size_t len = sizeof(value);
	unsigned long user;
	bool copied;

	if (!have_objects())
		return;
	user = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (IS_ERR_VALUE(user) ||
	    copy_to_user((void __user *)user, value, sizeof(value))) {
		pr_err("FAIL: no memory of the user\n");
		return;
	}
	pr_info("attempting copy_from_user() to the write-rare object\n");
	/* A constant length would not be checked when it runs. */
	OPTIMIZER_HIDE_VAR(len);
	copied = !copy_from_user(wr_object, (void __user *)user, len);
	vm_munmap(user, PAGE_SIZE);
	if (copied) {
		pr_err("FAIL: copy_from_user() survived\n");
		pr_expected_config(CONFIG_PRMEM);
	}
}

#ifdef CONFIG_IMA
/* An attacker has the source, and knows how the list is laid out. */
static struct ima_queue_entry *measurement(int nr)
{
	struct prlist_head *node;
	int i = 0;

	prlist_for_each(node, &ima_measurements)
		if (i++ == nr)
			return prlist_entry(node, struct ima_queue_entry, later);

	pr_err("XFAIL: the list is too short for %d\n", nr);
	return NULL;
}

static void *alias_of(void *addr, bool linear)
{
	if (!linear)
		return addr;
	return __is_kernel((unsigned long)addr) ? lm_alias(addr) :
						  linear_alias(addr);
}

static void overwrite_pointer(const char *what, const void *where,
			      const void *value, bool linear)
{
	overwrite_switch(what, alias_of((void *)where, linear),
			 (unsigned long)value, sizeof(value));
}

/* The list begins with what was second. */
static void ima_remove(bool linear)
{
	struct ima_queue_entry *second = measurement(1);

	if (second)
		overwrite_pointer("the head of the measurement list",
				  &ima_measurements.next, &second->later, linear);
}

/* The neighbours of the second measurement know only each other. */
static void ima_unlink(bool linear)
{
	struct ima_queue_entry *first = measurement(0), *third = measurement(2);

	if (!third)
		return;
	overwrite_pointer("a node of the measurement list", &first->later.next,
			  &third->later, linear);
	overwrite_pointer("a node of the measurement list", &third->later.prev,
			  &first->later, linear);
}

/*
 * Another program was run than was run. In these the two ways write different values,
 * so that the second is not seen to succeed because the first one did.
 */
static void ima_digest(bool linear)
{
	struct ima_queue_entry *second = measurement(1);

	if (second)
		overwrite("the digest of a measurement",
			  alias_of(second->entry->digests[ima_sha1_idx].digest, linear),
			  linear ? "intruder" : "attacker");
}

/* And it had another name. */
static void ima_data(bool linear)
{
	struct ima_queue_entry *second = measurement(1);

	if (second)
		overwrite("the data of a measurement",
			  alias_of(second->entry->template_data[1].data, linear),
			  linear ? "/lost" : "/gone");
}

/* What is not in the table is new. */
static void ima_hash(bool linear)
{
	struct ima_queue_entry *last;
	u8 *digest;

	if (!measurement(0))
		return;
	last = prlist_last_entry(&ima_measurements, struct ima_queue_entry, later);
	digest = last->entry->digests[ima_hash_algo_idx].digest;
	overwrite_pointer("the hash table of measurements",
			  &ima_htable.queue[ima_hash_key(digest)].first, NULL, linear);
}

static void ima_count(bool linear)
{
	overwrite_switch("the number of measurements",
			 alias_of(&ima_htable.len, linear), linear ? 1 : 0, sizeof(long));
}

/* What all entries of a kind say of themselves. */
static void ima_template_name(bool linear)
{
	struct ima_queue_entry *first = measurement(0);

	if (first)
		overwrite_pointer("the name of a template",
				  &first->entry->template_desc->name,
				  linear ? "faked" : "forged", linear);
}

/* A measurement of nothing, in memory of the attacker, that comes after @first. */
static struct ima_queue_entry *forge_measurement(struct ima_queue_entry *first)
{
	const struct ima_template_entry *model = first->entry;
	struct ima_queue_entry init = {
		.later = { .next = first->later.next, .prev = &first->later },
	};
	struct tpm_digest *digests;

	init.entry = kmemdup(model, struct_size(model, template_data,
						model->template_desc->num_fields),
			     GFP_KERNEL);
	digests = kcalloc(NR_BANKS(ima_tpm_chip) + ima_extra_slots, sizeof(*digests),
			  GFP_KERNEL);
	if (!init.entry || !digests) {
		pr_err("FAIL: no memory\n");
		return NULL;
	}
	strscpy(digests[ima_sha1_idx].digest, "attacker", TPM_DIGEST_SIZE);
	init.entry->digests = digests;
	return kmemdup(&init, sizeof(init), GFP_KERNEL);
}

static void ima_forge(bool linear)
{
	struct ima_queue_entry *first = measurement(0), *second = measurement(1);
	struct ima_queue_entry *forged = second ? forge_measurement(first) : NULL;

	if (!forged)
		return;
	overwrite_pointer("a node of the measurement list", &second->later.prev,
			  &forged->later, linear);
	overwrite_pointer("a node of the measurement list", &first->later.next,
			  &forged->later, linear);
}

/* Through the call that adds to such lists, as if there were a way to make it. */
static void lkdtm_PRMEM_IMA_FORGE_CALL(void)
{
	struct ima_queue_entry *first = measurement(0);
	struct ima_queue_entry *forged = first ? forge_measurement(first) : NULL;
	int err;

	if (!forged)
		return;
	pr_info("attempting to add a forgery to the measurement list\n");
	err = prlist_add_tail_rcu(&forged->later, &ima_measurements);
	if (err) {
		pr_info("prmem: write to the measurement list refused: %d\n", err);
		return;
	}
	pr_err("FAIL: prmem: write to the measurement list went through\n");
	pr_expected_config(CONFIG_PRMEM);
}

#define IMA_ATTACKS(X)							\
	X(IMA_REMOVE, ima_remove)					\
	X(IMA_UNLINK, ima_unlink)					\
	X(IMA_DIGEST, ima_digest)					\
	X(IMA_DATA, ima_data)						\
	X(IMA_HASH, ima_hash)						\
	X(IMA_COUNT, ima_count)						\
	X(IMA_FORGE, ima_forge)						\
	X(IMA_TEMPLATE, ima_template_name)

#define DEFINE_IMA_ATTACK(NAME, attack)					\
static void lkdtm_PRMEM_##NAME(void)					\
{									\
	attack(/*linear=*/false);					\
}									\
									\
static void lkdtm_PRMEM_##NAME##_LINEAR(void)				\
{									\
	attack(/*linear=*/true);					\
}

IMA_ATTACKS(DEFINE_IMA_ATTACK)
#endif /* CONFIG_IMA */

static void lkdtm_PRMEM_SHOW(void)
{
	if (have_objects())
		pr_info("prmem pool objects: wr=\"%s\" ro=\"%s\"\n",
			wr_object, ro_object);
}

#define SWITCH_CRASHTYPES(NAME, ...)					\
	CRASHTYPE(PRMEM_##NAME),					\
	CRASHTYPE(PRMEM_##NAME##_LINEAR),

static struct crashtype crashtypes[] = {
	CRASHTYPE(PRMEM_MODPROBE),
	CRASHTYPE(PRMEM_MODPROBE_LINEAR),
	CRASHTYPE(PRMEM_CORE),
	CRASHTYPE(PRMEM_CORE_LINEAR),
	CRASHTYPE(PRMEM_POWEROFF),
	CRASHTYPE(PRMEM_POWEROFF_LINEAR),
	CRASHTYPE(PRMEM_UEVENT),
	CRASHTYPE(PRMEM_UEVENT_LINEAR),
	SWITCHES(SWITCH_CRASHTYPES)
	CRASHTYPE(PRMEM_WR_POOL),
	CRASHTYPE(PRMEM_WR_POOL_LINEAR),
	CRASHTYPE(PRMEM_RO_POOL),
	CRASHTYPE(PRMEM_RO_POOL_LINEAR),
	CRASHTYPE(PRMEM_WR_POOL_UPDATE),
	CRASHTYPE(PRMEM_RO_POOL_UPDATE),
	CRASHTYPE(PRMEM_SESSION_OOPS),
	CRASHTYPE(PRMEM_STALE_ALIAS),
	CRASHTYPE(PRMEM_DESCRIPTOR),
	CRASHTYPE(PRMEM_FORGED_POOL),
	CRASHTYPE(PRMEM_AREA_OVERFLOW),
	CRASHTYPE(PRMEM_OBJECT_OVERFLOW),
	CRASHTYPE(PRMEM_FREED),
	CRASHTYPE(PRMEM_FREED_UPDATE),
	CRASHTYPE(PRMEM_USERCOPY),
#ifdef CONFIG_IMA
	IMA_ATTACKS(SWITCH_CRASHTYPES)
	CRASHTYPE(PRMEM_IMA_FORGE_CALL),
#endif
	CRASHTYPE(PRMEM_SHOW),
};

struct crashtype_category prmem_crashtypes = {
	.crashtypes = crashtypes,
	.len	    = ARRAY_SIZE(crashtypes),
};

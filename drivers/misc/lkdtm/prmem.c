// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on data that prmem protects: the strings that name the programs the
 * kernel runs as root, the switches of sysctl, objects in pools and in a cache, the
 * descriptor of a pool, and the list of what IMA has measured. Each trigger is
 * PRMEM_ITEM, an arbitrary kernel write to the address of the item, or PRMEM_ITEM_WAY:
 *
 *	LINEAR		the write goes to the alias in the linear map
 *	STALE		it goes to the alias of a write that has ended
 *	DESCRIPTOR	it makes a pool hand out what it has handed out before
 *	OVERFLOW	wr_memcpy() with a range that is too long
 *	FREED		the object is gone; _UPDATE: and wr_memcpy() is to write it
 *	USERCOPY	copy_from_user() into the item
 *	EXPOSE		copy_to_user() of more than the item
 *
 * TABLE is a table of sysctl, which says what its handler writes.
 */
#include "lkdtm.h"
#include <linux/kallsyms.h>
#include <linux/kmod.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/prmem.h>
#include <linux/reboot.h>
#include <linux/sysctl.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#ifdef CONFIG_PRMEM
#include <linux/prmem_internal.h>
#endif
#ifdef CONFIG_IMA
#include "../../../security/integrity/ima/ima.h"
#endif

#define OBJECT_SIZE		32
#define CACHE_OBJECT_SIZE	64

static char *wr_object;
static char *ro_object;
static char *cache_object;

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

static struct prmem_cache *objects_cache(void)
{
	static struct prmem_cache *cache;

	if (!cache)
		cache = prmem_cache_create("lkdtm", CACHE_OBJECT_SIZE, 0);
	return cache;
}

/* They live as long as the kernel, like the data of a real user. */
static bool have_objects(void)
{
	static const char init[CACHE_OBJECT_SIZE] = "legitimate";

	if (!wr_object)
		wr_object = create_object("lkdtm_wr", PMALLOC_MODE_WR);
	if (!ro_object)
		ro_object = create_object("lkdtm_ro", PMALLOC_MODE_RO);
	if (!cache_object)
		cache_object = prmem_cache_alloc(objects_cache(), init);
	if (wr_object && ro_object && cache_object)
		return true;
	pr_err("FAIL: cannot create the objects\n");
	return false;
}

static void *address_of(const char *name)
{
	void *addr = (void *)kallsyms_lookup_name(name);

	if (!addr)
		pr_err("XFAIL: no symbol %s\n", name);
	return addr;
}

/* What the linear map has, if that is asked for; with PRMEM=n heap is nowhere else. */
static void *alias_of(void *addr, bool linear)
{
	if (!linear)
		return addr;
	if (__is_kernel((unsigned long)addr))
		return lm_alias(addr);
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

/* Both ways of a store; @attack is told whether it is the linear map's. */
#define DEFINE_BOTH(NAME, attack, ...)					\
static void lkdtm_PRMEM_##NAME(void)					\
{									\
	attack(/*linear=*/false, ##__VA_ARGS__);			\
}									\
									\
static void lkdtm_PRMEM_##NAME##_LINEAR(void)				\
{									\
	attack(/*linear=*/true, ##__VA_ARGS__);				\
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

/* A write that changes nothing, so that what changes afterwards is the attacker's. */
static bool written(void *target, size_t size)
{
	char same[8];

	memcpy(same, target, size);
	if (!wr_memcpy(target, same, size))
		return true;
	pr_err("FAIL: prmem: write to the target refused\n");
	return false;
}

static void attack_stale(char *target, const char *value)
{
	if (written(target, 4))
		overwrite("a stale alias", written_at(target), value);
}

/* A page of a user, who has put @value there; 0 if there is no memory. */
static unsigned long user_page(const void *value, size_t len)
{
	unsigned long user = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_ANONYMOUS | MAP_PRIVATE, 0);

	if (!IS_ERR_VALUE(user) && !copy_to_user((void __user *)user, value, len))
		return user;
	pr_err("FAIL: no memory of the user\n");
	return 0;
}

/* A user's buffer, copied to where no user should have a say. */
static void copy_by_user(void *target, const void *value, size_t len)
{
	unsigned long user = user_page(value, len);
	bool copied;

	if (!user)
		return;
	pr_info("attempting copy_from_user() to what is protected\n");
	/* A constant length would not be checked when it runs. */
	OPTIMIZER_HIDE_VAR(len);
	copied = !copy_from_user(target, (void __user *)user, len);
	vm_munmap(user, PAGE_SIZE);
	if (copied) {
		pr_err("FAIL: copy_from_user() survived\n");
		pr_expected_config(CONFIG_PRMEM);
	}
}

static void attack_by_user(char *target, const char *value)
{
	copy_by_user(target, value, strlen(value) + 1);
}

/* NAME, symbol, and what an attacker would want there. */
#define STRINGS(X)							\
	X(MODPROBE, modprobe_path, "/sbin/attacker")			\
	X(CORE, core_pattern, "|/sbin/attacker")			\
	X(POWEROFF, poweroff_cmd, "/sbin/attacker")			\
	X(UEVENT, uevent_helper, "/sbin/attacker")

static void attack_string(bool linear, const char *name, const char *value)
{
	char *target = address_of(name);

	if (target)
		overwrite(name, alias_of(target, linear), value);
}

#define DEFINE_STRING(NAME, symbol, ...)				\
DEFINE_BOTH(NAME, attack_string, #symbol, __VA_ARGS__)			\
									\
static void lkdtm_PRMEM_##NAME##_STALE(void)				\
{									\
	char *target = address_of(#symbol);				\
									\
	if (target)							\
		attack_stale(target, __VA_ARGS__);			\
}									\
									\
static void lkdtm_PRMEM_##NAME##_USERCOPY(void)				\
{									\
	char *target = address_of(#symbol);				\
									\
	if (target)							\
		attack_by_user(target, __VA_ARGS__);			\
}

STRINGS(DEFINE_STRING)

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

static void attack_switch(bool linear, const char *name, unsigned long value,
			  size_t size)
{
	void *target = address_of(name);

	if (target)
		overwrite_switch(name, alias_of(target, linear), value, size);
}

static void switch_stale(const char *name, unsigned long value, size_t size)
{
	void *target = address_of(name);

	if (target && written(target, size))
		overwrite_switch("a stale alias", written_at(target), value, size);
}

static void switch_by_user(const char *name, unsigned long value, size_t size)
{
	void *target = address_of(name), *low = &value;

	if (IS_ENABLED(CONFIG_CPU_BIG_ENDIAN))
		low += sizeof(value) - size;
	if (target)
		copy_by_user(target, low, size);
}

#define DEFINE_SWITCH(NAME, symbol, ...)				\
DEFINE_BOTH(NAME, attack_switch, #symbol, __VA_ARGS__)			\
									\
static void lkdtm_PRMEM_##NAME##_STALE(void)				\
{									\
	switch_stale(#symbol, __VA_ARGS__);				\
}									\
									\
static void lkdtm_PRMEM_##NAME##_USERCOPY(void)				\
{									\
	switch_by_user(#symbol, __VA_ARGS__);				\
}

SWITCHES(DEFINE_SWITCH)

/* The file of modprobe_path is to write something else. */
static void attack_table(bool linear)
{
	struct ctl_table *table = address_of("kern_table");
	void **at;

	while (table && strcmp(table->procname, "modprobe"))
		table++;
	if (!table)
		return;
	at = alias_of(&table->data, linear);
	overwrite_switch("the table of a sysctl", at, (unsigned long)table, sizeof(*at));
	/* What the file writes is of no use to the attacks that follow. */
	WRITE_ONCE(*at, modprobe_path);
}

DEFINE_BOTH(TABLE, attack_table)

/* The file has been led to a table of the attacker. */
static void lkdtm_PRMEM_FORGED_TABLE(void)
{
	char value[] = "/sbin/attacker";
	struct ctl_table forged = {
		.procname = "forged", .data = address_of("modprobe_path"),
		.maxlen = KMOD_PATH_LEN,
	};
	size_t len = strlen(value);
	loff_t pos = 0;
	int err;

	if (!forged.data)
		return;
	pr_info("attempting to write through a table of the attacker\n");
	err = proc_dostring_wr(&forged, 1, value, &len, &pos);
	if (err) {
		pr_info("prmem: write through a table of the attacker refused: %d\n", err);
		return;
	}
	pr_err("FAIL: prmem: write through a table of the attacker went through\n");
	pr_expected_config(CONFIG_PRMEM);
}

/* The kernel powers off in this way if it is too hot, and does not insist here. */
static void lkdtm_PRMEM_POWEROFF_RUN(void)
{
	orderly_poweroff(/*force=*/false);
}

#define OBJECTS(X)							\
	X(WR_POOL, attack_object, &wr_object, "the write-rare object")	\
	X(RO_POOL, attack_object, &ro_object, "the read-only object")	\
	X(OBJECT, attack_object, &cache_object, "the object of a cache") \
	X(FREED, attack_freed)						\
	X(DESCRIPTOR, attack_own_descriptor)

static void attack_object(bool linear, char **object, const char *what)
{
	if (have_objects())
		overwrite(what, alias_of(*object, linear), "attacker");
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

static void attack_freed(bool linear)
{
	char *object = freed_object();

	if (object)
		overwrite("a freed object", alias_of(object, linear), "gone");
}

static void came_out(bool again)
{
	if (again)
		pr_err("FAIL: the pool handed out an object twice\n");
	else
		pr_info("the pool handed out something new\n");
}

#ifdef CONFIG_PRMEM
/*
 * The position of a pool is ordinary memory, but nothing below the mark is handed
 * out. Afterwards all is as before, so that nobody's object comes out twice but here.
 */
static void attack_descriptor(bool linear, struct pmalloc_pool *pool)
{
	unsigned long *at = alias_of(&pool->mark, linear);
	unsigned long first = pool->areas->addr, mark = pool->mark;
	unsigned long pos = READ_ONCE(pool->side->pos);

	overwrite_switch("the descriptor of a pool", at, first, sizeof(first));
	WRITE_ONCE(pool->side->pos, first);
	came_out((unsigned long)pmalloc(pool, 8) == first);
	WRITE_ONCE(pool->side->pos, pos);
	WRITE_ONCE(*at, mark);
}

static void attack_own_descriptor(bool linear)
{
	struct pmalloc_pool *pool;

	pool = pmalloc_create_pool("lkdtm_desc", PMALLOC_MODE_START_WR);
	if (pmalloc(pool, PMALLOC_UNMARKED + 1))
		attack_descriptor(linear, pool);
	else
		pr_err("FAIL: cannot create the pool\n");
}
#else
/* Here a pool is a list of what goes when it goes, and then is anybody's. */
static void attack_own_descriptor(bool linear)
{
	struct pmalloc_pool *pool, *other;
	bool again = false;
	char *object;
	int i;

	pool = pmalloc_create_pool("lkdtm_desc", PMALLOC_MODE_START_WR);
	other = pmalloc_create_pool("lkdtm_other", PMALLOC_MODE_START_WR);
	object = pmalloc(pool, OBJECT_SIZE);
	if (!object || !other) {
		pr_err("FAIL: cannot create the pools\n");
		return;
	}
	overwrite_switch("the descriptor of a pool", alias_of(&other->chunks, linear),
			 (unsigned long)pool->chunks, sizeof(pool->chunks));
	pmalloc_destroy_pool(other);
	for (i = 0; i < 64 && !again; i++)
		again = pmalloc(pool, OBJECT_SIZE) == object;
	came_out(again);
}
#endif

OBJECTS(DEFINE_BOTH)

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

/* NAME, what to do to the target, the target, and more. */
#define OTHER_WAYS(X)							\
	X(WR_POOL_STALE, attack_stale, wr_object, "stale")		\
	X(OBJECT_STALE, attack_stale, cache_object, "stale")		\
	X(WR_POOL_USERCOPY, attack_by_user, wr_object, "copied")		\
	X(OBJECT_USERCOPY, attack_by_user, cache_object, "copied")	\
	X(OBJECT_EXPOSE, expose, cache_object, CACHE_OBJECT_SIZE + 8)	\
	X(AREA_EXPOSE, expose, end_of_area(), 16)

#define DEFINE_OTHER_WAY(NAME, attack, target, ...)			\
static void lkdtm_PRMEM_##NAME(void)					\
{									\
	char *addr = have_objects() ? target : NULL;			\
									\
	if (addr)							\
		attack(addr, __VA_ARGS__);				\
}

/* And the other way round, with what is behind. */
static void expose(char *target, size_t len)
{
	unsigned long user = user_page("", 1);
	bool copied;

	if (!user)
		return;
	pr_info("attempting copy_to_user() of more than there is\n");
	OPTIMIZER_HIDE_VAR(len);
	copied = !copy_to_user((void __user *)user, target, len);
	vm_munmap(user, PAGE_SIZE);
	if (copied) {
		pr_err("FAIL: copy_to_user() survived\n");
		pr_expected_config(CONFIG_PRMEM);
	}
}

/*
 * The last 8 bytes of one: a page is an area. With PRMEM=n there is room behind it
 * that nobody uses.
 */
static char *end_of_area(void)
{
	static char *area;

	if (!area)
		area = pmalloc(pmalloc_create_pool("lkdtm_area",
						   PMALLOC_MODE_START_WR), PAGE_SIZE);
	if (!area)
		pr_err("FAIL: cannot create the area\n");
	return area ? area + PAGE_SIZE - 8 : NULL;
}

OTHER_WAYS(DEFINE_OTHER_WAY)

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
static __always_inline void forge_write(const char *what, void *dst, const void *src,
					size_t len)
{
	int err;

	pr_info("attempting wr_memcpy() to %s\n", what);
	err = wr_memcpy(dst, src, len);
	if (err) {
		pr_info("prmem: write to %s refused: %d\n", what, err);
		return;
	}
	pr_err("FAIL: prmem: write to %s went through\n", what);
	pr_expected_config(CONFIG_PRMEM);
}

static const char forgery[PAGE_SIZE] = "attacker";

/*
 * From 8 bytes before @end to 8 bytes behind it, which may be somebody else's with
 * PRMEM=n: what is written is what is there, and may be not readable otherwise.
 */
static __always_inline void forge_overflow(const char *what, char *end)
{
	char same[16] = { };

	copy_from_kernel_nofault(same, end - 8, sizeof(same));
	forge_write(what, end - 8, same, sizeof(same));
}

static void lkdtm_PRMEM_AREA_OVERFLOW(void)
{
	char *end = end_of_area();

	if (end)
		forge_write("the end of an area", end, forgery, 16);
}

/* With PRMEM=n each object has something behind it that is used by RCU alone. */
static void lkdtm_PRMEM_OBJECT_OVERFLOW(void)
{
	if (have_objects())
		forge_write("more than an object", cache_object, forgery,
			    CACHE_OBJECT_SIZE + 8);
}

/* Strings and switches are held to the section alone. With PRMEM=n there is none. */
static void lkdtm_PRMEM_STATIC_OVERFLOW(void)
{
#ifdef CONFIG_PRMEM
	char *end = __end_wr_after_init;
#else
	char *end = address_of("modprobe_path");

	if (!end)
		return;
	end += KMOD_PATH_LEN;
#endif
	forge_overflow("the end of static data", end);
}

static void lkdtm_PRMEM_FREED_UPDATE(void)
{
	char *object = freed_object();

	if (object)
		forge_write("a freed object", object, forgery, 8);
}

static void lkdtm_PRMEM_POOL_FREED_UPDATE(void)
{
	struct pmalloc_pool *pool;
	char *object;

	pool = pmalloc_create_pool("lkdtm_freed", PMALLOC_MODE_START_WR);
	object = pmalloc(pool, PAGE_SIZE);
	pmalloc_destroy_pool(pool);
	if (object)
		forge_write("a pool that is gone", object, forgery, 8);
	else
		pr_err("FAIL: cannot create the pool\n");
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

static char *second_digest(void)
{
	struct ima_queue_entry *second = measurement(1);

	return second ? second->entry->digests[ima_sha1_idx].digest : NULL;
}

/*
 * Another program was run than was run. In these the two ways write different values,
 * so that the second is not seen to succeed because the first one did.
 */
static void ima_digest(bool linear)
{
	char *digest = second_digest();

	if (digest)
		overwrite("the digest of a measurement", alias_of(digest, linear),
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

static void ima_violations(bool linear)
{
	overwrite_switch("the number of violations",
			 alias_of(&ima_htable.violations, linear), linear ? 1 : 0,
			 sizeof(long));
}

/* Too small, and the list does not fit when it is carried over kexec. */
static void ima_size(bool linear)
{
	attack_switch(linear, "binary_runtime_size", linear ? 1 : 0, sizeof(long));
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

#ifdef CONFIG_PRMEM
/* A measurement is written where another one is. */
static void ima_descriptor(bool linear)
{
	attack_descriptor(linear, ima_pool);
}

/* Where the area ends that the first measurement is in. */
static char *end_of_measurement(struct ima_queue_entry *qe)
{
	char *end = PTR_ALIGN((char *)(qe + 1), PAGE_SIZE);

	while (prmem_is_wr(end, 1))
		end += PAGE_SIZE;
	return end;
}
#else
/* IMA's pool would have to go, and it never does. */
static void ima_descriptor(bool linear)
{
	pr_err("XFAIL: nothing makes this pool hand out an entry twice\n");
}

/* Where it ends itself: it has all of its memory. */
static char *end_of_measurement(struct ima_queue_entry *qe)
{
	const struct ima_template_entry *entry = qe->entry;
	const struct ima_field_data *last;

	last = &entry->template_data[entry->template_desc->num_fields - 1];
	return last->data + last->len + 1;
}
#endif

static void lkdtm_PRMEM_IMA_OVERFLOW(void)
{
	struct ima_queue_entry *first = measurement(0);

	if (first)
		forge_overflow("the end of a measurement", end_of_measurement(first));
}

#define IMA_ATTACKS(X)							\
	X(IMA_REMOVE, ima_remove)					\
	X(IMA_UNLINK, ima_unlink)					\
	X(IMA_DIGEST, ima_digest)					\
	X(IMA_DATA, ima_data)						\
	X(IMA_HASH, ima_hash)						\
	X(IMA_COUNT, ima_count)						\
	X(IMA_VIOLATIONS, ima_violations)				\
	X(IMA_SIZE, ima_size)						\
	X(IMA_FORGE, ima_forge)						\
	X(IMA_TEMPLATE, ima_template_name)				\
	X(IMA_DESCRIPTOR, ima_descriptor)

IMA_ATTACKS(DEFINE_BOTH)

#define IMA_OTHER_WAYS(X)						\
	X(IMA_STALE, attack_stale, second_digest(), "attacker")		\
	X(IMA_USERCOPY, attack_by_user, second_digest(), "intruder")

IMA_OTHER_WAYS(DEFINE_OTHER_WAY)
#endif /* CONFIG_IMA */

static void lkdtm_PRMEM_SHOW(void)
{
	if (!have_objects())
		return;
	pr_info("prmem cache object: \"%s\"\n", cache_object);
#ifdef CONFIG_IMA
	pr_info("prmem size of the list: %lu\n", ima_get_binary_runtime_size());
#endif
	pr_info("prmem pool objects: wr=\"%s\" ro=\"%s\"\n", wr_object, ro_object);
}

#define BOTH_CRASHTYPES(NAME, ...)					\
	CRASHTYPE(PRMEM_##NAME),					\
	CRASHTYPE(PRMEM_##NAME##_LINEAR),

#define ONE_CRASHTYPE(NAME, ...)					\
	CRASHTYPE(PRMEM_##NAME),

#define ALL_CRASHTYPES(NAME, ...)					\
	BOTH_CRASHTYPES(NAME)						\
	ONE_CRASHTYPE(NAME##_STALE)					\
	ONE_CRASHTYPE(NAME##_USERCOPY)

static struct crashtype crashtypes[] = {
	STRINGS(ALL_CRASHTYPES)
	SWITCHES(ALL_CRASHTYPES)
	BOTH_CRASHTYPES(TABLE)
	CRASHTYPE(PRMEM_FORGED_TABLE),
	OBJECTS(BOTH_CRASHTYPES)
	OTHER_WAYS(ONE_CRASHTYPE)
	CRASHTYPE(PRMEM_WR_POOL_UPDATE),
	CRASHTYPE(PRMEM_RO_POOL_UPDATE),
	CRASHTYPE(PRMEM_SESSION_OOPS),
	CRASHTYPE(PRMEM_FORGED_POOL),
	CRASHTYPE(PRMEM_AREA_OVERFLOW),
	CRASHTYPE(PRMEM_OBJECT_OVERFLOW),
	CRASHTYPE(PRMEM_STATIC_OVERFLOW),
	CRASHTYPE(PRMEM_FREED_UPDATE),
	CRASHTYPE(PRMEM_POOL_FREED_UPDATE),
	CRASHTYPE(PRMEM_POWEROFF_RUN),
#ifdef CONFIG_IMA
	IMA_ATTACKS(BOTH_CRASHTYPES)
	IMA_OTHER_WAYS(ONE_CRASHTYPE)
	CRASHTYPE(PRMEM_IMA_OVERFLOW),
	CRASHTYPE(PRMEM_IMA_FORGE_CALL),
#endif
	CRASHTYPE(PRMEM_SHOW),
};

struct crashtype_category prmem_crashtypes = {
	.crashtypes = crashtypes,
	.len	    = ARRAY_SIZE(crashtypes),
};

// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of write-rare memory: random operations against a model.
 *
 * A thread on each of a few CPUs uses and attacks pools and caches, its own and
 * some that all share. What an object must hold, and who may write it, is kept in
 * ordinary memory and compared after each operation. No object is used by two
 * threads.
 *
 * What a thread does follows from the seed, its number and the number of threads:
 * nothing is drawn that depends on an address or on what the others do. To have
 * a run again, give test_prmem_model.seed= what the run has printed, and the guest
 * as many CPUs. After boot both parameters are in /sys/module/test_prmem_model/.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/hash.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/prandom.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>

#include "test_prmem.h"

#define DEFAULT_OPS	100000
#define BOOT_OPS	20000

static unsigned long long seed;
module_param(seed, ullong, 0644);
MODULE_PARM_DESC(seed, "What the random operations are drawn from; 0 for any");

static unsigned int ops;
module_param(ops, uint, 0644);
MODULE_PARM_DESC(ops, "Number of random operations, of all threads; 0 for 20000 while the kernel boots, and 100000 then");

static unsigned int nr_ops(void)
{
	return READ_ONCE(ops) ?: system_state == SYSTEM_RUNNING ? DEFAULT_OPS : BOOT_OPS;
}

#define MAX_THREADS	4
#define ROUNDS		10	/* after each of them all is compared */
#define NR_OBJECTS	32	/* of a pool or cache */
#define MAX_SIZE	(2 * PAGE_SIZE)

/* Who may write an object. Bits, so that several can be asked for. */
#define OPEN	BIT(0)	/* anybody */
#define WR	BIT(1)	/* wr_*() */
#define RO	BIT(2)	/* nobody */
#define MAYBE	BIT(3)	/* wr_*(), and we cannot know about plain stores */
#define ANY	(OPEN | WR | RO | MAYBE)
#define NOT_RO	(OPEN | WR | MAYBE)

/**
 * struct object - what must be at an address
 * @addr: the object
 * @shadow: what it holds
 * @size: its length
 * @room: bytes from its start to where wr_*() has to stop; 0 if not known
 * @state: who may write it
 */
struct object {
	u8 *addr;
	u8 *shadow;
	size_t size;
	size_t room;
	unsigned int state;
};

/**
 * struct owner - a pool or a cache, and what a thread has of it
 * @pool: the pool, if this is one
 * @cache: the cache, if this is one
 * @shared: other threads use it as well
 * @mode: of a pool
 * @align: of its objects
 * @pages: of an area, at least
 * @pos: the end of what was handed out of the newest area
 * @end: the end of this area; 0 if it gives nothing more
 * @sealed: a pool that gives nothing more
 * @size: of the objects of a cache
 * @nr: objects in use
 * @objects: these
 */
struct owner {
	struct pmalloc_pool *pool;
	struct prmem_cache *cache;
	bool shared;
	enum pmalloc_mode mode;
	unsigned long align;
	unsigned int pages;
	unsigned long pos;
	unsigned long end;
	bool sealed;
	size_t size;
	unsigned int nr;
	struct object objects[NR_OBJECTS];
};

/* The owners of a thread by number: its pools come first. */
enum {
	CACHES = 4,
	SHARED_POOLS = CACHES + 2,
	SHARED_CACHE = SHARED_POOLS + 3,
	NR_OWNERS,
};

/* None of these is ever read-only. */
static const enum pmalloc_mode shared_modes[SHARED_CACHE - SHARED_POOLS] = {
	PMALLOC_MODE_WR, PMALLOC_MODE_AUTO_WR, PMALLOC_MODE_START_WR,
};

/* Write-rare words that all threads change. */
struct words {
	u64 sum;
	u64 bits;
};

struct model;

struct op {
	const char *name;
	unsigned int weight;
	/* Returns false if there was nothing to do it with. */
	bool (*fn)(struct model *m);
};

#define NR_OPS	18

/**
 * struct model - one thread
 * @test: for its messages
 * @seed: what all threads began with
 * @nr: its number
 * @failed: something was not as it had to be
 * @per_round: how many operations a round has
 * @done: the round is over
 * @random: where its random numbers come from
 * @op: what it is doing
 * @nr_steps: what it has done
 * @nr_done: by operation, those that had an object
 * @nr_reports: refused writes
 * @report_err: the error of the last one
 * @words: what all change
 * @added: its part in the sum
 * @flipped: its part in the bits
 * @buf: MAX_SIZE bytes
 * @owners: its pools and caches
 */
struct model {
	struct kunit *test;
	u64 seed;
	unsigned int nr;
	bool failed;
	unsigned int per_round;
	struct completion done;
	struct rnd_state random;
	const struct op *op;
	unsigned int nr_steps;
	unsigned int nr_done[NR_OPS];
	unsigned int nr_reports;
	int report_err;
	struct words *words;
	u64 added;
	u64 flipped;
	u8 *buf;
	struct owner owners[NR_OWNERS];
};

/* Judging */

static void must(struct model *m, bool holds, const char *what)
{
	if (likely(holds))
		return;
	if (!m->failed)
		kunit_err(m->test, "seed %llu, thread %u, operation %u (%s): not so: %s\n",
			  m->seed, m->nr, m->nr_steps, m->op ? m->op->name : "none",
			  what);
	m->failed = true;
}

#define MUST(m, cond)	must(m, cond, #cond)

static void must_match(struct model *m, const struct object *object)
{
	MUST(m, !memcmp(object->addr, object->shadow, object->size));
}

/* The last call was refused, with a report. */
static void must_be_refused(struct model *m, int err)
{
	MUST(m, err == -EACCES);
	MUST(m, m->nr_reports == 1);
	MUST(m, m->report_err == -EACCES);
	m->nr_reports = 0;
}

static void check_object(struct model *m, const struct object *object)
{
	must_match(m, object);
	MUST(m, prmem_is_wr(object->addr, object->size) == (object->state != RO));
	if (object->state != MAYBE)
		MUST(m, prmem_is_protected(object->addr, object->size) ==
			(object->state != OPEN));
}

static void check_owner(struct model *m, const struct owner *owner)
{
	unsigned int i;

	for (i = 0; i < owner->nr; i++)
		check_object(m, &owner->objects[i]);
}

static void check_all(struct model *m)
{
	unsigned int i;

	for (i = 0; i < NR_OWNERS; i++)
		check_owner(m, &m->owners[i]);
}

/* Drawing */

static u32 below(struct model *m, u32 limit)
{
	return prandom_u32_state(&m->random) % limit;
}

static bool one_in(struct model *m, u32 n)
{
	return !below(m, n);
}

/* An object in one of these states, or NULL if there is none. */
static struct object *pick_object(struct model *m, unsigned int states)
{
	u32 owner_start = below(m, NR_OWNERS), start = below(m, NR_OBJECTS), i, k;
	struct object *object;
	struct owner *owner;

	for (i = 0; i < NR_OWNERS; i++) {
		owner = &m->owners[(owner_start + i) % NR_OWNERS];
		for (k = 0; k < owner->nr; k++) {
			object = &owner->objects[(start + k) % owner->nr];
			if (object->state & states)
				return object;
		}
	}
	return NULL;
}

struct span {
	size_t offset;
	size_t len;
};

static struct span pick_range(struct model *m, const struct object *object)
{
	struct span range = { .offset = below(m, object->size) };

	range.len = 1 + below(m, object->size - range.offset);
	return range;
}

/* An aligned word. */
static struct span pick_word(struct model *m, const struct object *object)
{
	struct span word = { .offset = below(m, object->size), .len = 1 << below(m, 4) };
	size_t misaligned = (unsigned long)(object->addr + word.offset) % word.len;

	/* What was drawn must not depend on the address; what comes of it may. */
	if (word.offset < misaligned ||
	    object->size - (word.offset - misaligned) < word.len)
		word.len = 1;
	else
		word.offset -= misaligned;
	return word;
}

static u64 get_word(const u8 *p, size_t size)
{
	switch (size) {
	case 1:
		return *p;
	case 2:
		return get_unaligned((const u16 *)p);
	case 4:
		return get_unaligned((const u32 *)p);
	default:
		return get_unaligned((const u64 *)p);
	}
}

static void put_word(u64 val, u8 *p, size_t size)
{
	switch (size) {
	case 1:
		*p = val;
		break;
	case 2:
		put_unaligned((u16)val, (u16 *)p);
		break;
	case 4:
		put_unaligned((u32)val, (u32 *)p);
		break;
	default:
		put_unaligned(val, (u64 *)p);
	}
}

static u64 pick_value(struct model *m)
{
	return (u64)prandom_u32_state(&m->random) << 32 | prandom_u32_state(&m->random);
}

/* Mostly small, at times more than a page. */
static size_t pick_size(struct model *m)
{
	if (one_in(m, 64))
		return PAGE_SIZE + below(m, 512);
	return 1 + below(m, one_in(m, 4) ? 1024 : 128);
}

/* Pools and caches */

static struct object *object_add(struct model *m, struct owner *owner, u8 *addr,
				 size_t size, const void *init)
{
	struct object *object = &owner->objects[owner->nr];

	object->shadow = init ? kmemdup(init, size, GFP_KERNEL) :
				kzalloc(size, GFP_KERNEL);
	MUST(m, object->shadow);
	if (!object->shadow)
		return NULL;
	object->addr = addr;
	object->size = size;
	owner->nr++;
	return object;
}

static void object_drop(struct owner *owner, struct object *object)
{
	kfree(object->shadow);
	*object = owner->objects[--owner->nr];
}

static void objects_drop(struct owner *owner)
{
	while (owner->nr)
		object_drop(owner, &owner->objects[owner->nr - 1]);
}

static void must_not_overlap(struct model *m, const u8 *addr, size_t size)
{
	const struct object *object;
	unsigned int i, k;

	for (i = 0; i < NR_OWNERS; i++) {
		for (k = 0; k < m->owners[i].nr; k++) {
			object = &m->owners[i].objects[k];
			if (addr < object->addr)
				MUST(m, addr + size <= object->addr);
			else
				MUST(m, object->addr + object->size <= addr);
		}
	}
}

static bool create_pool(struct model *m, struct owner *owner)
{
	size_t refill = 1 + below(m, 3 * PAGE_SIZE);
	u32 order = below(m, PAGE_SHIFT + 1);

	owner->mode = below(m, PMALLOC_MODE_START_WR + 1);
	owner->pages = DIV_ROUND_UP(refill, PAGE_SIZE);
	owner->align = 1UL << order;
	owner->end = 0;
	owner->sealed = false;
	owner->pool = pmalloc_create_custom_pool("kunit_model", refill, order,
						 owner->mode);
	MUST(m, owner->pool);
	return owner->pool;
}

static void destroy_pool(struct owner *owner)
{
	objects_drop(owner);
	pmalloc_destroy_pool(owner->pool);
	owner->pool = NULL;
}

static bool create_cache(struct model *m, struct owner *owner)
{
	size_t align = one_in(m, 2) ? 0 : 1UL << below(m, 9);

	owner->size = pick_size(m);
	owner->align = max(align, PRMEM_CACHE_MIN_ALIGN);
	owner->cache = prmem_cache_create("kunit_model", owner->size, align);
	MUST(m, owner->cache);
	return owner->cache;
}

static void destroy_cache(struct owner *owner)
{
	struct object *object;

	while (owner->nr) {
		object = &owner->objects[owner->nr - 1];
		if (owner->nr % 2)
			prmem_cache_free(owner->cache, object->addr);
		else
			prmem_cache_free_rcu(owner->cache, object->addr);
		object_drop(owner, object);
	}
	prmem_cache_destroy(owner->cache);
	owner->cache = NULL;
}

/* What happens to the objects of a pool. */
static void set_states(struct owner *owner, unsigned int state)
{
	unsigned int i;

	for (i = 0; i < owner->nr; i++) {
		if (state == RO || owner->objects[i].state == OPEN)
			owner->objects[i].state = state;
	}
}

static bool mode_is_ro(enum pmalloc_mode mode)
{
	return mode == PMALLOC_MODE_RO || mode == PMALLOC_MODE_AUTO_RO;
}

/* The start of an object of this size in the newest area, or 0. */
static unsigned long place_for(const struct owner *owner, size_t size)
{
	unsigned long start = ALIGN(owner->pos, owner->align);

	if (!owner->end || start > owner->end || size > owner->end - start)
		return 0;
	return start;
}

/* The object at @addr is the first one of a new area. */
static void pool_has_grown(struct model *m, struct owner *owner, unsigned long addr,
			   size_t size)
{
	unsigned long pages = max_t(unsigned long, DIV_ROUND_UP(size, PAGE_SIZE),
				    owner->pages);

	MUST(m, !offset_in_page(addr));
	owner->end = addr + pages * PAGE_SIZE;
	if (owner->mode == PMALLOC_MODE_AUTO_RO)
		set_states(owner, RO);
	else if (owner->mode == PMALLOC_MODE_AUTO_WR)
		set_states(owner, WR);
}

/* Of a pool that nobody else uses it is known where an object has to be. */
static void place_object(struct model *m, struct owner *owner, unsigned long addr,
			 size_t size)
{
	unsigned long start = place_for(owner, size);

	if (start)
		MUST(m, addr == start);
	else
		pool_has_grown(m, owner, addr, size);
	owner->pos = addr + size;
}

static bool alloc_from_pool(struct model *m, struct owner *owner)
{
	size_t size = pick_size(m);
	struct object *object;
	u8 *addr;

	if (!owner->pool && !create_pool(m, owner))
		return true;
	addr = pmalloc(owner->pool, size);
	if (owner->sealed) {
		MUST(m, !addr);
		return true;
	}
	MUST(m, addr);
	if (!addr)
		return true;
	MUST(m, IS_ALIGNED((unsigned long)addr, owner->align));
	MUST(m, !memchr_inv(addr, 0, size));
	must_not_overlap(m, addr, size);
	if (!owner->shared)
		place_object(m, owner, (unsigned long)addr, size);
	object = object_add(m, owner, addr, size, NULL);
	if (!object)
		return true;
	object->room = owner->shared ? 0 : owner->end - (unsigned long)addr;
	object->state = owner->mode == PMALLOC_MODE_START_WR ? WR :
			owner->shared ? MAYBE : OPEN;
	check_object(m, object);
	return true;
}

static bool alloc_from_cache(struct model *m, struct owner *owner)
{
	void *init = one_in(m, 2) ? m->buf : NULL, *addr;
	struct object *object;

	if (!owner->cache && !create_cache(m, owner))
		return true;
	if (init)
		prandom_bytes_state(&m->random, init, owner->size);
	addr = prmem_cache_alloc(owner->cache, init);
	MUST(m, addr);
	if (!addr)
		return true;
	MUST(m, IS_ALIGNED((unsigned long)addr, owner->align));
	must_not_overlap(m, addr, owner->size);
	object = object_add(m, owner, addr, owner->size, init);
	if (!object) {
		prmem_cache_free(owner->cache, addr);
		return true;
	}
	object->room = owner->size;
	object->state = WR;
	check_object(m, object);
	return true;
}

/* Operations: pools and caches */

static bool op_alloc(struct model *m)
{
	u32 i = below(m, NR_OWNERS);
	struct owner *owner = &m->owners[i];

	if (owner->nr == NR_OBJECTS)
		return false;
	if (i < CACHES || (i >= SHARED_POOLS && i < SHARED_CACHE))
		return alloc_from_pool(m, owner);
	return alloc_from_cache(m, owner);
}

static bool op_protect(struct model *m)
{
	/* One more than it has itself: the first of those that all share. */
	u32 i = below(m, CACHES + 1);
	struct owner *owner = &m->owners[i == CACHES ? SHARED_POOLS : i];

	if (!owner->pool)
		return false;
	MUST(m, !pmalloc_protect_pool(owner->pool));
	if (owner->shared)
		return true;
	owner->end = 0;
	set_states(owner, mode_is_ro(owner->mode) ? RO : WR);
	check_owner(m, owner);
	return true;
}

static bool op_make_ro(struct model *m)
{
	struct owner *owner = &m->owners[below(m, CACHES)];

	if (!owner->pool)
		return false;
	MUST(m, !pmalloc_make_pool_ro(owner->pool));
	owner->end = 0;
	if (owner->mode == PMALLOC_MODE_START_WR)
		owner->sealed = true;
	else if (owner->mode == PMALLOC_MODE_WR)
		owner->mode = PMALLOC_MODE_RO;
	else if (owner->mode == PMALLOC_MODE_AUTO_WR)
		owner->mode = PMALLOC_MODE_AUTO_RO;
	set_states(owner, RO);
	check_owner(m, owner);
	return true;
}

static bool op_destroy_pool(struct model *m)
{
	struct owner *owner = &m->owners[below(m, CACHES)];

	if (!owner->pool)
		return false;
	destroy_pool(owner);
	return true;
}

static bool op_destroy_cache(struct model *m)
{
	struct owner *owner = &m->owners[CACHES + below(m, SHARED_POOLS - CACHES)];

	if (!owner->cache)
		return false;
	destroy_cache(owner);
	return true;
}

/* Nobody but us allocates from the cache, so that it is still free. */
static void attack_freed(struct model *m, struct owner *owner, u8 *addr)
{
	u8 seen = 1;

	prmem_cache_free(owner->cache, addr);
	must_be_refused(m, -EACCES);
	prmem_cache_free_rcu(owner->cache, addr);
	must_be_refused(m, -EACCES);
	must_be_refused(m, wr_memset(addr, 0xee, owner->size));
	must_be_refused(m, wr_assign(*addr, 0xee));
	/* KASAN would mind a plain load. */
	MUST(m, !copy_from_kernel_nofault(&seen, addr, 1));
	MUST(m, !seen);
}

static struct owner *pick_cache(struct model *m)
{
	u32 i = below(m, SHARED_POOLS - CACHES + 1);

	return &m->owners[CACHES + i == SHARED_POOLS ? SHARED_CACHE : CACHES + i];
}

static bool op_free(struct model *m)
{
	struct owner *owner = pick_cache(m);
	struct object *object;
	u8 *addr;

	if (!owner->nr)
		return false;
	object = &owner->objects[below(m, owner->nr)];
	addr = object->addr;
	prmem_cache_free(owner->cache, addr);
	object_drop(owner, object);
	if (!owner->shared && one_in(m, 4))
		attack_freed(m, owner, addr);
	return true;
}

/* Readers that may have found the object go on to find what it held. */
static bool op_free_rcu(struct model *m)
{
	struct owner *owner = pick_cache(m);
	struct object *object;

	if (!owner->nr)
		return false;
	object = &owner->objects[below(m, owner->nr)];
	rcu_read_lock();
	prmem_cache_free_rcu(owner->cache, object->addr);
	must_match(m, object);
	if (!owner->shared) {
		prmem_cache_free_rcu(owner->cache, object->addr);
		must_be_refused(m, -EACCES);
		must_match(m, object);
	}
	rcu_read_unlock();
	object_drop(owner, object);
	return true;
}

/* Operations: writes */

static bool op_store(struct model *m)
{
	struct object *object = pick_object(m, OPEN);
	struct span range;

	if (!object)
		return false;
	range = pick_range(m, object);
	prandom_bytes_state(&m->random, object->shadow + range.offset, range.len);
	memcpy(object->addr + range.offset, object->shadow + range.offset, range.len);
	must_match(m, object);
	return true;
}

static bool op_copy(struct model *m)
{
	struct object *object = pick_object(m, NOT_RO);
	struct span range;

	if (!object)
		return false;
	range = pick_range(m, object);
	prandom_bytes_state(&m->random, object->shadow + range.offset, range.len);
	MUST(m, !wr_memcpy(object->addr + range.offset, object->shadow + range.offset,
			   range.len));
	must_match(m, object);
	return true;
}

static bool op_set(struct model *m)
{
	struct object *object = pick_object(m, NOT_RO);
	struct span range;
	u8 c = below(m, 256);

	if (!object)
		return false;
	range = pick_range(m, object);
	memset(object->shadow + range.offset, c, range.len);
	MUST(m, !wr_memset(object->addr + range.offset, c, range.len));
	must_match(m, object);
	return true;
}

static int assign(void *dst, u64 val, size_t size)
{
	switch (size) {
	case 1:
		return wr_assign(*(u8 *)dst, val);
	case 2:
		return wr_assign(*(u16 *)dst, val);
	case 4:
		return wr_assign(*(u32 *)dst, val);
	default:
		return wr_assign(*(u64 *)dst, val);
	}
}

static bool op_assign(struct model *m)
{
	struct object *object = pick_object(m, NOT_RO);
	u64 val = pick_value(m);
	struct span word;

	if (!object)
		return false;
	word = pick_word(m, object);
	put_word(val, object->shadow + word.offset, word.len);
	MUST(m, !assign(object->addr + word.offset, val, word.len));
	must_match(m, object);
	return true;
}

/* By size, without the types: the macros around these have their own tests. */
static bool op_xchg(struct model *m)
{
	struct object *object = pick_object(m, NOT_RO);
	u64 val = pick_value(m), was, old;
	struct span word;

	if (!object)
		return false;
	word = pick_word(m, object);
	was = get_word(object->shadow + word.offset, word.len);
	put_word(val, object->shadow + word.offset, word.len);
	old = ~was;
	MUST(m, !__wr_xchg(object->addr + word.offset, val, &old, word.len));
	MUST(m, old == was);
	must_match(m, object);
	return true;
}

static bool op_add(struct model *m)
{
	struct object *object = pick_object(m, NOT_RO);
	u64 val = pick_value(m), was, old;
	struct span word;

	if (!object)
		return false;
	word = pick_word(m, object);
	was = get_word(object->shadow + word.offset, word.len);
	put_word(was + val, object->shadow + word.offset, word.len);
	old = ~was;
	MUST(m, !__wr_fetch_add(object->addr + word.offset, val, &old, word.len));
	MUST(m, old == was);
	must_match(m, object);
	return true;
}

static bool op_words(struct model *m)
{
	u64 val = pick_value(m);

	MUST(m, !wr_fetch_add(&m->words->sum, val, NULL));
	m->added += val;
	MUST(m, !wr_fetch_xor(&m->words->bits, val, NULL));
	m->flipped ^= val;
	return true;
}

#define SESSION_WRITES	12

struct write {
	struct object *object;
	struct span range;
	u64 val;
	bool set;
	int err;
};

/* Some are to be refused; the others go on. */
static bool pick_write(struct model *m, struct write *w)
{
	w->object = pick_object(m, one_in(m, 8) ? RO : NOT_RO);
	if (!w->object)
		return false;
	w->set = one_in(m, 2);
	w->val = pick_value(m);
	w->range = pick_range(m, w->object);
	w->range.len = min(w->range.len, 64);
	if (!w->set)
		w->range = pick_word(m, w->object);
	return true;
}

/* In a session. */
static void do_write(struct write *w)
{
	u8 *dst = w->object->addr + w->range.offset;

	if (w->set)
		w->err = wr_memset(dst, (u8)w->val, w->range.len);
	else
		w->err = assign(dst, w->val, w->range.len);
}

static void judge_write(struct model *m, const struct write *w)
{
	u8 *shadow = w->object->shadow + w->range.offset;

	if (w->object->state == RO) {
		MUST(m, w->err == -EACCES);
		return;
	}
	MUST(m, !w->err);
	if (w->set)
		memset(shadow, w->val, w->range.len);
	else
		put_word(w->val, shadow, w->range.len);
}

static bool op_session(struct model *m)
{
	u32 wanted = 1 + below(m, SESSION_WRITES), nr = 0, refused = 0, i;
	struct write writes[SESSION_WRITES];
	bool nested = one_in(m, 4);

	for (i = 0; i < wanted; i++)
		nr += pick_write(m, &writes[nr]);

	wr_session_begin();
	for (i = 0; i < nr; i++) {
		if (nested)
			wr_session_begin();
		do_write(&writes[i]);
		if (nested)
			wr_session_end();
	}
	wr_session_end();

	/* In the same order: some may be to the same bytes. */
	for (i = 0; i < nr; i++) {
		judge_write(m, &writes[i]);
		refused += writes[i].object->state == RO;
	}
	for (i = 0; i < nr; i++)
		must_match(m, writes[i].object);
	MUST(m, m->nr_reports == refused);
	m->nr_reports = 0;
	return nr;
}

/* Operations: attacks */

static bool op_attack_store(struct model *m)
{
	struct object *object = pick_object(m, ANY);
	struct span word;
	u64 evil;
	u8 *dst;

	if (!object)
		return false;
	word = pick_word(m, object);
	dst = object->addr + word.offset;
	evil = ~get_word(object->shadow + word.offset, word.len);
	if (object->state & (WR | RO))
		MUST(m, copy_to_kernel_nofault(dst, &evil, word.len) == -EFAULT);
	/* The linear map never takes a store. */
	MUST(m, copy_to_kernel_nofault(prmem_test_linear_alias(dst), &evil,
				       word.len) == -EFAULT);
	must_match(m, object);
	return true;
}

/* Any call that writes a word. */
static int write_word(struct model *m, void *dst, size_t size)
{
	u64 val = pick_value(m), old;

	switch (below(m, 5)) {
	case 0:
		return wr_memcpy(dst, &val, size);
	case 1:
		return wr_memset(dst, (u8)val, size);
	case 2:
		return assign(dst, val, size);
	case 3:
		return __wr_xchg(dst, val, &old, size);
	default:
		return __wr_fetch_add(dst, val, &old, size);
	}
}

static bool op_attack_ro(struct model *m)
{
	struct object *object = pick_object(m, RO);
	struct span range;

	if (!object)
		return false;
	range = pick_word(m, object);
	must_be_refused(m, write_word(m, object->addr + range.offset, range.len));
	range = pick_range(m, object);
	must_be_refused(m, wr_memcpy(object->addr + range.offset, m->buf, range.len));
	must_match(m, object);
	return true;
}

/* From the last bytes of the object, or of its area, to behind it. */
static bool op_attack_end(struct model *m)
{
	struct object *object = pick_object(m, NOT_RO);
	u32 inside, outside = 1 + below(m, 64);
	u8 *end;

	if (!object || !object->room)
		return false;
	inside = 1 + below(m, min(object->room, 64));
	end = object->addr + object->room;
	must_be_refused(m, wr_memset(end - inside, 0xee, inside + outside));
	must_be_refused(m, wr_memcpy(end - inside, m->buf, inside + outside));
	/* What is behind a cache's object can be in the same word. */
	if (!IS_ALIGNED((unsigned long)end, 8) && object->room >= 8)
		must_be_refused(m, write_word(m, PTR_ALIGN_DOWN(end, 8), 8));
	must_match(m, object);
	return true;
}

/*
 * What costs a grace period, or an interrupt on all CPUs, is rare: this must be
 * done in a minute by an emulated machine.
 */
static const struct op op_table[NR_OPS] = {
	{ "destroy a pool",		4,	op_destroy_pool },
	{ "destroy a cache",		1,	op_destroy_cache },
	{ "protect",			5,	op_protect },
	{ "make read-only",		2,	op_make_ro },
	{ "allocate",			110,	op_alloc },
	{ "free",			30,	op_free },
	{ "free after grace period",	8,	op_free_rcu },
	{ "store",			80,	op_store },
	{ "wr_memcpy",			120,	op_copy },
	{ "wr_memset",			100,	op_set },
	{ "wr_assign",			120,	op_assign },
	{ "wr_xchg",			80,	op_xchg },
	{ "wr_fetch_add",		80,	op_add },
	{ "add to shared words",	60,	op_words },
	{ "session",			80,	op_session },
	{ "store that must fault",	60,	op_attack_store },
	{ "write to read-only",		40,	op_attack_ro },
	{ "write beyond the end",	40,	op_attack_end },
};

static const struct op *pick_op(struct model *m)
{
	unsigned int i, sum = 0, at;

	for (i = 0; i < NR_OPS; i++)
		sum += op_table[i].weight;
	at = below(m, sum);
	for (i = 0; at >= op_table[i].weight; i++)
		at -= op_table[i].weight;
	return &op_table[i];
}

/* Threads */

static int run_model(void *arg);

/* Instead of the kernel log, for all threads that belong to the test. */
static bool note_report(const char *why, int err, const void *dst, size_t len,
			unsigned long caller)
{
	struct model *m;

	if (kthread_func(current) == run_model) {
		m = kthread_data(current);
		m->nr_reports++;
		m->report_err = err;
	}
	return true;
}

static void do_step(struct model *m)
{
	m->op = pick_op(m);
	m->nr_done[m->op - op_table] += m->op->fn(m);
	/* Nothing was refused that should not have been. */
	MUST(m, !m->nr_reports);
	m->nr_steps++;
}

static int run_model(void *arg)
{
	struct model *m = arg;
	unsigned int i;

	/* So that refused writes are told to the test. */
	current->kunit_test = m->test;
	for (i = 0; i < m->per_round && !m->failed; i++) {
		do_step(m);
		cond_resched();
	}
	m->op = NULL;
	check_all(m);
	current->kunit_test = NULL;
	complete(&m->done);
	return 0;
}

static void note_no_reports(void *unused)
{
	wr_ptr(&prmem_report_stub, NULL);
}

/**
 * struct run - all threads
 * @nr: how many
 * @pool: where the words are
 * @cache: shared
 * @pools: shared
 * @models: the threads
 */
struct run {
	unsigned int nr;
	struct pmalloc_pool *pool;
	struct prmem_cache *cache;
	struct pmalloc_pool *pools[ARRAY_SIZE(shared_modes)];
	struct model models[MAX_THREADS];
};

#define SHARED_SIZE	72

static void share_pool(struct model *m, unsigned int i, struct pmalloc_pool *pool)
{
	struct owner *owner = &m->owners[SHARED_POOLS + i];

	objects_drop(owner);
	owner->pool = pool;
	owner->shared = true;
	owner->mode = shared_modes[i];
	owner->align = sizeof(u64);
}

static void share_cache(struct model *m, struct prmem_cache *cache)
{
	struct owner *owner = &m->owners[SHARED_CACHE];

	owner->cache = cache;
	owner->shared = true;
	owner->size = SHARED_SIZE;
	owner->align = sizeof(u64);
}

/* What all have allocated of a shared pool only goes away with it. */
static void renew_pools(struct kunit *test, struct run *run)
{
	struct pmalloc_pool *old;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(run->pools); i++) {
		old = run->pools[i];
		run->pools[i] = pmalloc_create_pool("kunit_shared", shared_modes[i]);
		for (k = 0; k < run->nr; k++)
			share_pool(&run->models[k], i, run->pools[i]);
		pmalloc_destroy_pool(old);
		KUNIT_ASSERT_NOT_NULL(test, run->pools[i]);
	}
}

static void run_round(struct run *run)
{
	struct task_struct *thread;
	struct model *m;
	unsigned int i;

	for (i = 0; i < run->nr; i++) {
		m = &run->models[i];
		reinit_completion(&m->done);
		thread = kthread_run_on_cpu(run_model, m, cpumask_nth(i, cpu_online_mask),
					    "prmem_model/%u");
		MUST(m, !IS_ERR(thread));
		if (IS_ERR(thread))
			complete(&m->done);
	}
	for (i = 0; i < run->nr; i++)
		wait_for_completion(&run->models[i].done);
}

static void check_words(struct kunit *test, struct run *run)
{
	const struct words *words = run->models[0].words;
	u64 sum = 0, bits = 0;
	unsigned int i;

	for (i = 0; i < run->nr; i++) {
		sum += run->models[i].added;
		bits ^= run->models[i].flipped;
	}
	KUNIT_EXPECT_EQ(test, words->sum, sum);
	KUNIT_EXPECT_EQ(test, words->bits, bits);
}

/* No thread is at work. */
static bool check_run(struct kunit *test, struct run *run)
{
	unsigned int i;
	bool good = true;

	check_words(test, run);
	for (i = 0; i < run->nr; i++) {
		KUNIT_EXPECT_FALSE_MSG(test, run->models[i].failed, "thread %u", i);
		good &= !run->models[i].failed;
	}
	prmem_test_no_writable_alias(test);
	return good;
}

/*
 * What is no pool and no cache, while there are many. Each of these is reported in
 * a way of its own.
 */
static void attack_with_forged(struct kunit *test, struct run *run)
{
	struct pmalloc_pool *pool = run->pools[0], *forged;
	unsigned int i;

	forged = pmemdup(run->pool, pool, sizeof(*pool));
	KUNIT_ASSERT_NOT_NULL(test, forged);
	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(run->pool), 0);
	pr_info("prmem-expect: begin 6 prmem: no such (pool|cache)\n");
	KUNIT_EXPECT_EQ(test, pmalloc_protect_pool(forged), -EINVAL);
	KUNIT_EXPECT_EQ(test, pmalloc_make_pool_ro((void *)run->cache), -EINVAL);
	KUNIT_EXPECT_NULL(test, pmalloc((void *)pool + sizeof(u64), 8));
	pmalloc_destroy_pool(forged);
	KUNIT_EXPECT_NULL(test, prmem_cache_alloc((void *)pool, NULL));
	prmem_cache_destroy((void *)forged);
	pr_info("prmem-expect: end\n");
	for (i = 0; i < run->nr; i++)
		check_all(&run->models[i]);
	check_run(test, run);
}

/* How often each operation came to something. */
static void show_ops(struct kunit *test, struct run *run)
{
	unsigned int i, k, sum;

	for (i = 0; i < NR_OPS; i++) {
		sum = 0;
		for (k = 0; k < run->nr; k++)
			sum += run->models[k].nr_done[i];
		kunit_info(test, "%6u times: %s\n", sum, op_table[i].name);
		if (nr_ops() >= BOOT_OPS)
			KUNIT_EXPECT_GT_MSG(test, sum, 0, "%s", op_table[i].name);
	}
}

static void drop_model(struct model *m)
{
	unsigned int i;

	for (i = 0; i < NR_OWNERS; i++) {
		struct owner *owner = &m->owners[i];

		if (owner->pool && !owner->shared)
			destroy_pool(owner);
		if (owner->cache && !owner->shared)
			destroy_cache(owner);
		while (owner->nr && owner->cache) {
			prmem_cache_free(owner->cache, owner->objects[0].addr);
			object_drop(owner, &owner->objects[0]);
		}
		objects_drop(owner);
	}
}

static void drop_run(void *arg)
{
	struct run *run = arg;
	unsigned int i;

	for (i = 0; i < run->nr; i++)
		drop_model(&run->models[i]);
	for (i = 0; i < ARRAY_SIZE(run->pools); i++)
		pmalloc_destroy_pool(run->pools[i]);
	prmem_cache_destroy(run->cache);
	pmalloc_destroy_pool(run->pool);
}

static void init_model(struct kunit *test, struct run *run, unsigned int nr,
		       struct words *words, u64 start)
{
	struct model *m = &run->models[nr];

	m->test = test;
	m->seed = start;
	m->nr = nr;
	m->per_round = DIV_ROUND_UP(nr_ops(), ROUNDS * run->nr);
	m->words = words;
	m->buf = kunit_kzalloc(test, MAX_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m->buf);
	init_completion(&m->done);
	prandom_seed_state(&m->random, hash_64(start + nr, 64));
	share_cache(m, run->cache);
}

static struct run *init_run(struct kunit *test)
{
	struct run *run = kunit_kzalloc(test, sizeof(*run), GFP_KERNEL);
	u64 start = READ_ONCE(seed) ?: 1 + (u64)get_random_u32();
	struct words *words;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, run);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, drop_run, run), 0);
	run->nr = min(num_online_cpus(), MAX_THREADS);
	kunit_info(test, "test_prmem_model.seed=%llu test_prmem_model.ops=%u, threads: %u\n",
		   start, nr_ops(), run->nr);
	run->pool = pmalloc_create_pool("kunit_words", PMALLOC_MODE_WR);
	KUNIT_ASSERT_NOT_NULL(test, run->pool);
	words = pzalloc(run->pool, sizeof(*words));
	KUNIT_ASSERT_NOT_NULL(test, words);
	KUNIT_ASSERT_EQ(test, pmalloc_protect_pool(run->pool), 0);
	run->cache = prmem_cache_create("kunit_shared", SHARED_SIZE, 0);
	KUNIT_ASSERT_NOT_NULL(test, run->cache);
	for (i = 0; i < run->nr; i++)
		init_model(test, run, i, words, start);
	return run;
}

static void random_operations(struct kunit *test)
{
	struct prmem_test_usage before;
	struct run *run;
	int round;

	prmem_test_usage(test, &before);
	run = init_run(test);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, note_no_reports, NULL), 0);
	wr_ptr(&prmem_report_stub, note_report);
	for (round = 0; round < ROUNDS; round++) {
		renew_pools(test, run);
		run_round(run);
		if (!check_run(test, run))
			return;
	}
	attack_with_forged(test, run);
	show_ops(test, run);
	kunit_release_action(test, drop_run, run);
	prmem_test_same_usage(test, "random operations", &before);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE_SLOW(random_operations),
	{}
};

static struct kunit_suite model_suite = {
	.name = "prmem_model",
	.init = prmem_test_need_protection,
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);

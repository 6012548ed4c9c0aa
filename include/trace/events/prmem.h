/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM prmem

#if !defined(_TRACE_PRMEM_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_PRMEM_H

#include <linux/prmem_internal.h>
#include <linux/tracepoint.h>

struct prmem_cache;

#define show_pmalloc_mode(mode)					\
	__print_symbolic(mode,					\
			 { PMALLOC_MODE_RO,	  "RO" },	\
			 { PMALLOC_MODE_WR,	  "WR" },	\
			 { PMALLOC_MODE_AUTO_RO,  "AUTO_RO" },	\
			 { PMALLOC_MODE_AUTO_WR,  "AUTO_WR" },	\
			 { PMALLOC_MODE_START_WR, "START_WR" })

DECLARE_EVENT_CLASS(pmalloc_pool,

	TP_PROTO(const struct pmalloc_pool *pool),

	TP_ARGS(pool),

	TP_STRUCT__entry(
		__field(const void *, pool)
		__field(int, mode)
		__string(name, pool->name)
	),

	TP_fast_assign(
		__entry->pool = pool;
		__entry->mode = pool->mode;
		__assign_str(name);
	),

	TP_printk("pool=%p name=%s mode=%s", __entry->pool, __get_str(name),
		  show_pmalloc_mode(__entry->mode))
);

DEFINE_EVENT(pmalloc_pool, pmalloc_create,
	TP_PROTO(const struct pmalloc_pool *pool),
	TP_ARGS(pool)
);

DEFINE_EVENT(pmalloc_pool, pmalloc_destroy,
	TP_PROTO(const struct pmalloc_pool *pool),
	TP_ARGS(pool)
);

TRACE_EVENT(pmalloc_refill,

	TP_PROTO(const struct pmalloc_pool *pool, unsigned long addr,
		 unsigned int nr_pages),

	TP_ARGS(pool, addr, nr_pages),

	TP_STRUCT__entry(
		__field(const void *, pool)
		__field(unsigned long, addr)
		__field(unsigned int, nr_pages)
		__string(name, pool->name)
	),

	TP_fast_assign(
		__entry->pool = pool;
		__entry->addr = addr;
		__entry->nr_pages = nr_pages;
		__assign_str(name);
	),

	TP_printk("pool=%p name=%s addr=%p pages=%u", __entry->pool,
		  __get_str(name), (void *)__entry->addr, __entry->nr_pages)
);

TRACE_EVENT(pmalloc_protect,

	TP_PROTO(const struct pmalloc_pool *pool, int err),

	TP_ARGS(pool, err),

	TP_STRUCT__entry(
		__field(const void *, pool)
		__field(int, mode)
		__field(int, err)
		__string(name, pool->name)
	),

	TP_fast_assign(
		__entry->pool = pool;
		__entry->mode = pool->mode;
		__entry->err = err;
		__assign_str(name);
	),

	TP_printk("pool=%p name=%s mode=%s err=%d", __entry->pool,
		  __get_str(name), show_pmalloc_mode(__entry->mode), __entry->err)
);

DECLARE_EVENT_CLASS(prmem_cache,

	TP_PROTO(const struct prmem_cache *cache, const char *name, size_t size),

	TP_ARGS(cache, name, size),

	TP_STRUCT__entry(
		__field(const void *, cache)
		__field(size_t, size)
		__string(name, name)
	),

	TP_fast_assign(
		__entry->cache = cache;
		__entry->size = size;
		__assign_str(name);
	),

	TP_printk("cache=%p name=%s size=%zu", __entry->cache, __get_str(name),
		  __entry->size)
);

DEFINE_EVENT(prmem_cache, prmem_cache_create,
	TP_PROTO(const struct prmem_cache *cache, const char *name, size_t size),
	TP_ARGS(cache, name, size)
);

DEFINE_EVENT(prmem_cache, prmem_cache_destroy,
	TP_PROTO(const struct prmem_cache *cache, const char *name, size_t size),
	TP_ARGS(cache, name, size)
);

/* A call that writes, before it is checked. */
TRACE_EVENT(prmem_write,

	TP_PROTO(const void *dst, size_t len, unsigned long caller),

	TP_ARGS(dst, len, caller),

	TP_STRUCT__entry(
		__field(const void *, dst)
		__field(size_t, len)
		__field(unsigned long, caller)
	),

	TP_fast_assign(
		__entry->dst = dst;
		__entry->len = len;
		__entry->caller = caller;
	),

	TP_printk("dst=%p len=%zu caller=%pS", __entry->dst, __entry->len,
		  (void *)__entry->caller)
);

TRACE_EVENT(prmem_refused,

	TP_PROTO(const char *why, int err, const void *dst, size_t len,
		 unsigned long caller),

	TP_ARGS(why, err, dst, len, caller),

	TP_STRUCT__entry(
		__field(int, err)
		__field(const void *, dst)
		__field(size_t, len)
		__field(unsigned long, caller)
		__string(why, why)
	),

	TP_fast_assign(
		__entry->err = err;
		__entry->dst = dst;
		__entry->len = len;
		__entry->caller = caller;
		__assign_str(why);
	),

	TP_printk("dst=%p len=%zu err=%d caller=%pS: %s", __entry->dst,
		  __entry->len, __entry->err, (void *)__entry->caller,
		  __get_str(why))
);

#endif /* _TRACE_PRMEM_H */

#include <trace/define_trace.h>

// SPDX-License-Identifier: GPL-2.0
/*
 * sysctl handlers for write-rare variables.
 *
 * The handlers of kernel/sysctl.c store to table->data. Here they are given a
 * copy of the table that points to a copy of the data, and what they leave there
 * is written through wr_memcpy().
 */
#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <asm/sections.h>

/* A write that continues an earlier one starts from what the table holds. */
VISIBLE_IF_KUNIT DEFINE_MUTEX(prmem_copy_mutex);

/*
 * Whoever can write a table chooses what its handler writes: any write-rare memory, to
 * any value. So it has to be where nobody can. The section of write-rare data is
 * among the read-only data of the kernel, and can have a user's string in it.
 */
static bool is_fixed(const struct ctl_table *table)
{
	unsigned long addr = (unsigned long)table;

	if (!IS_ALIGNED(addr, __alignof__(*table)) || prmem_is_wr(table, 1) ||
	    prmem_is_wr((char *)(table + 1) - 1, 1))
		return false;
	return prmem_is_protected(table, sizeof(*table)) ||
	       (is_kernel_rodata(addr) && is_kernel_rodata(addr + sizeof(*table) - 1));
}

static __always_inline int check_table(const struct ctl_table *table, unsigned long caller)
{
	if (!prmem_active() || is_fixed(table))
		return 0;
	return prmem_refuse("the sysctl table can be written", -EACCES, table->data,
			    table->maxlen, caller);
}

int proc_check_table_wr(const struct ctl_table *table)
{
	return check_table(table, _RET_IP_);
}
EXPORT_SYMBOL_GPL(proc_check_table_wr);

/*
 * What the handler has not changed is not written. So a write that it refuses cannot
 * undo what somebody else stores meanwhile. What it took before the mistake, of a vector,
 * is written as ever.
 */
static __always_inline int on_copy(proc_handler *handler, const struct ctl_table *table,
				   int write, void *buffer, size_t *lenp, loff_t *ppos,
				   unsigned long caller)
{
	struct ctl_table copy = *table;
	size_t size = table->maxlen;
	int err, wr_err = 0;

	if (!write || !table->data || !size)
		return handler(table, write, buffer, lenp, ppos);

	err = check_table(table, caller);
	if (err)
		return err;

	guard(mutex)(&prmem_copy_mutex);
	void *before __free(kfree) = kmemdup(table->data, size, GFP_KERNEL);
	void *data __free(kfree) = before ? kmemdup(before, size, GFP_KERNEL) : NULL;

	if (!data)
		return -ENOMEM;
	copy.data = data;
	err = handler(&copy, write, buffer, lenp, ppos);
	if (memcmp(before, data, size))
		wr_err = wr_memcpy(table->data, data, size);
	return err ?: wr_err;
}

int proc_handler_wr(prmem_proc_handler *handler, const struct ctl_table *table, int write,
		    void *buffer, size_t *lenp, loff_t *ppos)
{
	return on_copy(handler, table, write, buffer, lenp, ppos, _RET_IP_);
}
EXPORT_SYMBOL_GPL(proc_handler_wr);

int proc_dostring_wr(const struct ctl_table *table, int write, void *buffer,
		     size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_dostring, table, write, buffer, lenp, ppos, _RET_IP_);
}
EXPORT_SYMBOL_GPL(proc_dostring_wr);

int proc_dobool_wr(const struct ctl_table *table, int write, void *buffer,
		   size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_dobool, table, write, buffer, lenp, ppos, _RET_IP_);
}
EXPORT_SYMBOL_GPL(proc_dobool_wr);

int proc_dointvec_wr(const struct ctl_table *table, int write, void *buffer,
		     size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_dointvec, table, write, buffer, lenp, ppos, _RET_IP_);
}
EXPORT_SYMBOL_GPL(proc_dointvec_wr);

int proc_dointvec_minmax_wr(const struct ctl_table *table, int write,
			    void *buffer, size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_dointvec_minmax, table, write, buffer, lenp, ppos, _RET_IP_);
}
EXPORT_SYMBOL_GPL(proc_dointvec_minmax_wr);

int proc_doulongvec_minmax_wr(const struct ctl_table *table, int write,
			      void *buffer, size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_doulongvec_minmax, table, write, buffer, lenp, ppos, _RET_IP_);
}
EXPORT_SYMBOL_GPL(proc_doulongvec_minmax_wr);

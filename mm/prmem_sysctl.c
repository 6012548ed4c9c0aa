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
#include <linux/mutex.h>
#include <linux/prmem.h>
#include <linux/prmem_internal.h>
#include <linux/slab.h>
#include <linux/sysctl.h>

/* A write that continues an earlier one starts from what the table holds. */
VISIBLE_IF_KUNIT DEFINE_MUTEX(prmem_copy_mutex);

/*
 * A value that does not change is not written. So a write that the handler refuses
 * cannot undo what somebody else stores meanwhile. What it took before the mistake,
 * of a vector, is written as ever.
 */
static int on_copy(proc_handler *handler, const struct ctl_table *table,
		   int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	struct ctl_table copy = *table;
	int err, wr_err = 0;

	if (!write || !table->data || !table->maxlen)
		return handler(table, write, buffer, lenp, ppos);

	guard(mutex)(&prmem_copy_mutex);
	void *data __free(kfree) = kmemdup(table->data, table->maxlen,
					   GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	copy.data = data;
	err = handler(&copy, write, buffer, lenp, ppos);
	if (memcmp(table->data, data, table->maxlen))
		wr_err = wr_memcpy(table->data, data, table->maxlen);
	return err ?: wr_err;
}

int proc_dostring_wr(const struct ctl_table *table, int write, void *buffer,
		     size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_dostring, table, write, buffer, lenp, ppos);
}

int proc_dobool_wr(const struct ctl_table *table, int write, void *buffer,
		   size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_dobool, table, write, buffer, lenp, ppos);
}

int proc_dointvec_wr(const struct ctl_table *table, int write, void *buffer,
		     size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_dointvec, table, write, buffer, lenp, ppos);
}

int proc_dointvec_minmax_wr(const struct ctl_table *table, int write,
			    void *buffer, size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_dointvec_minmax, table, write, buffer, lenp, ppos);
}

int proc_doulongvec_minmax_wr(const struct ctl_table *table, int write,
			      void *buffer, size_t *lenp, loff_t *ppos)
{
	return on_copy(proc_doulongvec_minmax, table, write, buffer, lenp, ppos);
}

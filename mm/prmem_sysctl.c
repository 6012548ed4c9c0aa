// SPDX-License-Identifier: GPL-2.0
/*
 * sysctl handlers for write-rare variables.
 *
 * The handlers of kernel/sysctl.c store to table->data. Here they are given a
 * copy of the table that points to a copy of the data, and what they leave there
 * is written through wr_memcpy().
 */
#include <linux/cleanup.h>
#include <linux/mutex.h>
#include <linux/prmem.h>
#include <linux/slab.h>
#include <linux/sysctl.h>

/* A write that continues an earlier one starts from what the table holds. */
static DEFINE_MUTEX(copy_mutex);

int proc_dostring_wr(const struct ctl_table *table, int write, void *buffer,
		     size_t *lenp, loff_t *ppos)
{
	struct ctl_table copy = *table;
	int err;

	if (!write || !table->data || !table->maxlen)
		return proc_dostring(table, write, buffer, lenp, ppos);

	guard(mutex)(&copy_mutex);
	void *data __free(kfree) = kmemdup(table->data, table->maxlen,
					   GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	copy.data = data;
	err = proc_dostring(&copy, write, buffer, lenp, ppos);
	return err ?: wr_memcpy(table->data, data, table->maxlen);
}

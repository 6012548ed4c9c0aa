/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What count.c uses of version 1 of QEMU's interface for plugins. Debian's package of
 * QEMU loads them, but has no header for them.
 */
#ifndef _QEMU_PLUGIN_H
#define _QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define EXPORT	__attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* The beginning of it. */
struct qemu_info {
	const char *target_name;
};

/* QEMU 7.2 takes what it should filter for the other way round: both, and ask. */
enum { NO_REGS = 0, MEM_BOTH = 3 };

typedef void (*tb_fn)(__u64 id, struct qemu_plugin_tb *tb);
typedef void (*insn_fn)(unsigned int vcpu, void *data);
typedef void (*mem_fn)(unsigned int vcpu, __u32 info, __u64 vaddr, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(__u64 id, tb_fn fn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, insn_fn fn,
					    int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, mem_fn fn, int flags,
				      int rw, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
__u64 qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
bool qemu_plugin_mem_is_store(__u32 info);
char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn);

/* What QEMU looks for. */
EXPORT int qemu_plugin_install(__u64 id, const struct qemu_info *info, int argc, char **argv);

#endif /* _QEMU_PLUGIN_H */

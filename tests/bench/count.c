// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU that counts what the guest does between two marks.
 *
 * kernel/bench.h has the marks: instructions that do nothing, and that nobody else
 * uses. What is counted is what the emulated CPU executes, so that the figures do not
 * come from the code that is measured, nor from counters in it. After each end mark a
 * line is written:
 *
 *	vCPU, number of the pair on this vCPU, and these counts: instructions, loads of
 *	page tables, local and broadcast invalidations of the TLB, calls of what is
 *	to be counted, barriers, stores to watched words, stores to cache lines that another
 *	vCPU writes between marks as well
 *
 * Options: out=FILE; shared=1; once or several times call=ADDRESS of a function to count
 * the calls of, and before out= trace=NUMBER of a pair whose first instructions are written
 * to FILE.trace.
 *
 * With reach=ADDRESS, once or several times, a line is written when that address is
 * executed for the first time: it, and how many instructions were before, marks or not.
 * Those from START up to END are not among them for skip=START-END: loops that only wait
 * until it is late enough.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

EXPORT int qemu_plugin_version = 1;

enum kind {
	PLAIN, BEGIN, END, WATCH, FORGET, NO_LINES,
	LOAD_TABLES, FLUSH_LOCAL, FLUSH_ALL, BARRIER,
};

#define MARK_X86	0x70726d00u
#define MARK_ARM64	0x7000u

#define MAX_VCPUS	64
#define WATCHED		4096	/* powers of two */
#define LINES		65536
#define LINE_SHIFT	6
#define TRACED		20000
#define MOST_ADDRS	16
#define PAGE		4096
#define LONGEST		15	/* bytes of an instruction */

/* One, or one and plain ones that are executed after it: to call back takes the most time. */
struct insn {
	__u64 vaddr;
	unsigned int nr;
	enum kind kind;
	bool called, reach, skip;
	char *text;
};

struct count {
	bool active;
	unsigned int seq;
	__u64 insns, loads, flush_local, flush_all, calls, barriers, watched;
};

/* By virtual address: what vCPUs share has the same one on all of them. */
struct line {
	__u64 addr, vcpus, stores[MAX_VCPUS];
};

static struct count counts[MAX_VCPUS];
static __u64 watched[WATCHED];
static struct line *lines;
static FILE *out, *trace;
static bool arm64;
static __u64 call_addrs[MOST_ADDRS], trace_seqs[MOST_ADDRS], reach_addrs[MOST_ADDRS];
static __u64 skip_from[MOST_ADDRS], skip_to[MOST_ADDRS];
static unsigned int nr_call_addrs, nr_trace_seqs, nr_reach_addrs, nr_skips, nr_reached;
/* Instructions since it was switched on; for one vCPU. */
static __u64 all_insns;
/* The word to watch is what the instruction after the mark stores to. */
static __u64 watch_insns[64];
static unsigned int nr_watch_insns;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool is_one_of(const __u64 *values, unsigned int nr, __u64 value)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (values[i] == value)
			return true;
	return false;
}

static __u64 *watched_slot(__u64 addr)
{
	__u64 i = addr >> 3;

	while (watched[i % WATCHED] && watched[i % WATCHED] != addr)
		i++;
	return &watched[i % WATCHED];
}

static struct line *line_of(__u64 addr)
{
	__u64 i = addr * 0x9e3779b97f4a7c15u >> 48;

	while (lines[i % LINES].vcpus && lines[i % LINES].addr != addr)
		i++;
	return &lines[i % LINES];
}

static __u64 shared_stores(void)
{
	__u64 nr = 0;
	unsigned int i, vcpu;

	for (i = 0; i < LINES; i++) {
		if (!(lines[i].vcpus & (lines[i].vcpus - 1)))
			continue;
		for (vcpu = 0; vcpu < MAX_VCPUS; vcpu++)
			nr += lines[i].stores[vcpu];
	}
	return nr;
}

static void begin(unsigned int vcpu)
{
	struct count *count = &counts[vcpu];
	unsigned int seq = count->seq + 1;

	memset(count, 0, sizeof(*count));
	count->seq = seq;
	count->active = true;
}

static void end(unsigned int vcpu)
{
	struct count *count = &counts[vcpu];

	if (!count->active)
		return;
	count->active = false;
	fprintf(out, "%u\t%u\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\n", vcpu,
		count->seq, count->insns, count->loads, count->flush_local,
		count->flush_all, count->calls, count->barriers, count->watched,
		lines ? shared_stores() : 0);
	fflush(out);
}

static void on_mark(unsigned int vcpu, enum kind kind)
{
	pthread_mutex_lock(&lock);
	if (kind == BEGIN)
		begin(vcpu);
	else if (kind == END)
		end(vcpu);
	else if (kind == FORGET)
		memset(watched, 0, sizeof(watched));
	else if (kind == NO_LINES && lines)
		memset(lines, 0, LINES * sizeof(*lines));
	pthread_mutex_unlock(&lock);
}

static void reached(const struct insn *insn)
{
	static __u64 before[MOST_ADDRS];

	if (nr_reached == MOST_ADDRS || is_one_of(before, nr_reached, insn->vaddr))
		return;
	before[nr_reached++] = insn->vaddr;
	fprintf(out, "%llx\t%llu\n", insn->vaddr, all_insns);
	fflush(out);
}

static void on_insn(unsigned int vcpu, void *data)
{
	const struct insn *insn = data;
	struct count *count = &counts[vcpu % MAX_VCPUS];

	if (insn->reach)
		reached(insn);
	if (!insn->skip)
		all_insns += insn->nr;
	if (insn->kind >= BEGIN && insn->kind <= NO_LINES) {
		on_mark(vcpu % MAX_VCPUS, insn->kind);
		return;
	}
	if (!count->active)
		return;
	count->insns += insn->nr;
	count->loads += insn->kind == LOAD_TABLES;
	count->flush_local += insn->kind == FLUSH_LOCAL;
	count->flush_all += insn->kind == FLUSH_ALL;
	count->barriers += insn->kind == BARRIER;
	count->calls += insn->called;
	if (trace && count->insns <= TRACED && is_one_of(trace_seqs, nr_trace_seqs, count->seq))
		fprintf(trace, "%u\t%llx\t%s\n", count->seq, insn->vaddr, insn->text);
}

static void on_store(unsigned int vcpu, __u32 info, __u64 vaddr, void *data)
{
	struct count *count = &counts[vcpu % MAX_VCPUS];
	struct line *line;

	(void)data;
	if (!count->active || !qemu_plugin_mem_is_store(info))
		return;
	pthread_mutex_lock(&lock);
	count->watched += *watched_slot(vaddr & ~7ull) != 0;
	if (lines) {
		line = line_of(vaddr >> LINE_SHIFT);
		line->addr = vaddr >> LINE_SHIFT;
		line->vcpus |= 1ull << vcpu % MAX_VCPUS;
		line->stores[vcpu % MAX_VCPUS]++;
	}
	pthread_mutex_unlock(&lock);
}

static void on_watch(unsigned int vcpu, __u32 info, __u64 vaddr, void *data)
{
	(void)vcpu;
	(void)info;
	(void)data;
	pthread_mutex_lock(&lock);
	*watched_slot(vaddr & ~7ull) = vaddr & ~7ull;
	pthread_mutex_unlock(&lock);
}

static enum kind kind_of_mark(unsigned int code)
{
	return code >= 1 && code <= 5 ? (enum kind)(BEGIN + code - 1) : PLAIN;
}

static enum kind kind_x86(const __u8 *code, size_t size)
{
	__u32 disp;

	if (size == 7 && code[0] == 0x0f && code[1] == 0x1f && code[2] == 0x80) {
		memcpy(&disp, code + 3, sizeof(disp));
		return (disp & ~0xffu) == MARK_X86 ? kind_of_mark(disp & 0xff) : PLAIN;
	}
	if (size > 3 && (code[0] & 0xf0) == 0x40)	/* REX */
		code++;
	if (code[0] == 0x66 && code[1] == 0x0f && code[2] == 0x38 && code[3] == 0x82)
		return FLUSH_LOCAL;			/* INVPCID */
	if (code[0] != 0x0f)
		return PLAIN;
	if (code[1] == 0x22 && (code[2] & 0xf8) == 0xd8)
		return LOAD_TABLES;			/* MOV to CR3 */
	if (code[1] == 0x01 && (code[2] & 0x38) == 0x38 && code[2] < 0xc0)
		return FLUSH_LOCAL;			/* INVLPG */
	if (code[1] == 0xae && code[2] >= 0xe8)
		return BARRIER;				/* LFENCE, MFENCE, SFENCE */
	return PLAIN;
}

static enum kind kind_arm64(const __u8 *code)
{
	unsigned int crm;
	__u32 word;

	memcpy(&word, code, sizeof(word));
	crm = word >> 8 & 0xf;
	if ((word & 0xffe0001fu) == 0xd280001fu && (word >> 5 & 0xff00u) == MARK_ARM64)
		return kind_of_mark(word >> 5 & 0xff);	/* MOVZ to XZR */
	if ((word & 0xffffffe0u) == 0xd5182020u)
		return LOAD_TABLES;			/* MSR TTBR1_EL1, with the ASID */
	if ((word & 0xfff8f000u) == 0xd5088000u)	/* TLBI */
		return crm >= 6 ? FLUSH_LOCAL : FLUSH_ALL;
	if ((word & 0xfffff0ffu) == 0xd503309fu || (word & 0xfffff0ffu) == 0xd50330dfu)
		return BARRIER;				/* DSB, ISB */
	return PLAIN;
}

static bool follows_watch(__u64 vaddr)
{
	return is_one_of(watch_insns, nr_watch_insns, vaddr);
}

static void note_watch(__u64 vaddr)
{
	if (follows_watch(vaddr))
		return;
	if (nr_watch_insns == sizeof(watch_insns) / sizeof(*watch_insns)) {
		fprintf(stderr, "count: too many places watch\n");
		exit(1);
	}
	watch_insns[nr_watch_insns++] = vaddr;
}

static bool is_skipped(__u64 vaddr)
{
	unsigned int i;

	for (i = 0; i < nr_skips; i++)
		if (vaddr >= skip_from[i] && vaddr < skip_to[i])
			return true;
	return false;
}

/*
 * Is it counted together with @first, the first of a row of plain ones? One that may go on
 * in the next page is not: QEMU drops it when it finds out, with its call back, and has
 * told of the bytes alone that it had seen by then.
 */
static bool joins(const struct insn *first, const struct insn *note)
{
	return first && !trace && note->kind == PLAIN && !note->called && !note->reach &&
	       note->skip == first->skip && (note->vaddr & (PAGE - 1)) + LONGEST <= PAGE;
}

/* Returns what the instruction after it may join. */
static struct insn *on_insn_translated(struct qemu_plugin_insn *insn, struct insn *first)
{
	const __u8 *code = qemu_plugin_insn_data(insn);
	size_t size = qemu_plugin_insn_size(insn);
	struct insn *note = malloc(sizeof(*note));

	if (!note)
		abort();
	note->vaddr = qemu_plugin_insn_vaddr(insn);
	note->nr = 1;
	note->kind = arm64 ? kind_arm64(code) : kind_x86(code, size);
	note->called = is_one_of(call_addrs, nr_call_addrs, note->vaddr);
	note->reach = is_one_of(reach_addrs, nr_reach_addrs, note->vaddr);
	note->skip = is_skipped(note->vaddr);
	note->text = trace ? qemu_plugin_insn_disas(insn) : NULL;
	if (note->kind == WATCH)
		note_watch(note->vaddr + size);
	if (follows_watch(note->vaddr))
		qemu_plugin_register_vcpu_mem_cb(insn, on_watch, NO_REGS, MEM_BOTH, NULL);
	else
		qemu_plugin_register_vcpu_mem_cb(insn, on_store, NO_REGS, MEM_BOTH, NULL);
	if (joins(first, note)) {
		first->nr++;
		free(note);
		return first;
	}
	qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, NO_REGS, note);
	return note->kind == PLAIN && !note->called && !note->reach ? note : NULL;
}

static void on_translated(__u64 id, struct qemu_plugin_tb *tb)
{
	struct insn *first = NULL;
	size_t i;

	(void)id;
	pthread_mutex_lock(&lock);
	for (i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
		first = on_insn_translated(qemu_plugin_tb_get_insn(tb, i), first);
	pthread_mutex_unlock(&lock);
}

static bool option(const char *arg)
{
	char name[4096];

	if (!strncmp(arg, "out=", 4)) {
		out = fopen(arg + 4, "w");
		snprintf(name, sizeof(name), "%s.trace", arg + 4);
		if (nr_trace_seqs)
			trace = fopen(name, "w");
		return out;
	}
	if (!strcmp(arg, "shared=1"))
		lines = calloc(LINES, sizeof(*lines));
	else if (!strncmp(arg, "call=", 5) && nr_call_addrs < MOST_ADDRS)
		call_addrs[nr_call_addrs++] = strtoull(arg + 5, NULL, 16);
	else if (!strncmp(arg, "reach=", 6) && nr_reach_addrs < MOST_ADDRS)
		reach_addrs[nr_reach_addrs++] = strtoull(arg + 6, NULL, 16);
	else if (!strncmp(arg, "skip=", 5) && nr_skips < MOST_ADDRS)
		return sscanf(arg + 5, "%llx-%llx", &skip_from[nr_skips],
			      &skip_to[nr_skips]) == 2 && ++nr_skips;
	else if (!strncmp(arg, "trace=", 6) && nr_trace_seqs < MOST_ADDRS)
		trace_seqs[nr_trace_seqs++] = strtoul(arg + 6, NULL, 10);
	else
		return false;
	return true;
}

int qemu_plugin_install(__u64 id, const struct qemu_info *info, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		if (!option(argv[i])) {
			fprintf(stderr, "count: cannot use option %s\n", argv[i]);
			return 1;
		}
	}
	if (!out) {
		fprintf(stderr, "count: no out=FILE that can be written\n");
		return 1;
	}
	arm64 = !strcmp(info->target_name, "aarch64");
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
	return 0;
}

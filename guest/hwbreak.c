// SPDX-License-Identifier: GPL-2.0
/*
 * hwbreak FILE - write to FILE with hardware breakpoints set
 *
 * One breakpoint counts the writes to a variable, which is written once after each
 * write to FILE.  Another is on the buffer that the kernel reads, in kernel mode,
 * too.  Prints how many writes there were, and how many hits of the first.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WRITES	300

static volatile uint64_t watched __attribute__((aligned(8)));
static char buffer[64] __attribute__((aligned(8)));

static int watch(volatile void *addr, int type, int exclude_kernel)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = type,
		.bp_addr = (uintptr_t)addr,
		.bp_len = HW_BREAKPOINT_LEN_8,
		.exclude_kernel = exclude_kernel,
		.exclude_hv = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

int main(int argc, char **argv)
{
	uint64_t hits;
	int fd, counter, i;

	if (argc != 2) {
		fprintf(stderr, "usage: hwbreak FILE\n");
		return 126;
	}
	counter = watch(&watched, HW_BREAKPOINT_W, 1);
	if (counter < 0 || watch(buffer, HW_BREAKPOINT_RW, 0) < 0) {
		printf("perf_event_open: %s\n", strerror(errno));
		return 1;
	}
	for (i = 0; i < WRITES; i++) {
		int len = sprintf(buffer, "/sbin/%d-%d", getpid(), i);

		fd = open(argv[1], O_WRONLY);
		if (fd < 0 || write(fd, buffer, len) != len || close(fd)) {
			printf("write: %s\n", strerror(errno));
			return 1;
		}
		watched = i;
	}
	if (read(counter, &hits, sizeof(hits)) != sizeof(hits)) {
		printf("read: %s\n", strerror(errno));
		return 1;
	}
	printf("%d writes, %llu hits\n", i, (unsigned long long)hits);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * kexec IMAGE INITRD CMDLINE - load a kernel and start it
 *
 * Returns only with an error, and prints which.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int image, initrd;

	if (argc != 4) {
		fprintf(stderr, "usage: kexec IMAGE INITRD CMDLINE\n");
		return 126;
	}
	image = open(argv[1], O_RDONLY);
	initrd = open(argv[2], O_RDONLY);
	if (image < 0 || initrd < 0 ||
	    syscall(SYS_kexec_file_load, image, initrd, strlen(argv[3]) + 1, argv[3], 0L)) {
		printf("load %s\n", strerrorname_np(errno));
		return 1;
	}
	sync();
	reboot(RB_KEXEC);
	printf("start %s\n", strerrorname_np(errno));
	return 1;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * as UID COMMAND [ARGUMENT...] - run COMMAND as that user, without any group
 *
 * Execs the command itself: a shell in between would try to interpret a file
 * that the kernel does not know how to run.
 */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	uid_t uid;

	if (argc < 3) {
		fprintf(stderr, "usage: as UID COMMAND [ARGUMENT...]\n");
		return 126;
	}
	uid = strtoul(argv[1], NULL, 10);
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid)) {
		perror("as");
		return 126;
	}
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * poke FILE [OFFSET:]DATA... - write to a file, call by call
 *
 * Opens FILE once and does one write(2) for each further argument, at OFFSET if
 * one is given (a number and a colon), else where the last one ended.  In DATA
 * \n and \0 stand for the bytes.  Prints what each call returned, a number of
 * bytes or the name of the error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void result(const char *sep, long ret)
{
	if (ret < 0)
		printf("%s%s", sep, strerrorname_np(errno));
	else
		printf("%s%ld", sep, ret);
}

static size_t unescape(char *s)
{
	char *from = s, *to = s;

	while (*from) {
		if (from[0] == '\\' && (from[1] == 'n' || from[1] == '0')) {
			*to++ = from[1] == 'n' ? '\n' : '\0';
			from += 2;
		} else {
			*to++ = *from++;
		}
	}
	return to - s;
}

int main(int argc, char **argv)
{
	int fd, i;

	if (argc < 3) {
		fprintf(stderr, "usage: poke FILE [OFFSET:]DATA...\n");
		return 126;
	}
	fd = open(argv[1], O_WRONLY);
	if (fd < 0) {
		result("open ", -1);
		putchar('\n');
		return 1;
	}
	for (i = 2; i < argc; i++) {
		char *data = argv[i], *rest;
		long offset = strtol(data, &rest, 10);

		if (rest != data && *rest == ':') {
			data = rest + 1;
			if (lseek(fd, offset, SEEK_SET) < 0) {
				result("seek ", -1);
				putchar('\n');
				return 1;
			}
		}
		result(i > 2 ? " " : "", write(fd, data, unescape(data)));
	}
	putchar('\n');
	return 0;
}

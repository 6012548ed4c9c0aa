#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest that has the kernel write to write-rare memory.

. /verdict.sh

echo /sbin/helper >/proc/sys/kernel/modprobe
same "modprobe: read back" /sbin/helper "$(cat /proc/sys/kernel/modprobe)"
end_verdict

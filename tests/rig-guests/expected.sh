#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest that expects a report and gets it: no more and no less.

. /verdict.sh

expect_report 1 'WARNING: .*lkdtm_WARNING'
echo WARNING >/sys/kernel/debug/provoke-crash/DIRECT
expect_end
expect_report 1 '(BUG: unable to handle page fault|Unable to handle kernel write).*Oops: .*lkdtm_WRITE_RO'
sh -c 'echo WRITE_RO >/sys/kernel/debug/provoke-crash/DIRECT'
check "the writer was killed" "" [ $? -gt 128 ]
expect_end
end_verdict

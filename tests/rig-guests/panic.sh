#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest whose kernel panics, after a verdict that would pass.

. /verdict.sh

ok one
end_verdict
echo c >/proc/sysrq-trigger

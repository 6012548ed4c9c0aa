#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest whose kernel writes a report that nobody expected.

. /verdict.sh

ok one
echo WARNING >/sys/kernel/debug/provoke-crash/DIRECT
end_verdict

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest that expects a report which does not come.

. /verdict.sh

ok one
expect_report 1 'WARNING: .*lkdtm_WARNING'
expect_end
end_verdict

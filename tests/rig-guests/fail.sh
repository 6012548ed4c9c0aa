#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest with a row that is not ok.

. /verdict.sh

ok one
not_ok two "on purpose"
end_verdict

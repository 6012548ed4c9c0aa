#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest that loses a row on the way.

. /verdict.sh

ok one
rows=$((rows + 1))
end_verdict

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest that passes.

. /verdict.sh

ok one
ok two "with a detail"
end_verdict

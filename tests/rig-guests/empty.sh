#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest that checks nothing.

. /verdict.sh

end_verdict

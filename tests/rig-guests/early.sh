#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest that leaves without a verdict.

. /verdict.sh

ok one

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck source=guest/verdict.sh
#
# A guest that never comes to its end.

. /verdict.sh

ok one
while :; do
	sleep 1
done

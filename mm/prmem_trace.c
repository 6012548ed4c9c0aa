// SPDX-License-Identifier: GPL-2.0
/*
 * Write-rare memory: the tracepoints. Not with the write path, so that no other
 * code stands between its functions.
 */
#define CREATE_TRACE_POINTS
#include <trace/events/prmem.h>

# SPDX-License-Identifier: GPL-2.0

# The first is what is run; everything is tested, unless ARCH says which one.
ARCHES := $(shell bash -c '. tools/lib-arch.sh && echo $${ARCHES[*]}')
ONE := $(or $(ARCH),$(firstword $(ARCHES)))
ALL := $(or $(ARCH),$(ARCHES))

export ARCH KSRC
export PRMEM_T0 := $(shell date +%s)

# Neither our flags nor our job server concern the kernel's make.
TOOL := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES tools
MAKEFLAGS += --no-print-directory

# The package is not needed when another tree is given.
SOURCE := $(if $(KSRC),compose,source compose)

# Also ARCH=all.
BENCH := $(if $(filter all,$(ARCH)),$(ARCHES),$(ONE))

.PHONY: help tree series absorb run test test-matrix bench lint docs shell clean arch

help:  ## this list
	@echo 'make TARGET [ARCH=$(subst $() ,|,$(ARCHES))] [KSRC=path of a Linux 6.12 tree or archive]'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'Without ARCH, run and shell are for $(firstword $(ARCHES)), and all are tested.'

tree: arch  ## compose build/linux, the base kernel with the series on top
	@$(TOOL)/deps $(SOURCE)
	@$(TOOL)/compose

series: tree  ## write the series as mails to build/series
	@$(TOOL)/series

absorb: arch  ## take commits made in build/linux back into series/ and the overlay
	@$(TOOL)/deps $(SOURCE)
	@$(TOOL)/absorb

run: arch  ## build, boot and drill a kernel: legitimate use, attacks, attacks without prmem
	@$(TOOL)/deps $(SOURCE) build run $(ONE)
	@$(TOOL)/compose
	@$(TOOL)/run

shell: arch  ## a shell in the guest of "make run"
	@$(TOOL)/deps $(SOURCE) build run $(ONE)
	@$(TOOL)/compose
	@$(TOOL)/run --shell

test: arch  ## everything that is checked: tools, rig, lint, KUnit, drill
	@$(TOOL)/deps $(SOURCE) build run lint test $(ALL)
	@$(TOOL)/test

test-matrix: arch  ## more configurations, CPUs and machines, and each commit of the series
	@$(TOOL)/deps $(SOURCE) build run $(ALL)
	@$(TOOL)/compose
	@$(TOOL)/matrix

bench: arch  ## measure against other mechanisms, in build/bench and docs/BENCHMARKS.md; ARCH=all
	@$(TOOL)/deps $(SOURCE) build run bench $(BENCH)
	@$(TOOL)/compose
	@$(TOOL)/bench

lint: arch  ## checkpatch, kernel-doc, sparse, W=1, shellcheck, SPDX, documentation
	@$(TOOL)/deps $(SOURCE) build lint $(ALL)
	@$(TOOL)/compose
	@$(TOOL)/lint

docs: arch  ## the manual page as HTML, in build/docs
	@$(TOOL)/deps $(SOURCE) build lint
	@$(TOOL)/compose
	@$(TOOL)/lint --docs

clean:  ## remove build/, unless build/linux holds work that is nowhere else
	@$(TOOL)/compose --clean

arch:
	@bash -c '. tools/lib.sh; [[ " $(ARCHES) " == *" $$0 "* ]] || \
		die "ARCH=$$0 is not supported, use one of: $(ARCHES)"' '$(firstword $(if $(filter bench,$(MAKECMDGOALS)),$(BENCH),$(ONE)))'

# What people type. Each target first installs the Debian packages it needs; `make PACKAGES=:` leaves that out.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build
MAKEFLAGS += --no-print-directory

PACKAGES ?= .ci/install
CMAKE_FLAGS ?=
PREFIX ?= /usr/local
DESTDIR ?=
TIME ?= 60
T ?=
S ?=
F ?=
ROWS ?=
PEERS ?=
ROUNDS ?=
RELEASE := build/release

# A home that cannot be written to (containers, CI users) has no place for the compiler cache.
ifeq ($(CCACHE_DIR),)
ifneq ($(shell test -w "$(HOME)" && echo yes),yes)
export CCACHE_DIR := $(CURDIR)/build/ccache
endif
endif

# A first build asks for no test or bench package; a folder that was configured with them keeps them.
PLAIN := $(if $(wildcard $(RELEASE)/CMakeCache.txt),,-DGATEHOUSE_TESTS=OFF -DGATEHOUSE_BENCH=OFF)

.PHONY: build run test scenario check asan tsan fuzz bench bench-micro bench-waf bench-cache install clean help

build: ## Build the program: build/release/gatehouse
	@$(PACKAGES) build
	@cmake --preset release --log-level=WARNING $(PLAIN) $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(RELEASE) gatehouse

run: build ## Build, then start the demo: a gateway with origins in two regions
	@exec $(RELEASE)/gatehouse demo

test: ## Build and run every test; T=Health* runs the unit tests of that name
	@$(PACKAGES) build test
	@cmake --preset release --log-level=WARNING -DGATEHOUSE_TESTS=ON $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(RELEASE)
	@tests/run --build $(RELEASE) $(if $(T),--unit '$(T)')

scenario: ## Run the scenarios against the real program; S=name runs those whose path has it
	@$(PACKAGES) build test
	@cmake --preset release --log-level=WARNING -DGATEHOUSE_TESTS=ON $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(RELEASE)
	@tests/run --build $(RELEASE) --scenario '$(S)'

check: ## Layers, sizes, coroutines, docs and the checks themselves
	@$(PACKAGES) test
	@failed=; for name in test_checks check_layers check_sizes check_coroutines check_docs; do \
	  python3 .ci/$$name.py || failed="$$failed $$name"; done; \
	for file in .ci/install .ci/run; do bash -n $$file || failed="$$failed $$file"; done; \
	if command -v docker-compose >/dev/null; then \
	  docker-compose -f docker-compose.yml config --quiet && echo 'compose: fine' || failed="$$failed docker-compose.yml"; \
	else echo 'compose: not checked, docker-compose is not installed'; fi; \
	test -z "$$failed" || { echo "check: failed:$$failed" >&2; exit 1; }

asan tsan: ## The tests under address and undefined (asan) or thread (tsan) sanitizer
	@$(PACKAGES) build test
	@cmake --preset $@ --log-level=WARNING $(CMAKE_FLAGS) >/dev/null
	@ninja -C build/$@
	@tests/run --build build/$@ --slower 4 $(if $(T),--unit '$(T)')

fuzz: ## Fuzz one parser: F=request_head TIME=60 (seconds); without F, list them
	@$(PACKAGES) build test
	@test -n '$(F)' || { echo 'choose one with F='; sed -n 's/^gatehouse_fuzz(\([a-z0-9_]*\).*/  \1/p' tests/CMakeLists.txt; exit 2; }
	@cmake --preset fuzz --log-level=WARNING $(CMAKE_FLAGS) >/dev/null
	@ninja -C build/fuzz fuzz_$(F)
	@mkdir -p build/fuzz/corpus/$(F)
	@build/fuzz/tests/fuzz_$(F) -max_total_time=$(TIME) -timeout=5 -artifact_prefix=build/fuzz/ \
	  build/fuzz/corpus/$(F) $(wildcard tests/fuzz/corpus/$(F))

bench: ## Compare with nginx, haproxy and a bare relay; ROWS=a,b PEERS=c,d ROUNDS=n
	@$(PACKAGES) build bench
	@cmake --preset release --log-level=WARNING -DGATEHOUSE_BENCH=ON $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(RELEASE) gatehouse bench_tools
	@bench/compare $(if $(ROWS),--rows $(ROWS)) $(if $(PEERS),--peers $(PEERS)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	  --json build/bench/results.json

bench-micro: ## Time single functions; T=name runs those of that name
	@$(PACKAGES) build bench
	@cmake --preset release --log-level=WARNING -DGATEHOUSE_BENCH=ON $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(RELEASE) bench_micro
	@$(RELEASE)/bench/bench_micro $(if $(T),--benchmark_filter='$(T)')

bench-waf: ## Compare the rule engine with libmodsecurity; GATEHOUSE_CRS4_DIR names a CRS 4, else Debian's 3.3.4 is used
	@$(PACKAGES) build bench
	@cmake --preset release --log-level=WARNING -DGATEHOUSE_BENCH=ON $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(RELEASE) bench_waf
	@$(RELEASE)/bench/bench_waf --json build/bench/waf.json $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ROWS),--only $(ROWS))

bench-cache: ## What simultaneous requests cost an origin, and who goes when the cache's memory is short
	@$(PACKAGES) build bench
	@cmake --preset release --log-level=WARNING -DGATEHOUSE_BENCH=ON $(CMAKE_FLAGS) >/dev/null
	@ninja -C $(RELEASE) gatehouse bench_tools bench_cache
	@bench/stampede --json build/bench/stampede.json
	@$(RELEASE)/bench/bench_cache

install: build ## Install the program; DESTDIR= PREFIX=/usr/local
	@DESTDIR='$(DESTDIR)' cmake --install $(RELEASE) --prefix '$(PREFIX)'

clean: ## Remove everything that was built
	@rm -rf build

help: ## This list
	@sed -n 's/^\([a-z -]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
	  printf '  make %-12s %s\n' "$$name" "$$text"; done

# Commands to run and develop Attaché. `make help` lists them.
#
# Versions, each in one place: Rust in rust-toolchain.toml, npm packages in package.json, wasm-bindgen in Cargo.lock, dx here.
DX_VERSION := 0.7.10

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Settings, read from the environment by the server itself.
IP ?= 127.0.0.1
PORT ?= 8080
DATA_DIR ?= ./data
export IP PORT

# Files to keep between checkouts.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/attache
TOOLS := $(CACHE)/tools
# On CI the checkout is temporary, so the build directory is outside of it.
ifeq ($(CI),true)
CARGO_TARGET_DIR ?= $(CACHE)/target
# CI compiles everything only once.
export CARGO_INCREMENTAL := 0
else
CARGO_TARGET_DIR ?= target
endif
override CARGO_TARGET_DIR := $(abspath $(CARGO_TARGET_DIR))
export CARGO_TARGET_DIR

# The built server; its pages are in public/ beside it. The browser tests start this one.
ATTACHE_SERVER := $(CARGO_TARGET_DIR)/dx/attache/release/web/server
export ATTACHE_SERVER

# dx uses the tools in PATH and downloads none.
export PATH := $(TOOLS)/bin:$(CURDIR)/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)
export NO_DOWNLOADS := 1
export DX_TELEMETRY_ENABLED := false
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

CSS := assets/tailwind.css
FONTS := $(addprefix public/fonts/,inter-latin-wght-normal.woff2 inter-latin-ext-wght-normal.woff2 LICENSE)
# SHA-256 for cases where the browser has none: pages on plain http, and very large parts.
SHA256 := public/sha256.js
RUST := $(shell find src -name '*.rs')
STAGE := scripts/stage.sh

# Compiles with clippy and runs the tests from its output: `cargo clippy` would compile everything once for the lints
# and again for the tests.
LINTED := env RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__

##@ Use

.PHONY: run
run: build ## Build for release and serve on http://localhost:8080, data in ./data
	@DATA_DIR="$(abspath $(DATA_DIR))" exec "$(ATTACHE_SERVER)"

.PHONY: demo
demo: build ## The same with a sample organization, data in ./data/demo
	@DATA_DIR="$(abspath $(if $(filter-out file,$(origin DATA_DIR)),$(DATA_DIR),./data/demo))" exec "$(ATTACHE_SERVER)" demo

.PHONY: doctor
doctor: build ## Check database, storage and tools, and say how to fix problems
	@DATA_DIR="$(abspath $(DATA_DIR))" exec "$(ATTACHE_SERVER)" doctor

##@ Develop

.PHONY: dev
dev: setup assets ## Serve with hot reload on the same data
	@export DATA_DIR="$(abspath $(DATA_DIR))" PUBLIC_URL="$${PUBLIC_URL:-http://localhost:$(PORT)}"; \
		echo "Open $$PUBLIC_URL: dx stands in front as a proxy and rewrites the Host, so other addresses cannot change anything"; \
		exec dx serve --web --interactive false --open false --addr "$(IP)" --port "$(PORT)"

.PHONY: build
build: setup assets ## Only build: target/dx/attache/release/web/server, with public/ beside it
	@scripts/build.sh

.PHONY: dist
dist: build ## Make a tarball and a Debian package of the release build, in target/dist
	@scripts/dist.sh "$(TOOLS)"

.PHONY: fmt
fmt: ## Format the Rust code
	@cargo fmt

.PHONY: setup
setup: setup-tools ## Install missing build tools

.PHONY: setup-toolchain
setup-toolchain:
	@scripts/setup.sh
	@$(MAKE) --silent node_modules/.installed

.PHONY: setup-tools
setup-tools: setup-toolchain
	@scripts/install-build-tools.sh "$(DX_VERSION)" "$(TOOLS)"

.PHONY: assets
assets: $(CSS) $(FONTS) $(SHA256) ## Build the style sheet, the font and SHA-256 from their packages

.PHONY: clean
clean: ## Remove build output; data and installed tools stay
	@rm -rf target "$(CACHE)/target" node_modules "$(CSS)" public/fonts $(SHA256) test-results playwright-report

##@ Check

.PHONY: test
test: ## Install what the tests need and run all: format, clippy, Rust, the API's contract and clients, the gateway, browser
	@$(STAGE) --begin
	@$(STAGE) "Set-up" $(MAKE) setup-toolchain setup-packages assets
	@export STAGE_RUN=1; status=0; \
		STAGE_BLOCKS=1 $(MAKE) --keep-going --jobs=2 check-build check-clippy check-format check-deny setup-engines || status=$$?; \
		$(MAKE) --keep-going test-rust test-contract test-clients test-gateway test-e2e || status=$$?; \
		$(STAGE) --table; exit $$status

.PHONY: check
check: setup-toolchain assets check-format ## Format, clippy, unit tests, architecture and words: for everyday work
	@$(LINTED) cargo test --features server --lib --test architecture --test words
	@cargo clippy --features web,split --target wasm32-unknown-unknown -- -D warnings

.PHONY: test-rust
test-rust: setup-toolchain assets ## Rust tests, on SQLite + local disk and on PostgreSQL + Garage
	@$(STAGE) "Rust tests" scripts/with-engines.sh $(LINTED) cargo test --features server

.PHONY: test-contract
test-contract: check-build ## Requests generated from the REST API's document, the same ones each time
	@scripts/install-schemathesis.sh "$(TOOLS)"
	@$(STAGE) "REST contract" scripts/test-contract.sh "$(TOOLS)" --generation-deterministic --max-examples 200 --max-time 120

.PHONY: test-clients
test-clients: check-build ## Validate the REST API's document, and use clients that are generated from it
	@scripts/install-schemathesis.sh "$(TOOLS)"
	@$(STAGE) "Generated clients" scripts/test-clients.sh "$(TOOLS)"

.PHONY: test-gateway
test-gateway: check-build ## Run examples/gateway against the release build and a fake provider
	@$(STAGE) "Gateway" python3 examples/gateway/test_gateway.py

.PHONY: test-e2e
test-e2e: check-build ## Browser tests with Playwright against the release build
	@$(STAGE) "Browser tests" scripts/test-e2e.sh

.PHONY: bench
bench: ## Compare the release build with nginx, sharp, zip and boto3: docs/benchmarks.md
	@benches/install.sh "$(TOOLS)"
	@$(MAKE) build
	@BENCH_TOOLS="$(TOOLS)" benches/run.sh

.PHONY: bench-large
bench-large: check-build ## Processor time of requests of the release build with MESSAGES=600000 on SQLite: docs/benchmarks.md
	@python3 benches/large.py "$(ATTACHE_SERVER)" "$(or $(MESSAGES),600000)"

.PHONY: fuzz
fuzz: ## Run each fuzz target for SECONDS=60, on one core: docs/fuzzing.md
	@scripts/fuzz.sh "$(or $(SECONDS),60)"

.PHONY: stress
stress: check-build setup-packages setup-engines ## Hostile files, kills and restarts against the release build, for half an hour: docs/stress.md
	@$(STAGE) "Stress" scripts/with-engines.sh $(LINTED) cargo test --features server --test api -- \
		--ignored stress:: --skip stress::soak --test-threads=1 --nocapture
	@RACE_ROUNDS="$${RACE_ROUNDS:-100}" $(STAGE) "Races" scripts/with-engines.sh $(LINTED) cargo test --features server --test api -- races::

.PHONY: soak
soak: check-build setup-packages setup-engines ## Ordinary use of the release build for SECONDS=3600, while memory and open files stay level: docs/stress.md
	@SOAK_SECONDS="$(or $(SECONDS),3600)" $(STAGE) "Soak" scripts/with-engines.sh $(LINTED) cargo test --features server --test api -- \
		--ignored stress::soak --test-threads=1 --nocapture

.PHONY: corpus
corpus: setup-packages setup-engines ## Compare hundreds of generated files of every type with the table of file types
	@$(STAGE) "Corpus" scripts/with-engines.sh $(LINTED) cargo test --features server --test api -- --ignored corpus:: --nocapture

.PHONY: setup-tests
setup-tests: setup-packages setup-engines ## Install missing test tools: chromium, ffmpeg, Poppler, libheif, unzip, wget, Schemathesis, PostgreSQL, Garage

.PHONY: setup-packages
setup-packages:
	@scripts/install-packages.sh chromium-headless-shell:chromium-headless-shell ffmpeg:ffmpeg pdftoppm:poppler-utils heif-convert:libheif-examples unzip:unzip curl:curl python3:python3 wget:wget

.PHONY: setup-engines
setup-engines: setup-toolchain
	@$(STAGE) "Test engines" scripts/install-engines.sh
	@$(STAGE) "Schemathesis" scripts/install-schemathesis.sh "$(TOOLS)"

.PHONY: check-format
check-format:
	@$(STAGE) "Format" cargo fmt --check

.PHONY: check-deny
check-deny: ## Check the crates for known advisories, licenses and sources, where cargo-deny is installed
	@$(STAGE) "Crates" scripts/check-deny.sh "$(TOOLS)"

.PHONY: check-clippy
check-clippy: setup-toolchain assets
	@$(STAGE) "Clippy, server and tests" $(LINTED) cargo test --features server --no-run
	@$(STAGE) "Clippy, browser" cargo clippy --features web,split --target wasm32-unknown-unknown -- -D warnings

.PHONY: check-build
check-build: setup-toolchain assets
	@$(STAGE) "Build tools" scripts/install-build-tools.sh "$(DX_VERSION)" "$(TOOLS)"
	@$(STAGE) "Release build" scripts/build.sh

.PHONY: test-package
test-package: check-build ## Install, start, upgrade and purge the Debian package in a copy of this system; as root
	@PACKAGE_VERSION=0.0.1 scripts/dist.sh "$(TOOLS)"
	@scripts/dist.sh "$(TOOLS)"
	@$(STAGE) "Debian package" scripts/test-package.sh target/dist/attache_0.0.1_*.deb target/dist/attache_$$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)_*.deb

##@ Help

.PHONY: help
help: ## List these targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@printf '\nIP, PORT and DATA_DIR apply everywhere: make run PORT=9000 DATA_DIR=/srv/attache\n'

node_modules/.installed: package.json package-lock.json
	@echo "npm packages: tailwindcss, esbuild, wasm-opt, the font and its cutter, Playwright and a generator of TypeScript clients, as package-lock.json says"
	@npm ci --no-progress --loglevel=error
	@touch $@

$(CSS): input.css tailwind.config.js $(wildcard src/ui/styles/*.css) $(RUST) | node_modules/.installed
	@tailwindcss --input input.css --output $@ 2>&1 | { grep --invert-match --extended-regexp '^(≈ |Done in|$$)' || true; }
	@touch $@

public/fonts/%.woff2: src/ui/styles/fonts.css scripts/subset-font.mjs | node_modules/.installed
	@mkdir -p public/fonts
	@node scripts/subset-font.mjs node_modules/@fontsource-variable/inter/files/$*.woff2 $< $@

$(SHA256): | node_modules/.installed
	@mkdir -p $(@D)
	@echo "export { sha256 } from '@noble/hashes/sha2.js'" | \
		esbuild --bundle --format=esm --minify --log-level=warning \
		'--banner:js=/*! @noble/hashes, MIT license, (c) 2022 Paul Miller (https://paulmillr.com) */' --outfile=$@

public/fonts/LICENSE: | node_modules/.installed
	@mkdir -p public/fonts
	@cp node_modules/@fontsource-variable/inter/LICENSE $@

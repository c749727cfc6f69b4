# Everyday commands. `make` alone lists them.

TARGET := $(or $(CARGO_TARGET_DIR),target)
SOAK ?= 1000

# The screens: everything their build reads.
WEB := sh scripts/node.sh
WEB_SOURCES = $(shell find web/src web/public web/scripts -type f ! -name schema.d.ts) web/index.html web/package-lock.json \
	web/vite.config.ts web/tsconfig.json openapi/openapi.json

.PHONY: help setup web run test lint build-it test-web test-browser screenshots perf bench soak dist check-dist openapi clean-data

help:
	@echo 'setup       what building and testing need (system packages)'
	@echo 'run         build everything, and serve a demonstration on http://127.0.0.1:8080'
	@echo 'web         build the screens into web/dist, when they have changed'
	@echo 'test        format, lints and every test, on SQLite and PostgreSQL, and of the screens'
	@echo 'test-web    the screens without a browser: types, words, layers, pure functions, the built files'
	@echo 'test-browser  the stories in Chromium against the real server, with axe'
	@echo 'screenshots the main screens as pictures in web/screenshots/, those of the README in docs/pictures/'
	@echo 'perf        size of the start page, and its time to usable on a slow phone and network'
	@echo 'soak        the rules by ten thousand cases each, the races and kills again, SOAK=$(SOAK) rounds each'
	@echo 'bench       the side-by-side benchmark (about half an hour; ONLY="search sqlite" for parts of it); results in bench-results/'
	@echo 'dist        the release archive, dist/shangliang-*.tar.gz'
	@echo 'check-dist  run the archive in a bare read-only root file system (as root, without Docker)'
	@echo 'openapi     write openapi/openapi.json from the code'
	@echo 'clean-data  remove the demonstration data in data/'

setup:
	@sh scripts/setup.sh

web: setup web/dist/index.html

web/dist/index.html: $(WEB_SOURCES)
	@echo 'web: building the screens'
	@$(WEB) npm run --silent build -- --logLevel warn

run: web
	cargo build
	$(if $(filter /%,$(TARGET)),,./)$(TARGET)/debug/shangliang serve --demo

# The tests of the screens run while the program is built: reading its source keeps one core busy for a minute and more.
# Some tests wait for a clock: there is one more at a time than there are cores.
test: web
	@$(MAKE) --no-print-directory lint
	cargo test --lib --config profile.test.package.shangliang.opt-level=0
	@$(MAKE) --no-print-directory -j2 --output-sync build-it test-web
	cargo test --test it -- --test-threads $$(($$(nproc) + 1))
	@$(MAKE) --no-print-directory test-browser

lint:
	cargo fmt --all --check
	cargo clippy --all-targets -- -D warnings

build-it:
	cargo test --test it --no-run

test-web: web
	$(WEB) npm run --silent check
	$(WEB) npm run --silent unit

# SHANGLIANG_BIN names another server than target/debug/shangliang.
SERVER = SHANGLIANG_BIN=$(or $(SHANGLIANG_BIN),$(abspath $(TARGET))/debug/shangliang)

test-browser: web
	@$(SERVER) $(WEB) npm run --silent e2e

screenshots: web
	@$(SERVER) $(WEB) npm run --silent screenshots
	@for picture in docs/pictures/*.png; do cp "web/screenshots/$${picture##*/}" "$$picture"; done

perf: web
	@$(SERVER) $(WEB) npm run --silent perf

soak: setup
	PROPTEST_CASES=10000 cargo test --release --lib
	SHANGLIANG_SOAK=$(SOAK) cargo test --release --test it -- soak

bench: setup
	cargo bench --bench side_by_side -- $(ONLY)

dist: web
	sh packaging/dist.sh

check-dist:
	sh packaging/check.sh

openapi:
	@mkdir -p openapi
	cargo run --quiet -- openapi > openapi/openapi.json.new
	@mv openapi/openapi.json.new openapi/openapi.json

clean-data:
	rm -rf data

# Everyday commands. `make` alone lists them.

TARGET := $(or $(CARGO_TARGET_DIR),target)
SOAK ?= 1000

.PHONY: help setup run test bench soak dist check-dist openapi clean-data

help:
	@echo 'setup       what building and testing need (system packages)'
	@echo 'run         build, and serve a demonstration on http://127.0.0.1:8080'
	@echo 'test        format, lints and every test, on SQLite and PostgreSQL'
	@echo 'soak        the races again, SOAK=$(SOAK) rounds each'
	@echo 'bench       the side-by-side benchmark (about five minutes); results in bench-results/'
	@echo 'dist        the release archive, dist/shangliang-*.tar.gz'
	@echo 'check-dist  run the archive in a bare read-only root file system (as root, without Docker)'
	@echo 'openapi     write openapi/openapi.json from the code'
	@echo 'clean-data  remove the demonstration data in data/'

setup:
	@sh scripts/setup.sh

run: setup
	cargo build
	$(if $(filter /%,$(TARGET)),,./)$(TARGET)/debug/shangliang serve --demo

test: setup
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo test

soak: setup
	SHANGLIANG_SOAK=$(SOAK) cargo test --release --test it -- soak

bench: setup
	cargo bench --bench side_by_side

dist: setup
	sh packaging/dist.sh

check-dist:
	sh packaging/check.sh

openapi:
	@mkdir -p openapi
	cargo run --quiet -- openapi > openapi/openapi.json.new
	@mv openapi/openapi.json.new openapi/openapi.json

clean-data:
	rm -rf data

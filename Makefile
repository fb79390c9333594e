# Everything that is done with Rapport from a checkout. Needs python3 with venv; `make test` also root or sudo for apt.

PYTHON ?= python3
PORT ?= 8000
DATA ?= var
ROUNDS ?= 100
DATABASE ?= both

BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)
export PYTHONUNBUFFERED = 1

ifdef UV
MAKE_VENV = uv venv --quiet --allow-existing --python $(PYTHON) .venv
INSTALL = uv pip install --quiet --python $(BIN)/python
else
MAKE_VENV = $(PYTHON) -m venv .venv
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.DEFAULT_GOAL := help
.PHONY: help demo test quick lint ci bench faults packages setup screenshots

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-8s %s\n' "$$name" "$$what"; done

.venv/bin/python:
	$(MAKE_VENV)

.venv/.stamp-product: requirements.lock pyproject.toml | .venv/bin/python
	@echo "installing what Rapport needs"
	@$(INSTALL) -r requirements.lock
	@$(INSTALL) --no-deps -e .
	@touch $@

.venv/.stamp-tools: requirements-dev.lock .venv/.stamp-product
	@echo "installing what its tests need"
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

setup: .venv/.stamp-tools ## Install everything into .venv

demo: .venv/.stamp-product ## Start the demo company on http://localhost:$(PORT), kept in DATA
	@exec $(BIN)/rapport demo --port $(PORT) --data $(DATA)

packages:
	@scripts/test_packages.sh

lint: setup ## Check style, types, floors and migrations
	@$(BIN)/python scripts/suite.py lint

quick: setup ## Lint and the tests that stand beside the code, on SQLite
	@$(BIN)/python scripts/suite.py lint quick

test: setup packages ## Everything: lint, both databases, real servers, browser, faults
	@$(BIN)/python scripts/suite.py lint faults browser+servers postgres sqlite

ci: test ## What the build server runs

faults: setup packages ## Kill processes while mail flows: ROUNDS, DATABASE=sqlite|postgres|both
	@$(BIN)/python scripts/suite.py faults --rounds $(ROUNDS) --database $(DATABASE)

bench: setup ## Measure speed
	@$(BIN)/python -m benchmarks

screenshots: setup ## Take the pictures of the documentation
	@$(BIN)/python scripts/screenshots.py

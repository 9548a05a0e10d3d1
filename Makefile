# Few verbs; each makes what it needs. PYTHON, HOST, PORT and the variables of .env.example may be set in the environment.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

.DEFAULT_GOAL := help
.PHONY: help run test check audit format lock screenshot bench clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

run: $(VENV)/run.stamp ## serve the chat on http://HOST:PORT (127.0.0.1:8000), with the ad sandbox beside it
	@exec $(BIN)/python scripts/run.py

test: $(VENV)/test.stamp ## install what the tests need, a browser included, and run all of them
	@scripts/test-services
	@PATH="$(CURDIR)/$(VENV)/test-bin:$$PATH" $(BIN)/pytest $(ARGS)
	@if command -v node >/dev/null; then node --test tests/js/*.test.js; else echo "SKIPPED tests/js: node is not installed"; fi

check: $(VENV)/test.stamp ## linters, types, import rules, Django's own checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files -co --exclude-standard 'templates/*.html' 'kontext_integration/templates/**/*.html' | xargs $(BIN)/djade --target-version 5.2 --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(MANAGE) check --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run
	$(BIN)/python scripts/audit.py

audit: $(VENV)/test.stamp ## ask for weaknesses in the pinned packages
	$(BIN)/python scripts/audit.py

format: $(VENV)/test.stamp ## put code and templates into their form
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	git ls-files -co --exclude-standard 'templates/*.html' 'kontext_integration/templates/**/*.html' | xargs $(BIN)/djade --target-version 5.2 || true

lock: ## pin requirements.in and requirements-dev.in with hashes, for Python 3.11 to 3.14
	$(BIN)/pip install --quiet --upgrade uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --upgrade --quiet requirements-dev.in -o requirements-dev.txt

screenshot: $(VENV)/test.stamp ## make docs/screenshot.png from the running code
	$(BIN)/python scripts/screenshot.py

bench: $(VENV)/test.stamp ## measure time to first token and CPU per token, as ratios in one run
	$(BIN)/python -m benchmarks

clean: ## remove what make made; the database stays
	rm -rf $(VENV) staticfiles .pytest_cache .mypy_cache .ruff_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=…")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the chat needs …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@touch $@

$(VENV)/test.stamp: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	@echo "Installing what the tests need …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

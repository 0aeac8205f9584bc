# `make run` serves the API, `make test` runs the tests, `make help` lists the rest. They need only Python 3.11 or newer.
PYTHON ?= python3
PORT ?= 8000
DEMO_DATABASE ?= sqlite:///demo.db
PYTEST_ARGS ?= -n auto --dist worksteal
# Fixed, because the rules below can remove it.
override VENV := .venv
BIN := $(VENV)/bin
# The benchmark has packages of its own, so that those of the tests stay as they are.
override BENCH_VENV := .venv-bench
PIP := $(BIN)/python -m pip --disable-pip-version-check
# The lock keeps the extras of packages, because pip meets a requirement of "apispec[marshmallow]" only with them.
LOCK := uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	--quiet --upgrade

# Remove an unusable .venv, so that the rules below create a new one: if its Python or pip is missing, if its Python is
# too old, or if it was moved here from another folder.
ifneq ($(wildcard $(VENV)),)
ifneq ($(shell $(BIN)/python -c 'import pip, sys; print(sys.version_info >= (3, 11))' 2>&1 && \
	grep -qF '$(CURDIR)/$(VENV)' $(BIN)/activate && echo usable),True usable)
$(info Removing $(VENV), which cannot be used.)
$(shell rm -rf $(VENV))
endif
endif

# The tests start hundreds of processes. Each would compile all modules again if Python could not write bytecode.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo quick test test-all coverage check format docs grounding-scores fuzz browse soak bench lock clean

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 18

run: $(VENV)/run ## Serve the API on http://127.0.0.1:8000 (PORT=… for another port).
	@$(BIN)/onrecord db upgrade
	@$(BIN)/onrecord db seed
	@echo "To write, create a key: $(BIN)/onrecord keys create --name mine --scope claims:write"
	@exec $(BIN)/onrecord serve --port $(PORT)

demo: export ONRECORD_DATABASE_URL := $(DEMO_DATABASE)
demo: export ONRECORD_SHOW_TEXTS := true
demo: $(VENV)/run ## Serve an invented conflict, with the texts of its articles, from a database of its own.
	@$(BIN)/onrecord db upgrade
	@$(BIN)/onrecord import fixtures/demo/*.ndjson
	@echo "To read       http://127.0.0.1:$(PORT)/articles/demo-tolls-differ"
	@exec $(BIN)/onrecord serve --port $(PORT)

# Each test module sets its markers. pyproject.toml describes them.
quick: $(VENV)/test ## Run the quick tests, on SQLite only.
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "not (postgresql or slow or long or external)"

test: $(VENV)/test ## Run the tests on SQLite and PostgreSQL, except long ones and those that need other programs.
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "not (long or external)"

test-all: test ## Run `make test`, then all other tests (they need Chromium, Node.js with npm and Redis).
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m "long or external"

coverage: $(VENV)/test ## Run all tests and report the lines and branches that no test reaches.
	$(BIN)/python -m pytest $(PYTEST_ARGS) --cov --cov-report=term-missing:skip-covered

check: $(VENV)/test ## Check format, likely bugs, types, import rules, the contract and spelling.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/onrecord contract check
	git ls-files -z --cached --others --exclude-standard | xargs -0 $(BIN)/codespell

format: $(VENV)/test ## Format the code and fix what ruff can fix.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/test ## Write the generated parts of docs: the commands and the settings.
	$(BIN)/python -m tests.support.generated_docs --write

grounding-scores: $(VENV)/test ## Print the error rates of grounding (SCORES=--write updates docs/grounding.md).
	$(BIN)/python -m tests.support.grounding_scores $(SCORES)

fuzz: $(VENV)/test ## Fuzz every operation for longer than the tests do.
	FUZZ_EXAMPLES=500 QUERIES=500 $(BIN)/python -m pytest $(PYTEST_ARGS) tests/contract/test_fuzzing.py \
		tests/http/test_search.py tests/contract/test_diff_laws.py

browse: $(VENV)/test ## Execute every operation in a browser.
	EVERY_OPERATION=1 $(BIN)/python -m pytest tests/http/test_browser.py

soak: $(VENV)/test ## Kill the server 200 times, and repeat the long tests with up to 100,000 claims.
	KILLS=200 LINES_IMPORTED=100000 LINES_EXPORTED=50000 CLAIMS_DISPUTED=10000 OPERATIONS=10000 INCREMENTS=50 \
		$(BIN)/python -m pytest $(PYTEST_ARGS) tests/http/test_durability.py tests/http/test_imports_concurrent.py \
		tests/http/test_exports.py tests/http/test_comparisons.py tests/http/test_concurrency.py tests/http/test_feed.py

bench: $(BENCH_VENV)/installed ## Compare the speed with other servers (BENCH=quick takes a few minutes). It needs wrk and two cores.
	$(BENCH_VENV)/bin/python -m tests.benchmarks $(BENCH)

lock: ## Lock the newest versions of all packages (needs uv).
	$(LOCK) --output-file requirements.txt
	$(LOCK) --extra test --output-file requirements-test.txt
	$(LOCK) --extra bench --constraint requirements.txt --output-file requirements-bench.txt

clean: ## Remove installed packages and caches. Databases stay.
	rm -rf $(VENV) $(BENCH_VENV) dist build .mypy_cache .ruff_cache .import_linter_cache .hypothesis tests/contract/spectral/node_modules
	git clean -qXdf tests/contract/consumers

$(BIN)/python:
	$(if $(filter True,$(shell $(PYTHON) -c 'import sys; print(sys.version_info >= (3, 11))' 2>/dev/null)),,$(error \
		onrecord requires Python 3.11 or newer, and $(PYTHON) is older or missing. Run: \
		make $(MAKECMDGOALS) PYTHON=python3.13))
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# Install exactly the locked packages, checked by hash, then the project itself.
$(VENV)/run: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --no-deps --require-hashes --requirement requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	$(PIP) check
	@touch $@

$(VENV)/test: requirements-test.txt $(VENV)/run
	$(PIP) install --quiet --no-deps --require-hashes --requirement requirements-test.txt
	$(PIP) check
	@touch $@

$(BENCH_VENV)/installed: requirements-bench.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m venv --clear $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes \
		--requirement requirements-bench.txt
	$(BENCH_VENV)/bin/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	$(BENCH_VENV)/bin/python -m pip --disable-pip-version-check check
	@touch $@

# onrecord. `make run` serves it, `make test` tests it; Python 3.11 or newer is all that is needed.
PYTHON ?= python3
PORT ?= 8000
DEMO_DATABASE ?= sqlite:///demo.db
PYTEST_ARGS ?= -n auto --dist worksteal
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# An extra that a package requires stays in the lock: pip needs "apispec[marshmallow]==…" to meet that requirement.
LOCK := uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	--quiet --upgrade

# Remove a .venv that cannot be used, so that it is made anew: its Python or pip is gone, its Python is too old,
# or it was moved here from another folder.
ifneq ($(wildcard $(VENV)),)
ifneq ($(shell $(BIN)/python -c 'import pip, sys; print(sys.version_info >= (3, 11))' 2>&1 && \
	grep -qF '$(CURDIR)/$(VENV)' $(BIN)/activate && echo usable),True usable)
$(info Removing $(VENV), which cannot be used.)
$(shell rm -rf $(VENV))
endif
endif

.DEFAULT_GOAL := help
.PHONY: help run demo test coverage check format docs grounding-scores fuzz browse soak lock clean

help: ## Say what there is.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 18

run: $(VENV)/run ## Serve it on http://127.0.0.1:8000 (PORT=… for another port).
	@$(BIN)/onrecord db upgrade
	@$(BIN)/onrecord db seed
	@echo "To write, make a key: $(BIN)/onrecord keys create --name mine --scope claims:write"
	@exec $(BIN)/onrecord serve --port $(PORT)

demo: export ONRECORD_DATABASE_URL := $(DEMO_DATABASE)
demo: export ONRECORD_SHOW_TEXTS := true
demo: $(VENV)/run ## Serve an invented conflict, with the texts of its articles, from a database of its own.
	@$(BIN)/onrecord db upgrade
	@$(BIN)/onrecord import fixtures/demo/*.ndjson
	@echo "To read       http://127.0.0.1:$(PORT)/articles/demo-tolls-differ"
	@exec $(BIN)/onrecord serve --port $(PORT)

test: $(VENV)/test ## Run the tests on SQLite and PostgreSQL.
	$(BIN)/python -m pytest $(PYTEST_ARGS)

coverage: $(VENV)/test ## Run the tests and report the lines and branches that none of them reaches.
	$(BIN)/python -m pytest $(PYTEST_ARGS) --cov --cov-report=term-missing:skip-covered

check: $(VENV)/test ## Check format, likely bugs, types, import rules and the contract.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/onrecord contract check

format: $(VENV)/test ## Put the code into its form.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/test ## Write the generated parts of docs: the commands and the settings.
	$(BIN)/python -m tests.support.generated_docs --write

grounding-scores: $(VENV)/test ## Print the error rates of grounding (SCORES=--write puts them into docs/grounding.md).
	$(BIN)/python -m tests.support.grounding_scores $(SCORES)

fuzz: $(VENV)/test ## Fuzz every operation for longer than the tests do.
	FUZZ_EXAMPLES=500 QUERIES=500 $(BIN)/python -m pytest $(PYTEST_ARGS) tests/contract/test_fuzzing.py \
		tests/http/test_search.py tests/contract/test_diff_laws.py

browse: $(VENV)/test ## Press Execute on every operation that needs no key, in a browser.
	EVERY_OPERATION=1 $(BIN)/python -m pytest tests/http/test_browser.py

soak: $(VENV)/test ## Kill the server 200 times, and do with tens of thousands of claims what the tests do with some.
	KILLS=200 LINES_IMPORTED=100000 LINES_EXPORTED=50000 CLAIMS_DISPUTED=10000 OPERATIONS=10000 INCREMENTS=50 \
		$(BIN)/python -m pytest $(PYTEST_ARGS) tests/http/test_durability.py tests/http/test_imports_concurrent.py \
		tests/http/test_exports.py tests/http/test_comparisons.py tests/http/test_concurrency.py tests/http/test_feed.py

lock: ## Lock the newest versions of what is installed; needs uv.
	$(LOCK) --output-file requirements.txt
	$(LOCK) --extra test --output-file requirements-test.txt

clean: ## Remove what was installed; databases stay.
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .import_linter_cache .hypothesis tests/contract/spectral/node_modules
	git clean -qXdf tests/contract/consumers

$(BIN)/python:
	$(if $(filter True,$(shell $(PYTHON) -c 'import sys; print(sys.version_info >= (3, 11))' 2>/dev/null)),,$(error \
		onrecord requires Python 3.11 or newer, and $(PYTHON) is older or missing. Run: \
		make $(MAKECMDGOALS) PYTHON=python3.13))
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# The locked versions with their hashes and nothing else, then the project itself.
$(VENV)/run: requirements.txt pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --no-deps --require-hashes --requirement requirements.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	$(PIP) check
	@touch $@

$(VENV)/test: requirements-test.txt $(VENV)/run
	$(PIP) install --quiet --no-deps --require-hashes --requirement requirements-test.txt
	$(PIP) check
	@touch $@

# What one does here. Needs Python 3.11 or newer, make and a package index; nothing else.
#   make demo    the example workflow, end to end, in an environment made for it
#   make test    the tests, with the floor of branch coverage
#   make check   format, lint, types and the rules of the house: under a minute (-k goes on after one)
#   make laws    20,000 generated programs and layouts through the formatter: minutes
#   make simulation  10,000 runs with faults and crashes against a model (MISY_SIMULATIONS, …_SEED)
#   make apart     of the tests those that count no lines: a second core may do them (MISY_TESTS=counted leaves them out)
#   make browser   notebooks and the dashboard in the system's Chromium: minutes
#   make crashes   every point of a run killed with -9 in every way, and 500 plays at random: minutes
#   make load    the load tests at ten times their size (MISY_LOAD)
#   make fuzz    a hundred thousand texts nobody would write (FUZZ_INPUTS, FUZZ_SEED): for the night
#   make bench   the figures of the README, peers side by side

VENV ?= .venv
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := $(VENV)/bin
LOCK := requirements-dev.lock
PEERS := $(VENV)-peers
PEERS_LOCK := requirements-peers.lock
EVERYTHING := '.[pictures,parquet]'
CODE := $(wildcard misydsl tests examples benchmarks)

# uv installs in seconds. Where it is not to be had, or finds no index, pip does the same from the
# same pins. uv does not read pip's settings, so pip's index is handed on unless uv has its own.
define install
@index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}"; \
{ [ -x $(BIN)/uv ] && env $${index:+UV_DEFAULT_INDEX="$$index"} \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraints $(LOCK) $(1); } || \
$(BIN)/python -m pip install --quiet --constraint $(LOCK) $(1)
@touch $@
endef

.DEFAULT_GOAL := help
.PHONY: help demo test apart browser fuzz laws simulation crashes load check formatted linted typed housed format bench lock clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/.runtime
	@$(BIN)/python examples/demo.py

test: $(VENV)/.dev
	@$(BIN)/python -m pytest --cov --cov-report=term $(PYTEST_ARGS)

laws: $(VENV)/.dev
	@MISY_LAWS=$${MISY_LAWS:-20000} $(BIN)/python -m pytest -q --timeout=1200 \
		tests/language/test_formatter_laws.py -k twice

apart: $(VENV)/.dev
	@MISY_TESTS=apart $(BIN)/python -m pytest -q $(PYTEST_ARGS)

browser: $(VENV)/.browser
	@MISY_BROWSER=now $(BIN)/python -m pytest -q tests/browser $(PYTEST_ARGS)

simulation: $(VENV)/.dev
	@MISY_SIMULATIONS=$${MISY_SIMULATIONS:-10000} $(BIN)/python -m pytest -q tests/simulation $(PYTEST_ARGS)

crashes: $(VENV)/.dev
	@MISY_CRASHES=$${MISY_CRASHES:-500} $(BIN)/python -m pytest -q tests/crashes $(PYTEST_ARGS)

load: $(VENV)/.dev
	@MISY_LOAD=$${MISY_LOAD:-10} $(BIN)/python -m pytest -q tests/load $(PYTEST_ARGS)

FUZZ_INPUTS ?= 100000
FUZZ_SEED ?= 0
fuzz: $(VENV)/.dev
	@MISY_FUZZ_INPUTS=$(FUZZ_INPUTS) MISY_FUZZ_SEED=$(FUZZ_SEED) \
		$(BIN)/python -m pytest -q tests/fuzz $(PYTEST_ARGS)

check: formatted linted typed housed

formatted: $(VENV)/.dev
	@$(BIN)/ruff format --check --quiet $(CODE) || { echo '(make format writes it so)'; exit 1; }

linted: $(VENV)/.dev
	@$(BIN)/ruff check --quiet $(CODE)

typed: $(VENV)/.dev
	@$(BIN)/mypy $(filter-out examples,$(CODE))
	@cd examples && $(abspath $(BIN))/mypy --config-file ../pyproject.toml --no-explicit-package-bases *.py

housed: $(VENV)/.dev
	@$(BIN)/python -m pytest -q tests/house

format: $(VENV)/.dev
	@$(BIN)/ruff check --quiet --fix-only $(CODE)
	@$(BIN)/ruff format $(CODE)

bench: $(VENV)/.bench $(PEERS)/.installed
	@$(BIN)/python -m benchmarks --peers $(PEERS)/bin/python $(BENCH_ARGS)

# The pins of everything that is installed here, as plain name==version lines.
lock: $(VENV)/.dev
	@$(BIN)/uv pip compile --quiet --upgrade --python $(BIN)/python --all-extras --group dev --group benchmarks --group browser \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--output-file $(LOCK) pyproject.toml
	@grep -E '^(aiohttp|httpcore|httpx)==' $(LOCK) | $(BIN)/uv pip compile --quiet --upgrade \
		--python $(BIN)/python --constraints - --group pyproject.toml:peers \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file $(PEERS_LOCK)

clean:
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov

$(VENV)/.empty:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python'; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --constraint $(LOCK) uv || \
		$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

$(VENV)/.runtime: $(VENV)/.empty pyproject.toml $(LOCK)
	$(call install,--editable .)

$(VENV)/.dev: $(VENV)/.runtime
	$(call install,--editable $(EVERYTHING) --group dev)

$(VENV)/.browser: $(VENV)/.dev
	$(call install,--group browser)

$(VENV)/.bench: $(VENV)/.dev
	$(call install,--group benchmarks)

# The heavy peers, all pinned, in an environment of their own.
$(PEERS)/.installed: $(PEERS_LOCK) | $(VENV)/.empty
	@$(BIN)/python -m venv $(PEERS)
	@index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}"; \
	{ [ -x $(BIN)/uv ] && env $${index:+UV_DEFAULT_INDEX="$$index"} \
		$(BIN)/uv pip sync --quiet --python $(PEERS)/bin/python $(PEERS_LOCK); } || \
	$(PEERS)/bin/python -m pip install --quiet --requirement $(PEERS_LOCK)
	@touch $@

# What a developer types. It needs make and Python 3.11 or newer; everything else comes into .venv.

PYTHONS := python3.13 python3.12 python3.11 python3 python
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run test check format bench clean

run: $(VENV)/installed  ## the demo, at http://127.0.0.1:8080/
	@$(BIN)/livelot up --demo

test: check  ## everything that has to hold
	$(BIN)/python -m pytest --cov --cov-report=term

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/installed-dev  ## all benchmarks at full size; BENCH_JSON=path writes the figures there
	$(BIN)/python -m benchmarks

clean:  ## what was built; data/ stays
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .coverage

$(BIN)/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "making $(VENV) with $$($$python --version)"; exec $$python -m venv $(VENV); \
	  fi; \
	done; \
	echo "Livelot needs Python 3.11 or newer with its venv module (on Debian: apt-get install python3-venv)." >&2; exit 1

$(VENV)/installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing into $(VENV)"
	@$(INSTALL) -e .
	@touch $@

$(VENV)/installed-dev: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing into $(VENV), with what the tests need"
	@$(INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/installed

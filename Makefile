# What a developer types. It needs make and Python 3.11 or newer; everything else comes into .venv.

PYENV := $(HOME)/.pyenv/versions
PYTHONS := python3.13 $(wildcard $(PYENV)/3.13.*/bin/python) python3.12 python3.11 python3 python
VENV := .venv
BIN := $(VENV)/bin
AXE := tests/gateway/axe/node_modules/axe-core/axe.min.js
ENGINE_NEEDS := fsspec msgspec rfc8785 sortedcontainers structlog
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: run test faults check format bench fuzz golden pythons mutants soak clean

run: $(VENV)/installed  ## the demo, at http://127.0.0.1:8080/
	@$(BIN)/livelot up --demo

# Three at a time: on two cores there is always one that waits. Logs that tests write are synced to memory where there is
# such a folder: what a disk does is a matter of `make faults`.
test: export TMPDIR := $(or $(TMPDIR),$(wildcard /dev/shm))
test: check $(AXE)  ## everything that has to hold; line coverage at least what tests/floors.py says
	$(BIN)/python -m pytest -n 3 --dist worksteal --cov --cov-report=term --cov-report=json:.coverage.json
	$(BIN)/python -m tests.floors .coverage.json

mutants: $(VENV)/installed-dev  ## does a test fail where the code is changed? on ledger, english and pricing
	$(BIN)/mutmut run
	@$(BIN)/python -m tests.survivors

faults: $(VENV)/installed-dev  ## every fault, those that take long too: about eight minutes
	$(BIN)/python -m pytest -m "" tests/faults

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/installed-dev  ## all benchmarks at full size; BENCH_JSON=path writes the figures there
	$(BIN)/python -m benchmarks

SECONDS := 300

fuzz: $(VENV)/installed-dev  ## hostile bytes for SECONDS=300, then as many requests as the OpenAPI document allows
	@$(INSTALL) -e '.[fuzz]' || echo "atheris cannot be installed here: hypothesis draws the bytes, without a guide"
	$(BIN)/python -m tests.hostile --seconds $(SECONDS)
	LIVELOT_TEST_EXAMPLES=100 $(BIN)/python -m pytest tests/hostile/test_documented.py

soak: $(VENV)/installed-dev  ## the simulator for SECONDS=300, with one seed after the other
	$(BIN)/livelot simulate --seconds $(SECONDS) --seed $$(date +%s)

golden: $(VENV)/installed-dev  ## tests/golden: records what this level decides, once, when it is released
	$(BIN)/python -m tests.golden.recording tests/golden

pythons: $(BIN)/python  ## a .venv-3.x for each other Python that is installed; tests/golden replays with them
	@for python in python3.11 python3.12 python3.13 python3.14 $(wildcard $(PYENV)/3.1[1-9].*/bin/python); do \
	  version=$$($$python -c 'import sys, venv; print("{}.{}".format(*sys.version_info))' 2>/dev/null) || continue; \
	  [ $$version != "$$($(BIN)/python -c 'import sys; print("{}.{}".format(*sys.version_info))')" ] || continue; \
	  [ ! -e $(VENV)-$$version/installed ] || continue; \
	  echo "making $(VENV)-$$version"; \
	  $$python -m venv $(VENV)-$$version && $(VENV)-$$version/bin/python -m pip install --quiet \
	    --disable-pip-version-check -c constraints.txt $(ENGINE_NEEDS) && touch $(VENV)-$$version/installed; \
	done

clean:  ## what was built; data/ stays
	rm -rf $(VENV) $(VENV)-3.* mutants build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks .coverage* .fuzz tests/gateway/axe/node_modules

$(BIN)/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "making $(VENV) with $$($$python --version)"; exec $$python -m venv $(VENV); \
	  fi; \
	done; \
	echo "Livelot needs Python 3.11 or newer with its venv module (on Debian: apt-get install python3-venv)." >&2; exit 1

$(AXE): tests/gateway/axe/package.json
	@echo "fetching axe-core, which looks at the pages"
	@npm install --prefix tests/gateway/axe --no-package-lock --ignore-scripts --no-audit --no-fund --silent && touch $@ \
	  || echo "axe-core cannot be had here: its tests are skipped"

$(VENV)/installed: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing into $(VENV)"
	@$(INSTALL) -e .
	@touch $@

$(VENV)/installed-dev: $(BIN)/python pyproject.toml constraints.txt
	@echo "installing into $(VENV), with what the tests need"
	@$(INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/installed

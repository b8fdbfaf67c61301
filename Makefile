# Two commands: `make demo` shows the main job on an example project, `make test` passes all tests.
# Both set themselves up in .venv; nothing else needs to be installed than Python 3.11 or newer, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check lint types wheel bench docs clean

demo: $(READY)
	@sh examples/demo.sh $(BIN)/preflight

test: $(READY)
	$(BIN)/python -m pytest -n auto --cov --cov-report=term

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

check: lint types test wheel

wheel: $(READY)
	PYTHON=$(BIN)/python sh tests/wheel.sh

bench: $(READY)
	$(BIN)/python tests/bench.py
	$(BIN)/python tests/bench/proof.py

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@$(BIN)/python -m compileall -q preflight
	@touch $@

clean:
	rm -rf $(VENV) dist .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache

# make quickstart: convert and edit speech with the shipped bundle; writes out/
# make test: lint, types and tests
# PYTHON chooses the interpreter for .venv, 3.11 or later; the pinned versions were tested on 3.11.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SETUP := setup.cfg pyproject.toml constraints.txt

export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: quickstart test clean

quickstart: .venv/quickstart.stamp
	$(BIN)/python egs/quickstart/quickstart.py --out-dir out

test: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy voicevae
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2

.venv/quickstart.stamp: $(SETUP)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --editable ".[plot]" espeakng-loader
	touch $@

.venv/test.stamp: $(SETUP)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --editable ".[train,eval,test]"
	touch $@

clean:
	rm -rf .venv build dist out *.egg-info

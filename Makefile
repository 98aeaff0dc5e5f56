# make quickstart: convert and edit speech with the shipped bundle; writes out/
# make examples: sounds to play, of every verb; writes out/examples/
# make test: lint, types and the quick tests
# make test-all: all tests, slow ones too
# PYTHON chooses the interpreter for .venv, 3.11 or later; the pinned versions were tested on 3.11.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SETUP := setup.cfg pyproject.toml constraints.txt
TEST := OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist worksteal --durations 15 --durations-min 8

export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := $(PIP_CONSTRAINT)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: quickstart examples lint quick all test test-all clean

quickstart: .venv/quickstart.stamp
	$(BIN)/python egs/quickstart/quickstart.py --out-dir out

examples: .venv/quickstart.stamp
	$(BIN)/python -m voicevae.recipes.examples --out-dir out/examples

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy voicevae

test: .venv/test.stamp  # types are checked on one core: the tests need not wait for them
	@$(MAKE) --no-print-directory -j 2 lint quick

test-all: .venv/test.stamp
	@$(MAKE) --no-print-directory -j 2 lint all

quick: .venv/test.stamp
	$(TEST) -m "not slow"

all: .venv/test.stamp
	$(TEST)

.venv/quickstart.stamp: $(SETUP)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --editable . espeakng-loader
	touch $@

.venv/test.stamp: $(SETUP)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --editable ".[train,eval,test]"
	touch $@

clean:
	rm -rf .venv build dist out *.egg-info

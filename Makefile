# Everything a newcomer needs: `make demo` and `make test` set themselves up first.
# PYTHON=/path/to/python3.12 chooses another interpreter than the first fitting one on PATH.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := setup
BIN := .venv/bin
STAMP := .venv/.set-up
# Only files whose hashes stand in requirements/ are installed. The building tools are pinned like the rest, so builds
# are not isolated: isolation would fetch unpinned ones.
HASHED := --quiet --require-hashes --no-deps
BUILDING := --use-pep517 --no-build-isolation
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)

.PHONY: setup demo test slow spark bench run lint clauses forms pins newest clean

# Pip would compile on one core; and some packages bring files that are no Python of this version.
# Compiled here, for where Python may not write it down while it runs, every command would compile its modules anew.
setup: $(STAMP)  ## the environment in .venv, from the pins and hashes of requirements/
	@$(BIN)/python -m compileall -q inbox_worker

$(STAMP): pyproject.toml requirements/build.txt requirements/develop.txt
	@[[ -n "$(PYTHON)" ]] || { echo "inbox-worker needs Python 3.11 or newer and none is on PATH." \
		"On Debian or Ubuntu: apt-get install python3 python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make environments:" \
		"its venv module is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@[[ -x $(BIN)/python ]] || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install $(HASHED) --requirement requirements/build.txt
	$(BIN)/python -m pip install $(HASHED) --no-compile $(BUILDING) --requirement requirements/develop.txt
	$(BIN)/python -m pip install --quiet --no-deps $(BUILDING) --editable .
	$(BIN)/python -m pip check
	@$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null || true
	@touch $@

demo: setup  ## a sample town through the real pipeline, in demo-town/
	$(BIN)/inbox-worker demo --home demo-town --again

# Memory takes what tests write, where there is room and programs may be run from it: journals, facts and closes are
# forced to the disk thousands of times, and no test takes the power away.
MEMORY := $(shell df -k --output=avail /dev/shm 2>/dev/null | awk 'END {exit $$1 < 3000000}' && \
	awk '/MemAvailable/ {exit $$2 < 6000000}' /proc/meminfo 2>/dev/null && ! grep -q ' /dev/shm .*noexec' /proc/mounts && echo /dev/shm)

# One more than two cores have: a third of the tests' time is waiting, for servers, disks and processes.
# Where Python may not write down what it compiled, each of the three would rewrite the assertions of all files anew.
test: setup  ## the proofs, three at a time
	PYTHONDONTWRITEBYTECODE= $(if $(MEMORY),TMPDIR=$(MEMORY)) $(BIN)/python -m pytest -n 3 --dist worksteal

slow: setup  ## the long proofs
	$(BIN)/python -m pytest -m slow

# The server is a wheel of 63 MB, so it is not part of setup; `make slow` proves more on it where it is installed.
spark: setup  ## months on a Spark Connect server of our own (Sail), beside the slow accountant
	$(BIN)/python -m pip install $(HASHED) --requirement requirements/sail.txt || \
		echo "Sail could not be installed; the proofs on it are skipped by name"
	$(BIN)/python -m pytest -m slow tests/month/test_spark_close.py -k "accountant or killed or unreachable or draft"

bench: setup  ## what reading, posting and closing cost on this machine
	$(BIN)/python -m bench

run: setup  ## the service on the config.yaml of this folder
	$(BIN)/inbox-worker --home . run

lint: setup  ## style, types and the import law
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

clauses: setup  ## which clauses of the contract have tests of their effect
	$(BIN)/python -m tests.clauses

forms: setup  ## the blanks in templates/forms, from rules/forms
	$(BIN)/inbox-worker forms build

pins: build/pins/bin/uv  ## requirements/*.txt anew: hashes of the pins, and a pin for a dependency that has none
	build/pins/bin/python requirements/write_pins.py

newest: build/pins/bin/uv  ## the same with the newest versions that pyproject.toml allows
	build/pins/bin/python requirements/write_pins.py --newest

build/pins/bin/uv:
	rm -rf build/pins
	"$(PYTHON)" -m venv build/pins
	build/pins/bin/python -m pip install --quiet uv

clean:  ## removes what make made; never the ledger, the archive or the outbox
	rm -rf .venv build dist demo-town .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Everything that is set up here is set up once: each step leaves a stamp and does nothing while it is newer
# than what the step depends on. Needs git, make and a Python of 3.11 or later; nothing else.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SHELL := /bin/sh

# The name of the interpreter differs between systems, so each is asked whether it is young enough and can make
# environments. A distribution builds its own with profile-guided optimisation, pyenv by default does not: it comes first.
PYTHON ?= $(shell for name in /usr/bin/python3 python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)

# A uv on PATH may be a pyenv shim that cannot see every Python: an own one is used, free of PYENV_VERSION.
UV := env -u PYENV_VERSION .tools/bin/uv
PY := .venv/bin/python
RASA_PY := assistant/.venv/bin/python

TOOLS := .tools/ready.stamp
RUN := .venv/run.stamp
DEV := .venv/dev.stamp
BENCH := bench/.venv/ready.stamp
ASSISTANT := assistant/.venv/ready.stamp
PACKAGES := rekey portal actions recovery_core

# How many processes share the tests; with 0 they run in one, one after the other.
JOBS ?= 2

export RASA_TELEMETRY_ENABLED := false

.PHONY: help
help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(RUN) $(ASSISTANT) ## Serve the demo at http://127.0.0.1:8080 until Ctrl-C
	@exec .venv/bin/rekey up --demo

.PHONY: test
test: $(DEV) $(ASSISTANT) model ## Run every test
	@$(PY) -m pytest -n $(JOBS)

.PHONY: test-unit
test-unit: $(DEV) ## Run the unit tests and insist on the core's coverage
	@$(PY) -m pytest tests/unit tests/architecture --cov=recovery_core --cov-branch --cov-report=
	@$(PY) -m coverage report --omit='recovery_core/adapters/*' --show-missing --skip-covered --fail-under=100

.PHONY: coverage
coverage: $(DEV) $(ASSISTANT) ## Insist on the coverage of the core and of its adapters
	@$(PY) -m pytest tests/unit tests/contract tests/integration --cov=recovery_core --cov-branch --cov-report=
	@$(PY) -m coverage report --omit='recovery_core/adapters/*' --skip-covered --fail-under=100
	@$(PY) -m coverage report --include='recovery_core/adapters/*' --show-missing --skip-covered --fail-under=95

test-%: $(DEV) $(ASSISTANT) ## Run one folder of tests, such as test-browser
	@$(PY) -m pytest tests/$*

.PHONY: train
train: $(RUN) $(ASSISTANT) ## Train the assistant's model into models/
	@.venv/bin/rekey train

.PHONY: model
model: $(RUN) $(ASSISTANT)
	@.venv/bin/rekey train --if-needed

.PHONY: bench
bench: $(DEV) $(ASSISTANT) $(BENCH) model ## Measure speed, size and understanding beside a stock Rasa and Django
	@$(PY) -m bench $(BENCH_ARGS)

.PHONY: eval
eval: $(DEV) $(ASSISTANT) model ## Measure how well the assistant understands people
	@$(PY) -m bench.evaluate

.PHONY: screenshots
screenshots: $(DEV) $(ASSISTANT) model ## Take the pictures of the documentation from the demo
	@$(PY) docs/screenshots.py

.PHONY: lint
lint: $(DEV) ## Check style and types
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy --strict $(addprefix -p ,$(PACKAGES))

COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links

.PHONY: lock
lock: $(TOOLS) ## Resolve all requirements anew and pin them by hash
	@$(COMPILE) pyproject.toml --python-version 3.11 -o requirements.lock
	@$(COMPILE) pyproject.toml --python-version 3.11 --group dev -c requirements.lock -o requirements-dev.lock
	@cd assistant && $(subst .tools,../.tools,$(COMPILE)) requirements.in --excludes excludes.txt \
		--overrides overrides.txt --python-version "$$(cat .python-version)" -o requirements.lock
	@$(COMPILE) requirements-bench.in --python-version "$$(cat bench/.python-version)" -o requirements-bench.lock
	@$(COMPILE) requirements-synapse.in --python-version 3.11 -o requirements-synapse.lock

$(TOOLS):
	@test -n "$(PYTHON)" || { echo "rekey needs Python 3.11 or later, and found none on PATH that can make environments (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Installing uv into .tools/"
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@touch $@

.venv/bin/python: | $(TOOLS)
	@$(UV) venv --quiet --allow-existing --python .tools/bin/python .venv

# A sync removes what its list does not name, so the short list is used only while nobody has asked for tests;
# the long list contains the short one and serves both.
$(RUN): requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what rekey runs on"
	@rm -f $(DEV)
	@$(UV) pip sync --quiet --python $(PY) --require-hashes requirements.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps -e .
	@touch $@

$(DEV): requirements-dev.lock requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what rekey and its tests run on"
	@$(UV) pip sync --quiet --python $(PY) --require-hashes requirements-dev.lock
	@$(UV) pip install --quiet --python $(PY) --no-deps -e .
	@touch $(RUN) $@

# Rasa's dependencies have no wheels for Python 3.12 and later, so 3.11 is fetched by uv where the machine has none;
# `rekey doctor` explains what to do where it cannot. The interpreter that rekey itself runs on is taken if it is a 3.11.
# Made from within the folder: there a pyenv reads .python-version and offers its 3.11.
$(ASSISTANT): assistant/requirements.lock assistant/pyproject.toml assistant/.python-version | $(TOOLS)
	@echo "Installing Rasa into assistant/.venv (about 600 MB, once)"
	@rm -f $@
	@cd assistant && wanted="$$(cat .python-version)" && \
		version='import sys; print("%d.%d" % sys.version_info[:2])' && how=--clear && \
		if [ "$$(.venv/bin/python -c "$$version" 2>/dev/null)" = "$$wanted" ]; then how=--allow-existing; fi && \
		if [ "$$(../.tools/bin/python -c "$$version")" = "$$wanted" ]; then wanted=../.tools/bin/python; fi && \
		$(subst .tools,../.tools,$(UV)) venv --quiet $$how --python "$$wanted" .venv || { \
		echo "Python 3.11 was not found and could not be fetched: install it, or let uv reach github.com."; exit 1; }
	@$(UV) pip sync --quiet --python $(RASA_PY) --require-hashes assistant/requirements.lock
	@$(UV) pip install --quiet --python $(RASA_PY) --no-deps -e assistant
	@touch $@

# The peers' own environment, TensorFlow included: 2.5 GB that nothing but `make bench` asks for, on the Python
# that Rasa's makers name. Made from within the folder for pyenv's sake.
$(BENCH): requirements-bench.lock bench/.python-version | $(TOOLS)
	@echo "Installing the peers of the benchmarks into bench/.venv (about 2.5 GB, once)"
	@cd bench && $(subst .tools,../.tools,$(UV)) venv --quiet --clear --python "$$(cat .python-version)" .venv || { \
		echo "Python 3.10 was not found and could not be fetched: install it, or let uv reach github.com."; exit 1; }
	@$(UV) pip sync --quiet --python bench/.venv/bin/python --require-hashes requirements-bench.lock
	@touch $@

# Everything is installed inside the checkout, from lock files with hashes: .venv (development), .heed (the local AWS, sam, checkov).
# A machine needs Python 3.11 or later, git and make.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON3 ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
PYTHON := $(BIN)/python
INSTALLED := .venv/.installed
STACK := .heed/server/.installed .heed/cli/.installed .heed/function/.installed
export PATH := $(CURDIR)/.heed/cli/bin:$(CURDIR)/$(BIN):$(PATH)
# uv trusts what this machine trusts, a company's proxy included
export UV_SYSTEM_CERTS ?= 1
unexport VIRTUAL_ENV PYTHONPATH
SOURCES := layers/heed/heed functions infra
say = @printf '\033[1m%s\033[0m\n' "$(1)"

.PHONY: help run demo test simulate bench bench-sla check build deploy lock clean install local-stack \
	check-format check-lint check-types check-dead check-security check-policy check-template

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: local-stack $(BIN)/heed ## A short day of a brand on a local AWS on this machine, which then stays up
	@PYTHONPATH=layers/heed $(PYTHON) -m infra.demo run

demo: local-stack $(BIN)/heed ## The same day; says what did not happen as it should, and fails
	@PYTHONPATH=layers/heed $(PYTHON) -m infra.demo

# `heed` on the command line, wherever it is called from
$(BIN)/heed: infra/heedctl/heed.sh $(INSTALLED)
	@install -m 755 $< $@

TESTS := $(wildcard tests/unit tests/integration tests/simulation tests/benchmarks tests/e2e)
test: local-stack ## Every test, end to end on the local AWS included
	$(call say,test)
	@$(BIN)/pytest $(TESTS) --cov --cov-report=term-missing --cov-fail-under=90
	@$(BIN)/coverage report --fail-under=100 --include='layers/heed/heed/*' --omit='layers/heed/heed/rim/*' # the core

bench-sla: local-stack ## From deadline to notice: 200 promises broken within five minutes on the local AWS
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.benchmarks.lag

bench: local-stack ## What intake costs beside a bare boto3 client; counts instructions if valgrind is installed
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.benchmarks.intake

SEED ?= 1
MESSAGES ?= 20000
simulate: install ## The whole system in virtual time, every service failing: make simulate SEED=1 MESSAGES=20000
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.simulation.simulate --seed $(SEED) --messages $(MESSAGES)

check: check-format check-lint check-types check-dead check-security check-policy check-template ## Everything but the tests
	$(call say,check: all clean)

check-format: install
	$(call say,format)
	@$(BIN)/ruff format --check .

check-lint: install
	$(call say,lint)
	@$(BIN)/ruff check .

check-types: install
	$(call say,types)
	@$(BIN)/mypy $(SOURCES)

check-dead: install
	$(call say,dead code)
	@! $(BIN)/vulture $(SOURCES) tests | grep -v '^tests/' # the tests are there to use names, not to be used

check-security: install
	$(call say,security)
	@$(BIN)/bandit --quiet --recursive --severity-level medium $(SOURCES)

check-policy: install
	$(call say,policy)
	@PYTHONPATH=layers/heed $(PYTHON) -m heed.policy.build --check layers/policy/policy.yaml

check-template: .heed/cli/.installed .heed/checkov/.installed
	$(call say,template)
	@SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 sam validate --lint --template-file template.yaml
	@.heed/checkov/bin/checkov --framework cloudformation --skip-download --quiet --compact --file template.yaml

build: .heed/cli/.installed ## sam build for AWS: python3.13 on arm64, or HEED_PYTHON=3.12 HEED_ARCH=x86_64
	$(call say,sam build)
	@SAM_CLI_TELEMETRY=0 sam build
	@echo 'Built for python$(or $(HEED_PYTHON),3.13) on $(or $(HEED_ARCH),arm64); the parameters PyRuntime and Arch must say the same.'

deploy: build ## sam deploy --guided, to the AWS account of your profile
	@sam deploy --guided

install: $(INSTALLED)
	@:

local-stack: $(INSTALLED) $(STACK)
	@:

$(INSTALLED): pyproject.lock infra/local/bootstrap.txt
	$(call say,installing the development environment)
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Heed needs Python 3.11 or later: make PYTHON3=...")'
	@[ -x $(PYTHON) ] || $(PYTHON3) -m venv .venv
	@[ -x $(UV) ] || $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r infra/local/bootstrap.txt
	@$(UV) pip sync --quiet --require-hashes --python $(PYTHON) pyproject.lock
	@touch $@

.heed/%/.installed: infra/local/%.txt $(INSTALLED)
	$(call say,installing $*)
	@[ -x .heed/$*/bin/python ] || $(UV) venv --quiet --no-project --python $(PYTHON) .heed/$*
	@$(UV) pip sync --quiet --require-hashes --python .heed/$*/bin/python infra/local/$*.txt
	@touch $@

# Functions run on an empty environment: what is not in a layer fails here as it would in AWS.
.heed/function/.installed: $(INSTALLED)
	@$(UV) venv --quiet --no-project --clear --python $(PYTHON) .heed/function
	@touch $@

# Lock files name no registry, so that they hold wherever packages come from.
LOCK = $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 --no-header $(UPGRADE)
lock: ## Lock every requirement again; UPGRADE=--upgrade takes newer versions
	$(LOCK) layers/vendor/requirements.in -o layers/vendor/requirements.txt
	$(LOCK) --group pyproject.toml:dev --constraints layers/vendor/requirements.txt -o pyproject.lock
	$(LOCK) --constraints pyproject.lock infra/local/bootstrap.in -o infra/local/bootstrap.txt
	for name in server cli checkov; do $(LOCK) infra/local/$$name.in -o infra/local/$$name.txt; done

clean: ## Remove everything that was installed or built
	rm -rf .venv .heed .aws-sam .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

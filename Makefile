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

.PHONY: help run demo test train simulate bench bench-cost bench-scale bench-sla bench-backstop bench-sweep fuzz check build deploy lock clean install local-stack \
	check-format check-lint check-types check-dead check-security check-audit check-policy check-template

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: local-stack $(BIN)/heed ## A short day of a brand on a local AWS on this machine, which then stays up
	@PYTHONPATH=layers/heed $(PYTHON) -m infra.demo run

demo: local-stack $(BIN)/heed ## The same day; says what did not happen as it should, and fails
	@PYTHONPATH=layers/heed $(PYTHON) -m infra.demo

# `heed` on the command line, wherever it is called from
$(BIN)/heed: infra/heedctl/heed.sh $(INSTALLED)
	@install -m 755 $< $@

# In two halves beside each other, for two cores. What the coverage is asked of, the unit and integration tests cover.
# The simulation repeats to the byte, and so finds what it found, only if sets keep their order.
test: local-stack ## Every test, end to end on the local AWS included
	$(call say,test)
	@$(BIN)/coverage erase
	@{ COVERAGE_FILE=.coverage.unit $(BIN)/pytest tests/unit --cov --cov-report= \
			&& PYTHONHASHSEED=0 $(BIN)/pytest tests/simulation; } \
		> .heed/test-half.txt 2>&1 & other=$$!; failed=0; \
		{ COVERAGE_FILE=.coverage.integration $(BIN)/pytest tests/integration --cov --cov-report= \
			&& $(BIN)/pytest tests/security tests/benchmarks tests/e2e; } || failed=1; \
		wait $$other || failed=1; cat .heed/test-half.txt; exit $$failed
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=90
	@$(BIN)/coverage report --fail-under=100 --include='layers/heed/heed/*' --omit='layers/heed/heed/rim/*' # the core

bench-sla: local-stack ## From deadline to notice: 200 promises broken within five minutes on the local AWS
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.benchmarks.lag

bench: local-stack ## What intake costs beside a bare boto3 client; counts instructions if valgrind is installed
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.benchmarks.intake

ARGS ?=
bench-cost: install ## What a million messages and a month cost, from counted calls: make bench-cost ARGS="--price sqs_request=4e-7"
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.benchmarks.cost $(ARGS)

bench-scale: install .heed/peers/.installed ## Beside Node-RED and django-helpdesk, and what breaks first as traffic grows; needs npm
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.benchmarks.scale $(ARGS)

DATA ?= data
train: .heed/train/.installed ## The judge's weights and language table again: make train DATA=folder
	$(call say,train)
	@PYTHONPATH=layers/heed .heed/train/bin/python -m infra.judge.language $(DATA)
	@PYTHONPATH=layers/heed .heed/train/bin/python -m infra.judge $(DATA)

bench-sweep: install ## What a sweep reads at 1,000 to 1,000,000 open cases, on DynamoDB Local; needs java and npm
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.benchmarks.sweep

bench-backstop: local-stack ## Watch off, its queue lost and expire failing for ten minutes: every promise is told all the same
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.benchmarks.backstop

SECONDS ?= 60
PLATFORM ?=
fuzz: .heed/fuzz/.installed ## Coverage-guided fuzzing of intake: make fuzz PLATFORM=line SECONDS=60; without PLATFORM, all of them
	@mkdir -p .heed/fuzz/corpus
	@cd .heed/fuzz && PYTHONPATH=$(CURDIR)/layers/heed:$(CURDIR) bin/python -m tests.fuzz.intake \
		-max_total_time=$(SECONDS) -max_len=1024 -len_control=10 -print_final_stats=1 --platform=$(PLATFORM) corpus

SEED ?= 1
MESSAGES ?= 20000
ENGINE ?=
simulate: $(if $(filter local-aws,$(ENGINE)),local-stack,install) ## The whole system in virtual time, every service failing: make simulate SEED=1 MESSAGES=20000; ENGINE=local-aws or dynamodb-local holds the doubles to a real one
	@PYTHONPATH=layers/heed $(PYTHON) -m tests.simulation.simulate --seed $(SEED) --messages $(MESSAGES) $(addprefix --engine ,$(ENGINE))

check: check-format check-lint check-types check-dead check-security check-audit check-policy check-template ## Everything but the tests
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

# A vulnerability fails; an advisory database that does not answer is told and does not.
check-audit: .heed/audit/.installed
	$(call say,known vulnerabilities)
	@for lock in pyproject.lock layers/vendor/requirements.txt infra/judge/train.txt infra/local/*.txt; do \
		if found=$$(.heed/audit/bin/pip-audit --progress-spinner off --timeout 10 --disable-pip --require-hashes -r $$lock 2>&1); then \
			echo "$$lock: $$(grep -c == $$lock) packages, $$(grep -c 'could not be audited' <<< "$$found" || :) of them unknown to the database"; \
		elif grep 'known vulnerabilit' <<< "$$found"; then echo "$$lock: $$found"; exit 1; \
		else echo "$$lock: the database does not answer: $$(tail -1 <<< "$$found")"; fi; done

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

.heed/train/.installed: infra/judge/train.txt $(INSTALLED)
	$(call say,installing what training needs)
	@[ -x .heed/train/bin/python ] || $(UV) venv --quiet --no-project --python $(PYTHON) .heed/train
	@$(UV) pip sync --quiet --require-hashes --python .heed/train/bin/python infra/judge/train.txt
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
	$(LOCK) --group pyproject.toml:train -o infra/judge/train.txt
	$(LOCK) --constraints pyproject.lock infra/local/bootstrap.in -o infra/local/bootstrap.txt
	for name in server cli checkov fuzz audit peers; do $(LOCK) infra/local/$$name.in -o infra/local/$$name.txt; done

clean: ## Remove everything that was installed or built
	rm -rf .venv .heed .aws-sam .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

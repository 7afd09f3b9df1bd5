# make run    everything on this machine, with sample recordings and a server
# make test   every test, against a real Postgres
# make check  what a change must pass before the tests: lint, format, types, locks
# make lock   uv.lock, and from it each function's requirements.txt
#
# Needed: git, make, Python 3 with pip. uv is installed into .uv where there is none, and brings
# the Python that .python-version names where that is missing.

.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# A uv that answers here (a version manager's stub may not), or else one in .uv.
OWN_UV := $(CURDIR)/.uv/bin/uv
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo $(OWN_UV))
export PATH := $(CURDIR)/.uv/bin:$(PATH)

# A folder with an app.py is a function; the migration job is shipped like one.
FUNCTIONS := $(sort $(patsubst functions/%/app.py,%,$(wildcard functions/*/app.py)))
REQUIREMENTS := $(FUNCTIONS:%=functions/%/requirements.txt) migrations/requirements.txt

.PHONY: run
run: sync
	./medilens dev

.PHONY: test
test: sync
	$(UV) run --frozen pytest

.PHONY: check
check: sync lock-check
	$(UV) run --frozen ruff check
	$(UV) run --frozen ruff format --check
	$(UV) run --frozen mypy

.PHONY: sync
sync: $(filter $(OWN_UV),$(UV))
	$(UV) sync --frozen --quiet

# --target works for any user, inside and outside virtual environments, and where the system's
# Python is managed by its distribution. From / because a version manager may read .python-version.
$(OWN_UV):
	cd / && python3 -m pip install --quiet --target $(CURDIR)/.uv 'uv>=0.9'

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

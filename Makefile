# A fresh machine needs Python 3.11 or later, and nothing else: `make demo`, `make test`. PYTHON= chooses another one.
# Paths are relative, so that the repository may stand in a folder with a space in its name.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
ARGS ?=
WORKERS ?= auto
PY := .venv/bin/python
INNER_ROOMS = $(wildcard */enums.py */rules.py */perms.py */workflow.py */actions.py */actions) \
  $(addprefix accounts/,company_sign_in.py directory importing lexicon.py likeness.py mfa.py names.py presence.py routing.py sealing.py search) \
  $(addprefix deals/,calendar_feed.py conflicts.py editing.py guidance home.py mail_links.py notes queries.py receivers.py registry.py responsiveness.py similar.py undelivered.py why.py) \
  $(addprefix registrations/,annual.py calendar.py claim.py evidence facts.py numbers.py outlook.py) \
  $(addprefix registrations/,programs.py queries.py queue.py rates reading.py receipts rules waiting.py)

.PHONY: help
help:  ## Show what there is
	@grep -hE '^[a-z-]+:.*  ## ' Makefile | awk -F ':.*  ## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# installing

$(PY):
	@for python in $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11 python); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  "$$python" -m venv .venv || uv venv --quiet --clear --python "$$python" .venv; exit; \
	done; echo 'Cosell needs Python 3.11 or later: make PYTHON=/path/to/python ...' >&2; exit 1

# uv where it works, else pip: both take only what the lock's hashes name.
.venv/installed-%: requirements-%.txt | $(PY)
	@echo 'Installing $< ...'
	@uv pip install --quiet --python $(PY) --require-hashes -r $< 2>/dev/null \
	  || { $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null; \
	       $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<; }
	@touch $@

.PHONY: install
install: .venv/installed-dev  ## Install everything for work on Cosell into .venv

# running

.PHONY: demo
demo: .venv/installed-local  ## Run it all here with a cast of people and deals (ARGS=--reset: anew, ARGS="--port 9000")
	@exec $(PY) manage.py demo $(ARGS)

# testing

.PHONY: test
test: install chromium  ## Everything that must hold: all tests, then all checks
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)
	@$(MAKE) check

.PHONY: test-fast
test-fast: install  ## The tests without a browser
	@$(PY) -m pytest -n $(WORKERS) -m 'not browser' $(ARGS)

.PHONY: browser
browser: install chromium  ## The tests in a browser, in both languages
	@$(PY) -m pytest -n $(WORKERS) -m 'browser and not shots' tests/browser $(ARGS)

.PHONY: bars
bars: install words  ## Sizes and numbers of queries, each with its goal
	@$(PY) -m pytest -q -s -p no:randomly tests/bars.py

.PHONY: quality
quality: install words  ## How well customers are found: labelled names, with every miss
	@$(PY) -m pytest -q -s -p no:randomly tests/quality.py

.PHONY: bench-data
bench-data: .venv/installed-local  ## Made-up customers to measure with (CUSTOMERS=50000: how many, else 5000000)
	@exec $(PY) -W ignore manage.py bench_data --customers $(or $(CUSTOMERS),5000000) $(ARGS)

.PHONY: bench
bench: .venv/installed-local  ## Speed of search, import and the review queue (ARGS="--only queue")
	@exec $(PY) -W ignore manage.py bench $(ARGS)

.PHONY: shots
shots: install chromium words  ## A picture of every page, in shots/
	@$(PY) -m pytest -n $(WORKERS) -m shots tests/browser/test_shots.py $(ARGS)

.PHONY: canary
canary: install words  ## Everybody reads every page, looking for other people's secrets (10 minutes)
	@$(PY) -m pytest -n $(WORKERS) -m canary tests/test_canary.py tests/test_admin_canary.py $(ARGS)

.PHONY: chromium
chromium: install
	@$(PY) -m tests.browser.chromium

.PHONY: check style types layers templates migrations deployment
check: style types layers templates migrations deployment  ## What no test runs (make -k check: go on after a failure)

style: install  ## Lint and format
	@$(PY) -m ruff check --output-format concise .
	@$(PY) -m ruff format --check --quiet .

types: install  ## The inner rooms, strictly
	@$(PY) -m mypy $(INNER_ROOMS) cosell/events cosell/clock.py cosell/local/*.py

layers: install  ## Imports go down only
	@$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()' >/dev/null \
	  || $(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

templates: install
	@$(PY) -m djlint --quiet --lint templates

migrations: install
	@$(PY) -W ignore manage.py makemigrations --check --dry-run

deployment: install  ## Django's own checks of the production settings
	@SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') ALLOWED_HOSTS=cosell.example \
	  DATABASE_URL=postgresql://127.0.0.1/none DJANGO_SETTINGS_MODULE=cosell.settings.production \
	  $(PY) manage.py check --deploy --fail-level WARNING

.PHONY: fix
fix: install  ## Format, and repair what can be repaired by itself
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

.PHONY: words
words: install  ## Compile the translations
	@$(PY) -m cosell.local.words

.PHONY: lock
lock: install  ## Choose versions anew (needs uv); the locks name no registry
	@compile='uv pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-annotate pyproject.toml'; \
	$$compile -o requirements-dev.txt --group local --group test --group check; \
	$$compile -o requirements-local.txt --group local -c requirements-dev.txt; \
	$$compile -o requirements.txt -c requirements-dev.txt

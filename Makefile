# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

.DEFAULT_GOAL := help
.PHONY: help demo demo-broken test matrix lint format unit e2e torture torture-broken bench docs dist clean

help: ## this list
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/make \1\t\2/p' Makefile | expand -t 18

demo: ## the main job on throw-away bastions, with a real registry and a real client
	.ci/e2e tests/e2e/demo

demo-broken: ## broken registries of many kinds, and what skopeo and the product say of each
	.ci/e2e tests/e2e/demo broken

test: ## all tests: lint, unit, real Pythons, ansible-test sanity, end-to-end; ends with what was left out
	.ci/nox

matrix: ## all that depends on ansible-core, with every supported release of it; takes about an hour
	.ci/nox -s matrix

lint: ## static checks of code, YAML, documentation, licenses and the tarball, and ansible-test sanity and units
	.ci/nox -s lint docs-check license-check extra-checks build-import-check ansible-lint changelog static typing-e2e \
		sanity-2.21 units-2.21

format: ## lay out the Python code as make lint wants it
	.ci/nox -s format

unit: ## unit tests on every Python, and the modules run by each of them
	.ci/nox -t unit

e2e: ## end-to-end tests: real bastions over SSH
	.ci/nox -s e2e

torture: ## faults, secrets and hostile input, on real bastions; ends with a table; takes more than an hour
	.ci/nox -s torture

torture-broken: ## the same, in short, with the product broken on purpose in one way after the other; takes about half an hour
	.ci/nox -s torture -- --broken

bench: ## how fast it is on 1 to 100 bastions, side by side with doing it by hand; takes about 40 minutes
	.ci/nox -s bench

docs: ## the role's README and the catalogue of failures, as their sources have them, and HTML pages in build/docs
	.ci/nox -s docs

dist: ## the tarball of the last commit, in build/, checked
	.ci/nox -s dist

clean: ## remove what the other targets left in this folder
	rm -rf "$$(readlink -f .nox/venvs)" .nox .mypy_cache .ruff_cache build tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

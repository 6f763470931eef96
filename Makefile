# One command each; `make help` lists them. Windows has no make: CONTRIBUTING.md gives the commands behind these.
PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# cmake, ninja and the pinned headers of the virtual environment come before those of the system
export PATH := $(BIN):$(PATH)

.PHONY: help demo test venv cpp install asan tsan tidy
help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## install into .venv and draw the map of the packaged log
	@scripts/system_packages.sh build
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install .
	$(BIN)/journeykit demo

test: ## everything: C++ tests, then the installed package: tests, docstrings, notebooks, pages
	@scripts/system_packages.sh build test
	@$(MAKE) --no-print-directory venv
	@scripts/test.sh

venv: $(VENV)/ready
$(VENV)/ready: pyproject.toml scripts/build_requirements.py
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python scripts/build_requirements.py > $(VENV)/build-requirements.txt
	$(PIP) install -r $(VENV)/build-requirements.txt
	@touch $@

cpp: venv ## C++ build and tests (preset dev)
	cmake --workflow --preset dev

install: venv ## install into .venv with the test extra, from the objects of build/dev
	$(PIP) install --no-build-isolation -Cbuild-dir=build/dev -Ccmake.define.JOURNEYKIT_BUILD_TESTS=ON \
	  -Ccmake.define.JOURNEYKIT_WERROR=ON ".[test]"
	@echo installed in $(VENV)

asan: venv ## C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer
	cmake --workflow --preset asan
tsan: venv ## C++ tests under ThreadSanitizer
	cmake --workflow --preset tsan
tidy: venv ## clang-tidy over the C++ code
	cmake --workflow --preset tidy

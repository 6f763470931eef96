# One command each; `make help` lists them. Windows has no make: CONTRIBUTING.md gives the commands behind these.
PYTHON ?= python3
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# cmake, ninja and the pinned headers of the virtual environment come before those of the system
export PATH := $(BIN):$(PATH)

.PHONY: help demo test venv cpp install asan tsan fuzz verify faults tidy lint format stubs docs wheel bench bench-peers bench-headline coverage spark test-spark bench-scale bench-spark
help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## install into .venv and draw the map of a packaged log
	@scripts/system_packages.sh build
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install .
	$(BIN)/journeykit demo

test: ## everything: C++ tests, then the installed package: tests, docstrings, notebooks, pages
	@scripts/system_packages.sh build test
	@$(MAKE) --no-print-directory venv
	@scripts/test.sh

venv: $(VENV)/ready
$(VENV)/ready: pyproject.toml scripts/requirements.py
	@scripts/system_packages.sh build
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python scripts/requirements.py > $(VENV)/build-requirements.txt
	$(PIP) install -r $(VENV)/build-requirements.txt
	@touch $@

cpp: venv ## C++ build and tests (preset dev)
	cmake --workflow --preset dev

# Without isolation pip uses the objects that `make cpp` has built: nothing is compiled twice. (Debian's pip has no -C.)
install: venv ## install into .venv with the test extra
	$(PIP) install --no-build-isolation --config-settings build-dir=build/dev \
	  --config-settings cmake.define.JOURNEYKIT_BUILD_TESTS=ON --config-settings cmake.define.JOURNEYKIT_WERROR=ON ".[test]"
	@echo installed in $(VENV)

asan: venv ## C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer
	cmake --workflow --preset asan

tsan: venv ## C++ tests under ThreadSanitizer
	cmake --workflow --preset tsan

# make fuzz RUNS=50000000, or SECONDS=60 for so long per target
RUNS ?= 2000000
fuzz: venv ## libFuzzer targets (clang 14), RUNS or SECONDS each
	@scripts/system_packages.sh build fuzz
	cmake --workflow --preset fuzz
	scripts/fuzz.sh $(if $(SECONDS),seconds $(SECONDS),runs $(RUNS))

verify: install ## the Python tests with every answer computed twice, by the engine and by its plain reference
	JOURNEYKIT_LOGS=1000 $(BIN)/python -m pytest tests/python --verify

faults: install ## failing disks, kill -9, power cuts, damaged files, Ctrl-C, fork: the long form, with counts
	JOURNEYKIT_FAULTS=heavy $(BIN)/python -m pytest tests/python/faults

tidy: venv ## clang-tidy over the C++ code
	cmake --workflow --preset tidy

lint: $(VENV)/linters ## formatters, linters and type checker, changing nothing
	scripts/lint.sh

format: $(VENV)/linters ## let the formatters and ruff write what they can
	scripts/lint.sh --fix

$(VENV)/linters: $(VENV)/ready
	$(BIN)/python scripts/requirements.py lint > $(VENV)/lint-requirements.txt
	$(PIP) install -r $(VENV)/lint-requirements.txt
	@touch $@

stubs: install ## python/journeykit/_core.pyi from the bindings
	$(BIN)/python scripts/stubs.py

docs: install ## API reference into docs/api, from the docstrings
	$(BIN)/python scripts/requirements.py docs > $(VENV)/docs-requirements.txt
	$(PIP) install -r $(VENV)/docs-requirements.txt
	$(BIN)/python scripts/docs.py

wheel: venv ## a wheel into dist
	$(PIP) wheel --no-deps --wheel-dir dist .
	@ls -l dist

bench-peers: ## the peers that journeykit is measured against, into environments of their own (build/bench-peers)
	@PYTHON=$(PYTHON) benchmarks/peers.sh

bench: install ## side by side with the peers; ARGS="--only variants --size 1e6 --rounds 3" for a quick look
	@$(BIN)/python -m benchmarks $(ARGS)

bench-headline: install ## 1e7 events → map, variants, metrics, scores, ranked failures, all with intervals: seconds and memory
	@$(BIN)/python -m benchmarks.headline $(ARGS)

coverage: install ## how often intervals at 95 % hold the truth, by number and method; ARGS="--worlds 4000"
	@$(BIN)/python -m benchmarks.coverage $(ARGS)

bench-scale: install ## a log larger than memory; ARGS="folder memory --events 1e7 --data DIR --memory 2GB"
	@$(BIN)/python -m benchmarks.scale $(or $(ARGS),folder memory)

SPARK := $(CURDIR)/build/spark
$(SPARK)/ready: pyproject.toml
	@scripts/system_packages.sh build spark
	@test -x $(SPARK)/bin/python || $(PYTHON) -m venv $(SPARK)
	@touch $@

spark: $(SPARK)/ready
	$(SPARK)/bin/python -m pip --disable-pip-version-check -q install ".[spark]" pytest numpy

test-spark: spark ## journeykit.scale on Spark local[2]: pyspark into build/spark, Java from the system
	$(SPARK)/bin/python -m pytest tests/spark

bench-spark: spark ## Spark local[2] against one process by number of partitions; ARGS="--events 1e7 --data DIR"
	@$(SPARK)/bin/python -m benchmarks.scale spark $(ARGS)

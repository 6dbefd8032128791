# Kindred. `make demo` serves the bot in a browser; `make help` lists the rest.
PYTHON ?= python3
# Where torch's CPU build is, besides the indexes that pip is configured with.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# Processes that `make test` spreads the tests over: two more than cores, for some tests wait in real time.
WORKERS ?= 4
# `make env ONLY=runtime` leaves out what only tests and training need, as the Dockerfile does; ONLY=postgres
# adds what PostgreSQL needs to that, ONLY=s3 what buckets need besides, ONLY=ray what Ray needs besides.
ONLY ?= all

VENV := .venv
STAMP := $(VENV)/.$(ONLY)-from-lock
PIP_INSTALL := $(VENV)/bin/python -m pip install --disable-pip-version-check --require-hashes
# annoy's own flags without -march=native: $(VENV), or an image made of it, runs on any processor of its
# architecture, not only on those that can do what the one that built it can.
ANNOY_FLAGS := -O3,-ffast-math,-fno-associative-math,-fpermissive,-std=c++14,-DANNOYLIB_MULTITHREADED_BUILD
# PyPI's torch for Linux brings gigabytes of GPU libraries: ask for the CPU build by name. macOS has one build.
LINUX_CPU := $(if $(filter Linux,$(shell uname -s)),+cpu)
THIRD_PARTY := build/third_party
# axe-core finds what keeps people out of a page. It is MPL-2.0: fetched for tests, never committed or shipped.
AXE := axe-core@4.14.1
AXE_SHA512 := 1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
STOP_runtime := /=== below this line/q
STOP_postgres := /=== below this line: only for buckets/q
STOP_s3 := /=== below this line: only for Ray/q
STOP_ray := /=== below this line: only for tests/q
STOP := $(STOP_$(ONLY))
AS_ROOT := $(if $(filter-out 0,$(shell id -u)),sudo)

.PHONY: help env demo run test pytest lint test-third-party test-others fuzz flood chaos soak scale benchmark nearest lock audit browser axe clean test-processors test-emulated mutants

help:
	@echo "make demo              serve the whole bot in a browser, without Telegram"
	@echo "make run               serve the bot on Telegram; KINDRED_TOKEN or KINDRED_TOKEN_FILE names its token"
	@echo "make test              lint, types, import contracts, every test"
	@echo "make test-processors   the engine's tests under several instruction sets"
	@echo "make test-emulated     a part of them on an emulated processor of 2013"
	@echo "make test-third-party  the conversation on Bot API servers that others wrote"
	@echo "make mutants           change the code in small ways: does a test fail each time? MODULE=limiter for one"
	@echo "make fuzz              10,000 malformed updates, 1,000 images, 20,000 EXIF tags, 4,000 gallery files; SEED=2"
	@echo "make chaos             kill the bot 100 times in each of seven runs; SEED=2, ROUNDS=10, REAL=0 change them"
	@echo "make flood             200 photos of one chat, 20 words a second: how long do others wait?"
	@echo "make scale             kill processes that share a PostgreSQL, replicas and the server 100 times; KILLS=10, REPLICAS=0"
	@echo "make soak              ten minutes of mixed requests: does anything grow? MINUTES=3 for fewer"
	@echo "make benchmark         latency beside other systems in one run; ROUNDS=100 for more than 30 rounds,"
	@echo "                       BEFORE=DIR: beside the build of another checkout, too"
	@echo "make nearest           recall and time of the index and of a scan, 8,000 to 1,000,000 images"
	@echo "make browser           install the browser that some tests need"
	@echo "make axe               fetch the checker of accessibility that some tests need"
	@echo "make audit             look for known vulnerabilities in the locked packages"
	@echo "make env               only make $(VENV)"
	@echo "make lock              only renew requirements.lock"
	@echo "make clean             remove $(VENV), build folders and caches"

env: $(STAMP)

# setuptools and torch come first, alone: setuptools (locked, like all the rest) builds annoy, and torch has
# to be there as its CPU build before pip reads the whole lock, which PyPI's build would satisfy too.
# `--retries 0`: where one of the indexes is out of reach, pip goes on with the others at once.
# annoy comes next, alone: pip names the wheels that it builds and caches by their source, not by compiler
# flags. Without --no-cache-dir it could take a wheel, and without --force-reinstall keep a package, that was
# compiled for one processor. --no-binary excludes ready-made wheels: their flags are unknown.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "Kindred needs Python 3.11 or newer, and $(PYTHON) is not: try make PYTHON=python3.12 ..." >&2; exit 1; }
	@command -v c++ >/dev/null || { \
	    echo "Kindred needs a C++ compiler to build annoy: apt-get install g++ (macOS: xcode-select --install)" >&2; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig; \
	    sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' || { \
	    echo "Kindred needs Python's headers to build annoy: apt-get install python3-dev" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@sed '$(STOP)' requirements.lock > $(VENV)/rest.txt
	@awk '/^[^ #]/ {wanted = /^(torch|setuptools)==/} wanted' $(VENV)/rest.txt \
	    | sed 's/^torch==[0-9.]*/&$(LINUX_CPU)/' > $(VENV)/first.txt
	@awk '/^[^ #]/ {wanted = /^annoy==/} wanted' requirements.lock > $(VENV)/annoy.txt
	@$(PIP_INSTALL) --no-deps --retries 0 --timeout 15 --extra-index-url $(TORCH_INDEX) -r $(VENV)/first.txt || { \
	    echo "$(if $(filter runtime,$(ONLY)),setuptools,torch's CPU build) could not be installed: is $(if $(filter runtime,$(ONLY)),the package index,$(TORCH_INDEX)) in reach?" >&2; exit 1; }
	ANNOY_COMPILER_ARGS=$(ANNOY_FLAGS) PIP_USE_PEP517=1 $(PIP_INSTALL) --no-build-isolation --no-deps \
	    --no-binary annoy --no-cache-dir --force-reinstall -r $(VENV)/annoy.txt
	$(PIP_INSTALL) --no-build-isolation -r $(VENV)/rest.txt
	@touch $@

demo: env
	$(VENV)/bin/python -m bot demo

run: env
	$(VENV)/bin/python -m bot run

# Side by side: the tests leave the processor idle now and then.
test: env
	@$(MAKE) --no-print-directory --jobs 2 pytest lint

# Where PYTHONDONTWRITEBYTECODE is set, as images for containers often do, each process that a test starts
# would compile all modules.
pytest: export PYTHONDONTWRITEBYTECODE :=
pytest: env
	$(VENV)/bin/python -m pytest -n $(WORKERS) --max-worker-restart 0

lint: env
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy

# OpenVINO's copy of oneDNN and the engine leave unused what lies beyond the named instruction set
# (engine/runtime/processor.py): the whole processor, servers of 2020 (no AMX), 2019 (no bfloat16) and 2017 (no
# int8 dot products). AVX2 cannot be named where there is AVX-512: the process then ends in the middle of a test.
# Without the command line and training.
INSTRUCTION_SETS ?= DEFAULT AVX512_CORE_BF16 AVX512_CORE_VNNI AVX512_CORE
PROCESSOR_TESTS ?= tests/engine --ignore=tests/engine/cli --ignore=tests/engine/training
test-processors: env
	@failed=; for isa in $(INSTRUCTION_SETS); do \
	    echo "=== $$isa"; \
	    ONEDNN_MAX_CPU_ISA=$$isa $(VENV)/bin/python -m pytest -q $(PROCESSOR_TESTS) || failed="$$failed $$isa"; \
	done; test -z "$$failed" || { echo "Tests failed under:$$failed" >&2; exit 1; }

# Another processor altogether, emulated: Haswell has AVX2 and nothing later. An illegal instruction of any
# library ends it. Emulation is slow, so this runs a part that loads and compiles a network, and an index.
# /proc/cpuinfo lists what the host can do, so the engine is told by name.
EMULATED_TESTS ?= tests/engine/runtime/test_network.py tests/engine/search/test_ann_index.py
test-emulated: env
	@command -v qemu-x86_64-static >/dev/null || { \
	    echo "No emulator: apt-get install qemu-user-static" >&2; exit 1; }
	ONEDNN_MAX_CPU_ISA=AVX2 qemu-x86_64-static -cpu Haswell $(VENV)/bin/python -m pytest -q --timeout 3000 $(EMULATED_TESTS)

test-third-party test-others: env $(THIRD_PARTY)/.ready
	$(VENV)/bin/python -m pytest tests/third_party

# In an environment of their own, so that Kindred's stays as it is locked.
$(THIRD_PARTY)/.ready: tests/third_party/telemelya.txt tests/third_party/tg_auto_test.txt
	$(PYTHON) -m venv --clear $(THIRD_PARTY)
	$(THIRD_PARTY)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/third_party/telemelya.txt
	$(THIRD_PARTY)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
	    -r tests/third_party/tg_auto_test.txt
	@touch $@

# Cosmic Ray has an environment of its own, which also finds the packages of Kindred's.
MUTATION := build/mutation
PURELIB := -c 'import sysconfig; print(sysconfig.get_path("purelib"))'
mutants: env $(MUTATION)/.ready
	$(MUTATION)/bin/python -m tests.mutation $(MODULE) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED))

$(MUTATION)/.ready: tests/mutation/requirements.txt
	$(PYTHON) -m venv --clear $(MUTATION)
	$(MUTATION)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	    -r tests/mutation/requirements.txt
	@$(VENV)/bin/python $(PURELIB) > "$$($(MUTATION)/bin/python $(PURELIB))/kindred.pth"
	@touch $@

fuzz: env
	$(VENV)/bin/python -m tests.stress fuzz $(if $(SEED),--seed $(SEED))

chaos: env
	$(VENV)/bin/python -m tests.stress chaos $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	    $(if $(REAL),--real $(REAL))

flood: env
	$(VENV)/bin/python -m tests.stress flood

scale: env
	$(VENV)/bin/python -m tests.stress fronts $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED)) \
	    $(if $(REPLICAS),--replicas $(REPLICAS))

soak: env
	$(VENV)/bin/python -m tests.stress soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

benchmark: env
	$(VENV)/bin/python -m tests.benchmarks $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(BEFORE),--before $(BEFORE))
	$(VENV)/bin/python -m tests.benchmarks.starts $(if $(BEFORE),--before $(BEFORE))
	$(VENV)/bin/python -m tests.benchmarks.throughput $(if $(BEFORE),--before $(BEFORE))

nearest: env
	$(VENV)/bin/python -m tests.benchmarks.nearest

# Keeps the pins; `make lock UPGRADE=--upgrade` renews them. pip-tools has an environment of its own.
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools==7.6.2
	TORCH_INDEX=$(TORCH_INDEX) build/lock/bin/python .ci/lock.py $(UPGRADE)

# An index without advisories would look like a clean audit. An old Jinja2 is known to have some: where none
# are found for it, the target fails with status 3.
KNOWN := https://pypi.org/pypi/jinja2/3.1.2/json
audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	@build/audit/bin/python -c 'import json, sys, urllib.request as web; \
	    sys.exit(not json.load(web.urlopen("$(KNOWN)", timeout=15))["vulnerabilities"])' 2>/dev/null || { \
	    echo "PyPI's advisories are out of reach: nothing was audited." >&2; exit 3; }
	build/audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

browser:
	@command -v apt-get >/dev/null || { echo "Install Chromium or Google Chrome; the tests find it." >&2; exit 1; }
	$(AS_ROOT) apt-get update
	$(AS_ROOT) apt-get install --yes --no-install-recommends chromium-headless-shell || \
	    $(AS_ROOT) apt-get install --yes --no-install-recommends chromium

# npm checks what it fetched against its registry; the digest here, against what was reviewed.
axe: build/axe/axe.min.js

build/axe/axe.min.js: Makefile
	@command -v npm >/dev/null || { echo "axe-core comes from npm: apt-get install npm" >&2; exit 1; }
	@rm -rf build/axe && mkdir -p build/axe
	npm pack --silent --pack-destination build/axe $(AXE)
	@$(PYTHON) -c 'import hashlib, pathlib, sys; \
	    digest = hashlib.sha512(next(pathlib.Path("build/axe").glob("*.tgz")).read_bytes()).hexdigest(); \
	    sys.exit(0 if digest == "$(AXE_SHA512)" else "$(AXE) is not what its digest in the Makefile says.")'
	@tar -xzf build/axe/*.tgz --strip-components 1 -C build/axe package/axe.min.js package/LICENSE
	@touch $@

clean:
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache

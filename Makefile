# `make demo` and `make test` do everything on a fresh machine; `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# A CPU wheel of torch, where one is at hand, saves several gigabytes of CUDA libraries.
# `make TORCH=torch` takes what the package index offers, for machines with a CUDA device.
TORCH  ?= auto
PYTEST_FLAGS ?=

GODOT     := engine_clients/godot
INSTALLED := $(VENV)/.installed
TOOLS     := $(VENV)/.tools
MODELS    := $(VENV)/.models

.DEFAULT_GOAL := help
.PHONY: help demo serve test check godot-demo godot-frames webxr-frames unity-bench page-load vendor bench load simulate head-of-line autobahn fuzz chaos clean format

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 20

demo: $(MODELS) ## Run a village scene against the server and write out/demo/index.html
	$(BIN)/vrbridge demo --out out/demo

serve: $(MODELS) ## Start the server on ws://127.0.0.1:8765/ws
	$(BIN)/vrbridge serve

test: $(MODELS) $(TOOLS) ## Run all tests, with real models and engine tools
	$(BIN)/pytest -n 2 --dist loadgroup $(PYTEST_FLAGS)

check: $(INSTALLED) ## Lint, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd $(GODOT) && $(CURDIR)/$(BIN)/gdformat --check . && $(CURDIR)/$(BIN)/gdlint .

godot-demo: $(MODELS) $(TOOLS) ## Export the Godot demo for the web and serve it at http://127.0.0.1:8765/godot/
	$(BIN)/python -m tests.engine_clients.godot.web_export out/godot-demo
	$(BIN)/vrbridge serve --mount godot=out/godot-demo

godot-frames: $(MODELS) $(TOOLS) ## Measure what arriving assets cost a frame in Godot
	$(BIN)/python -m tests.bench.godot_frames

webxr-frames: $(MODELS) $(TOOLS) ## Measure what arriving assets cost a frame in a WebXR page
	$(BIN)/python -m tests.bench.webxr_frames

page-load: $(MODELS) $(TOOLS) ## Measure how soon the page at / can be used
	$(BIN)/python -m tests.bench.page_load

vendor: $(TOOLS) ## Copy what the page at / needs from the pinned packages of npm
	bash .ci/vendor.sh

unity-bench: $(MODELS) $(TOOLS) ## Measure the core of the Unity client on .NET 8 and Mono
	$(BIN)/python -m tests.bench.unity_core

bench: $(MODELS) ## Print the figures of the README, measured through a real client
	$(BIN)/python -m tests.bench

head-of-line: $(INSTALLED) ## Measure how long words wait while an asset streams over slow links (as root)
	$(BIN)/python -m tests.bench.head_of_line $(PART)

autobahn: $(INSTALLED) ## Run the Autobahn test suite against the WebSocket layer (needs a Python 2.7)
	$(BIN)/python -m tests.autobahn

fuzz: $(INSTALLED) ## Fuzz the decoder, hello, resume and sessions (FUZZ_SEED=, FUZZ_EXECUTIONS=)
	$(BIN)/python -m tests.fuzz $(addprefix --executions ,$(FUZZ_EXECUTIONS)) $(addprefix --seed ,$(FUZZ_SEED))

load: $(INSTALLED) ## Put a thousand players and more on a server: out/load/load.png, in six minutes
	$(BIN)/vrbridge bench load --minutes 0.9 --out out/load

simulate: $(INSTALLED) ## Share 100 workers out among 10,000 players in virtual time: out/simulation/simulation.png
	$(BIN)/vrbridge bench simulate --out out/simulation

chaos: $(MODELS) ## Break networks, peers and processes on purpose and check the promise
	$(BIN)/python -m tests.chaos

format: $(INSTALLED) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove everything that was made here (models stay in the user's cache)
	rm -rf $(VENV) out dist tests/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) .ci/environment.py $(VENV)

$(INSTALLED): pyproject.toml .ci/environment.py | $(BIN)/python
	$(BIN)/python .ci/install.py --torch $(TORCH)
	@touch $@

$(MODELS): $(INSTALLED) assets/models/catalogue.toml
	$(BIN)/vrbridge models pull
	@touch $@

$(TOOLS): tests/package.json tests/package-lock.json .ci/tools.sh | $(INSTALLED)
	bash .ci/tools.sh
	@touch $@

# `make run` opens the app and `make test` checks everything. Both set up what they need in .venv/, once.
#
#   make run ARGS="--port 8600"           more options for the app; Streamlit's stand behind --
#   make run TORCH=cpu                    with the small torch, TORCH=cuda with the other (also: make test TORCH=cpu);
#                                         without it an NVIDIA driver decides, on the first call
#   make test ARGS="-k complexity -x"     more options for pytest
#   make lint                             style and types only
#   make lock                             writes constraints.txt after requirements*.txt; ARGS=--upgrade takes the newest
#   make clean                            removes .venv/ and what the tools left

BIN := .venv/bin
INSTALL := TORCH="$(TORCH)" $(BIN)/python scripts/install_packages.py

.PHONY: run test lint lock chromium firefox clean

run: .venv/.runtime
	$(BIN)/python -m resnext_viz app $(ARGS)

# -rs: whatever was left out is named, with the reason. -n 4: four processes, also on two cores, for many tests wait for a
# browser or a server; each begins with a quarter of the tests in their order, and takes from others' ends when done. They
# have up to 13 GB of memory together; ARGS="-n 0" runs all in one. Each computes with one thread, or with as many as
# OMP_NUM_THREADS says, for more would wait for each other.
# Hundreds of processes are started: each compiles torch and Streamlit anew where Python may not keep what it compiled.
test: export PYTHONDONTWRITEBYTECODE =
test: lint chromium firefox
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(BIN)/python -m pytest -rs -n 4 --dist worksteal $(ARGS)

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy

# Finds a Chromium that starts, or gets one; says so where neither works.
chromium: .venv/.dev
	@$(BIN)/python -m tests.browser.kit.chromium

lock: | $(BIN)/pip
	@sh scripts/write-lock $(ARGS)

# Finds a Firefox and what drives it, or gets them; says so where neither works.
firefox: .venv/.dev
	@$(BIN)/python -m tests.browser.kit.firefox

# The stamps are younger than what they stand for, so that a second call costs nothing.
.venv/.dev: requirements-dev.txt requirements-tools.txt .venv/.runtime
	@echo "Installing the tools for tests and checks ..."
	@$(INSTALL) --dev
	@touch $@

.venv/.runtime: requirements.txt constraints.txt | $(BIN)/pip
	@echo "Installing the app's packages into .venv/ ..."
	@$(INSTALL)
	@touch $@

$(BIN)/pip:
	@sh scripts/make-venv

clean:
	rm -rf .venv tests/browser/kit/puppeteer/node_modules build .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

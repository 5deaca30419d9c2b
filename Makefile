# `make run` opens the app and `make test` checks everything. Both set up what they need in .venv/, once.
#
#   make run ARGS="--server.port=8600"    more options for Streamlit
#   make run TORCH=cpu                    with the small torch, where there is no NVIDIA GPU (also: make test TORCH=cpu)
#   make test ARGS="-k complexity -x"     more options for pytest
#   make lint                             style and types only
#   make clean                            removes .venv/ and what the tools left

BIN := .venv/bin
# Progress for a person who watches, quiet in a log.
QUIET := $(shell test -t 2 || echo --quiet)
PIP := $(BIN)/python -m pip install --disable-pip-version-check --retries 5 --constraint constraints.txt $(QUIET)
# Without its dependencies, which the next line takes from PyPI: that index holds other versions of them.
CPU_TORCH := $(PIP) --no-deps --index-url https://download.pytorch.org/whl/cpu torch torchvision

.PHONY: run test lint chromium clean

run: .venv/.runtime
	$(BIN)/streamlit run app.py $(ARGS)

# -rs: whatever was left out is named, with the reason.
test: lint chromium
	$(BIN)/python -m pytest -rs $(ARGS)

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/mypy

# Finds a Chromium that starts, or gets one; says so where neither works.
chromium: .venv/.dev
	@$(BIN)/python -m tests.browser.chromium

# The stamps are younger than what they stand for, so that a second call costs nothing.
.venv/.dev: requirements-dev.txt .venv/.runtime
	@echo "Installing the tools for tests and checks ..."
	@$(PIP) --requirement requirements.txt --requirement requirements-dev.txt
	@touch $@

.venv/.runtime: requirements.txt constraints.txt | $(BIN)/pip
	@echo "Installing the app's packages into .venv/ (the first time: some minutes, about $(if $(filter cpu,$(TORCH)),2,6) GB) ..."
	@$(if $(filter cpu,$(TORCH)),$(CPU_TORCH))
	@$(PIP) --requirement requirements.txt
	@touch $@

$(BIN)/pip:
	@sh scripts/make-venv

clean:
	rm -rf .venv build .pytest_cache .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

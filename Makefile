# Set-up is done in .venv by helpers/authoring/setup_venv.py, and repeated only when the pins changed.
#   PYTHON=python3.12        another Python to make .venv with
#   TORCH_INDEX=<address>    extra package index, for torch's CPU build on Linux (see README.md)
#   ARGS=...                 passed on, for example: make lab ARGS=--no-browser

PYTHON ?= python3
ARGS ?=
BIN = .venv/bin
ifeq ($(OS),Windows_NT)
BIN = .venv/Scripts
endif

.DEFAULT_GOAL := help
.PHONY: help setup lab preflight test test-tools browser bench-browser proof notebooks pages slides pictures bundle bench timings lint

help:  ## Say what there is
	@echo "make lab         set up and open JupyterLab on the first notebook"
	@echo "make preflight   set up and check that this machine is ready for the course"
	@echo "make test        set up and prove the course: lint, gates, unit tests, every notebook run again"
	@echo "make test-tools  run the tests of what builds, measures, packs, trains and breaks the course"
	@echo "make browser     run every notebook in a real browser and move every control (needs Chromium, a quarter of an hour)"
	@echo "make bench-browser  measure in the browser, from key press to new picture, the panels of chapters 1 to 4"
	@echo "make proof       repeat what shows that the course keeps its promises, and write tests/PROOF.md (hours)"
	@echo "make notebooks   build the notebooks whose text or helpers changed"
	@echo "make pages       write every notebook as a web page into pages/"
	@echo "make slides      write a deck of slides a chapter into slides/"
	@echo "make pictures    take the pictures of the README and of 00-start-here in a real browser (needs Chromium)"
	@echo "make bundle      put the course and all it needs into one folder, to install without network"
	@echo "make bench       measure how fast the panels draw, and seconds and memory of each notebook against its goals"
	@echo "make timings     measure every notebook and write notebooks/instructor/timings.md (minutes, on a quiet machine)"
	@echo "make lint        check style and imports only"
	@echo "Pass arguments on with ARGS, like: make lab ARGS=--no-browser"

setup:
	@$(PYTHON) -m helpers.authoring.setup_venv

# The root is this folder, not notebooks/, so that JupyterLab finds Jupytext's pairing in pyproject.toml.
lab: setup
	@$(BIN)/python -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb $(ARGS)

preflight: setup
	@$(BIN)/python -m helpers.preflight $(ARGS)

test: setup
	@$(BIN)/python -m helpers.authoring.verify $(ARGS)

test-tools: setup
	@$(BIN)/python -m helpers.authoring.verify --tools $(ARGS)

browser: setup
	@$(BIN)/python -m helpers.authoring.browser $(ARGS)

# ARGS="counts supply" runs only these parts.
proof: setup
	@$(BIN)/python -m helpers.proof $(ARGS)

# Needs Chromium, as make browser does. ARGS="--rounds 5" for a first look.
bench-browser: setup
	@$(BIN)/python -m helpers.authoring.browser --install-only
	@$(BIN)/python -m helpers.authoring.bench_browser $(ARGS)

notebooks: setup
	@$(BIN)/python -m helpers.authoring.build $(ARGS)

pages: setup
	@$(BIN)/python -m helpers.authoring.pages $(ARGS)

slides: setup
	@$(BIN)/python -m helpers.authoring.slides $(ARGS)

pictures: setup
	@$(BIN)/python -m helpers.authoring.browser --install-only
	@$(BIN)/python -m helpers.authoring.pictures $(ARGS)

# On Linux with TORCH_INDEX, or torch brings gigabytes. ARGS='--out "/media/My Stick/course" --platforms linux_x86_64,macos_arm64'
bundle: setup
	@$(BIN)/python -m helpers.authoring.bundle $(ARGS)

# ARGS="--only notebooks" or the names of notebooks; COURSE_MODELS=full measures the originals.
bench: setup
	@$(BIN)/python -m helpers.authoring.bench $(ARGS)

# The originals are measured too if COURSE_MODELS_DIR, or the usual folder, holds them.
timings: setup
	@$(BIN)/python -m helpers.authoring.timings $(ARGS)

lint: setup
	@$(BIN)/python -m helpers.authoring.verify --lint $(ARGS)

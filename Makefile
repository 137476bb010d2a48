# `make app` serves the app with something to annotate in it; `make test` runs every test.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PORT ?= 8501
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help app test test-fast test-slow check format bench bench-annotate bench-live bench-augment bench-seq-instruct bench-training bench-generation bench-endpoint bench-judging bench-leaderboard bench-scale bench-rouge-l bench-bertscore screenshots browser clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -ts "$$(printf '\t')"

app: $(VENV)/.app ## install what the app needs, models included, and serve it at http://localhost:8501
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/.dev browser check ## install what tests need (Chromium too) and run everything
	$(BIN)/pytest -m "not browser and not long" -n 2 --dist loadfile
	$(BIN)/pytest -m browser -n 2 --dist loadfile

test-fast: $(VENV)/.dev ## for daily use: no browser, no PostgreSQL, nothing slow, pages opened only
	SIT_TEST_PROFILE=brief $(BIN)/pytest -q -n auto --dist loadfile --ignore=tests/browser -m "not slow and not long and not page and not postgres"

test-slow: $(VENV)/.dev ## what `make test` leaves out: grids of simulations, the largest real files
	$(BIN)/pytest -q -n 2 --dist loadfile -m long

check: $(VENV)/.dev ## lint, formatting, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: bench-annotate bench-live bench-augment bench-seq-instruct bench-training bench-generation bench-endpoint bench-judging bench-leaderboard bench-scale bench-rouge-l bench-bertscore ## all measurements

bench-annotate: $(VENV)/.dev browser ## last key to next sample on the screen, 100,000 samples
	$(BIN)/python -m bench.annotate

bench-live: $(VENV)/.dev browser ## Run pressed to the first words on the screen, embedded model
	$(BIN)/python -m bench.live

bench-augment: $(VENV)/.dev ## 52,000 rows made sequential from file to file, and a million
	$(BIN)/python -m bench.augment

bench-seq-instruct: $(VENV)/.dev ## 1,000 instructions × 4 stages of a writer that answers after 200 ms; memory
	$(BIN)/python -m bench.seq_instruct

bench-training: $(VENV)/.dev ## training examples per second against the way of alpaca-lora
	$(BIN)/python -m bench.training

bench-generation: $(VENV)/.dev ## 200 prompts in batches against one at a time, embedded model
	$(BIN)/python -m bench.generation

bench-endpoint: $(VENV)/.dev ## 500 calls, 64 in flight, of an endpoint that answers after 200 ms
	$(BIN)/python -m bench.endpoint

bench-judging: $(VENV)/.dev ## outputs judged, 64 in flight, by a judge that answers after 200 ms; then known
	$(BIN)/python -m bench.judging

bench-rouge-l: $(VENV)/.dev ## ROUGE-L of 805 pairs of outputs against the package rouge_score
	$(BIN)/python -m bench.rouge_l

bench-bertscore: $(VENV)/.dev ## BERTScore of 10 runs against bert_score.score for each run
	$(BIN)/python -m bench.bertscore

bench-leaderboard: $(VENV)/.dev ## a board of 50 systems and 805 prompts, first and later, against pandas
	$(BIN)/python -m bench.leaderboard

bench-scale: $(VENV)/.dev ## every page and table with 1,000,000 judgments, on SQLite and PostgreSQL
	$(BIN)/python -m bench.scale

screenshots: $(VENV)/.dev browser ## take the pictures of the README anew
	$(BIN)/python -m tests.browser.screenshots

browser: $(VENV)/.dev ## make sure that there is a Chromium: one that is here, else install one
	$(BIN)/python -m tests.browser.install

clean: ## remove the virtual environment and caches; the store in .sit stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# MODELS= leaves out what only running models needs (torch and more): no Live, no new runs then.
MODELS ?= -r requirements-models.txt

$(VENV)/.app: $(VENV)/bin/python requirements.txt requirements-models.txt pyproject.toml
	$(BIN)/python -m pip install -q -r requirements.txt $(MODELS)
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python requirements.txt requirements-models.txt requirements-dev.txt pyproject.toml
	$(BIN)/python -m pip install -q -r requirements-dev.txt
	@touch $@ $(VENV)/.app

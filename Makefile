# make run    the page and the API, at the address it prints; make run ADDRESS=0.0.0.0 lets the network in
# make test   every test
# make quick  the essential half of the tests
# make check  style and types

PYTHON ?= python3
BIN := .venv/bin

ADDRESS = 127.0.0.1

.PHONY: run test quick check

run: .venv/runs
	$(BIN)/streamlit run app.py --server.address $(ADDRESS)

test: .venv/tests
	$(BIN)/python -m pytest

quick: .venv/tests
	$(BIN)/python -m pytest -m quick

check: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/runs: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt
	touch $@

.venv/tests: .venv/runs tests/requirements.txt
	$(BIN)/pip install --quiet -r tests/requirements.txt
	test -x /usr/bin/chromium || $(BIN)/playwright install chromium
	touch $@

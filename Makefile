# make run    the page and the API, at the address it prints; make run ADDRESS=0.0.0.0 lets the network in
# make test   every test
# make quick  the essential half of the tests
# make check  style and types
# make lock   requirements.lock, after a change of requirements.txt: with Python 3.11, on Linux

PYTHON ?= python3
BIN := .venv/bin

ADDRESS = 127.0.0.1

.PHONY: run test quick check lock

# By uv, which is faster, where there is one; by pip where there is none or it fails. Neither compiles: of what is
# installed, less than a third is ever imported, and the rest would take 110 MB.
install = { command -v uv && uv pip install --quiet --python $(BIN)/python -r $(1); } >/dev/null \
	|| $(BIN)/pip install --quiet --no-compile -r $(1)

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

# An import compiles what it needs, unless the environment says that Python should not.
.venv/runs: requirements.txt requirements.lock
	$(PYTHON) -m venv .venv
	$(call install,requirements.txt)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -c 'import streamlit.web.cli, altair, pandas, main, client, digits.bulk.worker'
	touch $@

.venv/tests: .venv/runs tests/requirements.txt
	$(call install,tests/requirements.txt)
	$(BIN)/python -m compileall -q -j 0 .venv/lib || true
	test -x /usr/bin/chromium || $(BIN)/playwright install chromium
	touch $@

lock:
	rm -rf .venv/lock
	$(PYTHON) -m venv .venv/lock
	grep -v '^-c' requirements.txt >.venv/lock/requirements.txt
	.venv/lock/bin/pip install --quiet --no-compile -r .venv/lock/requirements.txt
	{ echo '# All that requirements.txt pulls in, by `make lock`.'; .venv/lock/bin/pip freeze; } >requirements.lock
	rm -rf .venv/lock

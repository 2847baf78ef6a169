# Everything is set up in .venv; no target needs another one typed before it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
QUICKSTART := notebooks/quickstart.ipynb
# JupyterLab asks on its first start whether it may fetch news; a demo should open on its subject.
OVERRIDES := $(VENV)/share/jupyter/lab/settings/overrides.json
NO_NEWS := {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}

.PHONY: demo test lint bench side fuzz js clean

demo: $(VENV)/demo.stamp $(OVERRIDES) js
	$(BIN)/python -m nbagent.local pull
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/$(QUICKSTART) \
		$(if $(NBAGENT_DEMO_NO_BROWSER),--no-browser) $(if $(filter 0,$(shell id -u)),--allow-root)

test: $(VENV)/test.stamp lint js
	$(BIN)/python js/build.py --test
	$(BIN)/python tests/browser.py
	$(BIN)/python -m nbagent.local pull
	$(BIN)/python -m pytest -m "not e2e and not model" -n 4 --dist loadfile
	$(BIN)/python -m pytest -m "e2e and not model" -n 2 --dist worksteal
	$(BIN)/python -m pytest -m model

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python js/build.py --check

bench: $(VENV)/test.stamp
	$(BIN)/python -m tests.bench

# Other chat displays beside ours, in Chromium; they are installed in places of their own.
side: $(VENV)/test.stamp js
	$(PIP) install --quiet --group side
	$(BIN)/python -m tests.bench.side

fuzz: $(VENV)/test.stamp
	$(BIN)/python -m tests.fuzz --minutes 10

js: $(VENV)/demo.stamp
	$(BIN)/python js/build.py

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade pip

$(VENV)/demo.stamp: pyproject.toml $(BIN)/python
	$(PIP) install --quiet --editable '.[local,lab]'
	touch $@

$(VENV)/test.stamp: pyproject.toml $(VENV)/demo.stamp
	$(PIP) install --quiet --group dev
	touch $@

$(OVERRIDES): $(VENV)/demo.stamp
	mkdir -p $(@D)
	echo '$(NO_NEWS)' > $@

clean:
	rm -rf $(VENV) build dist js/node_modules nbagent/widget/static

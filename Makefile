# Needs only Python 3.11+ and make; everything else goes into .venv/.
PYTHON ?= python3
DATA ?= data/sample
OUT ?= out
BIN := .venv/bin
# workers share the cores, so that each computes on one
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

.PHONY: report test test-spark check validate bench notebooks lab sample lock clean

report: .venv/ready
	$(BIN)/churnlab report $(DATA) --out $(OUT)

test: .venv/ready check
	$(ONE_THREAD) $(BIN)/pytest -n logical --dist loadgroup
	$(ONE_THREAD) $(BIN)/pytest -c tests/nbval.ini --rootdir . -n logical --dist loadscope notebooks

# Needs Java 17; PySpark is half a gigabyte and lies in .spark/, beside the environment. West of Greenwich, where a day
# that is taken for a time would slip.
test-spark: .venv/ready .spark/pyspark
	TZ=America/New_York PYTHONPATH=.spark $(BIN)/pytest tests/history/test_history_engines.py

.spark/pyspark:
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --target .spark "pyspark>=4.0,<5"

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/typos
	find src -name "*.py" | xargs $(BIN)/python -m numpydoc.hooks.validate_docstrings

# Runs the claims whose code has changed since docs/validation.md was written; ALL=1 runs every one.
validate: .venv/ready
	$(BIN)/python tests/validation/run_validation.py $(if $(ALL),--all)

# Peers go into environments of their own under .bench/ (2.8 GB); ONLY=name runs one benchmark.
bench: .venv/ready
	$(BIN)/python benchmarks/bench.py $(ONLY)

# ONLY=04 for one of them.
notebooks: .venv/ready
	$(BIN)/python -m churnlab.reports.store_outputs notebooks $(ONLY)

# On the sample, or on copies that read DATA and that nobody overwrites.
LAB := $(if $(filter-out data/sample,$(DATA)),$(OUT)-notebooks,notebooks)
lab: .venv/ready
	$(if $(filter-out notebooks,$(LAB)),$(BIN)/python -m churnlab.reports.own_notebooks $(DATA) $(LAB))
	mkdir -p .venv/share/jupyter/lab/settings
	cp .binder/overrides.json .venv/share/jupyter/lab/settings/
	$(BIN)/jupyter lab $(LAB) --LabApp.default_url=/lab/tree/README.md

sample: .venv/ready
	$(BIN)/churnlab sample data/sample

# Needs uv (https://docs.astral.sh/uv); writes hashes and no addresses.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--extra duckdb --extra sql --extra notebook --extra test --python-version 3.11 --output-file requirements.txt pyproject.toml

clean:
	rm -rf .venv .spark .bench out build dist

.venv/ready: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "churnlab needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

"""What the repository promises: floors, truth kept apart, one set of ranges, a wheel that carries what it needs."""

import ast
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from churnlab import answers, tables
from churnlab.tables import plant

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

pytestmark = pytest.mark.xdist_group("sample")


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / "pyproject.toml", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("tables/names.py", "import churnlab.reports.show", "Imports go down the floors only"),
        ("lifetime/survival.py", "import pandas", "The numerical core stands on NumPy and SciPy alone"),
        ("tables/plant/month.py", "import churnlab.scenarios.engine", "The sample plant shares no code"),
        ("risk/models.py", "import churnlab.tables.plant", "Nothing else uses the sample plant"),
    ],
)
def test_planted_import_is_seen(tmp_path, file, line, contract):
    shutil.copytree(ROOT / "src/churnlab", tmp_path / "churnlab", ignore=shutil.ignore_patterns("__pycache__"))
    assert _lint_imports(tmp_path).returncode == 0
    planted = tmp_path / "churnlab" / file
    planted.write_text(f"{planted.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    result = _lint_imports(tmp_path)
    assert result.returncode == 1
    assert re.search(rf"{contract}.*BROKEN", result.stdout)


TAG_OF_TRUTH = Path("reports/notebooks.py")  # drops the cells that are tagged so, and reads nothing of it


def _reads_truth(source: str) -> bool:
    """Whether code names the reader of the truth, an attribute of that name, or a path to it."""
    for node in ast.walk(ast.parse(source)):
        named = [getattr(node, "attr", None), getattr(node, "id", None), getattr(node, "name", None)]
        if "read_truth" in named or (isinstance(node, ast.Attribute) and node.attr == "truth"):
            return True
        said = node.value if isinstance(node, ast.Constant) else None
        if isinstance(said, str) and "\n" not in said and re.search(r"(^|/)truth($|/|_)", said):
            return True
    return False


def _uses_plant(source: str) -> bool:
    """Whether code does more with the sample plant than to import it under its own name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id == "plant":
            return True
        if isinstance(node, ast.alias) and ("plant" in node.name.split(".")) and (node.name != "plant" or node.asname):
            return True
        if isinstance(node, ast.ImportFrom) and "plant" in (node.module or "").split("."):
            return True
    return False


def _code_apart_from_truth_cells(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    apart = [cell for cell in cells if "truth" not in cell.metadata.get("tags", [])]
    return "\n".join(cell.source for cell in apart if cell.cell_type == "code")


def test_nothing_but_closing_cells_reads_the_truth():
    package = ROOT / "src/churnlab"
    apart = [path for path in package.rglob("*.py") if not path.is_relative_to(package / "tables/plant")]
    code = {path: path.read_text(encoding="utf-8") for path in apart if path != package / TAG_OF_TRUTH}
    cells = {path: _code_apart_from_truth_cells(path) for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert [path.name for path, source in (code | cells).items() if _reads_truth(source)] == []
    assert [path.name for path, source in cells.items() if _uses_plant(source)] == []
    tag = (package / TAG_OF_TRUTH).read_text(encoding="utf-8")
    assert not _reads_truth(tag.replace('TRUTH_TAG = "truth"', ""))


def test_every_notebook_holds_its_answer_against_the_truth_before_it_closes():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        tagged = [k for k, cell in enumerate(cells) if "truth" in cell.metadata.get("tags", [])]
        assert tagged, f"{path.name}: no cells tagged `truth` say before the recap what was true in the sample"
        recap = next((k for k, cell in enumerate(cells) if cell.source.startswith("## Recap")), len(cells))
        assert cells[tagged[0]].source.startswith("## What was true"), path.name
        assert tagged == list(range(tagged[0], recap)), path.name


@pytest.mark.parametrize(
    "planted",
    [
        'import pandas as pd\ntrue = pd.read_csv("../data/sample/truth/clients.csv")',
        'from pathlib import Path\nfolder = Path("data") / "sample" / "truth"',
        "from churnlab.tables import plant\nplant.make_plant().truth",
        "from churnlab.tables.plant import read_truth",
        "from churnlab.tables import plant\nplant.read_truth(data)",
    ],
)
def test_planted_read_of_the_truth_is_seen(planted):
    assert _reads_truth(planted)


@pytest.mark.parametrize(
    "planted",
    [
        "plant.true_outlook(known)",
        "bonus = plant.surveys.MANAGER_BONUS",
        "from churnlab.tables import plant as p",
        "from churnlab.tables.plant import LAWS",
        "import churnlab.tables.plant.facts",
    ],
)
def test_planted_use_of_the_plant_in_a_notebook_is_seen(planted):
    assert _uses_plant(planted)
    assert not _uses_plant("from churnlab.tables import plant")


def test_a_changed_truth_changes_nothing(tmp_path):
    shutil.copytree(ROOT / "data/sample", tmp_path / "sample")
    before = tables.load(tmp_path / "sample")
    for path in (tmp_path / "sample/truth").iterdir():
        path.write_text("client_id,left_on\n1001,1999-01-01\n", encoding="utf-8")
    after = tables.load(tmp_path / "sample")
    assert before.fingerprint == after.fingerprint
    pd.testing.assert_frame_equal(before.orders, after.orders)


def test_conda_environment_has_the_ranges_of_the_project():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    listed = [line.removeprefix("  - ") for line in lines if line.startswith("  - ")]
    conda = [name for name in listed if name not in {"conda-forge", "pip", "pip:"}]
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["notebook"]]
    assert sorted(conda) == sorted([f"python{PROJECT['requires-python']}", *wanted])


def test_pins_are_hashed_and_hold_no_address():
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert "://" not in pins
    assert "file:" not in pins
    blocks = re.split(r"\n(?=\S)", pins.strip())
    assert all("==" in block and "--hash=sha256:" in block for block in blocks)
    pinned = {re.split(r"[=\[ ]", block)[0].lower() for block in blocks}
    ranges = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    assert {re.split(r"[<>=\[ ]", one)[0].lower() for one in ranges} <= pinned


def test_wheel_carries_notebooks_and_template(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"churnlab/notebooks/{path.name}" in names
    for path in (ROOT / "src/churnlab/reports/template").iterdir():
        assert f"churnlab/reports/template/{path.name}" in names
    for path in (ROOT / "src/churnlab/answers/languages").iterdir():
        assert f"churnlab/answers/languages/{path.name}" in names
    assert "churnlab/py.typed" in names


@pytest.fixture(scope="module")
def sample():
    """The sample, every answer computed once."""
    return answers.prepare(ROOT / "data/sample")


def test_result_tables_and_quotes_are_those_of_the_pages(sample):
    results = {"findings": tables.findings_frame(sample.tables), **sample.ask(answers.summarise).results}
    page = (ROOT / "docs/results.md").read_text(encoding="utf-8")
    documented = {}
    for part in page.split("\n## ")[1:]:
        rows = re.findall(r"^\| (\w+) \|", part, flags=re.MULTILINE)
        documented[part.split(".parquet")[0]] = rows[1:]  # the first is the header
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = re.search(r"From the sample, as printed:\n\n> (.+)\n", readme)
    assert quoted[1] in sample.ask(answers.summarise).cannot_say
    assert documented == {name: list(frame.columns) for name, frame in results.items()}


def test_page_of_claims_is_what_its_command_writes(sample):
    claims = runpy.run_path(str(ROOT / "benchmarks/claims.py"))
    written = claims["page"](sample, plant.read_truth(ROOT / "data/sample"))
    assert written == (ROOT / "docs/claims.md").read_text(encoding="utf-8")


def test_no_two_test_modules_have_one_name():
    """They are imported by their name alone."""
    names = [path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("package", ["churnlab", "churnlab.tables", "churnlab.lifetime", "churnlab.cli"])
def test_importing_stays_cheap(package):
    heavy = "{'matplotlib', 'nbconvert', 'sklearn', 'IPython'}"
    code = f"import sys, {package}; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"

"""JupyterLab driven by a browser: every notebook opened and run from top to bottom. Takes minutes: only where asked."""

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browsing import chromium, needs_chromium

ROOT = Path(__file__).parents[2]
ASKED = "CHURNLAB_JUPYTERLAB"
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
MINUTE = 60_000
LONGEST = 900
QUIET = ("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
CULLED = ("--MappingKernelManager.cull_idle_timeout=20", "--MappingKernelManager.cull_interval=10")

pytestmark = pytest.mark.skipif(not os.environ.get(ASKED), reason=f"takes minutes: set {ASKED}=1")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab as ``make lab`` starts it, on emptied copies of the notebooks: its address, and their folder."""
    needs_chromium()
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, folder / "notebooks" / path.name)
    shutil.copytree(ROOT / "data" / "sample", folder / "data" / "sample")
    own = {f"JUPYTER_{name}": str(folder / name.lower()) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    environment = {**os.environ, **own, "JUPYTER_PREFER_ENV_PATH": "1"}
    log = folder / "lab.log"
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "notebooks",
        "--no-browser",
        "--port=0",
        "--allow-root",
        *QUIET,
        *CULLED,
    ]
    with log.open("w") as stream:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=stream, stderr=subprocess.STDOUT)
        try:
            yield _address(log, server), folder / "notebooks"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _address(log: Path, server: subprocess.Popen[bytes]) -> str:
    """Wait until the server says where it listens, and listens there."""
    for _ in range(240):
        found = re.search(r"http://127\.0\.0\.1:\d+/lab\?token=\w+", log.read_text(encoding="utf-8", errors="replace"))
        if found:
            try:
                urllib.request.urlopen(found[0], timeout=5).close()  # noqa: S310 -- http, as matched above
            except urllib.error.URLError:
                pass
            else:
                return found[0]
        assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-2000:]
        time.sleep(0.5)
    pytest.fail("JupyterLab did not start within two minutes")


def _run_all(page: Any) -> None:
    """Choose "Run All Cells" from the menu, again where the kernel was not listening yet."""
    from playwright.sync_api import TimeoutError as Timeout  # noqa: PLC0415 -- may not be installed

    busy = page.locator(".jp-Notebook-ExecutionIndicator[data-status='busy']").first
    for _ in range(6):
        if asked := page.locator(".jp-Dialog").all():
            assert "Select Kernel" in asked[0].inner_text()  # a slow start: the kernels were not known yet
            page.locator(".jp-Dialog .jp-mod-accept").click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.locator("li[data-command='runmenu:run-all']").click()
        try:
            busy.wait_for(timeout=MINUTE / 6)
        except Timeout:
            continue
        return
    pytest.fail("no cell was run")


def _ended(path: Path) -> bool:
    """Whether every code cell of a saved notebook has run; fails at an error."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError:
        return False  # it is being saved
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source]
    errors = [output for cell in cells for output in cell.outputs if output.output_type == "error"]
    assert [f"{one.ename}: {one.evalue}" for one in errors] == []
    return all(cell.execution_count for cell in cells)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_opens_and_runs_without_an_error(lab, name):
    """It is emptied before, so that what stands in the saved file comes from this run."""
    address, folder = lab
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(address.replace("/lab?", f"/lab/tree/{name}?reset&"))
        page.locator(".jp-NotebookPanel [data-status='idle']").first.wait_for(timeout=2 * MINUTE)
        _run_all(page)
        until = time.monotonic() + LONGEST
        while not _ended(folder / name):
            assert time.monotonic() < until, f"{name} was not done within {LONGEST} s"
            page.wait_for_timeout(2000)
            page.keyboard.press("Control+s")
        if looked := os.environ.get("CHURNLAB_SCREENSHOTS"):
            page.screenshot(path=Path(looked) / f"{name}.png")

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
WITH_SLIDERS = "07_price_or_service.ipynb"
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


def _run(lab: tuple[str, Path], page: Any, name: str) -> None:
    """Open a notebook and run it from top to bottom; fails at an error."""
    address, folder = lab
    page.goto(address.replace("/lab?", f"/lab/tree/{name}?reset&"))
    page.locator(".jp-NotebookPanel [data-status='idle']").first.wait_for(timeout=2 * MINUTE)
    _run_all(page)
    until = time.monotonic() + LONGEST
    while not _ended(folder / name):
        assert time.monotonic() < until, f"{name} was not done within {LONGEST} s"
        page.wait_for_timeout(2000)
        page.keyboard.press("Control+s")


def _keep(page: Any, name: str) -> None:
    """Keep a picture where asked."""
    if looked := os.environ.get("CHURNLAB_SCREENSHOTS"):
        page.screenshot(path=Path(looked) / f"{name}.png")


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name != WITH_SLIDERS])
def test_a_notebook_opens_and_runs_without_an_error(lab, name):
    """It is emptied before, so that what stands in the saved file comes from this run."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        _run(lab, page, name)
        _keep(page, name)


def test_a_moved_slider_redraws_the_verdict(lab):
    """The notebook of the levers opens, runs without an error, and its sliders answer."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        _run(lab, page, WITH_SLIDERS)
        pytest.importorskip("ipywidgets", reason="it ran without an error, but ipywidgets is not installed")
        shown = page.locator(".jp-CodeCell", has=page.locator(".widget-slider")).first
        shown.scroll_into_view_if_needed()
        shown.get_by_text("At a price cut of 4 %").wait_for(timeout=MINUTE / 6)
        before = shown.locator("table").inner_text()
        shown.locator(".noUi-handle").first.press("ArrowLeft")  # of the price cut
        shown.get_by_text("At a price cut of 3.5 %").wait_for(timeout=MINUTE / 6)
        assert shown.locator("table").inner_text() != before
        _keep(page, WITH_SLIDERS)

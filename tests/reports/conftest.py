"""Small notebooks, a small dataset, and answers that take no time."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat import NotebookNode, v4

from churnlab.reports.render import Entry, Site

PARAMETERS = 'data = "../data/sample"  # folder\nas_of = None\nseed = 1'
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 90 40" '
    'width="90pt" height="40pt"><defs><style>*{stroke-linejoin: round; stroke-linecap: butt}</style>'
    '<clipPath id="clip"><rect width="90" height="40"/></clipPath><path id="dot" d="M0 0h3v3z"/></defs>'
    '<g id="figure_1" clip-path="url(#clip)"><use xlink:href="#dot" x="3" y="4"/>'
    '<text x="2" y="20">n = 12 &lt; 20</text></g></svg>'
)


@pytest.fixture
def drawing() -> str:
    """Return a drawing as plots make it."""
    return SVG


@pytest.fixture
def build() -> Callable[..., NotebookNode]:
    """Build a notebook of a title, the parameters and code cells; text cells begin with '#'."""

    def make(*sources: str, question: str = "Who is at risk?") -> NotebookNode:
        cells = [
            v4.new_markdown_cell(f"# {question}", id="title"),
            v4.new_code_cell(PARAMETERS, id="given", metadata={"tags": ["parameters"]}),
        ]
        for number, source in enumerate(sources):
            new = v4.new_markdown_cell if source.startswith("#") else v4.new_code_cell
            cells.append(new(source, id=f"c{number}"))
        return v4.new_notebook(cells=cells)

    return make


@pytest.fixture
def shown() -> Callable[..., NotebookNode]:
    """Build an executed notebook with one output of the given kinds."""

    def make(data: dict[str, str], metadata: dict[str, dict[str, str]] | None = None) -> NotebookNode:
        output = v4.new_output("display_data", data=data, metadata=metadata or {})
        cells = [v4.new_markdown_cell("# Title"), v4.new_code_cell("show()", outputs=[output])]
        return v4.new_notebook(cells=cells)

    return make


@pytest.fixture
def site() -> Site:
    entries = (
        Entry("10_summary", "index.html", "What is the matter?"),
        Entry("04_who_is_at_risk", "04_who_is_at_risk.html", "Who is at risk?"),
    )
    return Site(
        entries=entries, source="plant", fingerprint="0123456789abcdef", as_of="2025-04-01", seed=1, version="0.1.0"
    )


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve clients, each ordering every month for three years; a cache of its own."""
    monkeypatch.setenv("CHURNLAB_CACHE", str(tmp_path / "cache"))
    days = pd.date_range("2022-01-10", periods=36, freq="30D")
    rng = np.random.default_rng(7)
    orders = pd.DataFrame(
        {
            "client_id": np.repeat([f"k{number:02d}" for number in range(12)], len(days)),
            "order_date": np.tile(days.strftime("%Y-%m-%d").to_numpy(), 12),
            "amount": rng.integers(100, 999, 12 * len(days)),
        }
    )
    names = [f"Firm {number}" for number in range(11)] + ["=1+1 & <script>alert(1)</script>"]
    folder = tmp_path / "plant"
    folder.mkdir()
    orders.to_csv(folder / "orders.csv", index=False)
    clients = pd.DataFrame({"client_id": [f"k{number:02d}" for number in range(12)], "name": names})
    clients.to_csv(folder / "clients.csv", index=False)
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, NotebookNode]], Path]:
    """Write notebooks into a folder by name."""

    def make(notebooks: dict[str, NotebookNode]) -> Path:
        folder = tmp_path / "notebooks"
        folder.mkdir(exist_ok=True)
        for name, notebook in notebooks.items():
            nbformat.write(notebook, folder / f"{name}.ipynb")
        return folder

    return make


@pytest.fixture
def suite_of(write, monkeypatch) -> Callable[[dict[str, NotebookNode]], None]:
    """Let the suite have the given notebooks, one quick answer, and one table of results."""
    from churnlab.reports import notebooks, suite  # noqa: PLC0415 -- takes seconds to import

    def make(given: dict[str, NotebookNode]) -> None:
        folder = write(given)
        monkeypatch.setattr(notebooks, "notebooks_folder", lambda: folder)
        monkeypatch.setattr(suite.answers, "QUESTIONS", ())
        results = {"risk": pd.DataFrame({"client_id": ["C-0001"], "risk": [0.25]})}
        monkeypatch.setattr(suite, "_results", lambda *_: (("One client in four may leave.",), results))

    return make

"""Pages on dependence and winning back say a sentence once before their recap, whatever tables are missing."""

import ast
from collections import Counter
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from books_by_hand import END, even_orders, write
from test_winback import lost_book

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PAGES = ("08_who_do_we_depend_on", "09_winning_back")


def two_losses() -> dict[str, pd.DataFrame]:
    return lost_book(back_over_price=1, back_over_service=0, each=1)


def two_managers() -> dict[str, pd.DataFrame]:
    left = {"k00": END - pd.Timedelta(days=300), "k01": END - pd.Timedelta(days=400)}
    days = [END - pd.Timedelta(days=250)] * 2
    noted = pd.DataFrame({"client_id": ["k00", "k01"], "date": days, "reason": ["price", "ours"]})
    return {"orders": even_orders(40, until=left), "losses": noted}


def said(page: str, data: Path) -> list[str]:
    """Run the cells between the first answer and the recap, as Jupyter does, and collect the sentences they show."""
    notebook = nbformat.read(NOTEBOOKS / f"{page}.ipynb", as_version=4)
    shown: list[object] = []
    names: dict[str, object] = {"display": lambda *some: shown.extend(some)}
    opened: set[str] = set()
    for cell in notebook.cells:
        if cell.source.startswith("## Recap"):
            break
        if "parameters" in cell.metadata.get("tags", []):
            names.update(data=str(data), as_of=None, seed=1)
        elif cell.cell_type == "code":
            *before, last = ast.parse(cell.source).body
            exec(compile(ast.Module(before, []), page, "exec"), names)  # noqa: S102
            if isinstance(last, ast.Expr):
                shown.append(eval(compile(ast.Expression(last.value), page, "eval"), names))  # noqa: S307
            else:
                exec(compile(ast.Module([last], []), page, "exec"), names)  # noqa: S102
            if "study" not in opened and "study" in names:  # the first answer is said again in its section
                shown.clear()
            opened = set(names)
    return [line for one in shown if hasattr(one, "html") for line in one.text.split("\n")]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("book", [two_losses, two_managers], ids=lambda book: book.__name__)
def test_property_a_sentence_is_said_once(page, book, tmp_path):
    found = Counter(said(page, write(tmp_path / "book", **book())))
    assert len(found) > 10
    assert {line: times for line, times in found.items() if times > 1} == {}
    assert not any("nan" in line.split() for line in found)

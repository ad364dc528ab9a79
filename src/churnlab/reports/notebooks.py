"""The notebooks: where they are, which one is asked for, and how their parameters are set.

A parameter is a line ``name = literal`` in the one cell tagged ``parameters``. Nothing else is ever replaced,
and a name that the cell does not set is an error: a misspelt parameter that is silently ignored gives a page
about other data than its reader thinks.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import churnlab
from churnlab.reports.folder import UsageError

SUMMARY = "10_summary"
"""Stem of the notebook whose page is ``index.html``."""

PARAMETERS_TAG = "parameters"
"""Tag of the one cell whose values a run may replace."""

WIDGET = "application/vnd.jupyter.widget-view+json"
"""Kind of an output that is the live view of a widget: nothing outside of the session that made it."""

TRUTH_TAG = "truth"
"""Tag of the cells that hold an answer against the truth of made-up data; they are dropped on all other data."""

_TRUTH_SOURCE = "truth-source"

Literal = str | int | float | bool | None
"""What a parameter can be."""


class ParameterError(ValueError):
    """A notebook's parameters cannot be set as asked."""


def notebooks_folder() -> Path:
    """Return the folder of the notebooks.

    Returns
    -------
    Path
        ``notebooks/`` of the checkout when the package is installed in editable mode, else the copy inside
        the installed package.

    Raises
    ------
    FileNotFoundError
        If neither is there.
    """
    package = Path(churnlab.__file__).parent
    for folder in (package / "notebooks", package.parent.parent / "notebooks"):
        if folder.is_dir():
            return folder
    message = (
        f"expected the notebooks in {package / 'notebooks'} or, in a checkout, in 'notebooks/' beside "
        "'src/', and found neither: install churnlab again"
    )
    raise FileNotFoundError(message)


def choose(only: str | None = None, *, folder: Path | None = None) -> tuple[Path, ...]:
    """List the notebooks in reading order, or the one that is asked for.

    Parameters
    ----------
    only
        Name of a notebook or its number, such as ``"04"``, ``"04_who_is_at_risk"`` or
        ``"04_who_is_at_risk.ipynb"``; None for all.
    folder
        Where to look; `notebooks_folder` by default.

    Returns
    -------
    tuple of Path
        Sorted by name.

    Raises
    ------
    UsageError
        If `only` names no notebook or several.
    """
    found = tuple(sorted((folder or notebooks_folder()).glob("[0-9]*.ipynb")))
    if only is None:
        return found
    wanted = only.removesuffix(".ipynb")
    matching = tuple(path for path in found if wanted in (path.stem, path.stem.split("_")[0]))
    if len(matching) != 1:
        stems = [path.stem for path in found]
        near = difflib.get_close_matches(wanted, stems, n=1, cutoff=0.3)
        hint = f"; did you mean {near[0]}?" if near else ""
        message = f"no notebook is called {only!r}{hint} There are: {', '.join(stems)}"
        raise UsageError(message)
    return matching


def read(path: Path) -> NotebookNode:
    """Read a notebook in the current format.

    Parameters
    ----------
    path
        An ``.ipynb`` file.

    Returns
    -------
    NotebookNode
        Each cell has an id; a cell without one gets its position, so that reading twice gives the same.
    """
    text = path.read_text(encoding="utf-8")
    notebook: NotebookNode = nbformat.reads(text, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, start=1):
        cell.setdefault("id", f"cell-{number:02d}")
    return notebook


def title(notebook: NotebookNode) -> str | None:
    """Return the text of the first top heading, as it stands in the Markdown.

    Parameters
    ----------
    notebook
        A notebook.

    Returns
    -------
    str or None
        None if no Markdown cell has a line that begins with ``# ``.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("# "):
                    return str(line[2:].strip())
    return None


def parameters_cell(notebook: NotebookNode) -> int:
    """Return the position of the cell tagged ``parameters``.

    Parameters
    ----------
    notebook
        A notebook.

    Returns
    -------
    int
        Position in ``notebook.cells``, from 0.

    Raises
    ------
    ParameterError
        If no cell or more than one has the tag.
    """
    tagged = [
        position
        for position, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and PARAMETERS_TAG in cell.metadata.get("tags", [])
    ]
    if len(tagged) != 1:
        cells = ", ".join(str(position + 1) for position in tagged) or "none"
        message = f"expected one code cell tagged {PARAMETERS_TAG!r}, found {len(tagged)} (cells: {cells})"
        raise ParameterError(message)
    return tagged[0]


def with_parameters(notebook: NotebookNode, parameters: Mapping[str, Literal]) -> NotebookNode:
    """Return a copy of a notebook in which some parameters have other values.

    Parameters
    ----------
    notebook
        A notebook with one cell tagged ``parameters``, which holds lines ``name = literal`` only.
    parameters
        New value of each parameter to change.

    Returns
    -------
    NotebookNode
        A copy; comments and the other lines of the cell stay.

    Raises
    ------
    ParameterError
        If the cell sets no parameter of such a name, or holds anything but assignments of literals.

    Examples
    --------
    >>> from nbformat import v4
    >>> cell = v4.new_code_cell('seed = 1  # of every draw', metadata={"tags": ["parameters"]})
    >>> with_parameters(v4.new_notebook(cells=[cell]), {"seed": 7}).cells[0].source
    'seed = 7  # of every draw'
    """
    changed = deepcopy(notebook)
    cell = changed.cells[parameters_cell(changed)]
    cell.source = _replaced(cell.source, parameters)
    return changed


def has_truth(data: Path) -> bool:
    """Tell whether a dataset is made up, with its truth in a folder beside the tables.

    Parameters
    ----------
    data
        Folder of the dataset.

    Returns
    -------
    bool
        Nothing of the truth is read.
    """
    return (data / TRUTH_TAG).is_dir()


def with_truth(notebook: NotebookNode, data: Path | None) -> NotebookNode:
    """Return a copy of a notebook whose cells about the truth read it from a dataset, or are dropped.

    Parameters
    ----------
    notebook
        A notebook.
    data
        Folder of a dataset with a truth, which a cell before the first of them sets; None drops them.

    Returns
    -------
    NotebookNode
        A copy; `without_truth_source` takes the added cell out again.
    """
    changed = deepcopy(notebook)
    tagged = [TRUTH_TAG in cell.metadata.get("tags", []) for cell in changed.cells]
    if data is None:
        changed.cells = [cell for cell, is_truth in zip(changed.cells, tagged, strict=True) if not is_truth]
    elif any(tagged):
        source = nbformat.v4.new_code_cell(f"data = {str(data)!r}", id=_TRUTH_SOURCE)  # type: ignore[no-untyped-call]
        changed.cells.insert(tagged.index(True), source)
    return changed


def without_truth_source(notebook: NotebookNode) -> None:
    """Take the cell that `with_truth` added out of a notebook, in place.

    Parameters
    ----------
    notebook
        An executed notebook.
    """
    notebook.cells = [cell for cell in notebook.cells if cell.id != _TRUTH_SOURCE]


def tidy_metadata(notebook: NotebookNode) -> None:
    """Reduce a notebook's metadata, in place, to what does not depend on the machine.

    Parameters
    ----------
    notebook
        A notebook; cell metadata keeps its tags only.
    """
    notebook.metadata = _node(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = _node({"tags": tags} if tags else {})


def without_widgets(notebook: NotebookNode) -> None:
    """Take live views of widgets out of a notebook, in place, and outputs that hold nothing else for a page.

    Parameters
    ----------
    notebook
        An executed notebook.
    """
    for cell in notebook.cells:
        shown = [output for output in cell.get("outputs", []) if WIDGET in output.get("data", {})]
        for output in shown:
            del output.data[WIDGET]
            if set(output.data) <= {"text/plain"}:
                cell.outputs.remove(output)


def _node(content: dict[str, object]) -> NotebookNode:
    """Return a dictionary as the kind of dictionary that notebooks hold."""
    return NotebookNode(content)  # type: ignore[no-untyped-call]


def _replaced(source: str, parameters: Mapping[str, Literal]) -> str:
    """Replace the values of assignments in the text of a parameters cell."""
    values = _values(source)
    for name in parameters:
        if name not in values:
            near = difflib.get_close_matches(name, values, n=1, cutoff=0.0)
            hint = f"did you mean {near[0]!r}? " if near else ""
            message = f"the notebook has no parameter {name!r}: {hint}It has {', '.join(values) or 'none'}"
            raise ParameterError(message)
    text = source.encode()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    chosen = sorted(((values[name], value) for name, value in parameters.items()), key=_first, reverse=True)
    for node, value in chosen:
        begin = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or node.col_offset)
        text = text[:begin] + repr(value).encode() + text[end:]
    return text.decode()


def _first(item: tuple[ast.expr, Literal]) -> tuple[int, int]:
    """Return where a value begins."""
    return item[0].lineno, item[0].col_offset


def _values(source: str) -> dict[str, ast.expr]:
    """Map each name that a parameters cell sets to the node of its value."""
    values: dict[str, ast.expr] = {}
    for statement in ast.parse(source).body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if not isinstance(statement, ast.Assign) or not isinstance(target, ast.Name):
            message = (
                f"line {statement.lineno} of the cell tagged {PARAMETERS_TAG!r} is not of the form "
                "name = literal: move it to another cell"
            )
            raise ParameterError(message)
        try:
            ast.literal_eval(statement.value)
        except ValueError:
            message = f"the parameter {target.id!r} must be a literal, such as a number or a quoted text"
            raise ParameterError(message) from None
        values[target.id] = statement.value
    return values

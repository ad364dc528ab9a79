"""Copy the notebooks into a folder of one's own, set to one's own data.

``python -m churnlab.reports.own_notebooks DATA FOLDER`` does so; ``make lab DATA=...`` opens them.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nbformat

from churnlab.reports.notebooks import choose, notebooks_folder, read, with_parameters

START = "README.md"
"""Page that leads from a question to its notebook."""


def own_notebooks(data: str, folder: Path) -> tuple[Path, ...]:
    """Write emptied copies of the notebooks with another dataset in their parameters.

    Parameters
    ----------
    data
        What holds the orders, as `churnlab.tables.load` takes it; a path is made absolute.
    folder
        Where to; made if it is not there. Notebooks that lie there already are kept as they are.

    Returns
    -------
    tuple of Path
        The notebooks that were written.
    """
    given = data if data.startswith("env:") else str(Path(data).resolve())
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / START).exists():
        shutil.copyfile(notebooks_folder() / START, folder / START)
    written = []
    for path in choose():
        copy = folder / path.name
        if copy.exists():
            continue
        notebook = with_parameters(read(path), {"data": given})
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, copy)  # type: ignore[no-untyped-call]
        written.append(copy)
    return tuple(written)


def main(arguments: list[str]) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        Data and folder.

    Returns
    -------
    int
        Exit code: 0, or 2 for wrong use.
    """
    if len(arguments) != 2 or not (arguments[0].startswith("env:") or Path(arguments[0]).exists()):
        print("usage: python -m churnlab.reports.own_notebooks DATA FOLDER (DATA has to be there)", file=sys.stderr)
        return 2
    written = own_notebooks(arguments[0], Path(arguments[1]))
    print(f"{len(written)} notebooks written to {arguments[1]}; those that lay there were kept")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

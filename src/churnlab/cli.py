"""The command line: ``churnlab check``, ``report``, ``pseudonymise`` and ``sample``.

Exit codes: 0 fine; 1 a failure or a page that failed, the rest being written; 2 wrong use; 3 no valid order,
or findings that forbid a model. What takes long to import is imported by the command that needs it.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

import churnlab

if TYPE_CHECKING:
    from churnlab.reports.record import ReportResult
    from churnlab.tables import Tables

app = typer.Typer(
    name="churnlab",
    help=churnlab.__doc__,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _there(data: str) -> str:
    """Refuse a path that is not there; an address is asked for later."""
    if not data.startswith("env:") and not Path(data).exists():
        message = f"{data} does not exist; give the folder, workbook or database that holds the orders"
        raise typer.BadParameter(message)
    return data


Data = Annotated[
    str,
    typer.Argument(
        help="Folder, workbook or database file with the orders; or env:NAME, a variable with a database's address.",
        callback=_there,
    ),
]
Mapping = Annotated[
    Path | None,
    typer.Option(help="Mapping file; default: mapping.toml in the dataset.", exists=True, dir_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def main() -> None:
    """Run the command line."""
    app()


@app.callback(invoke_without_command=True)
def _common(
    *,
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version.")] = False,
) -> None:
    """Who is likely to leave, how long clients stay, and whether price or service keeps them."""
    if version:
        typer.echo(f"churnlab {churnlab.__version__}")
        raise typer.Exit


@app.command()
def check(
    data: Data,
    *,
    out: Annotated[Path | None, typer.Option(help="File for the findings, ending in .xlsx or .json.")] = None,
    mapping: Mapping = None,
    as_json: AsJson = False,
) -> None:
    """Read a dataset and say what the checks found; propose a mapping if its columns are not understood."""
    with _plain_errors(as_json=as_json), _progress() as progress:
        from churnlab import tables as floor  # noqa: PLC0415 -- pandas takes a second to import

        try:
            tables = floor.load(data, mapping, progress=progress)
        except floor.DataError as error:
            proposed = floor.write_proposal(data, mapping)
            if proposed is None:
                raise
            told = f"A proposal of a mapping is in {proposed}: read it, mend it, confirm it, and check again."
            message = f"{_found(data, proposed)}\n{told}\nWithout a mapping:\n{error}"
            _fail("no valid order", message, code=3, as_json=as_json, files=[str(proposed)])
        if out is not None:
            from churnlab.reports.workbook import write_findings  # noqa: PLC0415 -- only if asked for

            write_findings(out, tables)
    files = [] if out is None else [str(out)]
    if as_json:
        headline = [floor.in_short(tables), *_reconciled(tables)]
        _print_json(_status(tables), findings=_findings(tables), files=files, headline=headline)
    else:
        notices = (*tables.notices, *_further_factors(tables))
        _print_lines(floor.in_short(tables), *_reconciled(tables), *notices, *_remedies(tables), *_where(files))
    raise typer.Exit(3 if tables.forbids_model else 0)


@app.command()
def report(  # noqa: PLR0913 -- one an option of the command
    data: Data,
    *,
    out: Annotated[Path, typer.Option(help="Folder to write; an earlier report there is replaced.")],
    as_of: Annotated[
        str | None, typer.Option(help="Cut-off as YYYY-MM-DD; default: the day after the last order.")
    ] = None,
    mapping: Mapping = None,
    only: Annotated[str | None, typer.Option(help="One notebook, by name or number.")] = None,
    names: Annotated[bool, typer.Option("--names", help="Show clients' names in place of codes.")] = False,
    since: Annotated[
        Path | None,
        typer.Option(help="Folder of an earlier report, to grade its forecasts; those in --out are graded anyway."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every draw.", min=0)] = 1,
    lang: Annotated[str, typer.Option(help="Language of the summary and the workbook, such as fi.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Make the whole report of a dataset."""
    with _plain_errors(as_json=as_json), _progress() as progress:
        from churnlab.reports import suite  # noqa: PLC0415 -- takes seconds to import
        from churnlab.tables import DataError  # noqa: PLC0415 -- pandas takes a second to import

        try:
            result = suite.report(
                data,
                out,
                mapping=mapping,
                as_of=as_of,
                only=only,
                names=names,
                since=since,
                seed=seed,
                lang=lang,
                progress=progress,
            )
        except DataError as error:
            told = f"churnlab check {data} says more, and proposes a mapping where columns are not understood."
            _fail("no valid order", f"{error}\n{told}", code=3, as_json=as_json)
    if as_json:
        content = result.as_dict()
        content["files"] = [str(Path(os.path.normpath(out / file))) for file in result.files]
        _print_json(content.pop("status"), **content)
    else:
        _print_result(result)
    raise typer.Exit(result.exit_code)


@app.command()
def pseudonymise(
    data: Data,
    *,
    out: Annotated[Path, typer.Option(help="Folder to write; an earlier one of ours is replaced.")],
    key_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the key, 16 bytes or more; default: the variable CHURNLAB_KEY.", exists=True, dir_okay=False
        ),
    ] = None,
    mapping: Mapping = None,
    as_json: AsJson = False,
) -> None:
    """Write a dataset that can be passed on: keyed codes for ids, no names, nothing that people wrote."""
    with _plain_errors(as_json=as_json), _progress() as progress:
        from churnlab.reports import passing_on  # noqa: PLC0415 -- takes seconds to import

        written = passing_on.write_pseudonymised(data, out, key_file=key_file, mapping=mapping, progress=progress)
    if as_json:
        _print_json("fine", findings={}, files=[str(file) for file in written.files], headline=written.sentences)
    else:
        _print_lines(*written.sentences)


class LawName(StrEnum):
    """Laws of the sample plant."""

    SERVICE = "service"
    PRICE = "price"
    NEITHER = "neither"
    POISSON = "poisson"
    NO_FRAILTY = "no-frailty"


@app.command()
def sample(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder to write; an earlier sample with nothing beside it is replaced."),
    ],
    *,
    clients: Annotated[int, typer.Option(help="About how many clients are there at the end.", min=20)] = 200,
    law: Annotated[LawName, typer.Option(help="What drives leaving in the plant.")] = LawName.SERVICE,
    seed: Annotated[int | None, typer.Option(help="Seed; default: that of data/sample.", min=0)] = None,
    as_json: AsJson = False,
) -> None:
    """Make up a plant and its clients, with the truth beside the tables."""
    from churnlab.reports.folder import UsageError, replacing  # noqa: PLC0415 -- keeps --help quick
    from churnlab.tables import plant  # noqa: PLC0415 -- pandas takes a second to import

    with _plain_errors(as_json=as_json):
        if not plant.is_replaceable(folder):
            message = f"{folder} holds other files than a sample plant's, so it is left alone: give another folder"
            raise UsageError(message)
        with _progress() as progress, replacing(folder) as fresh:
            tell = None if progress is None else lambda file, done, total: progress(f"write {file}", done, total)
            made = plant.make_plant(law=law.value, clients=clients, seed=plant.SEED if seed is None else seed)
            plant.write_plant(made, fresh, progress=tell)
    rows = {name: len(table) for name, table in made.tables.items()}
    if as_json:
        files = sorted(str(file) for file in folder.rglob("*") if file.is_file())
        _print_json("fine", findings={}, files=files, headline=[f"{name}: {n:,} rows" for name, n in rows.items()])
    else:
        _print_lines(*(f"{name}: {n:,} rows" for name, n in rows.items()), f"Look at {folder / 'README.md'}")


def _found(data: str, proposed: Path) -> str:
    """Say what was found where no table has the names of the contract."""
    orders = tomllib.loads(proposed.read_text(encoding="utf-8"))["orders"]
    file = orders.get("file", data if data.startswith("env:") else Path(data).name)
    inside = orders.get("sheet") or orders.get("table")
    return f"Found {file}{f', {inside}' if inside else ''}; it or its columns have other names than ours."


@contextmanager
def _plain_errors(*, as_json: bool) -> Iterator[None]:
    """Turn errors of data and of use into a message and an exit code, without a traceback."""
    from churnlab.reports.folder import UsageError  # noqa: PLC0415 -- keeps --help quick
    from churnlab.tables import DataError, MappingError  # noqa: PLC0415 -- keeps --help quick

    try:
        yield
    except DataError as error:
        _fail("no valid order", str(error), code=3, as_json=as_json)
    except (UsageError, MappingError) as error:
        _fail("wrong use", str(error), code=2, as_json=as_json)


def _fail(status: str, message: str, *, code: int, as_json: bool, files: Sequence[str] = ()) -> NoReturn:
    """Print an error and leave."""
    if as_json:
        _print_json(status, error=message, findings={}, files=list(files), headline=[])
    else:
        typer.echo(f"{status}: {message}", err=True)
    raise typer.Exit(code)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """Show progress on the error stream: a bar on a terminal, lines elsewhere, nothing under CI."""
    if os.environ.get("CI"):
        yield None
    elif not sys.stderr.isatty():
        yield lambda what, done, total: typer.echo(f"[{done}/{total}] {what}", err=True)
    else:
        from rich.console import Console  # noqa: PLC0415 -- only on a terminal
        from rich.progress import Progress  # noqa: PLC0415 -- only on a terminal

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("read the data")
            yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def _print_result(result: ReportResult) -> None:
    """Print the summary's sentences, what failed, and where to look."""
    if result.status == "no model":
        met = [f"  {rule}: {count}" for rule, count in (result.findings or {}).items()]
        typer.echo("the findings forbid a model, so no page was written:", err=True)
        typer.echo("\n".join(met), err=True)
        typer.echo("see each with: churnlab check DATA --out findings.xlsx", err=True)
        return
    for failure in result.failures:
        typer.echo(f"failed: {failure}", err=True)
    first = next(iter(result.pages), "")
    _print_lines(*result.sentences, f"Look at {result.out / first}")
    beside = [result.out.parent / Path(file).name for file in result.files if file.startswith("../")]
    _print_lines(*(f"Which code is which client: {file} (keep it to yourself)" for file in beside))


def _status(tables: Tables) -> str:
    """Return the status of a check in words."""
    return "no model" if tables.forbids_model else "fine"


def _findings(tables: Tables) -> dict[str, int]:
    """Return how often each rule was met."""
    from churnlab.tables import counts_by_rule  # noqa: PLC0415 -- keeps --help quick

    counts = counts_by_rule(tables).groupby("rule", sort=True)["count"].sum()
    return {str(rule): int(count) for rule, count in counts.items()}


def _reconciled(tables: Tables) -> list[str]:
    """Return a sentence for each table: rows read, kept, left out, dropped."""
    lines = []
    for row in tables.reconciliation.to_dict("records"):
        lines.append(
            f"{row['table']} ({row['file']}): {row['rows_read']:,} rows read = {row['rows_kept']:,} kept "
            f"+ {row['rows_left_out']:,} left out + {row['rows_dropped']:,} dropped"
        )
        if row["table"] == "orders":
            added = f" + {row['amount_converted']:,.2f} by conversion" if row["amount_converted"] else ""
            unread = int(row["amount_unread"])
            rows = "1 row" if unread == 1 else f"{unread:,} rows"
            lines.append(
                f"  amounts: {row['amount_read']:,.2f} read{added} = {row['amount_kept']:,.2f} kept "
                f"+ {row['amount_left_out']:,.2f} left out + {row['amount_dropped']:,.2f} dropped"
                + (f", and {rows} whose amount could not be read" if unread else "")
            )
    return lines


def _further_factors(tables: Tables) -> list[str]:
    """Say how a column of the surveys that is not used is read as a rated factor."""
    places = dict(zip(tables.reconciliation["table"], tables.reconciliation["file"], strict=True))
    unused = f"{places.get('surveys')}: not used: "
    found = [notice.removeprefix(unused) for notice in tables.notices if notice.startswith(unused)]
    told = "If clients rate it from 0 to 10, name it in mapping.toml under [surveys.factors]"
    return [f'{told}: our_name = "..." ({columns})' for columns in found]


def _remedies(tables: Tables) -> list[str]:
    """Return a line for each rule that was met, with its remedy; what concerns a whole table with what it says."""
    from churnlab.tables import counts_by_rule  # noqa: PLC0415 -- keeps --help quick

    counts = counts_by_rule(tables)
    if counts.empty:
        return ["No findings."]
    place_of = dict(zip(tables.reconciliation["table"], tables.reconciliation["file"], strict=True))
    said: dict[tuple[str, str], list[str]] = {}
    for finding in tables.findings:
        if finding.row is None:
            place = f"{finding.file}, {finding.sheet}" if finding.sheet else finding.file
            said.setdefault((place, finding.rule), []).append(finding.value)
    lines = []
    for row in counts.to_dict("records"):
        met = said.get((place_of[row["table"]], row["rule"]), [f"{row['count']:,} {row['action']}"])
        lines.append(f"{row['severity']}: {row['table']}: {row['rule']}: {', '.join(met)} ({row['remedy']})")
    return lines


def _where(files: list[str]) -> list[str]:
    """Return where to look."""
    return [f"Look at {file}" for file in files]


def _print_lines(*lines: str) -> None:
    """Print lines on the output stream."""
    for line in lines:
        typer.echo(line)


def _print_json(status: str, **parts: Any) -> None:
    """Print one JSON object on the output stream."""
    typer.echo(json.dumps({"status": status, **parts}, ensure_ascii=False, indent=1))

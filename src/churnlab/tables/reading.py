"""Reading: a folder of files becomes the contract's tables, or an error that says how to mend it."""

from pathlib import Path

import numpy as np
import pandas as pd

from churnlab.tables.checks import check_clients_known, check_losses, check_orders, check_rates, check_repeated
from churnlab.tables.contract import CONTRACT, Table
from churnlab.tables.currency import Converted, convert
from churnlab.tables.dataset import Tables
from churnlab.tables.files import MAPPING_NAME, FileError, RawTable, find_files, fingerprint, read_file
from churnlab.tables.findings import DataError, Finding
from churnlab.tables.identity import apply_merges
from churnlab.tables.mapping import Mapping, TableMapping, nearest, nearest_word, read_mapping
from churnlab.tables.parsing import Draft, parse

_COUNTED = ("table", "file", "rule", "severity", "action", "count")

_NOT_USED_YET = {("orders", "known_on"), ("clients", "closed_date"), ("clients", "closed_reason")}

TABLES_NOT_USED_YET = ("touches", "failures", "offers_seen", "contacts")
"""Tables that are read and checked, but that no answer asks for."""


def load(path: str | Path, mapping: str | Path | None = None) -> Tables:
    r"""Load and check a dataset.

    Parameters
    ----------
    path
        Folder that holds ``orders.csv`` or ``orders.parquet``, and the other tables of the contract that there
        are.
    mapping
        Mapping file that says which file and column is which; None takes ``mapping.toml`` in the folder, if
        there.

    Returns
    -------
    Tables
        The tables in canonical form, with findings, reconciliation and notices. Merged clients stand under one
        id, amounts in one currency.

    Raises
    ------
    DataError
        If orders cannot be had, or a table that is there cannot be understood; all problems at once.
    MappingError
        If the mapping holds a mistake; all mistakes at once.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     lines = "client_id,order_date,amount\n007,2025-03-01,120.50\n007,2025-04-02,-20\n"
    ...     _ = Path(folder, "orders.csv").write_text(lines, encoding="utf-8")
    ...     tables = load(folder)
    >>> tables.orders[["client_id", "amount", "kind"]]
      client_id  amount    kind
    0       007   120.5    sale
    1       007   -20.0  return
    """
    folder = Path(path)
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise DataError([f"{folder} {what}; give the folder that holds orders.csv or orders.parquet."])
    mapping_file = _mapping_file(folder, mapping)
    settings = Mapping() if mapping_file is None else read_mapping(mapping_file)
    files, notices, problems = find_files(folder, mapping=settings)
    drafts: dict[str, Draft] = {}
    for name, file in files.items():
        try:
            drafts[name] = _draft(CONTRACT[name], file, mapping=settings.tables[name], notices=notices)
        except DataError as error:
            problems += [str(problem) for problem in error.problems]
    if problems:
        raise DataError(problems)
    return _tables(drafts, settings, notices=notices, mark=fingerprint(files, mapping_file=mapping_file))


def _mapping_file(folder: Path, mapping: str | Path | None) -> Path | None:
    if mapping is not None:
        return Path(mapping)
    beside = folder / MAPPING_NAME
    return beside if beside.is_file() else None


def _draft(table: Table, file: Path, *, mapping: TableMapping, notices: list[str]) -> Draft:
    """Read and parse one file; add what it holds beyond the contract to the notices."""
    try:
        raw = read_file(file, mapping=mapping)
    except FileError as error:
        raise DataError([f"{table.name}: {error}."]) from error
    headers = _headers(table, raw, mapping=mapping)
    draft = parse(table, raw, headers=headers, mapping=mapping)
    unused = [h for h in raw.cells.columns if h and h not in {*headers.values(), *mapping.leave_out}]
    if unused:
        notices.append(f"{raw.file}: not used: {', '.join(unused)}")
    waiting = sorted(_NOT_USED_YET & {(table.name, column) for column in headers})
    if waiting:
        notices.append(f"{raw.file}: read, but no answer uses it yet: {', '.join(column for _, column in waiting)}")
    for header, values in mapping.leave_out.items():
        held = set(raw.cells[header].astype("str").str.strip().unique())
        absent = [value for value in values if value.strip() not in held]
        if absent:
            told = f"{len(absent)} of the values" if draft.names_client(header) else ", ".join(absent)
            notices.append(f"{raw.file}: no row has {header} {told}, which the mapping leaves out")
    return draft


def _headers(table: Table, raw: RawTable, *, mapping: TableMapping) -> dict[str, str]:
    """Find the source header of each canonical column.

    Raises
    ------
    DataError
        If a required column is missing or the mapping names a header that is not there.
    """
    came = list(raw.cells.columns)
    named = {**mapping.columns, **mapping.factors}
    asked = {**named, **{f"leave_out.{header}": header for header in mapping.leave_out}}
    problems = [
        f"{table.name}: the mapping names the column {header!r} for {name}, which {raw.file} does not have"
        f"{nearest(header, came)}"
        for name, header in asked.items()
        if header not in came
    ]
    taken = set(named.values())
    headers = {name: name for name in table.column_names if name in came and name not in taken} | named
    missing = [column for column in table.columns if column.required and column.name not in headers]
    if missing:
        names = ", ".join(column.name for column in missing)
        guesses = {column.name: nearest_word(column.name, came) or "..." for column in missing}
        lines = "".join(f'\n  {c.name} = "{guesses[c.name]}"  # {c.meaning}' for c in missing)
        problems.append(
            f"{table.name}: {raw.file} has no column {names}. Its columns: {', '.join(came)}. "
            f"Say in {MAPPING_NAME} which they are:\n  [{table.name}.columns]{lines}"
        )
    if problems:
        raise DataError(problems)
    return headers


def _tables(drafts: dict[str, Draft], settings: Mapping, *, notices: list[str], mark: str) -> Tables:
    """Check the parsed tables and put them together."""
    notices += apply_merges(drafts)
    if "rates" in drafts:
        check_rates(drafts["rates"])
    for draft in drafts.values():
        check_repeated(draft)
    clients = drafts.get("clients")
    converted = convert(drafts["orders"], drafts.get("rates"), base_currency=settings.base_currency)
    check_orders(drafts["orders"])
    if not drafts["orders"].live.any():
        raise DataError(_why_empty(drafts["orders"]))
    for name, draft in drafts.items():
        if name != "clients" and clients is not None and clients.live.any():
            check_clients_known(draft, clients=clients)
        check_losses(draft)
    frames: dict[str, pd.DataFrame | None] = dict.fromkeys(CONTRACT)
    for name, draft in drafts.items():
        frames[name] = _finished(draft) if draft.live.any() else None
        if frames[name] is None:
            notices.append(f"No {name}: {draft.raw.file} has no usable row.")
    waiting = [name for name in TABLES_NOT_USED_YET if frames[name] is not None]
    if waiting:
        notices.append(f"Read, but no answer uses them yet: {', '.join(waiting)}")
    orders = frames["orders"]
    assert orders is not None  # noqa: S101 (no live order has raised above)
    return Tables(
        orders=orders,
        **{name: frame for name, frame in frames.items() if name != "orders"},
        findings=tuple(finding for draft in drafts.values() for finding in draft.register.stored),
        finding_counts=_counts(drafts),
        reconciliation=pd.DataFrame(
            [_reconciled(draft, converted if name == "orders" else {}) for name, draft in drafts.items()]
        ),
        notices=tuple(notices),
        show_names=settings.show_names,
        fingerprint=mark,
    )


def _finished(draft: Draft) -> pd.DataFrame:
    """Take the live rows, columns in the contract's order, sorted; ties keep the order of the source."""
    names = [name for name in draft.table.column_names if name in draft.frame]
    names += [str(name) for name in draft.frame if name not in names]
    frame = draft.frame.loc[draft.live, names]
    return frame.sort_values(list(draft.table.sort_by), kind="stable", ignore_index=True)


def _counts(drafts: dict[str, Draft]) -> pd.DataFrame:
    rows = [
        (name, draft.register.file, *key, count)
        for name, draft in drafts.items()
        for key, count in draft.register.counts.items()
    ]
    frame = pd.DataFrame(rows, columns=list(_COUNTED))
    return frame.astype({name: "int64" if name == "count" else "str" for name in _COUNTED})


def _reconciled(draft: Draft, converted: Converted) -> dict[str, object]:
    """Count rows and sum what the contract follows: read and converted is kept, left out and dropped."""
    every = np.ones(draft.live.size, dtype=bool)
    parts = {
        "read": every,
        "kept": draft.live,
        "left_out": draft.left_out,
        "dropped": draft.dropped & ~draft.left_out,
    }
    line: dict[str, object] = {"table": draft.table.name, "file": draft.raw.file}
    line |= {f"rows_{part}": int(mask.sum()) for part, mask in parts.items()}
    for column in draft.table.columns:
        if column.summed and column.name in draft.frame:
            values = np.nan_to_num(draft.frame[column.name].to_numpy(dtype=np.float64))
            added = float(np.nansum(converted.get(column.name, np.zeros(1))))
            sums = {part: float(values[mask].sum()) for part, mask in parts.items()}
            sums |= {"read": sums["read"] - added, "converted": added}
            line |= {f"{column.name}_{part}": total for part, total in sums.items()}
    return line


def _why_empty(draft: Draft) -> list[str | Finding]:
    """Say why no order is left: the counts by rule, then the first finding of each."""
    if not len(draft.raw.cells):
        return [f"orders: {draft.raw.file} has a header and no rows; export it again."]
    counts = [f"{rule} {n}" for (rule, _, _), n in draft.register.counts.items()]
    first = {finding.rule: finding for finding in reversed(draft.register.stored)}
    rows = f"none of the {len(draft.raw.cells)} rows of {draft.raw.file} can be used"
    return [f"orders: {rows}: {', '.join(counts)}.", *first.values()]

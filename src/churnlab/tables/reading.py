"""Reading: whatever the source is, it becomes the contract's tables, or an error that says how to mend it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from churnlab.tables import checks, suspicions
from churnlab.tables.cells import to_text
from churnlab.tables.contract import CONTRACT, Table
from churnlab.tables.currency import Converted, convert
from churnlab.tables.dataset import Tables
from churnlab.tables.findings import DataError, Finding
from churnlab.tables.identity import apply_merges, assign_groups
from churnlab.tables.mapping import Mapping, TableMapping, nearest, nearest_word, read_mapping
from churnlab.tables.parsing import Draft, parse
from churnlab.tables.raw import RawTable, SourceError
from churnlab.tables.sources import MAPPING_NAME, Place, as_data, fingerprint, home, locate, read

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many steps are done, and how many there are."""

_COUNTED = ("table", "file", "rule", "severity", "action", "count")

_DIGITS = {"amount": 2}  # cents
_DIGITS_OF_OTHERS = 6

_NOT_USED_YET = {("clients", "closed_reason")}


def load(
    path: str | Path,
    mapping: str | Path | None = None,
    *,
    today: date | None = None,
    progress: Progress | None = None,
) -> Tables:
    r"""Load and check a dataset.

    Parameters
    ----------
    path
        A folder of text files, Parquet files or workbooks; a workbook; a DuckDB or SQLite file; or ``env:NAME``,
        where the environment variable NAME holds the address of a database.
    mapping
        Mapping file that says which file and column is which; None takes ``mapping.toml`` beside the data, if
        there.
    today
        The last day that can have happened; None asks the clock.
    progress
        Told of each step.

    Returns
    -------
    Tables
        The tables in canonical form, with findings, reconciliation and notices. Merged clients stand under one
        id, amounts in one currency, and clients know their group.

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
    try:
        data = as_data(path)
    except SourceError as error:
        raise DataError([f"{error}."]) from error
    mapping_file = find_mapping(data, mapping)
    settings = Mapping() if mapping_file is None else read_mapping(mapping_file)
    source = locate(data, mapping=settings)
    notices, problems = source.notices, source.problems
    steps = len(source.places) + 2
    drafts: dict[str, Draft] = {}
    for number, (name, place) in enumerate(source.places.items()):
        _tell(progress, f"read {name}", number, steps)
        try:
            drafts[name] = _draft(CONTRACT[name], place, mapping=settings.tables[name], notices=notices)
        except DataError as error:
            problems += [str(problem) for problem in error.problems]
    if problems:
        raise DataError(problems)
    _tell(progress, "check", steps - 2, steps)
    mark = fingerprint(source.places, lambda name: drafts[name].raw.cells, mapping_file=mapping_file)
    day = pd.Timestamp(today or date.today())  # noqa: DTZ011 -- the day where the user is
    converted = _check(drafts, settings, notices=notices, today=day)
    _tell(progress, "sort", steps - 1, steps)
    return _tables(drafts, converted, settings, notices=notices, mark=mark)


def find_mapping(data: Path | str, mapping: str | Path | None) -> Path | None:
    """Find the mapping file of a dataset.

    Parameters
    ----------
    data
        Path of the data, or ``env:NAME``.
    mapping
        What the user asked for; None looks beside the data.

    Returns
    -------
    Path or None
        The file; None if there is none. One that the user asked for need not exist.
    """
    if mapping is not None:
        return Path(mapping)
    beside = home(data) / MAPPING_NAME
    return beside if beside.is_file() else None


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress is not None:
        progress(what, done, total)


def _draft(table: Table, place: Place, *, mapping: TableMapping, notices: list[str]) -> Draft:
    """Read and parse one table; add what it holds beyond the contract to the notices."""
    try:
        raw = read(place, mapping=mapping)
    except SourceError as error:
        raise DataError([f"{table.name}: {error}."]) from error
    mapping = _with_filters(table, raw, mapping)
    headers = _headers(table, raw, mapping=mapping)
    draft = parse(table, raw, headers=headers, mapping=mapping)
    filters = {**mapping.leave_out, **mapping.keep_only}
    unused = [h for h in raw.cells.columns if h and h not in {*headers.values(), *filters}]
    if unused:
        notices.append(f"{raw.name}: not used: {', '.join(unused)}")
    waiting = sorted(_NOT_USED_YET & {(table.name, column) for column in headers})
    if waiting:
        notices.append(f"{raw.name}: read, but no answer uses it yet: {', '.join(column for _, column in waiting)}")
    for header, values in mapping.leave_out.items():
        held = set(to_text(raw.cells[header]).str.casefold().unique())
        absent = [value for value in values if value.strip().casefold() not in held]
        if absent:
            told = f"{len(absent)} of the values" if draft.names_client(header) else ", ".join(absent)
            notices.append(f"{raw.name}: no row has {header} {told}, which the mapping leaves out")
    return draft


def _with_filters(table: Table, raw: RawTable, mapping: TableMapping) -> TableMapping:
    """Take over the preset's filter on the column that is there, unless the mapping has one of its own.

    Raises
    ------
    DataError
        If the preset keeps only some rows, and no column says which.
    """
    if mapping.keep_only or not mapping.optional_keep_only:
        return mapping
    there = {header: values for header, values in mapping.optional_keep_only.items() if header in raw.cells}
    if not there:
        wanted = " or ".join(mapping.optional_keep_only)
        values = next(iter(mapping.optional_keep_only.values()))
        message = (
            f"{table.name}: the preset keeps only rows whose {wanted} is {values[0]}, and {raw.name} has no such "
            f'column. Say in {MAPPING_NAME} which it is:\n  [{table.name}.keep_only]\n  "..." = ["{values[0]}"]'
        )
        raise DataError([message])
    return replace(mapping, keep_only=there)


def _headers(table: Table, raw: RawTable, *, mapping: TableMapping) -> dict[str, str]:
    """Find the source header of each canonical column.

    Raises
    ------
    DataError
        If a required column is missing or the mapping names a header that is not there.
    """
    came = list(raw.cells.columns)
    named = {name: _present(headers, came) or headers[0] for name, headers in mapping.columns.items()}
    named |= mapping.factors
    asked = [(name, name, header) for name, header in named.items()]
    asked += [("leave_out", f"leave_out.{header}", header) for header in mapping.leave_out]
    asked += [("keep_only", f"keep_only.{header}", header) for header in mapping.keep_only]
    asked += [("fill_down", "fill_down", header) for header in mapping.fill_down]
    problems = [
        f"{table.name}: the mapping names the column {header!r} for {told}, which {raw.name} does not have"
        f"{nearest(header, came)}"
        for _, told, header in asked
        if header not in came
    ]
    taken = set(named.values())
    wished = {name: _present(headers, came) for name, headers in mapping.optional_columns.items() if name not in named}
    named |= {name: header for name, header in wished.items() if header is not None and header not in taken}
    taken = set(named.values())
    headers = {name: name for name in table.column_names if name in came and name not in taken} | named
    missing = [c for c in table.columns if c.required and c.default is None and c.name not in headers]
    if missing:
        names = ", ".join(column.name for column in missing)
        guesses = {column.name: nearest_word(column.name, came) or "..." for column in missing}
        lines = "".join(f'\n  {c.name} = "{guesses[c.name]}"  # {c.meaning}' for c in missing)
        problems.append(
            f"{table.name}: {raw.name} has no column {names}. Its columns: {', '.join(came)}. "
            f"Say in {MAPPING_NAME} which they are:\n  [{table.name}.columns]{lines}\n"
            f"or, if the names of the columns stand further down, in which row:\n  [{table.name}]\n  header_row = ..."
        )
    if table.name == "orders" and mapping.returns == "positive" and "kind" not in headers:
        problems.append(
            f"orders: returns and credits are said to come without a minus, and no column of {raw.name} says which "
            f"they are. Say in {MAPPING_NAME} which it is, or that amounts carry their sign:\n"
            '  [orders.columns]\n  kind = "..."\nor\n  [orders]\n  returns = "negative"'
        )
    if problems:
        raise DataError(problems)
    return headers


def _present(headers: tuple[str, ...], came: list[str]) -> str | None:
    return next((header for header in headers if header in came), None)


def _check(drafts: dict[str, Draft], settings: Mapping, *, notices: list[str], today: pd.Timestamp) -> Converted:
    """Check the parsed tables, in the order in which one check rests on another; give what conversion added."""
    orders, clients, managers = drafts["orders"], drafts.get("clients"), drafts.get("managers")
    written = settings.tables["orders"]
    identical = written.identical_rows
    notices += apply_merges(drafts)
    for draft in drafts.values():
        checks.check_days(draft, today=today)
    if "rates" in drafts:
        checks.check_rates(drafts["rates"])
    for draft in drafts.values():
        checks.check_repeated(draft)
    group = {} if clients is None else assign_groups(clients)
    converted = convert(orders, drafts.get("rates"), base_currency=settings.base_currency)
    checks.check_orders(orders, identical=identical, returns_declared=written.returns is not None)
    if not orders.live.any():
        raise DataError(_why_empty(orders))
    suspicions.check_months(orders, identical=identical)
    suspicions.check_clients(orders)
    if "surveys" in drafts:
        scale = settings.tables["surveys"].score_scale
        suspicions.check_surveys(drafts["surveys"], scale_declared=scale is not None)
    if clients is not None and clients.live.any():
        checks.check_starts(orders, clients=clients)
    suspicions.check_similar(orders if clients is None else clients, group=group)
    for name, draft in drafts.items():
        if name != "clients" and clients is not None and clients.live.any():
            checks.check_known(draft, "client_id", there=clients)
        if name != "managers" and managers is not None and managers.live.any():
            checks.check_known(draft, "manager_id", there=managers)
        checks.check_losses(draft)
    return converted


def _tables(
    drafts: dict[str, Draft], converted: Converted, settings: Mapping, *, notices: list[str], mark: str
) -> Tables:
    """Put the checked tables together."""
    frames: dict[str, pd.DataFrame | None] = dict.fromkeys(CONTRACT)
    reconciliation = pd.DataFrame([_reconciled(d, converted if n == "orders" else {}) for n, d in drafts.items()])
    for name, draft in drafts.items():
        frames[name] = _finished(draft) if draft.live.any() else None
        if frames[name] is None:
            notices.append(f"No {name}: {draft.raw.name} has no usable row.")
    orders = frames["orders"]
    assert orders is not None  # noqa: S101 (no live order has raised above)
    return Tables(
        orders=orders,
        **{name: frame for name, frame in frames.items() if name != "orders"},
        findings=tuple(finding for draft in drafts.values() for finding in draft.register.stored),
        finding_counts=_counts(drafts),
        reconciliation=reconciliation,
        notices=tuple(notices),
        show_names=settings.show_names,
        fingerprint=mark,
    )


def _finished(draft: Draft) -> pd.DataFrame:
    """Take the live rows, columns in the contract's order, sorted; ties keep the order of the source."""
    names = [name for name in draft.table.column_names if name in draft.frame]
    names += [str(name) for name in draft.frame if name not in names]
    rows = np.flatnonzero(draft.live)
    keys = [draft.frame[name].iloc[rows] for name in reversed(draft.table.sort_by)]
    codes = [pd.factorize(key, sort=True)[0] if key.dtype == "str" else key.to_numpy() for key in keys]
    rows = rows[np.lexsort([np.where(code < 0, code.size, code) if code.dtype.kind == "i" else code for code in codes])]
    columns = {name: draft.frame[name].take(rows).reset_index(drop=True) for name in names}
    return pd.DataFrame(columns, copy=False)


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
    line: dict[str, object] = {"table": draft.table.name, "file": draft.raw.name}
    line |= {f"rows_{part}": int(mask.sum()) for part, mask in parts.items()}
    for column in draft.table.columns:
        if column.summed and column.name in draft.frame:
            values = draft.frame[column.name].to_numpy(dtype=np.float64)
            added = float(np.nansum(converted.get(column.name, np.zeros(1))))
            digits = _DIGITS.get(column.name, _DIGITS_OF_OTHERS)
            sums = {part: round(float(np.nansum(values[mask])), digits) for part, mask in parts.items()}
            sums["converted"] = round(added, digits)
            sums["read"] = sums["kept"] + sums["left_out"] + sums["dropped"] - sums["converted"]
            sums["read"] = round(sums["read"], digits)
            line |= {f"{column.name}_{part}": total for part, total in sums.items()}
            if column.required:
                said = ~draft.closed | draft.left_out | draft.raw.broken  # totals and headings of groups add nothing
                line[f"{column.name}_unread"] = int((np.isnan(values) & said).sum())
    return line


def _why_empty(draft: Draft) -> list[str | Finding]:
    """Say why no order is left: the counts by rule, then the first finding of each."""
    if not len(draft.raw.cells):
        return [f"orders: {draft.raw.name} has a header and no rows; export it again."]
    counts = [f"{rule} {n}" for (rule, _, _), n in draft.register.counts.items()]
    first = {finding.rule: finding for finding in reversed(draft.register.stored)}
    rows = f"none of the {len(draft.raw.cells)} rows of {draft.raw.name} can be used"
    return [f"orders: {rows}: {', '.join(counts)}.", *first.values()]

"""Findings: what the checks met in the data, what was done about it, and what would settle it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Severity = Literal["info", "warning", "error"]
Action = Literal["kept", "fixed", "dropped", "left out"]

STORED_PER_RULE = 100
"""How many findings of one rule and table are kept one by one; the counts are always full."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check met.

    Attributes
    ----------
    file, sheet
        Where it is; `sheet` is empty unless the file is a workbook.
    row
        Row as a spreadsheet numbers it (the header is row 1); None if it concerns the whole table.
    column
        Column as the source calls it; empty if it concerns the whole row or table.
    value
        What stood there.
    rule
        Name of the rule, a key of `RULES`.
    severity
        An ``error`` forbids models on these data.
    action
        What was done with the row or value.
    """

    file: str
    sheet: str
    row: int | None
    column: str
    value: str
    rule: str
    severity: Severity
    action: Action


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the checks.

    Attributes
    ----------
    severity, action
        What its findings carry unless the check says otherwise.
    remedy
        What a reader can do about it.
    names_client
        Whether the findings' values are client ids, which pseudonymised tables must not show.
    """

    severity: Severity
    action: Action
    remedy: str
    names_client: bool = False


RULES: dict[str, Rule] = {
    "wrong number of fields": Rule(
        "warning", "dropped", "put fields that hold the separator in quotation marks, or set `separator`"
    ),
    "rows inside a quotation": Rule(
        "error",
        "kept",
        "a quotation mark opens there and is closed rows later: double or delete it, and export again",
    ),
    "empty client id": Rule(
        "warning",
        "dropped",
        "fill in whose row it is; if the client stands only in the first row of its group, say "
        '`fill_down = ["..."]` with the column\'s name',
    ),
    "client called like a total": Rule(
        "error",
        "kept",
        "if the row adds up others, leave it out with `[orders.leave_out]`: its money is counted twice",
        names_client=True,
    ),
    "one order a client": Rule(
        "error",
        "kept",
        "is client_id the number of the document? A report grouped by client needs the client in a column of its own",
    ),
    "spaces around client id": Rule("info", "fixed", "nothing to do: the spaces were taken off", names_client=True),
    "empty value": Rule("warning", "dropped", "fill it in: without it the row says nothing"),
    "empty date": Rule("warning", "dropped", "fill in the date"),
    "unreadable date": Rule(
        "warning", "dropped", 'say how dates are written, e.g. `date_format = "%d.%m.%Y"`, or correct them'
    ),
    "ambiguous date": Rule(
        "error",
        "dropped",
        'say which comes first: `date_format = "%d/%m/%Y"` if 03/04/2025 is in April, "%m/%d/%Y" if it is in March',
    ),
    "placeholder date": Rule("warning", "dropped", "fill in the day: systems write this one where they know none"),
    "future date": Rule("warning", "dropped", "correct the day, or leave out what has not happened yet"),
    "total row": Rule("info", "dropped", "nothing to do: the row adds up others"),
    "group heading": Rule("info", "dropped", "nothing to do: the row names the group"),
    "empty amount": Rule("warning", "dropped", "fill in the amount"),
    "unreadable amount": Rule(
        "warning", "dropped", "set `decimal` and `thousands` to how numbers are written, or correct them"
    ),
    "ambiguous amount": Rule(
        "error",
        "dropped",
        'say what the mark is: `decimal = ","` if 1,234 is about one, `thousands = ","` if about a thousand',
    ),
    "ambiguous number": Rule(
        "error",
        "fixed",
        'left empty; say what the mark is: `decimal = ","` if 1,234 is about one, `thousands = ","` if a thousand',
    ),
    "unreadable number": Rule(
        "warning", "fixed", "left empty; set `decimal` and `thousands` to how numbers are written"
    ),
    "score out of range": Rule("warning", "fixed", "left empty; set `score_scale` to the lowest and highest score"),
    "unreadable score": Rule("warning", "fixed", "left empty; scores are numbers"),
    "unreadable flag": Rule("warning", "fixed", "taken as missing; write true or false"),
    "unknown value": Rule(
        "warning",
        "fixed",
        "replaced by the column's default, if it has one; use the contract's words, say in `words` what it means, "
        "or leave such rows out",
    ),
    "negative amount without kind": Rule("info", "fixed", "taken as a return; give a `kind` to say otherwise"),
    "sign against kind": Rule("warning", "kept", "sales are positive, returns and credits negative: check the sign"),
    "returns are positive": Rule(
        "error",
        "kept",
        'returns and credits add to sales: say `returns = "positive"` if they come without a minus, "negative" if not',
    ),
    "zero amount": Rule("info", "kept", "nothing to do if it was given free of charge"),
    "converted currency": Rule("info", "fixed", "nothing to do: a rate of the `rates` table was applied"),
    "other currency": Rule(
        "error", "kept", "add a rate from on or before that day to the `rates` table, or convert the amounts"
    ),
    "empty currency": Rule("warning", "kept", "taken as the base currency; fill it in"),
    "empty currency among several": Rule(
        "error", "kept", "taken as the base currency, and others come as well: fill it in"
    ),
    "identical row": Rule(
        "warning", "kept", 'say `identical_rows = "drop"` if rows were exported twice, "keep" if each is an order line'
    ),
    "doubled load": Rule(
        "error",
        "kept",
        'a month stands there twice: say `identical_rows = "drop"` in the mapping, or "keep" if all of it is true',
    ),
    "month without orders": Rule(
        "warning", "kept", "export that month again, unless it is true that nobody ordered anything"
    ),
    "partial last month": Rule("info", "kept", "nothing to do; or export again when the month is over"),
    "conflicting order": Rule(
        "warning", "kept", "one order number stands for two clients or two days of sale: check it"
    ),
    "return larger than its sale": Rule("warning", "kept", "check the amount, and whether the sale is in the data"),
    "order before start": Rule("warning", "kept", "correct the client's start_date, or the day of the order"),
    "delivered before ordered": Rule("warning", "kept", "correct one of the two days"),
    "won back before lost": Rule("warning", "kept", "correct one of the two days"),
    "repeated client": Rule("info", "dropped", "nothing to do: the same row stood before", names_client=True),
    "conflicting client": Rule("warning", "dropped", "keep one row a client; the first was taken", names_client=True),
    "repeated manager": Rule("info", "dropped", "nothing to do: the same row stood before"),
    "conflicting manager": Rule("warning", "dropped", "keep one row a manager; the first was taken"),
    "repeated rate": Rule("info", "dropped", "nothing to do: the same row stood before"),
    "conflicting rate": Rule("warning", "dropped", "keep one rate a currency and day; the first was taken"),
    "clients that look alike": Rule(
        "warning", "kept", "if the two are one, say so in `merges`: old_id, new_id", names_client=True
    ),
    "parents in a circle": Rule(
        "warning", "kept", "end the chain of parents; until then the first id stands for the group", names_client=True
    ),
    "scores from 1 to 5 only": Rule(
        "error", "kept", "say `score_scale = [1, 5]` if 5 is the best score, `score_scale = [0, 10]` if 10 is"
    ),
    "repeated survey on a day": Rule("warning", "kept", "keep one answer a client and day, or say which wave each is"),
    "the same score to everything": Rule("info", "kept", "nothing to do; ask this client in person", names_client=True),
    "rate not above zero": Rule("warning", "dropped", "give the base currency for one unit of the other"),
    "merged client": Rule("info", "dropped", "nothing to do: the present id has a row of its own", names_client=True),
    "merged into two clients": Rule(
        "error", "dropped", "say in `merges` which one id stands in its place", names_client=True
    ),
    "merged in a circle": Rule("error", "dropped", "end the chain in `merges` with the id in use", names_client=True),
    "manager not in managers": Rule("warning", "kept", "add the manager to the managers table"),
    "client not in clients": Rule("warning", "kept", "add the client to the clients table", names_client=True),
    "left out by the mapping": Rule("info", "left out", "nothing to do: the mapping asks for it"),
    "client left out by the mapping": Rule(
        "info", "left out", "nothing to do: the mapping asks for it", names_client=True
    ),
    "too many rows dropped": Rule(
        "error",
        "kept",
        "more than one row in twenty is lost: check the mapping, then the rules that it names",
    ),
    "many rows dropped": Rule(
        "warning",
        "kept",
        "more than one row in twenty is lost, of a table on which no model rests: check the rules that it names",
    ),
}
"""The rules by name."""


@dataclass(slots=True)
class Register:
    """The findings of one table while it is being read.

    Attributes
    ----------
    table, file, sheet
        The table's name, and the file and sheet that it comes from.
    rows
        Row numbers as a spreadsheet shows them, one for each row read.
    stored
        The findings kept one by one, at most `STORED_PER_RULE` a rule.
    counts
        How often each (rule, severity, action) was met.
    """

    table: str
    file: str
    sheet: str
    rows: npt.NDArray[np.int64]
    stored: list[Finding] = field(default_factory=list)
    counts: dict[tuple[str, Severity, Action], int] = field(default_factory=dict)

    def add(
        self,
        rule: str,
        at: npt.NDArray[np.bool_],
        *,
        column: str = "",
        values: pd.Series | None = None,
        action: Action | None = None,
    ) -> None:
        """Register a rule at every row of a mask.

        Parameters
        ----------
        rule
            A key of `RULES`.
        at
            Where it was met, one truth value for each row read.
        column
            The source's name for the column concerned.
        values
            The text that stood in each row where it was met; left empty if not given.
        action
            What was done, if not what the rule does by default.
        """
        met = np.flatnonzero(at)
        room = max(self._count(rule, met.size, action), 0)
        shown = met[:room]
        texts = [""] * shown.size if values is None else [str(value) for value in values.iloc[:room]]
        for row, value in zip(self.rows[shown].tolist(), texts, strict=True):
            self._store(rule, row, column=column, value=value, action=action)

    def add_one(self, rule: str, *, count: int, value: str, column: str = "", row: int | None = None) -> None:
        """Register one finding that stands for `count` rows.

        Parameters
        ----------
        rule
            A key of `RULES`.
        count
            How many rows it stands for.
        value
            What to show.
        column
            The source's name for the column concerned.
        row
            The row to show, if one does.
        """
        if self._count(rule, count, None) > 0:
            self._store(rule, row, column=column, value=value, action=None)

    def _count(self, rule: str, count: int, action: Action | None) -> int:
        """Add to the counts; return how many more findings of the rule may be stored."""
        if count:
            key = (rule, RULES[rule].severity, action or RULES[rule].action)
            self.counts[key] = self.counts.get(key, 0) + count
        return STORED_PER_RULE - sum(finding.rule == rule for finding in self.stored)

    def _store(self, rule: str, row: int | None, *, column: str, value: str, action: Action | None) -> None:
        made = RULES[rule]
        self.stored.append(
            Finding(self.file, self.sheet, row, column, value, rule, made.severity, action or made.action)
        )


class DataError(Exception):
    """Orders cannot be had from the data, for every reason found.

    Parameters
    ----------
    problems
        What is wrong, one sentence or finding each, with the remedy.

    Attributes
    ----------
    problems : tuple of str or Finding
        The same.

    Examples
    --------
    >>> print(DataError(["No file for orders: put orders.csv into the folder."]))
    No file for orders: put orders.csv into the folder.
    """

    def __init__(self, problems: Sequence[str | Finding]) -> None:
        super().__init__(tuple(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(p if isinstance(p, str) else in_words(p) for p in self.problems)


def in_words(finding: Finding) -> str:
    """Tell a finding in one line, with the remedy.

    Parameters
    ----------
    finding
        Any finding.

    Returns
    -------
    str
        File, row, column, value, rule and remedy.

    Examples
    --------
    >>> in_words(Finding("orders.csv", "", 7, "amount", "", "empty amount", "warning", "dropped"))
    'orders.csv, row 7, column amount: empty amount (dropped). Remedy: fill in the amount.'
    """
    place = [finding.file, finding.sheet] if finding.sheet else [finding.file]
    if finding.row is not None:
        place.append(f"row {finding.row}")
    if finding.column:
        place.append(f"column {finding.column}")
    value = f" {finding.value!r}" if finding.value else ""
    remedy = RULES[finding.rule].remedy
    return f"{', '.join(place)}: {finding.rule}{value} ({finding.action}). Remedy: {remedy}."

"""What was changed, and were answers higher afterwards?"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.invitations import UNKNOWN_MODE
from churnlab.answers.study import Study
from churnlab.answers.words import count, day, decimal, interval, shortened
from churnlab.lifetime import Estimate
from churnlab.surveys import before_after
from churnlab.surveys.figure import linearised

WINDOW_DAYS = 365
"""Answers so long before a change are set against answers so long after it."""

LEAST_CLIENTS = 10
"""Quarters with fewer clients are not drawn."""

EVERYBODY = "all clients"
RECOMMENDATION = "recommend"
_CHANGES = (
    *("what", "date", "concerned", "factor", "clients", "before", "after", "difference", "low", "high"),
    *("against_others", "verdict"),
)
_TRACK = ("factor", "wave", "mode", "quarter", "n", "mean", "low", "high")


@dataclass(frozen=True, slots=True)
class MendedAnswer:
    """Answers before and after each change that was noted.

    Attributes
    ----------
    recorded : bool
        Whether changes were noted.
    surveyed : bool
        Whether there are surveys.
    changes : DataFrame
        ``what``, ``date``, ``concerned`` (a product line, or all clients), ``factor``, ``clients``, ``before``,
        ``after`` (answers on either side), ``difference``, ``low``, ``high`` (points), ``against_others`` (whether what
        moved clients not concerned is taken off) and ``verdict`` ("higher after", "lower after", "cannot tell", "too
        few", "not rated"), by date.
    track : DataFrame
        ``factor``, ``wave``, ``mode``, ``quarter`` (its first day), ``n`` (clients), ``mean``, ``low``, ``high``: the
        answers to each factor that a change was to mend, in the wave and mode with the most of them.
    """

    recorded: bool
    surveyed: bool
    changes: pd.DataFrame
    track: pd.DataFrame

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence a change, and what none of them shows."""
        if not self.surveyed:
            return ("Whether answers were higher after a change we cannot say: there are no surveys.",)
        if not self.recorded:
            return (
                "Whether answers were higher after a change we cannot say: none is noted in a table `changes` "
                "(what, date, and where it fits product_line and factor).",
            )
        said = [_sentence(row) for row in self.changes.to_dict("records")]
        if self.changes["low"].notna().any():
            said.append(
                "After is not because: whatever else moved at that time moves these figures too, and one change in "
                "twenty that moved nothing looks as if it had."
            )
        return tuple(said)


def what_was_mended(study: Study) -> MendedAnswer:
    """Set answers after each noted change against those before, of the same clients.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    MendedAnswer
    """
    surveys, noted = study.tables.surveys, study.tables.changes
    nothing = pd.DataFrame({name: [] for name in _CHANGES}), pd.DataFrame({name: [] for name in _TRACK})
    recorded = noted is not None and len(noted) > 0
    if surveys is None or noted is None or not recorded:
        return MendedAnswer(recorded, surveys is not None, *nothing)
    mode = surveys["mode"].fillna(UNKNOWN_MODE) if "mode" in surveys else UNKNOWN_MODE
    placed = surveys.assign(mode=mode)
    rows = [_compared(placed, change, study.tables.orders) for change in noted.to_dict("records")]
    factors = dict.fromkeys(str(row[3]) for row in rows)
    tracks = [_track(placed, factor) for factor in factors if _rated(placed, factor)]
    return MendedAnswer(
        recorded=True,
        surveyed=True,
        changes=pd.DataFrame(rows, columns=_CHANGES),
        track=pd.concat(tracks, ignore_index=True) if tracks else nothing[1],
    )


def _compared(surveys: pd.DataFrame, change: Mapping[Hashable, object], orders: pd.DataFrame) -> tuple[object, ...]:
    """One row of the changes."""
    on = pd.Timestamp(str(change["date"]))
    line, factor = _given(change, "product_line", EVERYBODY), _given(change, "factor", RECOMMENDATION)
    head = (change["what"], on, line, factor)
    if not _rated(surveys, factor):
        return (*head, 0, 0, 0, np.nan, np.nan, np.nan, False, "not rated")
    given = surveys.dropna(subset=factor)
    concerned = None if line == EVERYBODY else given["client_id"].map(_main_line(orders, before=on) == line)
    found = before_after(
        given[factor],
        _days(given["survey_date"]),
        (on - pd.Timestamp("1970-01-01")).days,
        given["client_id"].factorize()[0],
        window=WINDOW_DAYS,
        stratum=given.groupby(["wave", "mode"]).ngroup(),
        concerned=None if concerned is None else concerned.fillna(False).to_numpy(dtype=bool),  # noqa: FBT003
    )
    own, apart = found.concerned, found.apart
    figure = own if apart is None else apart
    verdict = "too few" if np.isnan(figure.low) else found.verdict
    sides = (own.clients, own.others, own.chosen)
    return (*head, *sides, figure.value, figure.low, figure.high, apart is not None, verdict)


def _rated(surveys: pd.DataFrame, factor: str) -> bool:
    return factor in surveys and surveys[factor].dtype.kind == "f"


def _given(change: Mapping[Hashable, object], column: str, otherwise: str) -> str:
    value = change.get(column)
    return otherwise if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]


def _main_line(orders: pd.DataFrame, *, before: pd.Timestamp) -> "pd.Series[str]":
    """Product line of which each client had bought most before a day."""
    known = orders[orders["order_date"] < before]
    if "product_line" not in known:
        return pd.Series(dtype="str")
    bought = known.groupby(["client_id", "product_line"])["amount"].sum().reset_index()
    return bought.sort_values("amount", kind="stable").groupby("client_id")["product_line"].last()


def _track(surveys: pd.DataFrame, factor: str) -> pd.DataFrame:
    """Mean answer by quarter in the wave and mode with the most answers, with its interval over clients."""
    given = surveys.dropna(subset=factor)
    if given.empty:
        return pd.DataFrame({name: [] for name in _TRACK})
    wave, mode = given[["wave", "mode"]].value_counts().index[0]
    here = given[(given["wave"] == wave) & (given["mode"] == mode)]
    rows = []
    for quarter, group in here.groupby(here["survey_date"].dt.to_period("Q").dt.start_time):
        scores, clients = group[factor].to_numpy(), group["client_id"].nunique()
        if clients >= LEAST_CLIENTS:
            mean = linearised(scores.mean(), (scores - scores.mean()) / len(scores), group["client_id"].factorize()[0])
            rows.append((factor, wave, mode, quarter, clients, mean.value, mean.low, mean.high))
    return pd.DataFrame(rows, columns=_TRACK)


def _days(dates: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    return (dates - pd.Timestamp("1970-01-01")).dt.days


def _sentence(row: Mapping[Hashable, float | str | pd.Timestamp]) -> str:
    """Say what came after a change."""
    what = f"\N{LEFT DOUBLE QUOTATION MARK}{shortened(str(row['what']))}\N{RIGHT DOUBLE QUOTATION MARK}"
    what, factor = f"{what} ({day(pd.Timestamp(row['date']))})", shortened(str(row["factor"]))
    scores = "recommendation" if factor == RECOMMENDATION else f"answers on {factor}"
    if row["verdict"] == "not rated":
        return f"What came after {what} we cannot say: the surveys hold no scores of {factor}."
    who = "the same clients" if row["concerned"] == EVERYBODY else f"clients of {shortened(str(row['concerned']))}"
    if row["verdict"] == "too few":
        return f"What came after {what} we cannot say: too few of {who} answered on {factor} before and after."
    estimate = Estimate(float(row["difference"]), float(row["low"]), float(row["high"]))
    more = " more than those of other clients" if row["against_others"] else ""
    figure = f"{interval(estimate, decimal)} points{more}, {count(float(row['clients']))} clients"
    if row["verdict"] == "cannot tell":
        return f"Whether {scores} of {who} were higher after {what} we cannot tell: {figure}."
    return f"After {what} {scores} of {who} were {str(row['verdict']).split()[0]} than before: {figure}."

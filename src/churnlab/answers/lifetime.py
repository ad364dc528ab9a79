"""How long do clients of each kind stay?"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.shares import share
from churnlab.answers.study import Study
from churnlab.answers.words import interval, months, percent
from churnlab.history import Lives, departures, lifetimes
from churnlab.history.departures import DAYS_PER_MONTH, REGULAR_AFTER_MONTHS, tenure_start
from churnlab.lifetime import (
    MINIMUM_AT_RISK,
    Estimate,
    HazardTable,
    SurvivalCurve,
    hazard_table,
    kaplan_meier,
    median_lifetime,
    restricted_mean,
)

HORIZON_MONTHS = 60
"""Mean lifetimes are counted within this many months of becoming a regular, or fewer if the data end."""

SHORTEST_HORIZON_MONTHS = 12
"""Where the data reach less far nothing is said of lifetimes."""

NEXT_MONTHS = 24
"""Remaining lifetimes are counted within this many months."""

ALL = "all clients"

LOWER_END = "lower end of the 95 % interval"


@dataclass(frozen=True, slots=True)
class LineLifetime:
    """Lifetime of regular clients within a line (or of all clients).

    Attributes
    ----------
    line : str
        Product line, or ``"all clients"``.
    regulars : int
        Clients that are regulars today and buy in the line.
    share : Estimate
        Their share of all of today's regulars.
    lives, departures : int
        Lives of regulars that were observed, and how many ended.
    curve : SurvivalCurve
        From the month in which ten regulars are at risk; empty where there never are.
    median : Estimate
        Month of tenure by which half have left; NaN ends are not reached.
    mean : Estimate
        Mean months stayed within `horizon` months of becoming a regular; NaN where the data do not reach.
    horizon : int
        Months counted; 0 where nothing can be said.
    years_sold : float
        Years from the first order in the records to the day of the study. Of a line nothing is said beyond them, as
        start dates are the client's and not those of its buying the line.
    """

    line: str
    regulars: int
    share: Estimate
    lives: int
    departures: int
    curve: SurvivalCurve
    median: Estimate
    mean: Estimate
    horizon: int
    years_sold: float

    @property
    def headline(self) -> str:
        """Mean months stayed, in short."""
        return f"{self.line.capitalize()}: {interval(self.mean, months)} of the first {self.horizon} months."

    @property
    def ends_with_records(self) -> bool:
        """Whether the curve ends because the records saw the line sold for no longer, rather than for want of lives."""
        return self.line != ALL and len(self.curve.month) > 0 and self.curve.month[-1] >= _whole_months(self.years_sold)


@dataclass(frozen=True, slots=True)
class LifetimeAnswer:
    """Lifetimes by line, and what remains for each client.

    Attributes
    ----------
    overall : LineLifetime
        Regulars of the whole house.
    lines : tuple of LineLifetime
        By line, the commonest first; empty where orders name no lines.
    remaining : DataFrame
        ``client_id``, ``as_of``, ``months``, ``low``, ``high``: mean months that clients of this tenure stay within
        the next ``NEXT_MONTHS``; NaN where too few have been observed at that tenure.
    older_than_records : int
        Clients that were there when the records began: they enter late.
    start_known : bool
        Whether their start dates are known.
    sentences : tuple of str
        The answer in words.
    """

    overall: LineLifetime
    lines: tuple[LineLifetime, ...]
    remaining: pd.DataFrame
    older_than_records: int
    start_known: bool
    sentences: tuple[str, ...]


def how_long_do_clients_stay(study: Study) -> LifetimeAnswer:
    """Estimate lifetimes of regulars with late entry and censoring.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    LifetimeAnswer
    """
    clients = study.tables.clients
    lives = study.lives()
    regulars = _regulars_today(lives, clients, study.as_of)
    observed = lifetimes(lives, clients=clients, entry_after_months=REGULAR_AFTER_MONTHS)
    overall = _line(ALL, observed, regulars, regulars, years=_years(lives.records_start, study.as_of))
    everyone = lifetimes(lives, clients=clients)
    answer = LifetimeAnswer(
        overall=overall,
        lines=_lines(study, regulars),
        remaining=remaining_months(lives, clients),
        older_than_records=int((everyone["entry"] > 0).sum()),
        start_known=clients is not None and "start_date" in clients,
        sentences=(),
    )
    return replace(answer, sentences=_sentences(answer, study.ask(when_has_a_client_left)))


def _regulars_today(lives: Lives, clients: pd.DataFrame | None, as_of: pd.Timestamp) -> set[str]:
    """Clients that have not left and have bought for longer than a year."""
    tenure = tenure_today(lives, clients, as_of)
    return set(tenure.index[tenure > REGULAR_AFTER_MONTHS])


def tenure_today(lives: Lives, clients: pd.DataFrame | None, as_of: pd.Timestamp) -> "pd.Series[int]":
    """Whole months of tenure of every client that has not left.

    Parameters
    ----------
    lives : Lives
        Lives of clients as known on a day.
    clients : DataFrame or None
        Canonical clients.
    as_of : Timestamp
        The day.

    Returns
    -------
    Series of int
        By client_id.
    """
    start = tenure_start(lives, clients=clients)
    active = lives.frame["left_on"].isna()
    held = pd.Series(start[active].to_numpy(), index=lives.frame.loc[active, "client_id"])
    return ((as_of - held).dt.days // DAYS_PER_MONTH).astype(int)


def _lines(study: Study, regulars: set[str]) -> tuple[LineLifetime, ...]:
    lives = lives_by_line(study)
    if lives is None:
        return ()
    observed = regulars_by_line(lives, study.tables.clients)
    active = lives.frame[lives.frame["left_on"].isna()]
    first = _first_sold(lives)
    lines = [
        _line(
            str(line),
            observed[observed["product_line"] == line],
            regulars,
            regulars & set(active.loc[active["product_line"] == line, "client_id"]),
            years=_years(first[line], study.as_of),
        )
        for line in sorted(lives.frame["product_line"].unique())
    ]
    return tuple(sorted(lines, key=lambda line: -line.regulars))


def main_lines(orders: pd.DataFrame) -> "pd.Series[str]":
    """Line in which each client has bought most, by sales, and the later name among equals.

    Parameters
    ----------
    orders : DataFrame
        Canonical orders.

    Returns
    -------
    Series of str
        By client_id; empty where orders name no lines, and without clients whose orders name none.
    """
    if "product_line" not in orders:
        return pd.Series([], index=pd.Index([], name="client_id", dtype="str"), name="product_line", dtype="str")
    sold = orders[orders["kind"] == "sale"].groupby(["client_id", "product_line"], observed=True)["amount"].sum()
    most = sold.sort_values(kind="stable").reset_index().drop_duplicates("client_id", keep="last")
    return most.set_index("client_id")["product_line"].astype("str")


def lives_by_line(study: Study) -> Lives | None:
    """Lives of clients within each line that they buy; None where orders name no lines."""
    orders = study.tables.orders
    if "product_line" not in orders:
        return None
    named = orders[orders["product_line"].notna() & (orders["order_date"] < study.as_of)]
    bought = named["kind"] == "sale"
    if not bought.any():
        return None
    by = ("client_id", "product_line")
    return departures(named, as_of=study.as_of, rule=study.rule, by=by, clients=study.tables.clients)


def regulars_by_line(lives: Lives, clients: pd.DataFrame | None) -> pd.DataFrame:
    """Lives of regulars within lines, each watched for as many months of tenure as the line was seen to be sold.

    A line that is bought from the start of the records is taken to have been bought since the client's own start, which
    may be years before the line was there: what lies further back than the records saw the line sold is left out.

    Parameters
    ----------
    lives : Lives
        As :func:`lives_by_line` gives them.
    clients : DataFrame or None
        Canonical clients.

    Returns
    -------
    DataFrame
        As of :func:`churnlab.history.lifetimes`, without lives that were watched at longer tenures only.
    """
    observed = lifetimes(lives, clients=clients, entry_after_months=REGULAR_AFTER_MONTHS)
    years = {line: _years(first, lives.as_of) for line, first in _first_sold(lives).items()}
    sold = observed["product_line"].map(years).map(_whole_months, na_action="ignore").astype("int64")
    cut = observed.assign(exit=np.minimum(observed["exit"], sold), event=observed["event"] & (observed["exit"] <= sold))
    return cut[cut["exit"] > cut["entry"]].reset_index(drop=True)


def _first_sold(lives: Lives) -> "pd.Series[pd.Timestamp]":
    return lives.frame.groupby("product_line")["first_order"].min()


def _line(name: str, observed: pd.DataFrame, regulars: set[str], buying: set[str], *, years: float) -> LineLifetime:
    table = counted(observed)
    curve = kaplan_meier(table, start=REGULAR_AFTER_MONTHS)
    reach = len(curve.month) if curve.start == REGULAR_AFTER_MONTHS else 0
    horizon = min(HORIZON_MONTHS, reach) if reach >= SHORTEST_HORIZON_MONTHS else 0
    return LineLifetime(
        line=name,
        regulars=len(buying),
        share=share(len(buying), len(regulars)),
        lives=len(observed),
        departures=int(observed["event"].sum()),
        curve=curve,
        median=median_lifetime(curve),
        mean=restricted_mean(table, start=REGULAR_AFTER_MONTHS, horizon=horizon),
        horizon=horizon,
        years_sold=years,
    )


def _years(first: pd.Timestamp, last: pd.Timestamp) -> float:
    return float((last - first).days / (12 * DAYS_PER_MONTH))


def _whole_months(years: float) -> int:
    return int(12 * years + 1e-9)


def counted(observed: pd.DataFrame) -> HazardTable:
    """Risk sets of lives as :func:`churnlab.history.lifetimes` gives them, with variances over clients."""
    if observed.empty:
        nothing = np.zeros(0, dtype=np.int64)
        return HazardTable(nothing, nothing, nothing)
    return hazard_table(observed["entry"], observed["exit"], observed["event"], client=observed["client_id"])


def remaining_months(lives: Lives, clients: pd.DataFrame | None) -> pd.DataFrame:
    """Restricted mean over the next months, by the tenure that each client has reached.

    Parameters
    ----------
    lives : Lives
        Lives of clients as known on ``lives.as_of``.
    clients : DataFrame or None
        Canonical clients.

    Returns
    -------
    DataFrame
        ``client_id``, ``as_of``, ``months``, ``low``, ``high``: as :class:`LifetimeAnswer` describes them.
    """
    tenure = tenure_today(lives, clients, lives.as_of)
    table = counted(lifetimes(lives, clients=clients))
    by_tenure = {reached: restricted_mean(table, start=reached, horizon=NEXT_MONTHS) for reached in sorted(set(tenure))}
    rows = [(client, lives.as_of, *_figures(by_tenure[reached])) for client, reached in tenure.sort_index().items()]
    return pd.DataFrame(rows, columns=["client_id", "as_of", "months", "low", "high"])


def _figures(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def _sentences(answer: LifetimeAnswer, leaving: Leaving) -> tuple[str, ...]:
    sentences = [_line_sentence(line) for line in (answer.overall, *answer.lines)]
    sentences += leaving.sentences[2:]
    if answer.start_known:
        sentences.append(
            f"{answer.older_than_records} lives were under way when the records began: "
            "they count from their start date and enter late."
        )
    else:
        sentences.append(
            "There are no start dates: clients may be older than the records, and tenure counts from the first order."
        )
    return tuple(sentences)


def _line_sentence(line: LineLifetime) -> str:
    who = "Regular clients" if line.line == ALL else f"Regulars of {line.line}"
    if not line.horizon:
        return (
            f"{who}: we cannot say how long they stay; only {line.lives} such lives were observed, "
            f"{line.departures} of which ended."
        )
    share = "" if line.line == ALL else f" ({interval(line.share, percent)} of regulars buy it)"
    return (
        f"{who}{share} stay {interval(line.mean, months)} of the first {line.horizon} months after becoming regulars; "
        f"{_half(line)} ({line.lives} lives, {line.departures} ended)."
    )


def _half(line: LineLifetime) -> str:
    if not np.isnan(line.median.value):
        return f"half have left by month {interval(line.median, months)} of tenure"
    seen = f"half had not left by month {line.curve.month[-1]} of tenure, {why_it_ends(line)}"
    if np.isnan(line.median.low):
        return seen
    return f"half leave after more than {months(line.median.low)} months of tenure ({LOWER_END}); {seen}"


def why_it_ends(line: LineLifetime) -> str:
    """Why a line's curve ends where it does, to follow its last month and a comma."""
    if line.ends_with_records:
        return f"as the records saw the line sold for {line.years_sold:.1f} years"
    return f"after which fewer than {MINIMUM_AT_RISK} were still watched"

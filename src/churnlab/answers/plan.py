"""How much will be ordered by line: the month's plan, its correction in mid-month, and the quarter's base plan."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.numbered import numbered
from churnlab.answers.ordered import (
    ALL,
    LEVEL,
    PLAN_DAY,
    Ints,
    as_day,
    mean_of_year,
    ordered_between,
    origins_until,
    plans,
    read_orders,
    year_before,
)
from churnlab.answers.plan_record import (
    CORRECTED,
    LEAST_GRADED,
    MEASURES,
    MONTH,
    PAST,
    QUARTER,
    REST,
    corrections_of,
    graded_beside,
    grades,
    held_by_period,
    past_months,
)
from churnlab.answers.study import Study
from churnlab.answers.words import count, day, interval, listed, percent, shortened
from churnlab.demand import SEASON_MONTHS, Ahead, OrderLog, Plan, first_of, month_of
from churnlab.lifetime import Estimate

_COLUMNS = (
    "line", "period", "begin", "end", "measure", "value", "low", "high", "regular", "newer", "unknown", "came",
    "first_said", "first_low", "first_high", "season", "graded", "held", "error", "compared", "own_error", "own_low",
    "own_high", "naive_error", "naive_low", "naive_high", "mean_error", "mean_low", "mean_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """The plan by line.

    Attributes
    ----------
    as_of : Timestamp
        Day on which it is made.
    volume : str
        What the volume is: ``"quantity"``, or ``"sales"`` where quantities are not known.
    rows : DataFrame
        One row a ``line`` (all lines first), ``period`` and ``measure`` (``"orders"``, ``"volume"``): ``begin``,
        ``end``, ``value`` with an 80 % interval (``low``, ``high``), of which ``regular`` (clients for more than a
        year), ``newer`` and ``unknown`` (clients who have not bought yet); of a month under way ``came`` so far, within
        the value, and what had been said on its first day; ``season`` (its source); of ``graded`` past forecasts
        ``held`` many intervals, with mean absolute ``error`` as a share of what came; over ``compared`` of them
        ``own_error``, ``naive_error`` (same period of the year before) and ``mean_error`` (mean of the last 12 months),
        each with a 95 % interval as in `held` (``own_low``, ``own_high`` and so on). NaN where nothing can be said.
    held : DataFrame
        By ``period``: ``share`` of all lines' and measures' past intervals that held, with a 95 % interval over months
        (over quarters of the year for those of a quarter, which overlap) in ``low`` and ``high``; ``graded``
        intervals in so many ``months``.
    corrections : DataFrame
        ``line``, ``measure``, ``months``, ``first_error``, ``corrected_error``: past months as planned on their first
        day, and as corrected in mid-month, each with a 95 % interval over months (``first_low``, ``first_high`` and so
        on).
    correction_day : int
        Day of the month of these corrections.
    past : DataFrame
        ``line``, ``measure``, ``begin``, ``value``, ``low``, ``high``, ``seen``: past months of the month's plan.
    filled : int
        Rows without a quantity, whose money stands for one as it does in the others of their line.
    """

    as_of: pd.Timestamp
    volume: str
    rows: pd.DataFrame
    held: pd.DataFrame
    corrections: pd.DataFrame
    correction_day: int
    past: pd.DataFrame
    filled: int

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines, all of them together first."""
        return tuple(self.rows["line"].drop_duplicates())

    def row(self, line: str, period: str, measure: str) -> "pd.Series | None":
        """Give the row of a line, period and measure; None where nothing can be said of it."""
        rows = self.rows
        found = rows[(rows["line"] == line) & (rows["period"] == period) & (rows["measure"] == measure)]
        return None if found.empty or np.isnan(found["value"].iloc[0]) else found.iloc[0]

    @property
    def headline(self) -> str:
        """The nearest period of all lines."""
        for period in (MONTH, REST, QUARTER):
            said = [self._figure(ALL, period, measure) for measure in MEASURES]
            if any(said):
                return f"{self._when(period)} we expect {listed([each for each in said if each])}."
        return (
            "What will be ordered next month we cannot tell: fewer than "
            f"{LEAST_GRADED} past months could be forecast and graded."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (
            self.headline, *self._quarter(), *self._line_sentences(), *self._parts(), *self._this_month(),
            *self._record(), *self._beaten(), self.correction_sentence, *self._season(),
            *self._filled(),
        )  # fmt: skip

    def _when(self, period: str) -> str:
        row = self.rows[self.rows["period"] == period].iloc[0]
        return f"From {day(row['begin'])} to {day(row['end'] - pd.Timedelta(days=1))}"

    def _figure(self, line: str, period: str, measure: str) -> str:
        row = self.row(line, period, measure)
        if row is None:
            return ""
        what = measure if measure == "orders" else self.volume
        return (
            f"{what} of {count(row['value'])} ({percent(LEVEL)} interval {count(row['low'])} to {count(row['high'])})"
        )

    def _quarter(self) -> tuple[str, ...]:
        said = [each for each in (self._figure(ALL, QUARTER, measure) for measure in MEASURES) if each]
        if not said:
            return ("The quarter's base plan we cannot tell: too few past quarters could be forecast and graded.",)
        return (f"The base plan {self._when(QUARTER).lower()}: {listed(said)}.",)

    def _line_sentences(self) -> tuple[str, ...]:
        rows = [(line, self._figure(line, MONTH, "volume")) for line in self.lines[1:]]
        said = [f"{shortened(line)} {figure}" for line, figure in rows if figure]
        silent = [shortened(line) for line, figure in rows if not figure]
        return (
            *((f"By line, {self._when(MONTH).lower()}: {'; '.join(said)}.",) if said else ()),
            *((f"Of {listed(silent)} we cannot tell: too short records.",) if silent else ()),
        )

    def _parts(self) -> tuple[str, ...]:
        row = self.row(ALL, MONTH, "volume")
        if row is None or not row["value"] > 0:
            return ()
        shares = [percent(row[part] / row["value"]) for part in ("regular", "newer", "unknown")]
        return (
            f"Of all lines' {self.volume} {shares[0]} is expected of clients who have bought for more than a year, "
            f"{shares[1]} of other clients, and {shares[2]} of clients who have not bought yet, at the rate of "
            f"recent months.",
        )

    def _this_month(self) -> tuple[str, ...]:
        row = self.row(ALL, REST, "volume")
        if row is None:
            return ()
        before = (
            f"; on its first day {count(row['first_said'])} had been said ({count(row['first_low'])} to "
            f"{count(row['first_high'])})"
            if not np.isnan(row["first_said"])
            else ""
        )
        return (
            f"This month's {self.volume}, corrected on {day(self.as_of)}: {count(row['value'])} "
            f"({percent(LEVEL)} interval {count(row['low'])} to {count(row['high'])}), of which {count(row['came'])} "
            f"has come{before}.",
        )

    def _record(self) -> tuple[str, ...]:
        rows = self.held[self.held["period"] != REST]
        said = [
            f"Of {numbered(row['graded'], 'such interval')} of a past {row['period'].split()[-1]} "
            f"{interval(Estimate(row['share'], row['low'], row['high']), percent)} held what came "
            f"({numbered(row['months'], 'month')}, lines together)."
            for row in rows.to_dict("records")
        ]
        for period in (MONTH, QUARTER):
            row = self.row(ALL, period, "volume")
            if row is not None and row["compared"] > 0:
                said.append(
                    f"For the {period} the plan of all lines' {self.volume} was {_off(row, 'own')} off on average over "
                    f"{numbered(row['compared'], 'past forecast')}, last year's same period {_off(row, 'naive')}, the "
                    f"mean of the last 12 months {_off(row, 'mean')}."
                )
        return tuple(said)

    def _beaten(self) -> tuple[str, ...]:
        """Lines where last year's same period erred no more than the plan."""
        rows = self.rows[(self.rows["compared"] >= LEAST_GRADED) & (self.rows["period"] != REST)]
        if rows.empty:
            return ()
        worse = rows[rows["own_error"] >= rows["naive_error"]]
        names = [
            f"{shortened(row['line'])} ({row['measure'] if row['measure'] == 'orders' else self.volume} of the "
            f"{row['period']})"
            for row in worse.to_dict("records")
        ]
        if not names:
            return (
                "For every line and measure the plan of month and quarter erred less than last year's same period.",
            )
        return (f"Last year's same period erred no more than the plan for {listed(names)}.",)

    def _filled(self) -> tuple[str, ...]:
        if not self.filled:
            return ()
        verb = "has" if self.filled == 1 else "have"
        return (
            f"{numbered(self.filled, 'row')} of orders {verb} no quantity: their line's quantity "
            "for the money stands in.",
        )

    @property
    def correction_sentence(self) -> str:
        """What the correction in mid-month was worth."""
        rows = self.corrections[(self.corrections["line"] == ALL) & (self.corrections["measure"] == "volume")]
        if rows.empty:
            return "What a correction in mid-month is worth we cannot tell: too few past months could be graded."
        row = rows.iloc[0]
        return (
            f"Corrected on day {self.correction_day} by what had come, the plan of a month's {self.volume} was "
            f"{_off(row, 'corrected')} off on average, as made on its first day {_off(row, 'first')} "
            f"(n = {count(row['months'])} months)."
        )

    def _season(self) -> tuple[str, ...]:
        source = self.rows.drop_duplicates("line").set_index("line")["season"]
        none = [shortened(str(line)) for line in source.index[source == "none"]]
        lent = [shortened(str(line)) for line in source.index[source == "all lines"]]
        return (
            *((f"No season is used for {listed(none)}: it takes {SEASON_MONTHS} months of records.",) if none else ()),
            *(
                (f"{listed(lent)}: too short records for a season of its own, that of all lines is used.",)
                if lent
                else ()
            ),
        )


def _off(row: "pd.Series", which: str) -> str:
    """An error with its interval."""
    return interval(Estimate(*(float(row[f"{which}_{part}"]) for part in ("error", "low", "high"))), percent)


def what_to_plan(study: Study) -> PlanAnswer:
    """Plan the month and the quarter by line from the clients' own records.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    PlanAnswer
    """
    ordered = read_orders(study.tables.orders, clients=study.tables.clients, as_of=study.as_of)
    turn = study.as_of.day == 1
    first = study.tables.orders["order_date"].min()
    today = origins_until(study.as_of, first=first)
    ahead = _ahead(today, turn=turn)
    made = plans(ordered, origins=today, periods=tuple(ahead.values()))
    days = origins_until(study.as_of, first=first, on=PLAN_DAY if turn else 1)
    other = plans(ordered, origins=days, periods=(_rest_of_month(days),)) if len(days) else {}
    rows, corrections, past, told = [], [], [], []
    for line, log in ordered.logs.items():
        of_line = dict(zip(ahead, made[line], strict=True))
        counterpart = other[line][0] if other else None
        month, rest = (of_line[MONTH], counterpart) if turn else (counterpart, of_line[REST])
        rows += [row for period, plan in of_line.items() for row in _rows(line, period, plan, log, month)]
        told += [grades(period, plan) for period, plan in of_line.items()]
        past += past_months(line, of_line[MONTH] if month is None else month, log, today[-1])
        if month is not None and rest is not None:
            corrections += corrections_of(line, month, rest, log, until=int(today[-1]))
    return PlanAnswer(
        as_of=study.as_of,
        volume=ordered.volume,
        rows=pd.DataFrame(rows, columns=list(_COLUMNS)),
        held=held_by_period(pd.concat(told, ignore_index=True)),
        corrections=pd.DataFrame(corrections, columns=list(CORRECTED)),
        correction_day=PLAN_DAY if turn else study.as_of.day,
        past=pd.DataFrame(past, columns=list(PAST)),
        filled=ordered.filled,
    )


def _ahead(origins: Ints, *, turn: bool) -> dict[str, Ahead]:
    """Periods of plans made on these days; on the first of a month that month is the next one."""
    month = month_of(origins) + (0 if turn else 1)
    after = {
        MONTH: Ahead(first_of(month), first_of(month + 1)),
        QUARTER: Ahead(first_of(month), first_of(month + 3)),
    }
    return after if turn else {REST: _rest_of_month(origins), **after}


def _rest_of_month(origins: Ints) -> Ahead:
    return Ahead(origins, first_of(month_of(origins) + 1))


def _rows(line: str, period: str, plan: Plan, log: OrderLog, month: Plan | None) -> list[dict[str, object]]:
    """Lay out the period to come of each measure, with the record of its kind."""
    begin, end = plan.ahead.begins[-1:], plan.ahead.ends[-1:]
    before, mean = year_before(log, plan.ahead), mean_of_year(log, plan)
    so_far = ordered_between(log, first_of(month_of(begin)), begin)[:, 0] if period == REST else np.zeros(2)
    rows = []
    for place, measure in enumerate(MEASURES):
        made = plan.orders if place == 0 else plan.volume
        graded = np.isfinite(made.seen) & np.isfinite(made.low)
        silent = graded.sum() < LEAST_GRADED or not np.isfinite(made.value[-1])
        first = getattr(month, measure) if period == REST and month is not None else None
        said = [each[-1] for each in (first.value, first.low, first.high)] if first is not None else [np.nan] * 3
        told = [made.value, made.low, made.high, made.regular, made.newer, made.unknown]
        figures = [np.nan if silent else float(each[-1]) for each in told]
        figures[:3] = [figure + so_far[place] for figure in figures[:3]]
        names = ("value", "low", "high", "regular", "newer", "unknown")
        rows.append(
            {
                "line": line,
                "period": period,
                "begin": as_day(first_of(month_of(begin))[0] if period == REST else begin[0]),
                "end": as_day(end[0]),
                "measure": measure,
                **dict(zip(names, figures, strict=True)),
                "came": so_far[place] if period == REST else np.nan,
                **dict(zip(("first_said", "first_low", "first_high"), said, strict=True)),
                "season": plan.season,
                **graded_beside(period, plan, made, before=before[place], mean=mean[place]),
            }
        )
    return rows

"""What do the surveys say, for whom, how sure is it, and did it move?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.books import Books, books_by, index_figures
from churnlab.answers.invitations import SERIES, answers_given, latest, longest, rows_of, series_name, votes
from churnlab.answers.overview import what_do_we_have
from churnlab.answers.placed import bought_before, manager_of_the_time
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, points
from churnlab.lifetime import Estimate
from churnlab.surveys import (
    IndexChange,
    NetPromoter,
    clustered_nps,
    index_change,
    nps,
    promoter_classes,
    weighted_nps,
)

LIKE_THESE = "clients like these"
PRESENT = "our present clients"
ALL_ANSWERS = "all answers"
BY_SALES = "counted by sales"

_PLACE = [*SERIES, "period"]
_READ = [*_PLACE, "reading", "n", "nps", "low", "high", "faint"]
_MOVED = [*SERIES, "before", "after", "both", "n", "value", "low", "high", "p_value", "told", "seen", "faint"]
_LINES, _MANAGERS = ("product line", "product lines"), ("manager", "managers")


@dataclass(frozen=True, slots=True)
class ListeningAnswer:
    """What the surveys say.

    Attributes
    ----------
    surveyed, scored : bool
        Whether there are surveys, and recommendation scores in them.
    trend : DataFrame
        ``wave``, ``mode``, ``period`` (year), ``n``, ``nps``, ``low``, ``high``: the wave and mode with the most
        answers, years with enough of them; empty where there is none.
    readings : DataFrame
        ``wave``, ``mode``, ``period``, ``reading``, ``n``, ``nps``, ``low``, ``high`` (NaN where too few), ``faint``:
        the last year of every wave and mode, read four ways: one vote a client with the interval for clients like
        these; votes of clients that are still with us with the interval for exactly these, left out where the year
        had ended more than a year before the study; every answer, clustered over clients; and one vote a client
        counted by its net sales of the 12 months before the period's end.
    present : int
        Clients not known to have left.
    moved : IndexChange
        Index of the trend's last year less that of the year before, points.
    movements : DataFrame
        ``wave``, ``mode``, ``before``, ``after`` (years), ``both`` (clients that voted in both), ``n`` (votes of the
        year with fewer), ``value``, ``low``, ``high``, ``p_value``, ``told``, ``seen`` (as in `IndexChange`; NaN
        under ten votes), ``faint``: the last two years of every wave and mode.
    lines, managers : Books
        Index by the clients' main line of the 12 months before the period's end, and by their manager of the time,
        without answers that this manager asked for.
    """

    surveyed: bool
    scored: bool
    trend: pd.DataFrame
    readings: pd.DataFrame
    present: int
    moved: IndexChange
    movements: pd.DataFrame
    lines: Books
    managers: Books

    @property
    def headline(self) -> str:
        """The index of the wave and mode with the most answers."""
        if not self.surveyed:
            return "We cannot say what clients think: there are no surveys."
        if not self.scored:
            return "We cannot say whether clients would recommend us: there are no recommendation scores."
        if self.trend.empty:
            return "We cannot say whether clients would recommend us: too few of them answered in any year."
        last = self.trend.iloc[-1]
        return (
            f"Net promoter index of the {series_name(last)} wave, {last['period']}: "
            f"{interval(Estimate(last['nps'], last['low'], last['high']), points)}, {count(last['n'])} clients."
        )

    @property
    def main_readings(self) -> pd.DataFrame:
        """The readings of the trend's last year; empty where there is none."""
        return self.readings if self.trend.empty else rows_of(self.readings, self.trend.iloc[-1])

    @property
    def population_sentence(self) -> str:
        """For whom the index and its interval speak."""
        if self.trend.empty:
            return self.headline
        said = f"That interval is for {LIKE_THESE}, of whom there could be any number. For"
        year = self.trend["period"].iloc[-1]
        if PRESENT not in set(self.main_readings["reading"]):
            return (
                f"{said} {PRESENT} we cannot say: the votes are of {year}, which had ended more than a year before "
                "the day of this study."
            )
        row = self._reading(PRESENT)
        if np.isnan(row["nps"]):
            return (
                f"{said} {PRESENT} we cannot say: {count(row['n'])} of {count(self.present)} voted in {year}, too few."
            )
        return (
            f"{said} exactly {PRESENT}, as they voted in {year}, {count(row['n'])} of {count(self.present)} of them, "
            f"the index is {_index(row)}, if those who did not vote are like them; next year's clients need not be."
        )

    @property
    def reading_sentences(self) -> tuple[str, ...]:
        """The index where every answer counts, and where sales count."""
        if self.trend.empty:
            return (self.headline,)
        every, sales = self._reading(ALL_ANSWERS), self._reading(BY_SALES)
        contacts = f"Over all {count(every['n'])} answers, a client's own taken together in the interval"
        weighed = f"Counted by sales of the 12 months before the period's end, {count(sales['n'])} clients"
        return tuple(
            f"{said}: we cannot say, too few." if np.isnan(row["nps"]) else f"{said}: {_index(row)}{_few(row)}."
            for said, row in ((contacts, every), (weighed, sales))
        )

    @property
    def trend_sentence(self) -> str:
        """Whether the index moved."""
        if len(self.trend) < 2:
            return "We cannot say whether the index moved: fewer than two years have enough answers."
        before, last = self.trend["period"].iloc[-2:]
        said = (
            f"In the {series_name(self.trend.iloc[-1])} wave the index of {last} less that of {before} is "
            f"{interval(Estimate(self.moved.value, self.moved.low, self.moved.high), points)}, over "
            f"{count(self.moved.both)} clients that voted in both years and "
            f"{count(self.moved.before_only + self.moved.after_only)} that voted in one"
        )
        if self.moved.low > 0 or self.moved.high < 0:
            return f"{said}: it {'rose' if self.moved.value > 0 else 'fell'} ({_chance(self.moved.p_value)})."
        return f"{said}: we cannot tell whether it moved ({_chance(self.moved.p_value)})."

    @property
    def noise_sentence(self) -> str:
        """The smallest change that could have been told from noise."""
        if len(self.trend) < 2:
            return self.trend_sentence
        return (
            f"With these votes a change of less than {self.moved.told:.0f} points cannot be told from noise, and it "
            f"takes a true one of {self.moved.seen:.0f} to be told four times in five."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if self.trend.empty:
            return (self.headline,)
        return (
            self.headline,
            self.population_sentence,
            *self.reading_sentences,
            self.trend_sentence,
            *((self.noise_sentence,) if len(self.trend) > 1 else ()),
            self.lines.sentence,
            self.managers.sentence,
        )

    def _reading(self, reading: str) -> "pd.Series[float]":
        main = self.main_readings
        return main[main["reading"] == reading].iloc[0]


def what_do_the_surveys_say(study: Study) -> ListeningAnswer:
    """Read the index from the surveys: for whom, by line and manager, and whether it moved.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    ListeningAnswer
    """
    surveys = study.tables.surveys
    index = study.ask(what_do_we_have).nps
    scored = surveys is not None and len(index) > 0
    trend, last = longest(index), latest(index)
    if len(trend):
        last = pd.concat([rows_of(last, trend.iloc[-1]), last]).drop_duplicates(_PLACE, ignore_index=True)
    lives = study.lives().frame
    present = set(lives.drop_duplicates("client_id", keep="last").query("left_on.isna()")["client_id"])
    if surveys is None or not scored:
        nobody = pd.DataFrame({name: [] for name in (*_PLACE, "client_id", "recommend")})
        lines, managers = (books_by(nobody, None, last, words=words) for words in (_LINES, _MANAGERS))
        readings, moves = pd.DataFrame({name: [] for name in _READ}), []
    else:
        cast = votes(surveys)
        ours = cast.merge(last[_PLACE], on=_PLACE)  # no other years are asked what was bought
        bought = bought_before(study.tables.orders, ours["client_id"], _ends(ours["period"], study.as_of))
        sales = ours.assign(sales=bought["sales"].clip(lower=0))
        readings = _readings(surveys, sales, last, present=present, as_of=study.as_of)
        lines = books_by(ours, bought["line"] if "product_line" in study.tables.orders else None, last, words=_LINES)
        managers = _by_manager(study, surveys, last)
        moves = _movements(cast, index)
    return ListeningAnswer(
        surveyed=surveys is not None,
        scored=scored,
        trend=trend,
        readings=readings,
        present=len(present),
        moved=_moved(votes(surveys), trend) if surveys is not None and len(trend) > 1 else index_change([], []),
        movements=pd.DataFrame(moves, columns=_MOVED),
        lines=lines,
        managers=managers,
    )


def _ends(period: "pd.Series[int]", as_of: pd.Timestamp) -> "pd.Series[pd.Timestamp]":
    """First day after each period, and no later than the study's."""
    first = pd.to_datetime((period + 1).astype("str") + "-01-01")
    return first.where(first < as_of, as_of)


def _readings(
    surveys: pd.DataFrame, cast: pd.DataFrame, last: pd.DataFrame, *, present: set[str], as_of: pd.Timestamp
) -> pd.DataFrame:
    """The index of the last year of every wave and mode, read four ways; not of the present by old votes."""
    every, rows = answers_given(surveys), []
    old = _ends(last["period"], as_of) < as_of - pd.DateOffset(years=1)
    for (_, row), too_old in zip(last.iterrows(), old, strict=True):
        one, all_ = rows_of(cast, row), rows_of(every, row)
        ours = one[one["client_id"].isin(present)]
        found: dict[str, NetPromoter] = {
            LIKE_THESE: nps(*promoter_classes(one["recommend"])),
            PRESENT: nps(*promoter_classes(ours["recommend"]), population=len(present)),
            ALL_ANSWERS: clustered_nps(all_["recommend"], all_["client_id"].factorize()[0]),
            BY_SALES: weighted_nps(one["recommend"], one["sales"]),
        }
        rows += [
            (*row[_PLACE], reading, *index_figures(index))
            for reading, index in found.items()
            if not (too_old and reading == PRESENT)
        ]
    return pd.DataFrame(rows, columns=_READ)


def _by_manager(study: Study, surveys: pd.DataFrame, last: pd.DataFrame) -> Books:
    """Index by manager of the time; answers that this manager asked for are kinder, or may be, and are left out."""
    manager = manager_of_the_time(surveys, study.tables)
    if manager is None:
        return books_by(votes(surveys), None, last, words=_MANAGERS)
    asked_by = surveys["asked_by"] if "asked_by" in surveys else pd.Series(None, index=surveys.index, dtype="str")
    own = (asked_by == manager).fillna(value=False).astype(bool)
    cast = votes(surveys.assign(manager=manager)[~own])
    unknown, dropped = (
        len(answers_given(surveys[rows]).merge(last[_PLACE], on=_PLACE)) for rows in (asked_by.isna(), own)
    )
    note = [f"Left out: {count(dropped)} answers of these years that the client's own manager asked for."]
    kept = f"Of {count(unknown)} answers of these years it is not known who asked: any that the client's own manager "
    kept += "asked for are counted, and may be kinder."
    said = [*note[: bool(dropped)], *[kept][: bool(unknown)]]
    return books_by(cast, cast["manager"], last, words=_MANAGERS, note=" ".join(said))


def _moved(cast: pd.DataFrame, years: pd.DataFrame) -> IndexChange:
    """Index of the last two of these years against one another; one client may have voted in both."""
    sides = [rows_of(cast, row).set_index("client_id")["recommend"] for _, row in years.iloc[-2:].iterrows()]
    both = pd.concat(sides, axis=1, keys=("before", "after"))
    return index_change(both["before"], both["after"])


def _movements(cast: pd.DataFrame, index: pd.DataFrame) -> list[tuple[object, ...]]:
    """How far every wave and mode moved between its last two years with enough votes."""
    rows: list[tuple[object, ...]] = []
    for _, years in index.dropna(subset="nps").groupby(SERIES):
        if len(years) > 1:
            found, last = _moved(cast, years), years.iloc[-1]
            figures = (found.value, found.low, found.high, found.p_value, found.told, found.seen)
            places = (last["wave"], last["mode"], *years["period"].iloc[-2:])
            rows.append((*places, found.both, found.n, *figures, found.faint))
    return rows


def _index(row: "pd.Series[float]") -> str:
    return interval(Estimate(row["nps"], row["low"], row["high"]), points)


def _few(row: "pd.Series[float]") -> str:
    return " (few)" if row["faint"] else ""


def _chance(p_value: float) -> str:
    """Test in words."""
    return "p below 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"

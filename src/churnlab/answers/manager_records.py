"""How managers' books fare: retention, index and attention, drawn together, and orders held back over months' ends?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t

from churnlab.accounts import HeldBack, held_back, shrunk_means, shrunk_rates
from churnlab.accounts.shrinkage import LEAST_GROUPS
from churnlab.answers.account_book import account_book, managers_today
from churnlab.answers.lifetime import main_lines
from churnlab.answers.shares import ratio
from churnlab.answers.study import Study
from churnlab.answers.words import count, decimal, interval, listed, percent, points, shortened
from churnlab.history.departures import DAYS_PER_MONTH
from churnlab.lifetime import Estimate
from churnlab.surveys import votes

LEAST_CLIENTS = 5
"""With fewer answering clients no manager's score is given."""

EDGE_DAYS = 5
"""Days before and after the end of a month in which orders are compared."""

_RECENT_DAYS = 730
_WATCHED_MONTHS = 36
_LEVEL = 0.95
_COLUMNS = ("manager_id", "clients", "answers", "own", "value", "low", "high", "apart")


@dataclass(frozen=True, slots=True, eq=False)
class RecordsAnswer:
    """What became of managers' books.

    Attributes
    ----------
    retention : DataFrame
        ``manager_id``, ``months`` (client-months watched), ``left``, ``expected`` (by what they buy), ``value``,
        ``low``, ``high`` (departures against expected, drawn together), ``apart`` (whether the interval leaves out 1),
        by manager_id; empty where nothing names managers, or fewer than three.
    index, attention : DataFrame
        ``manager_id``, ``clients``, ``answers``, ``own`` (figure of the book alone), ``value``, ``low``, ``high``
        (drawn together), ``apart`` (whether the interval leaves out the common figure), by manager_id: net promoter
        index in points, and mean score of attention, 0 to 10, of the last 730 days.
    common_index, common_attention : float
        What they are drawn towards; NaN where there are none.
    asked_own : int
        Answers left out because the client's own manager had asked.
    held : DataFrame
        ``manager_id``, ``clients``, ``orders``, ``shift``, ``low``, ``high``, ``chance``, ``named``, ``visible`` (shift
        that would be named in four of five books): orders after the
        end of months rather than before, against the other managers' clients.
    unnamed : bool
        Whether nothing names a manager.
    """

    retention: pd.DataFrame
    index: pd.DataFrame
    attention: pd.DataFrame
    common_index: float
    common_attention: float
    asked_own: int
    held: pd.DataFrame
    unnamed: bool

    @property
    def retention_sentence(self) -> str:
        """Whose clients leave more or less often."""
        if self.retention.empty:
            return "Whose clients leave more often we cannot say: fewer than three managers are known."
        apart = self.retention[self.retention["apart"]]
        of = f"{count(self.retention['left'].sum())} departures of the last {_WATCHED_MONTHS} months"
        if apart.empty:
            return (
                f"Whose clients leave more often we cannot tell: over {of}, drawn together, every manager's interval "
                "holds the common rate."
            )
        named = [
            f"{shortened(row['manager_id'])} {interval(Estimate(row['value'], row['low'], row['high']))} times the "
            "common rate"
            for row in apart.to_dict("records")
        ]
        return f"Over {of}, drawn together: {listed(named)}. Their clients differ too, so this grades nobody."

    def score_sentence(self, kind: str) -> str:
        """Whose clients answer higher or lower: ``"index"`` or ``"attention"``."""
        table = self.index if kind == "index" else self.attention
        common = self.common_index if kind == "index" else self.common_attention
        what, form = ("net promoter index", points) if kind == "index" else ("score of attention", decimal)
        if table.empty:
            return f"Whose clients have a higher {what} we cannot say: fewer than three managers have enough answers."
        apart = table[table["apart"]]
        if apart.empty:
            return (
                f"Whose clients have a higher {what} we cannot tell: drawn together, every manager's interval holds "
                f"the common {form(common)}. Small books differ by luck."
            )
        named = [
            f"{shortened(row['manager_id'])} {interval(Estimate(row['value'], row['low'], row['high']), form)}"
            for row in apart.to_dict("records")
        ]
        return (
            f"In {what}, drawn together, {listed(named)} {'lies' if len(named) == 1 else 'lie'} apart from the common "
            f"{form(common)}. Their clients differ too, so this grades nobody."
        )

    @property
    def held_sentence(self) -> str:
        """Whether orders seem held back."""
        tested = self.held.dropna(subset="chance")
        if tested.empty:
            return (
                "Whether orders are held back into the next month we cannot say: managers or their orders are too few."
            )
        named = tested[tested["named"]]
        if named.empty:
            ends = f"{percent(tested['visible'].min())} to {percent(tested['visible'].max())}"
            return (
                f"Whether orders are held back over the end of the month we cannot tell: of {count(len(tested))} "
                f"managers who took orders around it none has more in the {EDGE_DAYS} days after it, against the "
                f"{EDGE_DAYS} before, than the others' clients, beyond chance. A shift of {ends} of them would be "
                "named in four of five such books."
            )
        told = [
            f"{shortened(row['manager_id'])} by {interval(Estimate(row['shift'], row['low'], row['high']), percent)}"
            for row in named.to_dict("records")
        ]
        return (
            f"More orders right after the end of a month than before it, against the other managers' clients: "
            f"{listed(told)}. Clients' habits may do the same: ask before judging."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if self.unnamed:
            return ("How managers' books fare we cannot say: neither clients nor orders name a manager.",)
        own = f"{count(self.asked_own)} answers that the client's own manager asked for are left out."
        return (
            self.retention_sentence,
            self.score_sentence("index"),
            self.score_sentence("attention"),
            *((own,) if self.asked_own else ()),
            self.held_sentence,
        )


def how_do_managers_books_fare(study: Study) -> RecordsAnswer:
    """Compare managers' books, drawn together so that small ones are not ranked by luck.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    RecordsAnswer
    """
    manager = managers_today(study)
    index, common_index, own = _scores(study, manager, "recommend")
    attention, common_attention, _ = _scores(study, manager, "attention")
    return RecordsAnswer(
        retention=_retention(study, manager),
        index=index,
        attention=attention,
        common_index=common_index,
        common_attention=common_attention,
        asked_own=own,
        held=_held(study, manager),
        unnamed=manager.empty,
    )


def _retention(study: Study, manager: "pd.Series[str]") -> pd.DataFrame:
    """Departures of each manager's clients against those that their lines expect, over the last three years."""
    columns = ["manager_id", "months", "left", "expected", "value", "low", "high", "apart"]
    nothing = pd.DataFrame({name: [] for name in columns})
    lives = study.lives().frame
    begin = study.as_of - pd.DateOffset(months=_WATCHED_MONTHS)
    watched = lives[lives["observed_until"] > begin].copy()
    entry = watched["first_order"].where(watched["first_order"] > begin, begin)
    watched["months"] = (watched["observed_until"] - entry).dt.days.clip(lower=0) / DAYS_PER_MONTH
    watched["left"] = watched["left_on"].notna()
    line = main_lines(study.tables.orders)
    watched["line"] = "all" if line.empty else watched["client_id"].map(line).fillna("no line")
    watched["manager_id"] = watched["client_id"].map(manager)
    by_line = watched.groupby("line")[["left", "months"]].sum()
    watched["expected"] = watched["months"] * watched["line"].map(by_line["left"] / by_line["months"])
    frame = watched.groupby("manager_id", as_index=False)[["months", "left", "expected"]].sum()
    frame = frame[frame["expected"] > 0].reset_index(drop=True)
    if len(frame) < LEAST_GROUPS:
        return nothing
    found = shrunk_rates(frame["left"], frame["expected"])
    return frame.assign(value=found.value, low=found.low, high=found.high, apart=found.apart)[columns]


def _scores(study: Study, manager: "pd.Series[str]", column: str) -> tuple[pd.DataFrame, float, int]:
    """Scores of the last two years by manager, over clients, drawn together; the common one; own answers left out."""
    nothing = pd.DataFrame({name: [] for name in _COLUMNS})
    surveys = study.tables.surveys
    if surveys is None or column not in surveys or manager.empty:
        return nothing, np.nan, 0
    recent = surveys[surveys["survey_date"] >= study.as_of - pd.Timedelta(days=_RECENT_DAYS)]
    active = account_book(study).clients["client_id"]
    given = recent[recent["client_id"].isin(active)].dropna(subset=column)
    given = given.assign(manager_id=given["client_id"].map(manager)).dropna(subset="manager_id")
    mine = given["asked_by"] == given["manager_id"] if "asked_by" in given else pd.Series(data=False, index=given.index)
    mine = mine.fillna(value=False)
    kept = given[~mine]
    score = 100 * votes(kept[column]) if column == "recommend" else kept[column]
    rows = []
    for name, part in kept.assign(score=score).groupby("manager_id"):
        sums = part.groupby("client_id")["score"].agg(["sum", "size"])
        found = ratio(sums["sum"], sums["size"])
        error = (found.high - found.value) / float(t.ppf(0.5 + _LEVEL / 2, len(sums) - 1)) if len(sums) > 1 else 0.0
        if len(sums) >= LEAST_CLIENTS and error > 0:
            rows.append((name, len(sums), len(part), found.value, error))
    if len(rows) < LEAST_GROUPS:
        return nothing, np.nan, int(mine.sum())
    frame = pd.DataFrame(rows, columns=["manager_id", "clients", "answers", "own", "error"])
    drawn = shrunk_means(frame["own"], frame["error"])
    frame = frame.assign(value=drawn.value, low=drawn.low, high=drawn.high, apart=drawn.apart)
    return frame[list(_COLUMNS)], drawn.common, int(mine.sum())


def _held(study: Study, manager: "pd.Series[str]") -> pd.DataFrame:
    """Orders around ends of months, by the manager who took them, else who looks after the client."""
    columns = ["manager_id", "clients", "orders", "shift", "low", "high", "chance", "named", "visible"]
    sold = study.tables.orders
    sold = sold[sold["kind"] == "sale"].drop_duplicates(["client_id", "order_date"])
    taker = sold["manager_id"] if "manager_id" in sold else sold["client_id"].map(manager)
    sold = sold.assign(taker=taker).dropna(subset="taker")
    day = sold["order_date"]
    begins, month = day.dt.day <= EDGE_DAYS, day.dt.year * 12 + day.dt.month
    ends = day.dt.days_in_month - day.dt.day < EDGE_DAYS
    edge = sold[begins | ends].assign(end=month - begins, after=begins)
    if edge["taker"].nunique() < 2:
        return pd.DataFrame({name: [] for name in columns})
    found: HeldBack = held_back(edge["taker"], edge["client_id"], edge["end"], edge["after"])
    told = (found.clients, found.orders, found.shift, found.low, found.high, found.chance, found.named, found.visible)
    return pd.DataFrame(dict(zip(columns, (found.manager, *told), strict=True)))

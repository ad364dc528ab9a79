"""Who looks after whom, with how much time, and how attentive do clients find them?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t

from churnlab.answers.books import ends_apart
from churnlab.answers.dependence import DependenceAnswer, who_do_we_depend_on
from churnlab.answers.shares import ratio
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, shortened
from churnlab.lifetime import Estimate

MOST_KEY = 3
"""More key clients than this are over the trade's rule of thumb."""

SMALL = 0.001
"""A client with a smaller share of all sales counts as small."""

MANY_SMALL = 10
"""A manager of key clients should not have more small ones beside them; the number is ours."""

LEAST_CLIENTS = 5
"""With fewer answering clients no manager's score is given."""

_RECENT_DAYS = 730
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class ManagersAnswer:
    """How clients lie among managers.

    Attributes
    ----------
    managers : DataFrame
        ``manager_id``, ``clients``, ``key``, ``by_volume`` (those of them that are key by volume), ``small``, ``share``
        (of all sales), ``hours`` (a month; NaN where not known), ``over`` (why the manager is over the rule of thumb,
        else empty), by falling share; empty where nothing names a manager.
    alone : int
        Clients without a manager.
    attention : DataFrame
        ``manager_id``, ``clients``, ``answers``, ``score``, ``low``, ``high``: mean attention score of the last 730
        days, with an interval over clients; managers with fewer than ``LEAST_CLIENTS`` answering clients are left out.
    own : int
        Scores left out because the client's own manager had asked.
    scored : bool
        Whether there are attention scores at all.
    told : tuple of str
        Managers with the lowest and the highest score, where they can be told apart; else empty.
    missing : tuple of str
        What is missing, in words.
    """

    managers: pd.DataFrame
    alone: int
    attention: pd.DataFrame
    own: int
    scored: bool
    told: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def load_sentences(self) -> tuple[str, ...]:
        """Who is over the rule of thumb."""
        if self.managers.empty:
            return ("Who looks after whom we cannot say: neither clients nor orders name a manager.",)
        over = self.managers[self.managers["over"] != ""]
        named = [
            f"{shortened(row['manager_id'])} ({row['over']}, {row['by_volume']} by volume)"
            for row in over.to_dict("records")
        ]
        said = [
            f"{len(self.managers)} managers look after {count(self.managers['clients'].sum())} clients that bought in "
            f"the last 12 months. Over the rule of thumb (at most {MOST_KEY} key clients, and not beside many small "
            f"ones): {listed(named) if named else 'nobody'}."
        ]
        if self.alone:
            said.append(f"{count(self.alone)} clients have no manager.")
        return (*said, *self.missing)

    @property
    def attention_sentence(self) -> str:
        """Whether clients rate the managers' attention differently."""
        if not self.scored:
            return "How attentive clients find their managers we cannot say: there are no attention scores."
        if self.managers.empty:
            return "How attentive clients find their managers we cannot say: we do not know whose they are."
        if len(self.attention) < 2:
            return "How attentive clients find their managers we cannot compare: too few clients answered."
        worst, best = self.attention.iloc[-1], self.attention.iloc[0]
        ends = [
            f"{interval(Estimate(row['score'], row['low'], row['high']))} for {shortened(row['manager_id'])}"
            for row in (worst, best)
        ]
        if not self.told:
            return f"Whose attention clients rate higher we cannot tell: scores run from {' to '.join(ends)}."
        return (
            f"Clients rate the attention of {shortened(best['manager_id'])} higher than that of "
            f"{shortened(worst['manager_id'])} "
            f"({listed(ends)}); their clients differ too, so this is no grade of the manager."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        own = (f"{count(self.own)} scores that the client's own manager asked for are left out.",) if self.own else ()
        return (*self.load_sentences, self.attention_sentence, *own)


def who_looks_after_whom(study: Study) -> ManagersAnswer:
    """Count each manager's clients, and compare their attention scores.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    ManagersAnswer
    """
    depends = study.ask(who_do_we_depend_on)
    attention, own, scored = _attention(study, depends)
    led = depends.clients["manager_id"].notna()
    managers, missing = _load(study, depends)
    return ManagersAnswer(
        managers=managers,
        alone=int((~led).sum()) if led.any() else 0,
        attention=attention,
        own=own,
        scored=scored,
        told=_told_apart(attention),
        missing=missing,
    )


def _load(study: Study, depends: DependenceAnswer) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Clients, key and small ones, sales and hours of each manager."""
    led = depends.clients.dropna(subset="manager_id")
    columns = ["manager_id", "clients", "key", "by_volume", "small", "share", "hours", "over"]
    if led.empty:
        return pd.DataFrame({name: [] for name in columns}), ()
    total = depends.clients["sales"].sum()
    key = led[led["group"].isin(depends.key["group"])]
    frame = led.groupby("manager_id").agg(clients=("client_id", "size"), share=("sales", "sum"))
    frame["share"] /= total
    marks = depends.key.set_index("group")["marks"]
    volume = key[key["group"].map(marks).str.contains("sales", regex=False)]
    frame["key"] = key.groupby("manager_id")["group"].nunique()
    frame["by_volume"] = volume.groupby("manager_id")["group"].nunique()
    frame["small"] = led[led["sales"] < SMALL * total].groupby("manager_id").size()
    frame[["key", "by_volume", "small"]] = frame[["key", "by_volume", "small"]].fillna(0).astype(int)
    table = study.tables.managers
    known = table is not None and "hours_per_month" in table
    hours = table.set_index("manager_id")["hours_per_month"] if table is not None and known else pd.Series(dtype=float)
    frame["hours"] = hours.reindex(frame.index).astype("float64")
    frame["over"] = [_over(int(key), int(small)) for key, small in zip(frame["key"], frame["small"], strict=True)]
    frame = frame.reset_index().sort_values(["share", "manager_id"], ascending=[False, True]).reset_index(drop=True)
    missing = () if known else ("How many hours they have we cannot say: there is no managers table with them.",)
    return frame[columns], missing


def _over(key: int, small: int) -> str:
    """Why a manager is over the rule of thumb; empty where it is not."""
    if key > MOST_KEY:
        return f"{key} key clients"
    return f"{key} key beside {small} small" if key and small > MANY_SMALL else ""


def _attention(study: Study, depends: DependenceAnswer) -> tuple[pd.DataFrame, int, bool]:
    """Mean attention score by manager, over clients; and how many scores the own manager had asked for."""
    nothing = pd.DataFrame({name: [] for name in ("manager_id", "clients", "answers", "score", "low", "high")})
    surveys = study.tables.surveys
    if surveys is None or "attention" not in surveys or surveys["attention"].isna().all():
        return nothing, 0, False
    recent = surveys[surveys["survey_date"] >= study.as_of - pd.Timedelta(days=_RECENT_DAYS)]
    manager = recent["client_id"].map(depends.clients.set_index("client_id")["manager_id"])
    given = recent.assign(manager_id=manager).dropna(subset=["attention", "manager_id"])
    own = given["asked_by"] == given["manager_id"] if "asked_by" in given else pd.Series(data=False, index=given.index)
    rows = []
    for name, group in given[~own.fillna(value=False)].groupby("manager_id"):
        sums = group.groupby("client_id")["attention"].agg(["sum", "size"])
        if len(sums) >= LEAST_CLIENTS:
            score = ratio(sums["sum"], sums["size"])
            rows.append((name, len(sums), len(group), score.value, max(0.0, score.low), min(10.0, score.high)))
    frame = pd.DataFrame(rows, columns=list(nothing.columns)) if rows else nothing
    frame = frame.sort_values(["score", "manager_id"], ascending=[False, True]).reset_index(drop=True)
    return frame, int(own.sum()), True


def _told_apart(attention: pd.DataFrame) -> tuple[str, ...]:
    """Managers with the lowest and the highest score, where intervals do not overlap and chance is not enough.

    The highest of several means lies above the lowest by chance alone.
    """
    if len(attention) < 2 or attention["high"].iloc[-1] >= attention["low"].iloc[0]:
        return ()
    spare = attention["clients"].to_numpy(dtype=np.float64) - 1
    low, score, high = attention[["low", "score", "high"]].to_numpy(dtype=np.float64).T
    half = np.maximum(high - score, score - low)  # an end may stand at 0 or 10
    apart = ends_apart(score, half / t.ppf(0.5 + _LEVEL / 2, spare), spare)
    return tuple(attention["manager_id"].iloc[[-1, 0]]) if apart else ()

"""Who waits for us: poor or falling scores that nobody followed up, and clients whom nobody has asked."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from churnlab.answers.invitations import UNKNOWN_MODE, asked, unrecorded
from churnlab.answers.placed import manager_of_the_time
from churnlab.answers.study import Study
from churnlab.answers.words import count, listed

LOOKED_BACK_MONTHS: Final = 12
"""Scores older than this wait no more."""

FALL: Final = 2.0
"""A score counts as falling if it lies so many points under the one before in the same wave and mode."""

BEFORE_MONTHS: Final = 18
"""The one before is not compared with if it is older than this when the score is given: a wave comes once a year."""

SPANS: Final = {"month": 1, "quarter": 3, "year": 12}
FOLLOWING: Final = ("call", "visit")
"""Touches that count as following up."""

_SPOKEN = ("phone", "visit")  # asked so, the call or visit of the day is the asking itself

_NOT_ASKED = ("client_id", "asked_on", "days", "manager_id", "amount")
_WAITING = ("client_id", "why", "score", "score_before", "survey_date", "days", "manager_id", "amount")


@dataclass(frozen=True, slots=True)
class FollowUpAnswer:
    """Scores that wait for somebody, and who has not been asked.

    Attributes
    ----------
    surveyed, scored, touched : bool
        Whether there are surveys, recommendation scores in them, and a table of touches.
    recorded : bool
        Whether invitations without an answer are recorded of every wave; else to be asked means to have answered here.
    low, falling : int
        Active clients whose last score of the last 12 months is that of a detractor; or fell, and is not.
    waiting : DataFrame
        ``client_id``, ``why`` ("detractor" or "falling"), ``score``, ``score_before`` (same wave and mode; NaN if there
        is none of the ``BEFORE_MONTHS`` before it), ``survey_date``, ``days`` since, ``manager_id`` (of the last order,
        else of the clients table; missing where not known) and ``amount`` (net sales of the last 12 months), by falling
        amount: those of them without a call or visit since the day of the score; all of them where touches are not
        recorded.
    active : int
        Clients that are not known to have left.
    unasked : DataFrame
        ``span`` (month, quarter, year), ``clients``: active clients without an invitation in it.
    not_asked : DataFrame
        ``client_id``, ``asked_on`` (last invitation; missing if none), ``days`` since, ``manager_id`` and ``amount``
        as above, by falling amount: those of them not asked in the last month.
    """

    surveyed: bool
    scored: bool
    touched: bool
    recorded: bool
    low: int
    falling: int
    waiting: pd.DataFrame
    active: int
    unasked: pd.DataFrame
    not_asked: pd.DataFrame

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        if not self.scored:
            said = "Whose score waits for an answer we cannot say: there are no recommendation scores."
            return (said, self.unasked_sentence) if self.surveyed else (said,)
        poor = (
            f"{count(self.low)} active clients last gave a detractor's score in the last {LOOKED_BACK_MONTHS} months "
            f"and {count(self.falling)} one that is {FALL:g} points or more below their score of the {BEFORE_MONTHS} "
            "months before it"
        )
        if not self.touched:
            return (
                f"{poor}; whether anybody spoke to them we cannot say: touches are not recorded.",
                self.unasked_sentence,
            )
        return (
            f"{poor}; {count(len(self.waiting))} of them have had no call and no visit since.",
            self.unasked_sentence,
        )

    @property
    def unasked_sentence(self) -> str:
        """How many have not been asked."""
        spans = zip(self.unasked["span"], self.unasked["clients"], strict=True)
        parts = [f"{count(clients)} in the last {span}" for span, clients in spans]
        if self.recorded:
            return f"Of {count(self.active)} active clients these have not been asked: {listed(parts)}."
        return (
            f"Of {count(self.active)} active clients these are not known to have been asked, since who was asked and "
            f"did not answer is not recorded everywhere: {listed(parts)}."
        )

    @property
    def unasked_caption(self) -> str:
        """What the clients of `not_asked` have in common."""
        asked = "not asked" if self.recorded else "not known to have been asked"
        return f"Active clients {asked} for a month, largest clients first"


def who_waits_for_us(study: Study) -> FollowUpAnswer:
    """Find scores that nobody followed up, and clients whom nobody has asked.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    FollowUpAnswer
    """
    lives, surveys, touches = study.lives().frame, study.tables.surveys, study.tables.touches
    active = pd.Index(lives.loc[lives["left_on"].isna(), "client_id"].unique())
    last = _last_asked(surveys, active)
    late = {span: ~(last >= study.as_of - pd.DateOffset(months=months)) for span, months in SPANS.items()}
    unasked = pd.DataFrame({"span": list(late), "clients": [int(missed.sum()) for missed in late.values()]})
    silent = pd.DataFrame({"client_id": active, "asked_on": last.to_numpy()})[late["month"].to_numpy()]
    scored = surveys is not None and "recommend" in surveys and bool(surveys["recommend"].notna().any())
    if surveys is None or not scored:
        told = pd.DataFrame({"client_id": [], "why": [], "score": [], "score_before": []}).astype({"client_id": "str"})
        told = waiting = told.assign(survey_date=pd.to_datetime([]), mode="")
    else:
        told = _last_scores(surveys, since=study.as_of - pd.DateOffset(months=LOOKED_BACK_MONTHS))
        told = told[told["client_id"].isin(active)]
        waiting = told if touches is None else told[~_followed(told, touches)]
    return FollowUpAnswer(
        surveyed=surveys is not None,
        scored=scored,
        touched=touches is not None,
        recorded=not unrecorded(surveys),
        low=int((told["why"] == "detractor").sum()),
        falling=int((told["why"] == "falling").sum()),
        waiting=_by_sales(waiting, study, since="survey_date")[list(_WAITING)],
        active=len(active),
        unasked=unasked,
        not_asked=_by_sales(silent, study, since="asked_on")[list(_NOT_ASKED)],
    )


def _last_scores(surveys: pd.DataFrame, *, since: pd.Timestamp) -> pd.DataFrame:
    """Last score of each client since a day, if it is a detractor's or fell."""
    mode = surveys["mode"].fillna(UNKNOWN_MODE) if "mode" in surveys else UNKNOWN_MODE
    given = surveys.assign(mode=mode).dropna(subset="recommend").sort_values("survey_date", kind="stable")
    own = given.groupby(["client_id", "wave", "mode"])
    fresh = own["survey_date"].shift() >= given["survey_date"] - pd.DateOffset(months=BEFORE_MONTHS)
    before = own["recommend"].shift().where(fresh)
    last = given.assign(score=given["recommend"], score_before=before).groupby("client_id").tail(1)
    last = last[last["survey_date"] >= since]
    why = pd.Series("", index=last.index, dtype="str")
    why = why.mask(last["score"] <= last["score_before"] - FALL, "falling").mask(last["score"] < 7, "detractor")
    return last.assign(why=why)[why != ""].reset_index(drop=True)


def _followed(told: pd.DataFrame, touches: pd.DataFrame) -> "pd.Series[bool]":
    """Whether there was a call or visit later, or on the very day if the score itself was not given in one."""
    latest = told["client_id"].map(touches[touches["kind"].isin(FOLLOWING)].groupby("client_id")["date"].max())
    spoken = told["mode"].isin(_SPOKEN)
    return (latest > told["survey_date"]) | (~spoken & (latest == told["survey_date"]))


def _last_asked(surveys: pd.DataFrame | None, active: pd.Index) -> "pd.Series[pd.Timestamp]":
    """Day of the last invitation of each active client; missing where there is none."""
    if surveys is None:
        return pd.Series(pd.NaT, index=active, dtype="datetime64[us]")
    return asked(surveys).groupby("client_id")["survey_date"].max().reindex(active)


def _by_sales(frame: pd.DataFrame, study: Study, *, since: str) -> pd.DataFrame:
    """Clients with the days since, their manager and their sales, the largest first."""
    found = frame.assign(
        days=(study.as_of - frame[since]).dt.days.astype("Int64"),
        manager_id=managers_now(study, frame["client_id"]),
        amount=frame["client_id"].map(_sales(study)).fillna(0.0),
    )
    return found.sort_values(["amount", "client_id"], ascending=[False, True], ignore_index=True)


def _sales(study: Study) -> "pd.Series[float]":
    """Net sales of the last 12 months by client."""
    orders = study.tables.orders
    recent = orders[orders["order_date"] >= study.as_of - pd.DateOffset(months=12)]
    return recent.groupby("client_id")["amount"].sum()


def managers_now(study: Study, client: "pd.Series[str]") -> "pd.Series[str]":
    """Who looks after clients now: by their last order, else by the clients table.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    client : Series of str
        Whose.

    Returns
    -------
    Series of str
        Aligned with `client`; missing where not known.
    """
    now = pd.Series(study.as_of, index=client.index).astype(study.tables.orders["order_date"].dtype)
    found = manager_of_the_time(pd.DataFrame({"client_id": client, "survey_date": now}), study.tables)
    return pd.Series(None, index=client.index, dtype="str") if found is None else found

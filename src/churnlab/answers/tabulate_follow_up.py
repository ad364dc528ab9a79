"""Changes, and scores that wait for somebody, laid out as tables for readers."""

import pandas as pd

from churnlab.answers.follow_up import FollowUpAnswer
from churnlab.answers.mended import RECOMMENDATION, MendedAnswer
from churnlab.answers.study import Study
from churnlab.answers.words import compact, count, day, decimal, money, shortened
from churnlab.lifetime import Estimate

_VERDICTS = {"too few": "too few to say", "not rated": "no such scores", "cannot tell": "we cannot tell"}
_MOST_ROWS = 15


def changes(found: MendedAnswer) -> pd.DataFrame:
    """Answers after each change against those before."""
    rows = [
        (
            shortened(row["what"]),
            day(row["date"]),
            shortened(row["concerned"]),
            "recommendation" if row["factor"] == RECOMMENDATION else shortened(row["factor"]),
            count(row["clients"]),
            compact(Estimate(row["difference"], row["low"], row["high"]), decimal),
            _VERDICTS.get(row["verdict"], row["verdict"]),
        )
        for row in found.changes.to_dict("records")
    ]
    names = ["change", "from", "concerns", "answers on", "clients", "after less before, points", "verdict"]
    return pd.DataFrame(rows, columns=names)


def waiting(found: FollowUpAnswer, study: Study) -> pd.DataFrame:
    """The largest clients whose score waits for somebody."""
    rows = [
        (
            study.label(row["client_id"]),
            row["why"],
            f"{row['score']:g}",
            None if pd.isna(row["score_before"]) else f"{row['score_before']:g}",
            day(row["survey_date"]),
            None if pd.isna(row["manager_id"]) else shortened(row["manager_id"]),
            money(row["amount"]),
        )
        for row in found.waiting.head(_MOST_ROWS).to_dict("records")
    ]
    return pd.DataFrame(rows, columns=["client", "why", "score", "before", "asked on", "manager", "sales of 12 months"])


def not_asked(found: FollowUpAnswer, study: Study) -> pd.DataFrame:
    """The largest clients whom nobody has asked for a month."""
    rows = [
        (
            study.label(row["client_id"]),
            "never" if pd.isna(row["asked_on"]) else day(row["asked_on"]),
            None if pd.isna(row["manager_id"]) else shortened(row["manager_id"]),
            money(row["amount"]),
        )
        for row in found.not_asked.head(_MOST_ROWS).to_dict("records")
    ]
    last = "last asked on" if found.recorded else "last known to be asked on"
    return pd.DataFrame(rows, columns=["client", last, "manager", "sales of 12 months"])

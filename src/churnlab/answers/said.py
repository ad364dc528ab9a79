"""What clients said of us and of competitors, in the four fields of a SWOT; nothing of it is a finding of a model."""

from typing import Final

import pandas as pd
from scipy import stats

from churnlab.answers.deals import what_is_an_offer_worth
from churnlab.answers.invitations import answers_given
from churnlab.answers.shares import share
from churnlab.answers.study import Study
from churnlab.answers.words import compact, count, decimal, money, percent
from churnlab.lifetime import Estimate

FACTORS: Final = ("quality", "timing", "attention", "price")
LEAST: Final = 10
"""Fewer clients than this tell nothing of a factor, and fewer losses nothing of a competitor's reasons."""

PROMOTERS: Final = 9
"""Answers from here on are those of promoters."""

_YEAR = pd.Timedelta(days=365)


def strengths_and_threats(study: Study) -> pd.DataFrame:
    """Set side by side what present clients rate, whom lost clients went to and why, and who may be asked back.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DataFrame
        ``field`` (strength, weakness, neither, opportunity or threat), ``what``, ``clients`` (who said it), ``told``
        (in words, with a 95 % interval where it is an estimate). A factor is a strength where clients rate it surely
        above their own mean of all factors, a weakness where surely below; rows stand in that order.
    """
    rows = [*_factors(study), *_openings(study), *_competitors(study)]
    return pd.DataFrame(rows, columns=["field", "what", "clients", "told"])


def promoters_to_ask(study: Study) -> pd.DataFrame:
    """Present clients whose last answer within a year was a promoter's, and who are not noted to have brought anybody.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DataFrame
        ``client_id``, ``answered`` (day), ``recommend``: the latest answers first. Empty where referrals are not noted.
    """
    clients, surveys = study.tables.clients, study.tables.surveys
    empty = pd.DataFrame({"client_id": pd.Series(dtype="str"), "answered": pd.NaT, "recommend": pd.Series(dtype=float)})
    if surveys is None or "recommend" not in surveys or clients is None or "referred_by" not in clients:
        return empty
    given = answers_given(surveys)
    given = given[given["survey_date"] > study.as_of - _YEAR].sort_values(["survey_date", "client_id"], kind="stable")
    last = given.drop_duplicates("client_id", keep="last")
    fond = last[(last["recommend"] >= PROMOTERS) & last["client_id"].isin(_present(study))]
    fond = fond[~fond["client_id"].isin(clients["referred_by"].dropna())]
    frame = fond[["client_id", "survey_date", "recommend"]].rename(columns={"survey_date": "answered"})
    return frame.sort_values(["answered", "client_id"], ascending=[False, True], ignore_index=True)


def _present(study: Study) -> "pd.Series[str]":
    lives = study.lives().frame.drop_duplicates("client_id", keep="last")
    return lives.loc[lives["left_on"].isna(), "client_id"]


def _factors(study: Study) -> list[tuple[str, str, int, str]]:
    """Ratings of each factor against the client's own mean, by present clients' answers of a year."""
    surveys = study.tables.surveys
    known = [] if surveys is None else [name for name in FACTORS if name in surveys]
    if surveys is None or len(known) < 2:
        return []
    recent = surveys[(surveys["survey_date"] > study.as_of - _YEAR) & surveys["client_id"].isin(_present(study))]
    scores = recent.groupby("client_id")[known].mean().dropna()
    if len(scores) < LEAST:
        return []
    away = scores.sub(scores.mean(axis=1), axis=0)
    half = stats.t.ppf(0.975, len(away) - 1) * away.std(ddof=1) / len(away) ** 0.5
    rows = []
    for name in known:
        found = Estimate(float(away[name].mean()), *(float(away[name].mean() + side * half[name]) for side in (-1, 1)))
        field = "strength" if found.low > 0 else "weakness" if found.high < 0 else "neither"
        told = f"rated {compact(found, decimal)} points against the mean of all factors"
        rows.append((field, name, len(scores), told))
    return sorted(rows, key=lambda row: (("strength", "weakness", "neither").index(row[0]), row[1]))


def _openings(study: Study) -> list[tuple[str, str, int, str]]:
    """Lost clients who may be asked back, by the reason that was noted."""
    asked = study.ask(what_is_an_offer_worth).asked
    some = asked[(asked["ask"] == "yes")]
    return [
        ("opportunity", f"lost over {reason}", len(group), f"may be asked back; bought {money(group['amount'].sum())}")
        for reason, group in some.groupby("coded")
    ]


def _competitors(study: Study) -> list[tuple[str, str, int, str]]:
    """Whom lost clients went to, and the reason noted most often with it."""
    losses = study.tables.losses
    if losses is None or "competitor" not in losses:
        return []
    named = losses[losses["competitor"].notna() & (losses["competitor"].astype("str") != "")]
    rows = []
    for name, group in named.groupby(named["competitor"].astype("str")):
        told = f"{count(len(group))} losses name it; too few to tell over what"
        if len(group) >= LEAST:
            reasons = group["reason"].astype("str").value_counts()
            part = share(int(reasons.iloc[0]), len(group))
            told = f"{compact(part, percent)} of its losses over {reasons.index[0]}"
        rows.append(("threat", name, group["client_id"].nunique(), told))
    return sorted(rows, key=lambda row: (-row[2], row[1]))

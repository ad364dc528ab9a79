"""What clients said of us and of competitors, in the four fields of a SWOT; nothing of it is a finding of a model."""

from typing import Final

import pandas as pd
from scipy import stats

from churnlab.answers.deals import what_is_an_offer_worth
from churnlab.answers.invitations import answers_given
from churnlab.answers.language import ENGLISH, Language, mark
from churnlab.answers.no_contact import not_to_be_contacted
from churnlab.answers.shares import share
from churnlab.answers.study import Study
from churnlab.lifetime import Estimate

FACTORS: Final = ("quality", "timing", "attention", "price")
LEAST: Final = 10
"""Fewer clients than this tell nothing of a factor, and fewer losses nothing of a competitor's reasons."""

PROMOTERS: Final = 9
"""Answers from here on are those of promoters."""

_FIELDS: Final = (mark("strength"), mark("weakness"), mark("neither"))
_YEAR = pd.Timedelta(days=365)


def strengths_and_threats(study: Study, language: Language = ENGLISH) -> pd.DataFrame:
    """Set side by side what present clients rate, whom lost clients went to and why, and who may be asked back.

    Parameters
    ----------
    study : Study
        A prepared dataset.
    language : Language
        Of the words.

    Returns
    -------
    DataFrame
        ``field`` (strength, weakness, neither, opportunity or threat), ``what``, ``clients`` (who said it), ``told``
        (in words, with a 95 % interval where it is an estimate). A factor is a strength where clients rate it surely
        above their own mean of all factors, a weakness where surely below; rows stand in that order.
    """
    rows = [*_factors(study, language), *_openings(study, language), *_competitors(study, language)]
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
    fond = fond[~fond["client_id"].isin([*clients["referred_by"].dropna(), *not_to_be_contacted(study)])]
    frame = fond[["client_id", "survey_date", "recommend"]].rename(columns={"survey_date": "answered"})
    return frame.sort_values(["answered", "client_id"], ascending=[False, True], ignore_index=True)


def _present(study: Study) -> "pd.Series[str]":
    lives = study.lives().frame.drop_duplicates("client_id", keep="last")
    return lives.loc[lives["left_on"].isna(), "client_id"]


def _factors(study: Study, language: Language) -> list[tuple[str, str, int, str]]:
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
        field = _FIELDS[0] if found.low > 0 else _FIELDS[1] if found.high < 0 else _FIELDS[2]
        away_by = language.compact(found, language.decimal)
        told = language.say("rated {points} points against the mean of all factors", points=away_by)
        rows.append((field, name, len(scores), told))
    ordered = sorted(rows, key=lambda row: (_FIELDS.index(row[0]), row[1]))
    return [(language.say(field), language.say(factor), n, told) for field, factor, n, told in ordered]


def _openings(study: Study, language: Language) -> list[tuple[str, str, int, str]]:
    """Lost clients who may be asked back, by the reason that was noted."""
    asked = study.ask(what_is_an_offer_worth).asked
    some = asked[(asked["ask"] == "yes")]
    say, bought = language.say, some.groupby("coded")["amount"].agg(["size", "sum"])
    return [
        (
            say("opportunity"),
            say("lost over {reason}", reason=say(str(reason))),
            int(row["size"]),
            say("may be asked back; bought {money}", money=language.money(row["sum"])),
        )
        for reason, row in bought.iterrows()
    ]


def _competitors(study: Study, language: Language) -> list[tuple[str, str, int, str]]:
    """Whom lost clients went to, and the reason noted most often with it."""
    losses = study.tables.losses
    if losses is None or "competitor" not in losses:
        return []
    named = losses[losses["competitor"].notna() & (losses["competitor"].astype("str") != "")]
    rows = []
    for name, group in named.groupby(named["competitor"].astype("str")):
        told = language.say_many(
            "{number} loss names it; too few to tell over what",
            "{number} losses name it; too few to tell over what",
            len(group),
        )
        if len(group) >= LEAST:
            reasons = group["reason"].astype("str").value_counts()
            part = share(int(reasons.iloc[0]), len(group))
            told = language.say(
                "{share} of its losses over {reason}",
                share=language.compact(part, language.percent),
                reason=language.say(reasons.index[0]),
            )
        rows.append((language.say("threat"), name, group["client_id"].nunique(), told))
    return sorted(rows, key=lambda row: (-row[2], row[1]))

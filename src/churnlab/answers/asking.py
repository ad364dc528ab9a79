"""Whether the way of asking bends scores: the own manager against others, the phone against the web."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from churnlab.answers.invitations import SERIES, answers_given
from churnlab.answers.placed import manager_of_the_time
from churnlab.answers.words import count, decimal, interval
from churnlab.lifetime import Estimate
from churnlab.surveys import Comparison, compare
from churnlab.tables import Tables

_KINDER = "Whether clients answer their own manager more kindly we cannot say:"
_BY_PHONE = "Whether clients answer more kindly by phone than on the web we cannot say:"
_NO_PROOF = "This compares; it does not show what being asked by somebody else would change."
_NOTHING = Comparison(0, 0, 0, np.nan, np.nan, np.nan)

Barrier = Literal["", "not recorded", "one mode", "one mode a wave", "one mode at a time"]


@dataclass(frozen=True, slots=True)
class Asking:
    """How recommendation differs with the way of asking.

    Attributes
    ----------
    scored : bool
        Whether there are recommendation scores.
    manager_known : bool
        Whether we know who asked and whose clients they are.
    own, own_within : Comparison
        Recommendation where the account's own manager of the time asked less that where somebody else did, points,
        within wave, mode and year; and within client, wave and mode.
    barrier : str
        Why phone and web cannot be compared; empty if they can.
    phone, phone_within : Comparison
        Recommendation by phone less that on the web, points, within wave and year; and within client and wave. Both
        of years in which the wave was asked both ways, and apart for answers that the own manager asked for.
    """

    scored: bool
    manager_known: bool
    own: Comparison
    own_within: Comparison
    barrier: Barrier
    phone: Comparison
    phone_within: Comparison

    @property
    def own_sentences(self) -> tuple[str, ...]:
        """Whether answers to the account's own manager are kinder."""
        if not self.scored:
            return (f"{_KINDER} there are no recommendation scores.",)
        if not self.manager_known:
            return (f"{_KINDER} who asked, or whose clients they are, is not known.",)
        if np.isnan(self.own.low):
            return (f"{_KINDER} too few answers can be compared.",)
        said = [
            f"{_own_verdict(self.own)}: {_points(self.own)} points of recommendation, compared within wave, mode and "
            f"year ({count(self.own.chosen)} answers against {count(self.own.others)}, {count(self.own.clients)} "
            "clients)."
        ]
        if not np.isnan(self.own_within.low):
            said.append(
                f"{_own_verdict(self.own_within)}: {_points(self.own_within)} points between answers of the same "
                f"client in the same wave and mode ({count(self.own_within.clients)} clients)."
            )
        return (*said, _NO_PROOF)

    @property
    def mode_sentence(self) -> str:
        """Whether answers by phone are kinder than those on the web."""
        reasons: dict[str, str] = {
            "not recorded": "how clients were asked is not recorded.",
            "one mode": "they did not answer in both ways.",
            "one mode a wave": "each wave is asked in one way, so that ways and waves cannot be told apart.",
            "one mode at a time": "no wave was asked in both ways in one year, so that ways and years cannot be told "
            "apart.",
        }
        if not self.scored:
            return f"{_BY_PHONE} there are no recommendation scores."
        if self.barrier:
            return f"{_BY_PHONE} {reasons[self.barrier]}"
        if not np.isnan(self.phone_within.low):
            return (
                f"{_phone_verdict(self.phone_within)}: {_points(self.phone_within)} points of recommendation between "
                f"answers of the same client in the same wave ({count(self.phone_within.clients)} clients)."
            )
        if np.isnan(self.phone.low):
            return f"{_BY_PHONE} too few answers can be compared."
        return (
            f"{_phone_verdict(self.phone)}: {_points(self.phone)} points of recommendation, compared within wave and "
            f"year ({count(self.phone.clients)} clients); too few clients answered in both ways to compare them with "
            "themselves."
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        """The answer in words."""
        return (*self.own_sentences, self.mode_sentence)


def how_was_it_asked(surveys: pd.DataFrame | None, tables: Tables) -> Asking:
    """Compare answers by who asked, and by how.

    Parameters
    ----------
    surveys : DataFrame or None
        Canonical surveys; None, or without scores, where there is nothing to compare.
    tables : Tables
        The dataset, for the clients' managers.

    Returns
    -------
    Asking
    """
    if surveys is None or "recommend" not in surveys or surveys["recommend"].isna().all():
        return Asking(
            scored=False,
            manager_known=False,
            own=_NOTHING,
            own_within=_NOTHING,
            barrier="not recorded",
            phone=_NOTHING,
            phone_within=_NOTHING,
        )
    manager = manager_of_the_time(surveys, tables)
    given = answers_given(surveys if manager is None else surveys.assign(manager=manager))
    known = "asked_by" in given and manager is not None
    own, own_within = _own_manager(given) if known else (_NOTHING, _NOTHING)
    barrier, phone, phone_within = _by_phone(given)
    return Asking(
        scored=True,
        manager_known=known,
        own=own,
        own_within=own_within,
        barrier=barrier,
        phone=phone,
        phone_within=phone_within,
    )


def _own_manager(given: pd.DataFrame) -> tuple[Comparison, Comparison]:
    """Recommendation asked for by the own manager of the time against that of others."""
    here = given.dropna(subset=["asked_by", "manager"])
    own, client = (here["asked_by"] == here["manager"]).to_numpy(), here["client_id"].factorize()[0]
    score = here["recommend"].to_numpy()
    return (
        compare(score, own, client, stratum=here.groupby([*SERIES, "period"]).ngroup()),
        compare(score, own, client, stratum=here.groupby([*SERIES, "client_id"]).ngroup()),
    )


def _by_phone(given: pd.DataFrame) -> tuple[Barrier, Comparison, Comparison]:
    """Recommendation by phone against that on the web, where a wave was asked both ways in a year."""
    here = given[given["mode"].isin(["phone", "web"])]
    if here.empty:
        return "not recorded", _NOTHING, _NOTHING
    if here["mode"].nunique() < 2:
        return "one mode", _NOTHING, _NOTHING
    if len(here.drop_duplicates(["wave", "mode"])) == here["wave"].nunique():
        return "one mode a wave", _NOTHING, _NOTHING
    here = here[here.groupby(["wave", "period"])["mode"].transform("nunique") > 1]
    if here.empty:
        return "one mode at a time", _NOTHING, _NOTHING
    own = here["asked_by"] == here["manager"] if {"asked_by", "manager"} <= set(here) else here["mode"].isna()
    here = here.assign(own=own.fillna(value=False).astype(bool))
    phone, client = (here["mode"] == "phone").to_numpy(), here["client_id"].factorize()[0]
    score = here["recommend"].to_numpy()
    return (
        "",
        compare(score, phone, client, stratum=here.groupby(["wave", "period", "own"]).ngroup()),
        compare(score, phone, client, stratum=here.groupby(["wave", "client_id", "own"]).ngroup()),
    )


def _points(found: Comparison) -> str:
    return interval(Estimate(found.value, found.low, found.high), decimal)


def _own_verdict(found: Comparison) -> str:
    if found.low > 0:
        return "Clients answer their own manager more kindly"
    if found.high < 0:
        return "Clients answer their own manager less kindly"
    return "Whether clients answer their own manager more kindly we cannot tell"


def _phone_verdict(found: Comparison) -> str:
    if found.low > 0:
        return "Clients answer more kindly by phone than on the web"
    if found.high < 0:
        return "Clients answer less kindly by phone than on the web"
    return "Whether clients answer more kindly by phone than on the web we cannot tell"

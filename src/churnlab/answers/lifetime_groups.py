"""Who stays longer: by line, by what won the client, by reason of leaving, and by tenure."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.lifetime import HORIZON_MONTHS, SHORTEST_HORIZON_MONTHS, counted, lives_by_line, regulars_by_line
from churnlab.answers.losses import OTHER, with_reasons
from churnlab.answers.sorting import Sorting, is_it_sorting
from churnlab.answers.study import Study
from churnlab.answers.words import count, interval, listed, months, percent, shortened
from churnlab.history import Lives, lifetimes
from churnlab.history.departures import REGULAR_AFTER_MONTHS
from churnlab.lifetime import (
    Estimate,
    Incidence,
    LogRank,
    SurvivalCurve,
    TenureBands,
    cumulative_incidence,
    hazard_by_tenure,
    kaplan_meier,
    log_rank,
    restricted_mean,
    restricted_mean_difference,
    survival_at,
)

SURVIVAL_MONTHS = (12, 36, 60)
"""Survival is stated at so many months after becoming a regular."""

BAND_ENDS = (12, 24, 36, 60, 84, 120, 180)
"""Bands of tenure end with these months."""

SIZE = 0.05
"""Groups are said to differ where as large a difference would come up less often than this if they did not."""

MOST_GROUPS = 6
"""Further groups, by number of lives, stand together."""

LEAST_LIVES = 10
"""Groups with fewer lives are left out of a comparison."""

REST = "all others"
_PRICE, _SERVICE = "price", "service"
_UNKNOWN = Estimate(np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True)
class GroupLifetime:
    """How long regulars of a group stay.

    Attributes
    ----------
    name : str
        Of the group.
    lives, departures : int
        Lives of regulars that were observed, and how many ended.
    curve : SurvivalCurve
        From the twelfth month of tenure on; empty where never ten are at risk.
    mean : Estimate
        Mean months stayed within the comparison's horizon; NaN where the data do not reach.
    surviving : tuple of Estimate
        Share of regulars still there after ``SURVIVAL_MONTHS`` as regulars; NaN where the data do not reach.
    """

    name: str
    lives: int
    departures: int
    curve: SurvivalCurve
    mean: Estimate
    surviving: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Groups of lives beside one another, with a verdict.

    Attributes
    ----------
    by : str
        What makes the groups.
    groups : tuple of GroupLifetime
        The one with most lives first; empty where there are fewer than two with ten lives.
    horizon : int
        Months that all of them reach, 60 at most; 0 where one does not reach twelve.
    difference : Estimate
        Months that the first of two groups stays longer of the horizon; NaN with more groups, or clients in both.
    p_value : float
        Of the log-rank test over clients; NaN where nothing can be compared.
    verdict : str
        ``"differ"``, ``"cannot tell"`` or ``"not recorded"``.
    sentence : str
        The verdict in words.
    """

    by: str
    groups: tuple[GroupLifetime, ...]
    horizon: int
    difference: Estimate
    p_value: float
    verdict: str
    sentence: str


@dataclass(frozen=True, slots=True)
class GroupsAnswer:
    """Who stays longer, why clients leave, and when.

    Attributes
    ----------
    by_line, by_channel, by_price : Comparison
        Regulars by line (a client stands in each that it buys), by what won the client, and price- against service-won.
    reasons : tuple of str
        Groups of reasons; empty where none are recorded.
    incidence : Incidence or None
        Share of regulars that has left for each, by tenure.
    bands : TenureBands or None
        Monthly hazard of all clients by tenure; None where no life was observed.
    sorting : Sorting
        How far clients differ in ways that no table tells: what may make a hazard fall with tenure.
    sentences : tuple of str
        The answer in words.
    """

    by_line: Comparison
    by_channel: Comparison
    by_price: Comparison
    reasons: tuple[str, ...]
    incidence: Incidence | None
    bands: TenureBands | None
    sorting: Sorting
    sentences: tuple[str, ...]

    @property
    def reason_sentence(self) -> str:
        """For what regulars leave."""
        return _reason_sentence(self.reasons, self.incidence)

    @property
    def tenure_sentence(self) -> str:
        """How the hazard moves with tenure."""
        return _tenure_sentence(self.bands)


def who_stays_longer(study: Study) -> GroupsAnswer:
    """Compare lifetimes of regulars between groups, and follow them by reason and by tenure.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    GroupsAnswer
    """
    clients, lives, by_line = study.tables.clients, study.lives(), lives_by_line(study)
    seen = lifetimes(lives, clients=clients, entry_after_months=REGULAR_AFTER_MONTHS)
    lines = seen.iloc[:0]
    if by_line is not None:
        lines = regulars_by_line(by_line, clients)
    won, shares = _of_clients(seen, clients, "acquired_by"), _of_clients(seen, clients, "acquisition_discount")
    comparisons = (
        _compare("line", lines, lines.get("product_line", _no_names(lines))),
        _compare("what won the client", seen, won),
        _compare(*_price_or_service(seen, won, shares)),
    )
    reasons, incidence = _by_reason(lives, seen, study.tables.losses)
    everybody = lifetimes(lives, clients=clients)
    bands = hazard_by_tenure(counted(everybody), BAND_ENDS) if len(everybody) else None
    sorting = is_it_sorting(study, everybody)
    sentences = (
        *(comparison.sentence for comparison in comparisons),
        _reason_sentence(reasons, incidence),
        _tenure_sentence(bands),
        sorting.sentence,
        *study.ask(when_has_a_client_left).sentences[2:],
    )
    return GroupsAnswer(*comparisons, reasons, incidence, bands, sorting, sentences)


def _no_names(seen: pd.DataFrame) -> "pd.Series[str]":
    return pd.Series([None] * len(seen), index=seen.index, dtype="str")


def _of_clients(seen: pd.DataFrame, clients: pd.DataFrame | None, column: str) -> pd.Series:
    """What is recorded of each life's client; missing where nothing is."""
    if clients is None or column not in clients:
        return _no_names(seen)
    return seen["client_id"].map(clients.drop_duplicates("client_id").set_index("client_id")[column])


def _price_or_service(
    seen: pd.DataFrame, won: pd.Series, shares: pd.Series
) -> tuple[str, pd.DataFrame, "pd.Series[str]"]:
    """Price- against service-won by name; else by the discount at the first deal, over or up to the middle one."""
    named = won.astype("str").str.strip().str.casefold()
    if {_PRICE, _SERVICE} <= set(named.dropna()):
        return "whether price or service won them", seen, named.where(named.isin([_PRICE, _SERVICE]))
    middle = shares.astype("float64").median()
    over = np.where(shares.astype("float64") > middle, "larger discount", "smaller discount")
    names = pd.Series(over, index=seen.index, dtype="str").where(shares.notna())
    return "the discount at the first deal (over or up to the middle one)", seen, names


def _compare(by: str, seen: pd.DataFrame, names: "pd.Series[str]") -> Comparison:
    kept = names.notna() & (names.astype("str").str.strip() != "")
    lives, group = seen[kept], _folded(names[kept].astype("str"))
    sizes = group.value_counts()
    large = [str(name) for name in sizes.index if sizes[name] >= LEAST_LIVES]
    if len(large) < 2:
        verdict = "cannot tell" if len(sizes) else "not recorded"
        return Comparison(by, (), 0, _UNKNOWN, np.nan, verdict, _too_few(by, recorded=bool(len(sizes))))
    lives, group = lives[group.isin(large)], group[group.isin(large)]
    tables = {name: counted(lives[group == name]) for name in large}
    curves = {name: kaplan_meier(tables[name], start=REGULAR_AFTER_MONTHS) for name in large}
    reach = min(len(curve.month) if curve.start == REGULAR_AFTER_MONTHS else 0 for curve in curves.values())
    horizon = min(HORIZON_MONTHS, reach) if reach >= SHORTEST_HORIZON_MONTHS else 0
    ask = {"start": REGULAR_AFTER_MONTHS, "horizon": horizon}
    groups = tuple(
        GroupLifetime(
            name=name,
            lives=int(sizes[name]),
            departures=int(tables[name].events.sum()),
            curve=curves[name],
            mean=restricted_mean(tables[name], **ask),
            surviving=_surviving(curves[name]),
        )
        for name in large
    )
    apart = len(large) == 2 and not set(lives[group == large[0]]["client_id"]) & set(
        lives[group == large[1]]["client_id"]
    )
    difference = restricted_mean_difference(tables[large[0]], tables[large[1]], **ask) if apart else _UNKNOWN
    test = log_rank(lives["entry"], lives["exit"], lives["event"], group, client=lives["client_id"])
    verdict, said = _verdict(by, groups, horizon, difference, test)
    few = [str(name) for name in sizes.index if name not in large]
    left_out = f" Left out, with fewer than {LEAST_LIVES} lives: {listed(few)}." if few else ""
    return Comparison(by, groups, horizon, difference, test.p_value, verdict, f"{said}{left_out}")


def _surviving(curve: SurvivalCurve) -> tuple[Estimate, ...]:
    if curve.start != REGULAR_AFTER_MONTHS:
        return tuple(_UNKNOWN for _ in SURVIVAL_MONTHS)
    return survival_at(curve, [REGULAR_AFTER_MONTHS + later for later in SURVIVAL_MONTHS])


def _folded(names: "pd.Series[str]") -> "pd.Series[str]":
    """Names of groups, the rarer ones together."""
    clean = names.map(shortened)
    sizes = clean.value_counts()
    return clean if len(sizes) <= MOST_GROUPS else clean.where(clean.isin(sizes.index[: MOST_GROUPS - 1]), REST)


def _too_few(by: str, *, recorded: bool) -> str:
    why = f"fewer than two groups have {LEAST_LIVES} lives of regulars" if recorded else "it is not recorded"
    return f"Whether lifetimes differ by {by} we cannot say: {why}."


def _verdict(
    by: str, groups: tuple[GroupLifetime, ...], horizon: int, difference: Estimate, test: LogRank
) -> tuple[str, str]:
    told = listed([f"{one.name} {interval(one.mean, months)}" for one in groups])
    means = f" Of the first {horizon} months as regulars they stay: {told}." if horizon else ""
    gap = ""
    if not np.isnan(difference.value):
        gap = f" The difference ({groups[0].name} less {groups[1].name}) is {interval(difference, _signed)} months."
    chance = "less than 0.001" if test.p_value < 0.001 else f"{test.p_value:.3f}"
    if test.p_value < SIZE:
        said = f"Lifetimes of regulars differ by {by} (log-rank over clients, p {chance})."
        return "differ", f"{said}{means}{gap} That need not be because of it."
    chance = "" if np.isnan(test.p_value) else f" (log-rank over clients, p {chance})"
    return "cannot tell", f"Whether lifetimes of regulars differ by {by} we cannot tell{chance}.{means}{gap}"


def tenths(share: float) -> str:
    """Format a monthly hazard as a percentage with a decimal.

    Examples
    --------
    >>> tenths(0.01854)
    '1.9 %'
    """
    return f"{100 * share:.1f} %"


def _signed(number: float) -> str:
    return f"{number:+.1f}"


def _by_reason(
    lives: Lives, seen: pd.DataFrame, losses: pd.DataFrame | None
) -> tuple[tuple[str, ...], Incidence | None]:
    """Follow regulars by the reason that was noted; departures without one are a reason of their own."""
    if losses is None or losses.empty or not seen["event"].any():
        return (), None
    ended = seen[seen["event"]].merge(lives.frame[["client_id", "life", "left_on"]], on=["client_id", "life"])
    coded = with_reasons(ended[["client_id", "life", "left_on"]], losses)
    noted = coded["reason"].value_counts()
    reasons = (*(str(name) for name in noted.index if name != OTHER), *([OTHER] if OTHER in noted else []))
    if reasons == (OTHER,):
        return (), None
    number = {name: place + 1 for place, name in enumerate(reasons)}
    joined = seen.merge(coded[["client_id", "life", "reason"]], on=["client_id", "life"], how="left")
    place = joined["reason"].map(number).where(joined["event"], 0).fillna(0).astype(int)
    found = cumulative_incidence(
        joined["entry"],
        joined["exit"],
        place,
        reasons=len(reasons),
        client=joined["client_id"],
        start=REGULAR_AFTER_MONTHS,
    )
    return (reasons, found) if len(found.month) else ((), None)


def _reason_sentence(reasons: tuple[str, ...], incidence: Incidence | None) -> str:
    if incidence is None:
        return "For which reasons regulars leave we cannot say: none are recorded, or too few have left."
    place = min(HORIZON_MONTHS, len(incidence.month)) - 1
    after = int(incidence.month[place]) - incidence.start
    told = [
        f"{name} {interval(_at(incidence, number, place), percent)}"
        for number, name in enumerate(reasons)
        if name != OTHER
    ]
    said = f"Within {after} months of becoming regulars clients leave over: {'; '.join(told)}."
    if OTHER not in reasons:
        return said
    unknown = int(incidence.events[reasons.index(OTHER)])
    return (
        f"{said} {count(unknown)} of {count(incidence.events.sum())} departures have no coded reason or another one, "
        "so each of these shares may be larger."
    )


def _at(incidence: Incidence, reason: int, place: int) -> Estimate:
    return Estimate(*(float(ends[reason, place]) for ends in (incidence.share, incidence.low, incidence.high)))


def _tenure_sentence(bands: TenureBands | None) -> str:
    known = np.flatnonzero(~np.isnan(bands.hazard)) if bands is not None else np.zeros(0, dtype=int)
    if bands is None or len(known) < 2:
        return "How the hazard moves with tenure we cannot say: too few clients were watched."
    first, last = (_band(bands, int(place)) for place in (known[0], known[-1]))
    spans = [f"months {bands.first[place]} to {bands.last[place]}" for place in (known[0], known[-1])]
    told = f"{interval(first, tenths)} a month in {spans[0]} of tenure, {interval(last, tenths)} in {spans[1]}"
    if last.high < first.low:
        return (
            f"The hazard falls with tenure: {told}. Those prone to leave go first and the others remain, so this "
            "does not show that a client becomes more loyal."
        )
    if last.low > first.high:
        return f"The hazard rises with tenure: {told}."
    return f"Whether the hazard moves with tenure we cannot tell: {told}."


def _band(bands: TenureBands, place: int) -> Estimate:
    return Estimate(float(bands.hazard[place]), float(bands.low[place]), float(bands.high[place]))

"""The domain's claims A to D, tested on the sample plant and held against its truth: writes ``docs/claims.md``.

Usage: ``python benchmarks/claims.py``. What the sample says uses the tables that a plant would have; what is true is
read beside them. A test holds the page equal to what this writes.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

import numpy as np
import pandas as pd

from churnlab import answers
from churnlab.answers.losses import lost_clients
from churnlab.answers.shares import clustered_share, wilson
from churnlab.answers.study import Study
from churnlab.answers.words import decimal, interval, money, percent
from churnlab.lifetime import Estimate
from churnlab.risk import fit_effect
from churnlab.tables import plant

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"
PAGE = ROOT / "docs" / "claims.md"
LONG_YEARS = 5
BEFORE, AFTER = pd.Timedelta(days=365), pd.Timedelta(days=90)
MONTHS = 60
Truth = Mapping[str, pd.DataFrame]

HEAD = """# Four claims of a supplier, tested on the sample plant

A supplier's sales director holds that service keeps clients and that price does not: claims A to D below. Each is
tested in parts on the sample: what its tables say, with 95 % intervals, and what is true, which no plant knows of
itself. The sample is made up: what is true in it is its law's doing, and no evidence about real plants. The page
shows what a plant of this size can find out, and that the suite can contradict a claim.

**A supplier's view.** All four are told by who sells. Studies find that buyers and suppliers see it differently, and
that ties to persons do not shield against a lower price (Wathne, Biong and Heide 2001, *Journal of Marketing* 65(2)).
Where buyers put service above price, it is among suppliers whose price has already let them in (Ulaga and Eggert
2006, *Journal of Marketing* 70(1)).

A part is *confirmed* or *refuted* where the interval lies wholly on one side of it; else the data *cannot tell*. No
interval is widened for there being many parts. `python benchmarks/claims.py`, which is part of `make bench`, writes
this page.
"""

TAIL = """
## Why so much cannot be told

Departures are few, and few of them have a noted reason. What is seen of satisfaction is a noisy answer of some
clients. What service or a price cut brings rests, beyond that, on figures that no table holds, so that its intervals
are wide even where the law is plain. A claim that cannot be told here is neither true nor false by that: a trial on
some clients, or the reason of every loss written down, would tell more than another model.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a claim: what it says, what the sample says of it, and what is true."""

    said: str
    found: str
    verdict: str
    true: str
    holds: bool

    @property
    def missed(self) -> bool:
        """Whether the sample's verdict contradicts the truth."""
        return self.verdict != "cannot tell" and (self.verdict == "confirmed") != self.holds


def judged(found: Estimate, *, against: float = 0.0, above: bool = True) -> str:
    """Give the verdict of an interval on a claim that the value lies above (or below) a figure."""
    if found.low > against:
        return "confirmed" if above else "refuted"
    if found.high < against:
        return "refuted" if above else "confirmed"
    return "cannot tell"


def newcombe(one: Estimate, other: Estimate) -> Estimate:
    """Difference of two shares by their intervals (Newcombe 1998, Statistics in Medicine 17, 873-890, method 10)."""
    gap = one.value - other.value
    low = gap - float(np.hypot(one.value - one.low, other.high - other.value))
    high = gap + float(np.hypot(one.high - one.value, other.value - other.low))
    return Estimate(gap, low, high)


def mean_of(values: "pd.Series[float]", clients: "pd.Series[str]") -> Estimate:
    """Mean with a 95 % interval over clients, each of whom may have several values."""
    mean = float(values.mean())
    error = float(np.sqrt(((values - mean).groupby(clients).sum() ** 2).sum())) / len(values)
    return Estimate(mean, mean - 1.96 * error, mean + 1.96 * error)


def apart(one: Estimate, other: Estimate) -> Estimate:
    """Difference of two independent means by their normal intervals."""
    half = float(np.hypot(one.high - one.value, other.high - other.value))
    gap = one.value - other.value
    return Estimate(gap, gap - half, gap + half)


def claim_a(study: Study, truth: Truth) -> tuple[Part, ...]:
    """Lifetime follows satisfaction; in long relationships service weighs far more than price."""
    effect = fit_effect(study.tables, as_of=study.as_of, rule=study.rule)
    if effect is None:
        raise ValueError("expected departures enough to fit effects, got too few: is this the sample?")
    place = [1 + effect.terms.index(name) for name in ("service", "price")]
    slope, error = effect.fit.coefficients[place], effect.fit.standard_errors[place]
    ratio = Estimate(*(float(np.exp(slope[0] + 1.96 * side * error[0])) for side in (0, -1, 1)))
    cross = effect.fit.covariance[place[0], place[1]]
    gap, spread = slope[1] - slope[0], float(np.sqrt(error @ error - 2 * cross))
    more = Estimate(float(gap), float(gap - 1.96 * spread), float(gap + 1.96 * spread))
    said = study.ask(answers.which_factor_moves_recommendation).attitude.claim
    if said is None:
        raise ValueError("expected a verdict on price in recommendation, got none: is this the sample?")
    weight = Estimate(said.value, said.low, said.high)
    seen = truth["satisfaction"]
    seen = seen[seen["hazard"] > 0]
    true_ratio = float(np.exp(np.polyfit(seen["satisfaction"], np.log(seen["hazard"]), 1)[0]))
    long, true_long = _over_price(study, truth)
    return (
        Part(
            "Who is more satisfied leaves less",
            f"a service point more goes with a hazard of {interval(ratio, decimal)} times",
            judged(ratio, against=1, above=False),
            f"the true hazard of a month is {decimal(true_ratio)} times as high a point of true satisfaction",
            true_ratio < 1,
        ),
        Part(
            "In what clients say, service weighs more than price",
            f"mean share of quality, timing and attention in recommendation less that of price: "
            f"{interval(weight, decimal)}",
            judged(weight),
            "so by the law of answers",
            holds=True,
        ),
        Part(
            "In leaving, a point of service weighs more than a point of price",
            f"price's slope less service's, log hazard: {interval(more, decimal)}",
            judged(more),
            "so by the law of leaving: what clients think of price moves only whether they take offers",
            holds=True,
        ),
        Part(
            f"After {LONG_YEARS} years clients leave over service rather than price",
            f"of departures noted as over price or service, over price: {interval(long, percent)}",
            judged(long, against=0.5, above=False),
            f"of such departures that the true hazards expect, {percent(true_long)} are over price",
            true_long < 0.5,
        ),
    )


def _over_price(study: Study, truth: Truth) -> tuple[Estimate, float]:
    """Share over price of departures over price or service in long relationships: as noted, and as expected."""
    start = study.tables.clients.drop_duplicates("client_id").set_index("client_id")["start_date"]
    lost = lost_clients(study)
    age = (lost["left_on"] - lost["client_id"].map(start)).dt.days / 365.25
    noted = lost.loc[(age >= LONG_YEARS) & lost["reason"].isin(["price", "service"]), "reason"]
    seen = truth["satisfaction"]
    years = (pd.to_datetime(seen["month"] + "-01") - seen["client_id"].map(start)).dt.days / 365.25
    expected = seen.loc[years >= LONG_YEARS, ["hazard_price", "hazard_service"]].sum()
    return wilson(float((noted == "price").mean()), len(noted)), float(expected["hazard_price"] / expected.sum())


def claim_b(study: Study, truth: Truth) -> tuple[Part, ...]:
    """A client held by a low price keeps asking for a lower one, and leaves when a competitor offers a discount."""
    won = study.tables.clients.drop_duplicates("client_id").set_index("client_id")["acquired_by"]
    stay = study.ask(answers.who_stays_longer).by_price.difference
    grown = _discount_growth(study.tables.orders, won)
    offers = study.tables.offers_seen
    lost, by = offers["outcome"] == "lost", offers["client_id"].map(won)
    shares = []
    for group in ("price", "service"):
        mine = lost[by == group].groupby(offers["client_id"]).agg(["sum", "size"])
        shares.append(clustered_share(mine["sum"], mine["size"]))
    taken = newcombe(*shares)
    seen = truth["satisfaction"].assign(won=lambda frame: frame["client_id"].map(won))
    true = seen.groupby("won")[["hazard", "hazard_price"]].mean()
    times = true.loc["price"] / true.loc["service"]
    return (
        Part(
            "Clients won on price leave sooner than those won on service",
            f"of the first {MONTHS} months as regulars, service-won stay longer by {interval(stay, decimal)} months",
            judged(stay),
            f"the true hazard of price-won clients is {decimal(times['hazard'])} times as high on the average",
            times["hazard"] > 1,
        ),
        Part(
            "They keep asking for a lower price",
            f"requests are not recorded; their discount grows faster, share of list price a year: "
            f"{interval(grown, _points)}",
            judged(grown),
            "so by the law: they ask more often, and a request is granted as often as another's",
            holds=True,
        ),
        Part(
            "They leave when a competitor offers",
            f"of offers seen, lost to them {interval(shares[0], percent)} against {interval(shares[1], percent)}; "
            f"difference {interval(taken, percent)}",
            judged(taken),
            f"their true hazard of leaving over price is {decimal(times['hazard_price'])} times as high",
            times["hazard_price"] > 1,
        ),
    )


def _points(share: float) -> str:
    return f"{100 * share:.2f} %"


def _discount_growth(orders: pd.DataFrame, won: "pd.Series[str]") -> Estimate:
    """Growth of the discount a year, price-won less service-won: slopes of clients with two years of orders."""
    known = orders[(orders["list_amount"] > 0) & (orders["kind"] == "sale")]
    known = known.assign(
        year=(known["order_date"] - known["order_date"].min()).dt.days / 365.25,
        discount=1 - known["amount"] / known["list_amount"],
    )
    slopes = {
        client: np.polyfit(mine["year"], mine["discount"], 1)[0]
        for client, mine in known.groupby("client_id")
        if np.ptp(mine["year"]) >= 2
    }
    slope = pd.Series(slopes)
    group = pd.Series(slope.index, index=slope.index).map(won)
    means = []
    for name in ("price", "service"):
        mine = slope[group == name]
        half = 1.96 * float(mine.std() / np.sqrt(len(mine)))
        means.append(Estimate(float(mine.mean()), float(mine.mean()) - half, float(mine.mean()) + half))
    return apart(*means)


def claim_c(study: Study, truth: Truth) -> tuple[Part, ...]:
    """Service holds a client for long; it costs money."""
    found = study.ask(answers.price_or_service)
    made = truth["plant"].iloc[0]
    same = {"law": made["law"], "clients": int(made["clients"]), "seed": int(made["seed"]), "months": MONTHS}
    runs = [plant.true_difference(plant.AS_IS, one, **same) for one in (plant.SERVICE, plant.PRICE_ONLY)]
    longer = float((runs[0]["months_second"] - runs[0]["months_first"]).mean())
    service, price = (float(run["value_second"].sum() / run["value_first"].sum() - 1) for run in runs)
    avoided = found.conditions.exits.avoided.set_index(["policy", "reason"]).loc[("service", "service")]
    kept = Estimate(*(float(avoided[name]) for name in ("mean", "low", "high")))
    worth = {one.against: Estimate(one.mean, one.low, one.high) for one in found.differences if one.policy == "service"}
    return (
        Part(
            "Service holds clients",
            f"departures over service avoided in {found.horizon_months} months, of 100 clients: "
            f"{interval(kept, decimal)}",
            judged(kept),
            f"over {MONTHS} months a client stays {decimal(longer)} months longer on the average",
            longer > 0,
        ),
        Part(
            "It pays, for all its cost",
            f"worth against doing nothing: {interval(worth['do nothing'], money)}",
            judged(worth["do nothing"]),
            f"it changes profit by {percent(service)}",
            service > 0,
        ),
        Part(
            "It pays better than price",
            f"worth against price-only: {interval(worth['price only'], money)}",
            judged(worth["price only"]),
            f"price-only changes profit by {percent(price)}",
            service > price,
        ),
    )


def claim_d(study: Study, truth: Truth) -> tuple[Part, ...]:
    """Told openly of a failure that is covered, a client becomes more loyal than before."""
    failures = study.tables.failures
    seen = truth["satisfaction"]
    known = seen.assign(on=pd.to_datetime(seen["month"] + "-01")).rename(columns={"timing": "score"})
    rated = study.tables.surveys.dropna(subset="timing").rename(columns={"survey_date": "on", "timing": "score"})
    said, true = ({kind: _changes(failures, frame, kind) for kind in ("open", "silent")} for frame in (rated, known))
    openly, silently = (mean_of(said[kind]["change"], said[kind]["client_id"]) for kind in said)
    truly = {kind: float(frame["change"].mean()) for kind, frame in true.items()}
    better = apart(openly, silently)
    return (
        Part(
            "After a failure told openly a client thinks better than before",
            f"timing in answers of the next {AFTER.days} days less the year before: {interval(openly, decimal)} points "
            f"({len(said['open'])} failures)",
            judged(openly),
            f"true timing changes by {decimal(truly['open'])} points",
            truly["open"] > 0,
        ),
        Part(
            "It thinks better than after one kept silent",
            f"{interval(better, decimal)} points better",
            judged(better),
            f"true timing changes by {decimal(truly['silent'])} points after those kept silent",
            truly["open"] > truly["silent"],
        ),
    )


def _changes(failures: pd.DataFrame, scores: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Mean score of the days after each failure less that of the year before: ``client_id``, ``change``."""
    by_client = dict(list(scores.groupby("client_id")[["on", "score"]]))
    rows = []
    for one in failures[failures["handling"] == kind].to_dict("records"):
        mine = by_client.get(one["client_id"])
        if mine is None:
            continue
        apart_by = mine["on"] - one["date"]
        before = mine.loc[(apart_by < pd.Timedelta(0)) & (apart_by >= -BEFORE), "score"].mean()
        after = mine.loc[(apart_by > pd.Timedelta(0)) & (apart_by <= AFTER), "score"].mean()
        rows.append((one["client_id"], after - before))
    return pd.DataFrame(rows, columns=["client_id", "change"]).dropna(ignore_index=True)


CLAIMS = {
    "A. Lifetime follows satisfaction, and service weighs far more than price": claim_a,
    "B. A client held by a low price asks for a lower one, and leaves at once when a competitor offers": claim_b,
    "C. Service around the purchase holds a client for long, and costs": claim_c,
    "D. Told openly of a failure that is covered, a client becomes more loyal than before": claim_d,
}


def page(study: Study, truth: Truth) -> str:
    """Write the page.

    Parameters
    ----------
    study : Study
        The sample, prepared.
    truth : mapping of str to DataFrame
        As :func:`churnlab.tables.plant.read_truth` gives it.

    Returns
    -------
    str
        Markdown.
    """
    parts = {title: claim(study, truth) for title, claim in CLAIMS.items()}
    every = [part for some in parts.values() for part in some]
    counts = {name: sum(part.verdict == name for part in every) for name in ("confirmed", "refuted", "cannot tell")}
    missed = sum(part.missed for part in every)
    false = sum(not part.holds for part in every)
    short = (
        f"Of {len(every)} parts the sample confirms {counts['confirmed']} and refutes {counts['refuted']}; of "
        f"{counts['cannot tell']} it cannot tell. In the sample's law {false} of the {len(every)} are not true. "
        f"{_missed(missed, len(every) - counts['cannot tell'])}"
    )
    lines = [HEAD, "## In short", "", *wrap(short, 120)]
    for title, some in parts.items():
        lines += ["", f"## {title}", "", "| part | what the sample says | verdict | what is true | true |"]
        lines += ["|---|---|---|---|---|"]
        lines += [
            f"| {one.said} | {one.found} | {one.verdict} | {one.true} | {'yes' if one.holds else 'no'} |"
            for one in some
        ]
    return "\n".join(lines) + "\n" + TAIL


def _missed(missed: int, told: int) -> str:
    if not missed:
        return f"No verdict of the {told} contradicts the truth."
    return f"Of the {told} verdicts {missed} contradict the truth."


def main() -> None:
    """Write the page, and say where."""
    truth = plant.read_truth(SAMPLE)
    if truth is None:
        raise FileNotFoundError(f"expected the truth in {SAMPLE / 'truth'}: make the sample again (make sample)")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("CHURNLAB_CACHE", folder)
        PAGE.write_text(page(answers.prepare(SAMPLE), truth), encoding="utf-8", newline="\n")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

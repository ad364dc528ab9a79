"""Claims about winning back and dependence: the reason, held-back orders, managers drawn together, new business."""

from functools import partial

import numpy as np
from validation_frame import Claim, Measurement

from churnlab.accounts import attention, held_back, new_business, shrunk_means, shrunk_rates
from churnlab.winback import does_reason_matter

_ALIKE = {"price": 0.15, "service": 0.15, "personal": 0.15}
_APART = {"price": 0.45, "service": 0.12, "personal": 0.01}
_ASSUMED = {"price": 0.22, "service": 0.09, "personal": 0.01}
_MIX = {"price": 0.30, "service": 0.55, "personal": 0.15}
_SHUFFLES = 399


def _losses(rng: np.random.Generator, losses: int, returning: dict[str, float]) -> tuple[np.ndarray, ...]:
    """Lost clients by reason, watched for half a year to nine years, who return within about three if they ever do."""
    reason = rng.choice(list(_MIX), losses, p=list(_MIX.values()))
    ever = rng.random(losses) < np.array([returning[one] for one in reason])
    away, watched = 1 + rng.gamma(3, 6, losses), rng.uniform(6, 108, losses)
    back = ever & (away <= watched)
    return np.where(back, away, watched), back, reason


def _reason_matters(seed: int, *, losses: int, returning: dict[str, float]) -> bool:
    found = does_reason_matter(
        *_losses(np.random.default_rng([81, seed]), losses, returning), rng=seed, shuffles=_SHUFFLES
    )
    return found.matters


def _limits_matter(seed: int) -> bool:
    """Silences that end alike, lost over price after three months and over service after nine."""
    rng = np.random.default_rng([91, seed])
    reason = rng.choice(["price", "service"], 200)
    entry = np.where(reason == "price", 3.0, 9.0)
    away = np.where(rng.random(200) < 0.5, 1 + rng.gamma(3, 6, 200), np.inf)
    watched = rng.uniform(12, 108, 200)
    lost, back = away > entry, away <= watched
    end = np.where(back, away, watched)
    return does_reason_matter(
        end[lost], back[lost], reason[lost], rng=seed, entry=entry[lost], shuffles=_SHUFFLES
    ).matters


def _reasons_shuffled_before(seed: int) -> bool:
    """Reasons matter in truth, but those written down were drawn without regard to them."""
    rng = np.random.default_rng([82, seed])
    months, back, reason = _losses(rng, 120, _APART)
    return does_reason_matter(months, back, rng.permutation(reason), rng=seed, shuffles=_SHUFFLES).matters


def _powers(seed: int) -> dict[str, float]:
    """Whether the differences that the scenarios assume are seen, by number of losses."""
    rng = np.random.default_rng([83, seed])
    return {
        f"seen with {losses}": float(
            does_reason_matter(*_losses(rng, losses, _ASSUMED), rng=seed, shuffles=_SHUFFLES).matters
        )
        for losses in (20, 60, 120, 300)
    }


def _orders(rng: np.random.Generator, moved: float) -> np.ndarray:
    """Who is named among six managers of 120 clients with habits, around 60 ends of months."""
    clients, ends = 120, 60
    manager = np.arange(clients) % 6
    log_odds = 0.3 * rng.normal(size=(clients, 1)) + 0.5 * rng.normal(size=(1, ends))
    made = rng.random((clients, ends)) < 0.3
    late = rng.random((clients, ends)) < 1 / (1 + np.exp(-log_odds))
    late |= (manager[:, None] == 0) & (rng.random((clients, ends)) < moved)
    client, end = np.nonzero(made)
    return held_back(manager[client], client, end, late[client, end]).named


def _anybody_is_named(seed: int) -> bool:
    return bool(_orders(np.random.default_rng([84, seed]), 0.0).any())


def _who_holds_back_is_named(seed: int, *, moved: float) -> bool:
    return bool(_orders(np.random.default_rng([85, seed]), moved)[0])


def _means(rng: np.random.Generator, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    error = rng.uniform(5, 20, 6)
    true = 20 + spread * rng.normal(size=6)
    return true, true + error * rng.normal(size=6), error


def _mean_is_covered(seed: int) -> bool:
    """One of six managers' indices, drawn from managers that differ by ten points."""
    rng = np.random.default_rng([86, seed])
    true, seen, error = _means(rng, 10.0)
    found, one = shrunk_means(seen, error), int(rng.integers(6))
    return bool(found.low[one] <= true[one] <= found.high[one])


def _equal_managers_are_told_apart(seed: int) -> bool:
    _, seen, error = _means(np.random.default_rng([87, seed]), 0.0)
    return bool(shrunk_means(seen, error).apart.any())


def _rate_is_covered(seed: int) -> bool:
    rng = np.random.default_rng([88, seed])
    expected = np.array([10.0, 8.0, 8.0, 6.0, 6.0, 3.0])
    true = rng.gamma(4, 1 / 4, 6)
    found, one = shrunk_rates(rng.poisson(true * expected), expected), int(rng.integers(6))
    return bool(found.low[one] <= true[one] <= found.high[one])


def _new_business_is_covered(seed: int) -> bool:
    rng = np.random.default_rng([89, seed])
    won = np.exp(rng.normal(size=rng.poisson(2.0 * 60)))
    found = new_business(won, months=60).a_month
    return bool(found.low <= 2.0 * np.exp(0.5) <= found.high)


def _attention_is_told_apart(seed: int, *, times: float) -> bool:
    rng = np.random.default_rng([90, seed])
    key = np.arange(200) < 14
    made = rng.negative_binomial(3, 3 / (3 + 6 * np.where(key, times, 1.0)))
    return attention(made, np.ones(200), key).verdict != "alike"


_REASON = ("churnlab.winback.reason",)
_HELD = ("churnlab.accounts.holding_back",)
_SHRUNK = ("churnlab.accounts.shrinkage",)

CLAIMS = (
    Claim(
        "The reason is not said to matter where it does not.",
        "A hundred and twenty lost clients, 15 % of whom return whatever the reason.",
        "size",
        0.05,
        partial(_reason_matters, losses=120, returning=_ALIKE),
        _REASON,
    ),
    Claim(
        "Limits that differ by reason are not taken for the reason.",
        "Two hundred silences that end alike; they count as lost after three months over price, nine over service.",
        "size",
        0.05,
        _limits_matter,
        _REASON,
    ),
    Claim(
        "Reasons that were shuffled are not said to matter.",
        "A hundred and twenty lost clients whose true reasons matter much, with reasons written down by chance.",
        "size",
        0.05,
        _reasons_shuffled_before,
        _REASON,
    ),
    Claim(
        "The reason is said to matter where it matters much.",
        "A hundred and twenty lost clients, of whom 45 % over price, 12 % over service and 1 % over a person return.",
        "power",
        0.8,
        partial(_reason_matters, losses=120, returning=_APART),
        _REASON,
    ),
    Claim(
        "Nobody is said to hold orders back by chance.",
        "Six managers, 120 clients with habits of their own: any manager is named.",
        "size",
        0.05,
        _anybody_is_named,
        _HELD,
    ),
    Claim(
        "Who holds back three orders in ten is named.",
        "The same book; one manager moves three in ten of the orders before the end of the month over it.",
        "power",
        0.8,
        partial(_who_holds_back_is_named, moved=0.3),
        _HELD,
    ),
    Claim(
        "The interval of a manager's index, drawn together, covers it.",
        "Six managers that differ by ten points, books known to 5 to 20 points.",
        "coverage",
        0.95,
        _mean_is_covered,
        _SHRUNK,
    ),
    Claim(
        "Equal managers are not told apart.",
        "The same books of equal managers: any interval leaves out the common index.",
        "size",
        0.05,
        _equal_managers_are_told_apart,
        _SHRUNK,
    ),
    Claim(
        "The interval of a manager's departures, drawn together, covers their rate.",
        "Six managers whose rates differ by half, three to ten departures expected.",
        "coverage",
        0.95,
        _rate_is_covered,
        _SHRUNK,
    ),
    Claim(
        "The interval of new business covers its rate.",
        "Two clients a month on average over five years, log-normal sales.",
        "coverage",
        0.95,
        _new_business_is_covered,
        ("churnlab.accounts.replacing",),
    ),
    Claim(
        "Equal attention to key clients and others is not told apart.",
        "Two hundred clients, fourteen of them key, contacts with spread.",
        "size",
        0.05,
        partial(_attention_is_told_apart, times=1.0),
        ("churnlab.accounts.marks",),
    ),
    Claim(
        "Twice the attention to key clients is seen.",
        "The same clients, key ones contacted twice as often.",
        "power",
        0.8,
        partial(_attention_is_told_apart, times=2.0),
        ("churnlab.accounts.marks",),
    ),
)

MEASUREMENTS = (
    Measurement(
        "What the test of reasons can see.",
        "Shares that return as the scenarios assume (22, 9 and 1 %), watched for half a year to nine years: how "
        "often it is seen, by number of losses.",
        _powers,
        _REASON,
        runs=1000,
    ),
)

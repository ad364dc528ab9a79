"""Books and assumptions in which some or all mechanisms are off, so that answers are known."""

import numpy as np

from churnlab.scenarios import AssumptionDraws, Book, Policy, held_at

MOST = 4.0
"""Standard errors of Monte Carlo."""

PLAIN = Policy(name="plain", grant=0.0, matching=0.0, recovery=0.0, winning_back=0.0)

OFF = {
    "offers_per_year": 0.0, "exogenous_hazard": 0.0, "follow": 0.0, "failures": 0.0, "price_points": 0.0,
    "loyalty_gain": 0.0, "asking": 0.0, "referrals": 0.0, "newcomers": 0.0, "cross_selling": 0.0,
    "return_price": 0.0, "return_service": 0.0, "return_personal": 0.0, "tier_discount": 0.0, "pass_through": 0.0,
    "financing_rate": 0.0, "loss_given_default": 0.0, "discount_effect": 0.0, "attention_gain": 0.0,
}  # fmt: skip


def assumed(rows: int, **values: float) -> AssumptionDraws:
    """Defaults in every row, some values set freely."""
    return held_at(rows, values)


def off(rows: int, **values: float) -> AssumptionDraws:
    """No mechanism but exits over service, some values set freely."""
    return held_at(rows, OFF | values)


def book_of(rows: int, clients: int, hazard: float = 0.02, **others: object) -> Book:
    """Clients of one hazard of leaving over service, which satisfaction does not move, the same in every row."""
    level = np.log(-np.log1p(-hazard)) if hazard else -40.0
    given = {
        "predictor": np.full((rows, clients), level),
        "tenure_effect": np.zeros(rows),
        "service_effect": np.zeros(rows),
        "price_effect": np.zeros(rows),
        "tenure_months": np.full(clients, 24.0),
        "monthly_sales": np.full(clients, 100.0),
        "whole": False,
    }
    return Book(**(given | others))


def far(sample: np.ndarray, truth: float | np.ndarray) -> np.ndarray:
    """Distance of the mean over rows from a truth, in standard errors."""
    return np.abs(sample.mean(axis=0) - truth) / np.maximum(sample.std(axis=0, ddof=1) / np.sqrt(len(sample)), 1e-12)

"""What will be ordered. NumPy and SciPy only.

Reading order: :mod:`baselines` (all clients together, graded on past months), :mod:`rates` (each client by its own
rate).
"""

from churnlab.demand.baselines import LEAST_PAST, RULES, Forecast, PastForecasts, forecast, past_forecasts
from churnlab.demand.rates import RateSpread, expected_orders, fit_rates, level_needed

__all__ = [
    "LEAST_PAST",
    "RULES",
    "Forecast",
    "PastForecasts",
    "RateSpread",
    "expected_orders",
    "fit_rates",
    "forecast",
    "level_needed",
    "past_forecasts",
]

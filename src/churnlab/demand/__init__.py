"""What will be ordered. NumPy and SciPy only.

Reading order, the plan from the clients: :mod:`log` (orders, weeks and seasons), :mod:`rates` (how clients' rates
differ), :mod:`paces` (how often and how much each orders), :mod:`staying` (how many of the silent go on, what new
clients bring), :mod:`spread` (intervals of totals), :mod:`regulars` (all of it at rolling origins), :mod:`single`
(intervals and surprises of single clients), :mod:`waiting` (when the next order is due); :mod:`calls` (whom to call
with the time there is), :mod:`held_out` (who is not called, so that calling can be measured).
"""

from churnlab.demand.calls import NOBODY, choose, in_order, lost_by_leaving
from churnlab.demand.held_out import clients_needed, detectable, held_out, kept_by_calls
from churnlab.demand.log import SEASON_MONTHS, OrderLog, Season, after_first, first_of, month_of, order_log, season_of
from churnlab.demand.paces import Paces, paces
from churnlab.demand.rates import RateSpread, fit_rates
from churnlab.demand.regulars import Ahead, ClientsAhead, Expected, Plan, plan
from churnlab.demand.single import LEAST_PERIODS, SingleRecord, single_intervals, single_record, surprises
from churnlab.demand.waiting import Due, due

__all__ = [
    "LEAST_PERIODS",
    "NOBODY",
    "SEASON_MONTHS",
    "Ahead",
    "ClientsAhead",
    "Due",
    "Expected",
    "OrderLog",
    "Paces",
    "Plan",
    "RateSpread",
    "Season",
    "SingleRecord",
    "after_first",
    "choose",
    "clients_needed",
    "detectable",
    "due",
    "first_of",
    "fit_rates",
    "held_out",
    "in_order",
    "kept_by_calls",
    "lost_by_leaving",
    "month_of",
    "order_log",
    "paces",
    "plan",
    "season_of",
    "single_intervals",
    "single_record",
    "surprises",
]

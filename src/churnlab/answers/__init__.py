"""One function a question: frozen results, and the sentences that follow from them.

Reading order: :mod:`study` (a dataset loaded once, every answer computed once), :mod:`overview`, :mod:`leaving`,
:mod:`risk`, :mod:`lifetime`, :mod:`scenario` (the questions), :mod:`summary` (the page for the manager).
"""

from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.lifetime import LifetimeAnswer, how_long_do_clients_stay
from churnlab.answers.overview import Overview, what_do_we_have
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.scenario import ScenarioAnswer, price_or_service
from churnlab.answers.study import Study, open_study, prepare
from churnlab.answers.summary import Summary, summarise

QUESTIONS = (what_do_we_have, when_has_a_client_left, who_is_at_risk, how_long_do_clients_stay, price_or_service)
"""What a report computes up front, in reading order."""

__all__ = [
    "QUESTIONS",
    "Leaving",
    "LifetimeAnswer",
    "Overview",
    "RiskAnswer",
    "ScenarioAnswer",
    "Study",
    "Summary",
    "how_long_do_clients_stay",
    "open_study",
    "prepare",
    "price_or_service",
    "summarise",
    "what_do_we_have",
    "when_has_a_client_left",
    "who_is_at_risk",
]

"""One function a question: frozen results, and the sentences that follow from them.

Reading order: :mod:`study` (a dataset loaded once, every answer computed once), :mod:`overview`, :mod:`listening`,
:mod:`response`, :mod:`factors`, :mod:`trust`, :mod:`mended`, :mod:`follow_up`, :mod:`leaving`, :mod:`definitions`,
:mod:`thresholds`, :mod:`guarding`, :mod:`risk` (with :mod:`risk_base`, :mod:`risk_choice`, :mod:`risk_today` and
:mod:`risk_reasons`), :mod:`acting`, :mod:`risk_quality`, :mod:`risk_targets`, :mod:`surveys_add`, :mod:`risk_earlier`,
:mod:`risk_flattery`, :mod:`lifetime`, :mod:`lifetime_groups`, :mod:`lifetime_record`, :mod:`remaining`,
:mod:`plan`, :mod:`call_sheet`, :mod:`second_opinion`, :mod:`worth` (on :mod:`costing`, :mod:`valuing`,
:mod:`worth_frames`, :mod:`worth_record` and :mod:`side_by_side`), :mod:`calls` (on :mod:`calling`,
:mod:`calls_frames`, :mod:`occasions` and :mod:`calls_measured`), :mod:`scenario` (on :mod:`scenario_drivers` and
:mod:`scenario_conditions`), :mod:`dependence`, :mod:`key_clients`, :mod:`losing`, :mod:`managers` and
:mod:`manager_records` (on :mod:`account_book`), :mod:`winback` (on :mod:`losses`), :mod:`deals` (the questions),
:mod:`dossiers` (with :mod:`dossier`, :mod:`dossier_frames` and :mod:`dossier_matters`: each client for itself),
:mod:`summary` (the page for the manager).
"""

from churnlab.answers.actions import Sheet, action_notes, action_sheets
from churnlab.answers.actions_frames import surveys_to_send
from churnlab.answers.asking_back import AskingBack, worth_asking
from churnlab.answers.call_sheet import CallSheetAnswer, what_each_will_order
from churnlab.answers.calling import Calling
from churnlab.answers.calls import CallsAnswer, whom_to_call
from churnlab.answers.calls_frames import list_again
from churnlab.answers.deals import DealsAnswer, what_is_an_offer_worth
from churnlab.answers.definitions import DefinitionsAnswer, what_counts_as_leaving
from churnlab.answers.dependence import DependenceAnswer, who_do_we_depend_on
from churnlab.answers.dossiers import DossiersAnswer, client_dossiers
from churnlab.answers.factors import FactorsAnswer, which_factor_moves_recommendation
from churnlab.answers.follow_up import FollowUpAnswer, who_waits_for_us
from churnlab.answers.guarding import Guarded, does_any_feature_see_the_future
from churnlab.answers.key_clients import KeyAnswer, who_is_key
from churnlab.answers.language import Language, known_languages, open_language
from churnlab.answers.leaving import Leaving, when_has_a_client_left
from churnlab.answers.lifetime import LifetimeAnswer, how_long_do_clients_stay
from churnlab.answers.lifetime_groups import GroupsAnswer, who_stays_longer
from churnlab.answers.lifetime_record import LifetimeRecord, how_good_are_lifetimes
from churnlab.answers.listening import ListeningAnswer, what_do_the_surveys_say
from churnlab.answers.losing import LosingAnswer, what_if_they_leave
from churnlab.answers.manager_records import RecordsAnswer, how_do_managers_books_fare
from churnlab.answers.managers import ManagersAnswer, who_looks_after_whom
from churnlab.answers.mended import MendedAnswer, what_was_mended
from churnlab.answers.overview import Overview, what_do_we_have
from churnlab.answers.plan import PlanAnswer, what_to_plan
from churnlab.answers.remaining import RemainingAnswer, how_long_will_they_still_stay
from churnlab.answers.response import ResponseAnswer, who_answers
from churnlab.answers.risk import RiskAnswer, who_is_at_risk
from churnlab.answers.risk_earlier import EarlierRuns, what_became_of_earlier_risks
from churnlab.answers.risk_flattery import FlatteryAnswer, what_would_a_random_split_flatter
from churnlab.answers.risk_quality import RiskQuality, how_good_are_the_lists
from churnlab.answers.risk_targets import TargetsAnswer, what_can_be_forecast
from churnlab.answers.said import promoters_to_ask, strengths_and_threats
from churnlab.answers.scenario import ScenarioAnswer, price_or_service
from churnlab.answers.second_opinion import SecondOpinion, what_do_orders_alone_say
from churnlab.answers.study import Study, open_study, prepare
from churnlab.answers.summary import Summary, summarise
from churnlab.answers.summary_words import departures_sentence
from churnlab.answers.surveys_add import SurveysAnswer, do_surveys_add_to_orders
from churnlab.answers.thresholds import Thresholds, which_limit_do_the_records_propose
from churnlab.answers.trust import TrustAnswer, how_far_can_answers_be_trusted
from churnlab.answers.winback import WinbackAnswer, who_can_be_won_back
from churnlab.answers.worth import WorthAnswer, what_are_they_worth

QUESTIONS = (
    what_do_we_have,
    what_do_the_surveys_say,
    who_answers,
    which_factor_moves_recommendation,
    how_far_can_answers_be_trusted,
    what_was_mended,
    who_waits_for_us,
    when_has_a_client_left,
    what_counts_as_leaving,
    who_is_at_risk,
    how_good_are_the_lists,
    what_can_be_forecast,
    do_surveys_add_to_orders,
    what_became_of_earlier_risks,
    what_would_a_random_split_flatter,
    how_long_do_clients_stay,
    who_stays_longer,
    how_good_are_lifetimes,
    how_long_will_they_still_stay,
    what_to_plan,
    what_each_will_order,
    what_do_orders_alone_say,
    what_are_they_worth,
    whom_to_call,
    price_or_service,
    who_do_we_depend_on,
    what_if_they_leave,
    who_is_key,
    who_looks_after_whom,
    how_do_managers_books_fare,
    who_can_be_won_back,
    what_is_an_offer_worth,
    worth_asking,
    which_limit_do_the_records_propose,
    does_any_feature_see_the_future,
    client_dossiers,
)
"""What a report computes up front, in reading order."""

__all__ = [
    "QUESTIONS",
    "AskingBack",
    "CallSheetAnswer",
    "Calling",
    "CallsAnswer",
    "DealsAnswer",
    "DefinitionsAnswer",
    "DependenceAnswer",
    "DossiersAnswer",
    "EarlierRuns",
    "FactorsAnswer",
    "FlatteryAnswer",
    "FollowUpAnswer",
    "GroupsAnswer",
    "Guarded",
    "KeyAnswer",
    "Language",
    "Leaving",
    "LifetimeAnswer",
    "LifetimeRecord",
    "ListeningAnswer",
    "LosingAnswer",
    "ManagersAnswer",
    "MendedAnswer",
    "Overview",
    "PlanAnswer",
    "RecordsAnswer",
    "RemainingAnswer",
    "ResponseAnswer",
    "RiskAnswer",
    "RiskQuality",
    "ScenarioAnswer",
    "SecondOpinion",
    "Sheet",
    "Study",
    "Summary",
    "SurveysAnswer",
    "TargetsAnswer",
    "Thresholds",
    "TrustAnswer",
    "WinbackAnswer",
    "WorthAnswer",
    "action_notes",
    "action_sheets",
    "client_dossiers",
    "departures_sentence",
    "do_surveys_add_to_orders",
    "does_any_feature_see_the_future",
    "how_do_managers_books_fare",
    "how_far_can_answers_be_trusted",
    "how_good_are_lifetimes",
    "how_good_are_the_lists",
    "how_long_do_clients_stay",
    "how_long_will_they_still_stay",
    "known_languages",
    "list_again",
    "open_language",
    "open_study",
    "prepare",
    "price_or_service",
    "promoters_to_ask",
    "strengths_and_threats",
    "summarise",
    "surveys_to_send",
    "what_are_they_worth",
    "what_became_of_earlier_risks",
    "what_can_be_forecast",
    "what_counts_as_leaving",
    "what_do_orders_alone_say",
    "what_do_the_surveys_say",
    "what_do_we_have",
    "what_each_will_order",
    "what_if_they_leave",
    "what_is_an_offer_worth",
    "what_to_plan",
    "what_was_mended",
    "what_would_a_random_split_flatter",
    "when_has_a_client_left",
    "which_factor_moves_recommendation",
    "which_limit_do_the_records_propose",
    "who_answers",
    "who_can_be_won_back",
    "who_do_we_depend_on",
    "who_is_at_risk",
    "who_is_key",
    "who_looks_after_whom",
    "who_stays_longer",
    "who_waits_for_us",
    "whom_to_call",
    "worth_asking",
]

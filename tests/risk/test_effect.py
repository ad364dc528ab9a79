"""The effect specification: what answers tell, which terms are taken, what is corrected and what cannot be."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_book import AS_OF, RULE, START, book

from churnlab.lifetime import fit_hazard
from churnlab.risk import Calibration, fit_effect
from churnlab.risk.calibration import ASSUMED_RELIABILITY, Reading, answers_of, believed, calibrate, read_together

DAYS = (START - pd.Timestamp("1970-01-01")).days


def surveys_of(rows):
    frame = pd.DataFrame(rows, columns=["client_id", "day", "score"])
    frame["survey_date"] = START + pd.to_timedelta(frame["day"], unit="D")
    return frame.assign(quality=frame["score"], timing=frame["score"], attention=frame["score"], price=frame["score"])


def reading(*, reliability=0.5, forgetting=0.0, mean=7.0, total=2.0):
    return Calibration("service", mean, total, reliability, reliability, reliability, 0.0, forgetting, "corrected", 99)


def thought(rows, how, client="a", day=1000):
    answers = answers_of(surveys_of(rows), ("service",))
    alone = Reading((how,), np.eye(1), np.eye(1))
    return believed(answers, alone, pd.Series([client], dtype="str"), np.array([DAYS + day]))[0, 0]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=8), st.floats(0.1, 1.0))
def test_reduction_answers_that_nothing_fades_are_averaged_and_shrunk(scores, reliability):
    rows = [("a", 30 * place, float(score)) for place, score in enumerate(scores)]
    weight = reliability / (reliability + (1 - reliability) / len(scores))  # Spearman and Brown
    assert thought(rows, reading(reliability=reliability)) == pytest.approx(weight * (np.mean(scores) - 7))


def test_reduction_an_answer_without_noise_is_what_the_client_thinks():
    rows = [("a", 100, 3.0), ("a", 200, 9.0), ("b", 50, 1.0)]
    assert thought(rows, reading(reliability=1.0, forgetting=0.3), day=201) == pytest.approx(2.0, abs=0.01)
    assert thought(rows, reading(reliability=1.0), client="=1+1") == 0  # never answered


def test_direction_old_answers_and_noisy_ones_say_less():
    rows = [("a", 100, 9.0)]
    by_age = [thought(rows, reading(forgetting=0.5), day=day) for day in (101, 300, 900)]
    assert by_age == sorted(by_age, reverse=True)
    assert by_age[-1] > 0
    by_noise = [thought(rows, reading(reliability=each)) for each in (0.3, 0.6, 0.9)]
    assert by_noise == sorted(by_noise)
    assert reading(reliability=0.5).shifted(1.0).reliability == 0.5  # without an error nothing moves


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10), st.integers(0, 400))
def test_property_answers_on_the_day_or_after_change_nothing(score, later):
    rows = [("a", 100, 5.0), ("b", 100, 8.0)]
    more = [*rows, ("a", 500 + later, float(score))]
    assert thought(rows, reading(), day=500) == thought(more, reading(), day=500)


def test_recovery_the_noise_of_an_answer_is_told_from_repeats():
    rng = np.random.default_rng(3)
    level = rng.normal(7, 1, 300)
    rows = [(f"c{client:03d}", 91 * wave, level[client] + rng.normal()) for client in range(300) for wave in range(6)]
    found = calibrate(answers_of(surveys_of(rows)), score="service")
    assert found.grade == "corrected"
    assert found.low < 0.5 < found.high
    assert found.high - found.low < 0.25
    assert found.forgetting < 0.3


def test_recovery_what_wave_and_mode_add_is_taken_off():
    rng = np.random.default_rng(4)
    rows = surveys_of([(f"c{c:02d}", 91 * w, 7 + rng.normal()) for c in range(60) for w in range(6)])
    phone = rng.random(len(rows)) < 0.5
    kinder = rows.assign(mode=np.where(phone, "phone", "web"))
    kinder[["quality", "timing", "attention"]] += 2.0 * phone[:, None]
    order = np.lexsort((rows["day"], rows["client_id"]))
    apart = answers_of(kinder).points[:, 0] - answers_of(rows).points[:, 0]
    assert abs(apart[phone[order]].mean() - apart[~phone[order]].mean()) < 0.4


def test_reduction_scores_without_noise_are_hardly_moved_and_their_grade_is_corrected():
    effect = fit_effect(book(clients=300, seed=6, satisfaction_effect=0.4), as_of=AS_OF, rule=RULE)
    place = 1 + effect.terms.index("service")
    assert effect.grade() == "corrected"
    assert effect.fit.coefficients[place] == pytest.approx(effect.uncorrected.coefficients[place], rel=0.1)


def test_recovery_noise_halves_the_effect_and_the_correction_gives_it_back():
    found = [
        fit_effect(book(clients=400, seed=seed, satisfaction_effect=0.4, noise=1.5, every=182), as_of=AS_OF, rule=RULE)
        for seed in range(3)
    ]
    place = 1 + found[0].terms.index("service")
    raw = np.mean([each.uncorrected.coefficients[place] for each in found])
    corrected = np.mean([each.fit.coefficients[place] for each in found])
    error = np.sqrt(np.mean([each.fit.standard_errors[place] ** 2 for each in found]) / 3)
    assert raw > -0.4 + 2 * error
    assert abs(corrected + 0.4) < 2.5 * error
    assert all(each.fit.standard_errors[place] > each.uncorrected.standard_errors[place] for each in found)


def test_property_one_answer_a_client_is_graded_assumed_and_the_interval_holds_the_range():
    tables = book(clients=300, seed=8, satisfaction_effect=0.4, noise=1.0)
    once = replace(tables, surveys=tables.surveys.drop_duplicates("client_id"))
    effect = fit_effect(once, as_of=AS_OF, rule=RULE)
    assert effect.grade() == "assumed"
    service = next(each for each in effect.calibrations if each.score == "service")
    assert (service.low, service.reliability, service.high) == ASSUMED_RELIABILITY
    place = 1 + effect.terms.index("service")
    shrunk = effect.fit.coefficients[place] / effect.uncorrected.coefficients[place]
    wider = effect.fit.standard_errors[place] / effect.uncorrected.standard_errors[place]
    assert 1 < shrunk < wider * 1.2


def test_property_answers_that_may_be_noise_alone_are_not_corrected():
    tables = book(clients=300, seed=9, satisfaction_effect=0.4)
    rng = np.random.default_rng(1)
    drawn = rng.normal(7, 1.5, len(tables.surveys))
    noisy = tables.surveys.assign(quality=drawn, timing=drawn, attention=drawn)
    effect = fit_effect(replace(tables, surveys=noisy), as_of=AS_OF, rule=RULE)
    assert effect.grade() == "cannot tell"
    assert effect.fit.coefficients == pytest.approx(effect.uncorrected.coefficients)
    assert effect.fit.covariance == pytest.approx(effect.uncorrected.covariance)


def test_property_few_departures_carry_few_terms_and_the_fit_is_then_firths():
    many = fit_effect(book(clients=300, seed=6, satisfaction_effect=0.4), as_of=AS_OF, rule=RULE)
    few = fit_effect(book(clients=70, seed=6, satisfaction_effect=0.4), as_of=AS_OF, rule=RULE)
    assert not many.few
    assert "size" in many.terms
    assert few.few
    assert len(few.terms) <= few.fit.events // 10
    assert few.terms[:3] == ("tenure", "service", "price")


def test_property_without_surveys_there_is_no_term_of_scores():
    effect = fit_effect(book(clients=150, seed=5), as_of=AS_OF, rule=RULE)
    assert effect.terms == ("tenure", "size")
    assert effect.grade() is None
    assert not effect.has_scores
    assert effect.calibrations == ()


def test_property_rows_in_any_order_give_the_same_effect():
    tables = book(clients=150, seed=7, satisfaction_effect=0.4, noise=1.0)
    one = fit_effect(tables, as_of=AS_OF, rule=RULE)
    shuffled = replace(tables, surveys=tables.surveys.sample(frac=1, random_state=1))
    other = fit_effect(shuffled, as_of=AS_OF, rule=RULE)
    assert other.fit.coefficients == pytest.approx(one.fit.coefficients, rel=1e-6)
    assert other.fit.covariance == pytest.approx(one.fit.covariance, rel=1e-5)


def two_opinions(seed, *, clients=400, each=4, together=0.6, quarters=16):
    """Clients whose opinions of service and price hang together; service alone drives leaving, by .5 a point."""
    rng = np.random.default_rng(seed)
    opinions = rng.multivariate_normal([0, 0], [[1, together], [together, 1]], clients)
    days = np.sort(rng.integers(0, 300, (clients, each)), axis=1).ravel()
    client = np.repeat([f"c{n:03d}" for n in range(clients)], each)
    heard = [7 + np.repeat(opinion, each) + rng.normal(size=clients * each) for opinion in opinions.T]
    surveys = pd.DataFrame({"client_id": client, "survey_date": START + pd.to_timedelta(days, unit="D")})
    surveys = surveys.assign(quality=heard[0], timing=heard[0], attention=heard[0], price=heard[1])
    left_in = np.ceil(rng.exponential(1 / np.exp(-3.0 - 0.5 * opinions[:, 0]))).astype(int)
    stayed = np.minimum(left_in, quarters)
    who = np.repeat(np.arange(clients), stayed)
    event = np.zeros(len(who), dtype=bool)
    event[(np.cumsum(stayed) - 1)[left_in <= quarters]] = True
    return surveys, opinions, who, event


def test_recovery_what_price_tells_of_service_is_not_read_as_an_effect_of_price():
    apart, naive = [], []
    names = pd.Series([f"c{n:03d}" for n in range(400)], dtype="str")
    for seed in range(12):
        surveys, opinions, who, event = two_opinions(seed)
        answers = answers_of(surveys)
        found = read_together(answers)
        alone = replace(found, opinions=np.eye(2), noises=np.eye(2))
        true, together, single = (
            fit_hazard(columns[who], event).coefficients[1:]
            for columns in (
                opinions,
                *(believed(answers, each, names, np.full(400, DAYS + 301)) for each in (found, alone)),
            )
        )
        apart.append(together - true)
        naive.append(single - true)
    assert np.abs(np.mean(apart, axis=0)).max() < 0.05  # its standard error is .02
    assert np.mean(naive, axis=0)[1] < -0.05  # one by one, price takes what service does


def test_recovery_opinions_that_hang_together_are_told_from_noise_that_does():
    rng = np.random.default_rng(2)
    client, day = np.repeat(np.arange(600), 5), np.tile(60 * np.arange(5), 600)
    opinion = rng.multivariate_normal([7, 7], [[1, 0.6], [0.6, 1]], 600)[client]
    heard = opinion + rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], 3000)
    rows = pd.DataFrame({"client_id": [f"c{n:03d}" for n in client], "survey_date": START + pd.to_timedelta(day, "D")})
    rows = rows.assign(quality=heard[:, 0], timing=heard[:, 0], attention=heard[:, 0], price=heard[:, 1])
    found = read_together(answers_of(rows))
    assert found.opinions[0, 1] == pytest.approx(0.6, abs=0.1)
    assert found.noises[0, 1] == pytest.approx(0.3, abs=0.1)


def test_reduction_one_answer_of_two_scores_is_read_by_the_normal_law():
    rows = surveys_of([("a", 100, 9.0)]).assign(price=4.0)
    parts = tuple(replace(reading(), score=score) for score in ("service", "price"))
    together = np.array([[1.0, 0.5], [0.5, 1.0]])
    answers = answers_of(rows)
    told = believed(answers, Reading(parts, together, np.eye(2)), pd.Series(["a"], dtype="str"), np.array([DAYS + 101]))
    prior = 1.0 * together  # half of a total of two squared points
    assert told[0] == pytest.approx(prior @ np.linalg.solve(prior + np.eye(2), [2.0, -3.0]))
    only = rows.assign(price=np.nan)
    told = believed(answers_of(only), Reading(parts, together, np.eye(2)), pd.Series(["a"]), np.array([DAYS + 101]))
    assert told[0] == pytest.approx([1.0, 0.5], abs=1e-6)  # price is guessed from service


def test_property_a_wave_that_is_named_by_its_day_does_not_pass_for_reliability():
    rng = np.random.default_rng(5)
    client = np.repeat(np.arange(150), 4)
    day = rng.integers(0, 360, 600)
    points = 7 + rng.normal(size=150)[client] + rng.normal(size=600)
    rows = surveys_of([(f"c{c:03d}", d, p) for c, d, p in zip(client, day, points, strict=True)])
    by_day = rows.assign(wave=rows["survey_date"].dt.strftime("%Y-%m-%d"))
    found = calibrate(answers_of(by_day), score="service")
    assert found.low < 0.5 < found.high


def test_property_surveys_that_began_late_do_not_cost_the_departures_before_them():
    tables = book(clients=300, seed=6, satisfaction_effect=0.4)
    late = tables.surveys[tables.surveys["survey_date"] >= AS_OF - pd.DateOffset(months=9)]
    effect = fit_effect(replace(tables, surveys=late), as_of=AS_OF, rule=RULE)
    bare = fit_effect(replace(tables, surveys=None), as_of=AS_OF, rule=RULE)
    assert not effect.has_scores
    assert "since surveys began" in effect.unscored
    assert effect.fit.coefficients == pytest.approx(bare.fit.coefficients)


@pytest.mark.parametrize("column", ["price", "quality"])
def test_property_a_score_that_never_varies_leaves_the_other_terms(column):
    tables = book(clients=300, seed=6, satisfaction_effect=0.4)
    same = ["quality", "timing", "attention"] if column == "quality" else ["price"]
    effect = fit_effect(
        replace(tables, surveys=tables.surveys.assign(**dict.fromkeys(same, 8.0))), as_of=AS_OF, rule=RULE
    )
    assert effect.terms == ("tenure", "size")
    assert "the same score" in effect.unscored


def test_property_answers_that_became_known_later_change_nothing():
    tables = book(clients=200, seed=7, satisfaction_effect=0.4)
    known = tables.surveys.assign(known_on=tables.surveys["survey_date"])
    late = known.tail(1).assign(known_on=AS_OF + pd.Timedelta(days=400), quality=0.0, price=0.0)
    one = fit_effect(replace(tables, surveys=known), as_of=AS_OF, rule=RULE)
    other = fit_effect(replace(tables, surveys=pd.concat([known, late], ignore_index=True)), as_of=AS_OF, rule=RULE)
    assert other.fit.coefficients == pytest.approx(one.fit.coefficients, rel=1e-9)


def test_property_sizes_are_taken_once_two_years_of_records_lie_behind():
    effect = fit_effect(book(clients=150, seed=5), as_of=AS_OF, rule=RULE)
    early = pd.DataFrame({"tenure_months": 60, "amount_24m": 900.0, "amount_12m": 400.0}, index=[0, 1])
    early["cut_off"] = [START + pd.DateOffset(months=23), START + pd.DateOffset(months=25)]
    size = effect.design(early)[:, effect.terms.index("size")]
    assert size[0] == 0
    assert size[1] == pytest.approx(np.log(500) - effect.centre["size"])

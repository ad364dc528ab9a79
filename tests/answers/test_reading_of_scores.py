"""How the price-or-service page speaks of the noise of scores, by grade."""

import numpy as np
import pandas as pd
import pytest

from churnlab.answers import scenario
from churnlab.lifetime import HazardFit
from churnlab.risk import Calibration, Effect
from churnlab.risk.calibration import Reading

DAY = pd.Timestamp("2022-01-01")
FIT = HazardFit(np.array([-4.0, -0.1, -0.3, -0.1]), np.eye(4) / 100, -500.0, 90, 9000)


def effect_of(grade, *, low, value, high, few=False):
    read = [Calibration(score, 7.5, 1.2, value, low, high, 0.1, 0.2, grade, 150) for score in ("service", "price")]
    reading = Reading(tuple(read), np.eye(2), np.eye(2))
    centre = {"service": 7.5, "price": 6.5}
    return Effect(("tenure", "service", "price"), FIT, centre, DAY, 200, reading, "", FIT, few)


@pytest.mark.parametrize(
    ("grade", "said"),
    [
        ("corrected", ["corrected for the noise", "70 % (95 % interval 60 % to 80 %)", "150 clients", "kindness"]),
        ("assumed", ["too few clients answered twice", "70 % (range 60 % to 80 %)", "assumed (grade A)"]),
        ("cannot tell", ["cannot tell how noisy answers are", "not corrected", "understated"]),
    ],
)
def test_direction_each_grade_is_said_in_its_own_words(grade, said):
    sentence = scenario._reading(effect_of(grade, low=0.6, value=0.7, high=0.8))
    assert all(words in sentence for words in said), sentence


def test_each_score_is_spoken_of_and_few_departures_are_said():
    sentence = scenario._reading(effect_of("corrected", low=0.6, value=0.7, high=0.8, few=True))
    assert sentence.startswith("Service is corrected")
    assert " Price is corrected" in sentence
    assert "With 90 departures for 3 terms the fit is penalised (Firth)." in sentence
    untold = scenario._reading(effect_of("cannot tell", low=0.1, value=0.2, high=0.8))
    assert "Price: the data cannot tell" in untold


def test_without_scores_the_reason_is_given():
    said = scenario._reading(Effect(("tenure",), FIT, {}, DAY, 200, None, "all answers give the same score"))
    assert said == "all answers give the same score"

"""How the price-or-service page speaks of the noise of scores, by grade."""

import numpy as np
import pytest

from churnlab.answers import scenario
from churnlab.lifetime import HazardFit
from churnlab.risk import Calibration, Effect

FIT = HazardFit(np.array([-4.0, -0.1, -0.3]), np.eye(3) / 100, -500.0, 90, 9000)


def effect_of(grade, *, low, value, high):
    read = Calibration("service", 7.5, 1.2, value, low, high, 0.1, 0.2, grade, 150)
    return Effect(("tenure", "service"), FIT, {"service": 7.5}, (), 200, (read,), FIT)


@pytest.mark.parametrize(
    ("grade", "said"),
    [
        ("corrected", ["corrected for the noise", "70 % (95 % interval 60 % to 80 %)", "150 clients", "kindness"]),
        ("assumed", ["Too few clients answered twice", "70 % (range 60 % to 80 %)", "assumed (grade A)"]),
        ("cannot tell", ["cannot tell how noisy answers are", "not corrected", "understated"]),
    ],
)
def test_direction_each_grade_is_said_in_its_own_words(grade, said):
    sentence = scenario._reading(effect_of(grade, low=0.6, value=0.7, high=0.8))
    assert all(words in sentence for words in said), sentence


def test_without_scores_nothing_is_said_of_them():
    assert scenario._reading(Effect(("tenure",), FIT, {}, (), 200)) == ""

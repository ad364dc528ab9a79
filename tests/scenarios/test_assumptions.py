"""What is assumed can be neither misspelt nor out of range, and every symbol of the model has a row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnlab.scenarios import (
    DEFAULTS,
    EVIDENCE,
    GROUPS,
    Policy,
    check_assumptions,
    draw_assumptions,
    held_at,
    spread,
)

SYMBOLS = """
    alpha beta_S kappa_c sd_u beta_n h_exo turn follow L0 q* o* a* da cap_g need_g reach rho sigma
    omega_q omega_o omega_a omega_p p_ref lam_F eta pattern rho_rec bonus_rec kappa_rec x_rec gamma_L
    delta_L L_max v0 v_up v_grant r0 r_S lam_O mu_D D_max camp camp_on camp_off xi s0 v_s s_G tau theta
    mu_match m_eff lam_ask step cap beta_acq lam_ref say_do HR_ref lam_new v_new omega_plus omega_minus
    chi dw pi_price pi_service pi_personal delta_w HR_2 tier at phi margin r c_serv c_fix c_acq c_win rf
    DSO PD_new PD_regular LGD pi_resp pi_resp_S sd_b sigma_Y
"""


def test_every_symbol_of_the_model_has_one_row():
    assert sorted(known.symbol for known in EVIDENCE.values()) == sorted(SYMBOLS.split())


@pytest.mark.parametrize("name", sorted(EVIDENCE))
def test_property_every_row_has_evidence_and_its_draws_stay_in_range(name):
    known = EVIDENCE[name]
    assert known.grade in set("DRCA")
    assert known.group in {*GROUPS, "survey"}
    assert known.low <= known.default <= known.high
    assert known.unit
    assert known.source
    drawn = draw_assumptions(200, rng=2)[name]
    assert known.low - 1e-12 <= drawn.min() <= drawn.max() <= known.high + 1e-12


def test_property_weights_of_satisfaction_sum_to_1():
    drawn = draw_assumptions(100, rng=3)
    total = sum(drawn[f"weight_{part}"] for part in ("quality", "timing", "attention"))
    np.testing.assert_allclose(total, 1.0)
    means = [drawn[f"weight_{part}"].mean() for part in ("quality", "timing", "attention")]
    np.testing.assert_allclose(means, [0.35, 0.4, 0.25], atol=0.05)


def test_reference_quantiles_of_the_laws():
    half = spread({name: np.array([0.5]) for name in EVIDENCE})
    assert half["offers_per_year"][0] == pytest.approx(np.sqrt(0.06 * 1.2))
    assert half["offer_depth"][0] == pytest.approx(0.06)
    assert half["satisfaction_effect"][0] == pytest.approx(0.25)
    assert half["causal_share"][0] == pytest.approx(0.6857, abs=1e-3)  # median of Beta(4, 2)


def test_assumptions_out_of_range_or_misspelt_are_refused_all_at_once():
    with pytest.raises(ValueError, match=r"margin = 0\.9, expected 0\.2 to 0\.36") as refused:
        check_assumptions({"margin": 0.9, "offer_depht": 0.05, "causal_share": float("nan"), "discount_rate": 0.15})
    for told in ("offer_depht is no assumption (did you mean offer_depth", "causal_share = nan"):
        assert told in str(refused.value)
    assert "discount_rate" not in str(refused.value)
    with pytest.raises(ValueError, match="marjin is no assumption"):
        draw_assumptions(3, rng=1, fixed={"marjin": 0.3})
    with pytest.raises(ValueError, match="marjin is no assumption"):
        held_at(3, {"marjin": 0.3})


@given(st.sampled_from(sorted(EVIDENCE)))
def test_property_holding_one_assumption_leaves_the_other_draws_alone(name):
    free, fixed = draw_assumptions(20, rng=7), draw_assumptions(20, rng=7, fixed={name: DEFAULTS[name]})
    assert set(fixed[name]) == {DEFAULTS[name]}
    weights = {f"weight_{part}" for part in ("quality", "timing", "attention")}
    others = set(EVIDENCE) - {name} - (weights if name in weights else set())
    assert all(np.array_equal(free[other], fixed[other]) for other in others)


def test_policies_that_cannot_be_are_refused_all_at_once():
    with pytest.raises(ValueError, match=r"price_cut = 1.*service_cost = -0.1"):
        Policy(name="wrong", price_cut=1.0, service_cost=-0.1)
    for lever, value in (("service_points", 11.0), ("recovery", 1.1), ("managers", -1)):
        with pytest.raises(ValueError, match=f"{lever} = "):
            Policy(**{"name": "wrong", lever: value})

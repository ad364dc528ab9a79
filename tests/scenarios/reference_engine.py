# ruff: noqa: C901, PLR0912, PLR0915, PLR0917 -- one plain list of steps is the point of it
"""A second engine in plain Python: one client after the other, numbers of its own, no cascade and no newcomers."""

import math
import random


def play(p: dict, lever: dict, usual: dict, rng: random.Random, months: int, hazard: float, slope: float) -> tuple:
    """One client of sales 1 a month and satisfaction 8: its discounted profit and months until it first left."""
    level, rate = 8.0, p["failures"] * usual["failures"]
    sd = p["perception_noise"] / math.sqrt(1 - (1 - p["perception_memory"]) ** 2)
    again = 1 - (1 - rate * (1 - usual["recovery"])) ** 6
    silent = (1 - usual["recovery"]) * (1 + (p["failure_pattern"] - 1) * again)
    taken = rate * p["failure_hit"] * (usual["recovery"] * (1 - p["recovery_share"]) + silent)
    weights = [p["weight_quality"], p["weight_timing"], p["weight_attention"]]
    mean, wide = level - 7, sd * math.sqrt(sum(w * w for w in weights))
    normal = 0.5 * (1 + math.erf(mean / wide / math.sqrt(2)))
    above = mean * normal + wide * math.exp(-0.5 * (mean / wide) ** 2) / math.sqrt(2 * math.pi)
    off = p["vigilance_off"] + p["vigilance_off_by_point"] * above
    vigilant = rng.random() < p["vigilance_on"] / (p["vigilance_on"] + off)
    loyalty = min(p["loyalty_gain"] * above / p["loyalty_fading"], p["loyalty_most"])
    campaign = rng.random() < p["campaign_start"] / (p["campaign_start"] + p["campaign_end"])
    start = [min(max(level + sd * rng.gauss(0, 1), 0), 10) for _ in range(3)]
    paths = {"own": start[:], "usual": start[:]}  # the same client under the policy, and as the plant does today
    last = {"own": -99, "usual": -99}
    discount, granted, active, first, value, lost_to, lost_in, second = 0.0, 0.0, True, months, 0.0, "", 0, 0.0
    for month in range(1, months + 1):
        noise = [rng.gauss(0, 1) for _ in range(3)]
        failure, handled, severity = rng.random(), rng.random(), rng.expovariate(1)
        spent, felt = 0.0, {}
        for name, levers in (("own", lever), ("usual", usual)):
            now = paths[name]
            for j in range(3):
                aim = (
                    level + levers["service_points"] * p["service_reach"] + (taken / p["perception_memory"]) * (j == 1)
                )
                aim += levers["attention_points"] * p["service_reach"] * (j == 2)
                now[j] += p["perception_memory"] * (aim - now[j]) + p["perception_noise"] * noise[j]
                now[j] = min(max(now[j], 0), 10)
            if failure < p["failures"] * levers["failures"]:
                told = handled < levers["recovery"]
                worse = p["failure_pattern"] if not told and month - last[name] <= 6 else 1
                now[1] = max(now[1] - p["failure_hit"] * severity * worse * (1 - p["recovery_share"] * told), 0)
                last[name] = last[name] if told else month
                if name == "own" and told and active:
                    spent = p["recovery_cost"] * severity * (1 - discount)
            cheap = 100 * p["price_points"] * (1 - (1 - levers["price_cut"]) * (1 - discount * (name == "own")))
            felt[name] = (sum(w * x for w, x in zip(weights, now, strict=True)), cheap)
        satisfaction = min(max(sum(felt["own"]), 0), 10)
        above = max(satisfaction - 7, 0)
        loyalty = min((1 - p["loyalty_fading"]) * loyalty + p["loyalty_gain"] * above, p["loyalty_most"])
        turn, was = rng.random(), vigilant
        if was:
            vigilant = turn >= p["vigilance_off"] + p["vigilance_off_by_point"] * above
        else:
            vigilant = turn < p["vigilance_on"] + p["vigilance_by_grant"] * granted
        granted, before = 0.0, discount
        move = rng.random()
        campaign = move >= p["campaign_end"] if campaign else move < p["campaign_start"]
        offers = p["offers_per_year"] / 12 * (p["campaign_offers"] if campaign else 1)
        offers *= 1 + p["vigilant_offers"] * vigilant
        price = matched = 0.0
        if rng.random() < offers:
            depth = min(rng.expovariate(1) * p["offer_depth"], p["offer_deepest"])
            gain = depth - p["implicit_counted"] * p["implicit_cost"] - loyalty - discount - lever["price_cut"]
            gain -= p["switching_cost"] * (1 - p["vigilance_relief"] * vigilant)
            price = 1 / (1 + math.exp(-gain / p["switching_spread"]))
            if rng.random() < p["match_chance"] * lever["matching"]:
                price, matched = price * (1 - p["match_power"]), depth / 2
        leaves = rng.random() < p["manager_turnover"] / 12
        personal = leaves * p["follow"] * loyalty / (loyalty + p["follow_loyalty"])
        moved = sum(x - y for x, y in zip(felt["own"], felt["usual"], strict=True))
        seen = felt["usual"][0] - level + felt["usual"][1]
        service = 1 - math.exp(-hazard * math.exp(-slope * (seen + p["causal_share"] * moved) + second))
        if active:
            for reason, chance in zip(("", "personal", "service", "price"), (p["exogenous_hazard"], personal, service, price), strict=True):  # fmt: skip  # noqa: E501
                if rng.random() < chance:
                    active, lost_to, lost_in, first = False, reason, month, min(first, month - 1)
                    break
        if active and matched:
            discount = max(min(discount + matched, p["discount_most"]), discount)
        if active and vigilant and rng.random() < p["asking"] and rng.random() < lever["grant"]:
            discount = max(min(discount + p["ask_step"], p["discount_most"]), discount)
        granted = discount - before
        back = 0.0
        if not active and lost_to and lost_in < month:
            chance = p[f"return_{lost_to}"] * math.exp(-p["return_fading"] * (month - lost_in - 1))
            if rng.random() < chance * lever["winning_back"]:
                active, discount = True, lever["return_discount"]
                second = math.log(p["second_life_ratio"]) + p["discount_effect"] * discount
                back, granted = p["return_cost"] * (1 - discount), 0.0
        if active:
            owed, sales = p["days_outstanding"] * 12 / 365, (1 - lever["price_cut"]) * (1 - discount)
            cost = p["financing_rate"] / 12 * owed + p["default_regular"] / 12 * p["loss_given_default"] * owed
            profit = sales * (1 - cost) - (1 - p["margin"]) - lever["service_cost"] * p["service_costs"]
        value += ((profit if active else 0.0) - spent - back) * (1 + p["discount_rate"]) ** (-month / 12)
    return value, first

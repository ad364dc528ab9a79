"""The page of benchmarks follows from what is stored; its sentences from the figures."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
FIGURE = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")
PLACES = re.compile(r"(/[a-z]+){2,}|://|\\\\")

pytestmark = pytest.mark.xdist_group("sample")


@pytest.fixture(scope="module")
def page():
    """What the script of the page defines."""
    return runpy.run_path(str(ROOT / "benchmarks/page.py"))


def _run(who, cpu, *, ours=False, found=(), peak=(100.0, 101.0, 102.0)):
    given = {"who": who, "ours": ours, "peer": "" if ours else who, "scale": 1, "note": "", "found": list(found)}
    return given | {"cpu": list(cpu), "whole": [each + 1 for each in cpu], "peak": list(peak), "versions": {}}


def _stored(*runs, better="equal", compared="value"):
    task = {"what": "A fit", "short": "fit", "compared": compared, "better": better, "apart": 0.005, "digits": 2}
    where = {"machine": dict.fromkeys(("processor", "cores", "memory_gb", "system", "python"), 1), "load": [1, 1]}
    named = {"title": "Fits", "minutes": 1.0, "measured_on": "2026-01-01", "tasks": [task | {"runs": list(runs)}]}
    return {"fits": where | named}


def test_page_is_what_its_command_writes(page):
    """Words and shapes as they stand; the figures' coordinates may differ in their last digits between machines."""
    written = page["made"](page["results"](), page["read_scale"]())
    assert written.pop(page["PAGE"]) == page["PAGE"].read_text(encoding="utf-8")
    assert {path.name for path in written} == {path.name for path in page["FIGURES"].glob("*.svg")}
    for path, text in written.items():
        stored = path.read_text(encoding="utf-8")
        assert FIGURE.sub("#", text) == FIGURE.sub("#", stored), path.name
        now, then = (np.array(FIGURE.findall(each), dtype=float) for each in (text, stored))
        assert now == pytest.approx(then, abs=0.05), path.name


def test_stored_results_name_no_place_of_a_machine(page):
    for file in page["RESULTS"].glob("*.json"):
        assert not PLACES.search(file.read_text(encoding="utf-8")), file.name


def test_property_a_peer_that_takes_less_is_named_and_one_that_overlaps_is_not(page):
    ours = _run("churnlab", (1.0, 1.1, 1.2), ours=True, found=[1.0])
    less, same = _run("quick", (0.5, 0.6, 0.7), found=[1.0]), _run("alike", (0.9, 1.0, 1.3), found=[1.0])
    text = page["made"](_stored(ours, less, same), None)[page["PAGE"]]
    assert "takes less CPU seconds in 0, the peer in 1; 1 overlap" in text.replace("\n", " ")
    assert "- Less CPU seconds: quick, A fit: 0.545 of ours." in text
    assert "Less CPU seconds: alike" not in text
    assert "**0.545 (0.417 to 0.7)**" in text


def test_property_a_better_grade_of_a_peer_is_named_beyond_what_is_nothing(page):
    ours = _run("churnlab", (1.0, 1.0, 1.0), ours=True, found=[-100.0])
    higher, level = _run("higher", (2.0, 2.0, 2.0), found=[-99.9]), _run("level", (2.0, 2.0, 2.0), found=[-99.998])
    text = page["made"](_stored(ours, higher, level, better="high"), None)[page["PAGE"]]
    assert "- Better: higher, A fit: value: -99.90, ours -100.00." in text
    assert "Better: level" not in text


def test_a_peer_that_did_not_install_stays_on_the_page_with_the_reason(page):
    missing = {"who": "gone", "ours": False, "peer": "gone", "failed": "did not install: no wheel"}
    ours, there = _run("churnlab", (1.0, 1.0, 1.0), ours=True), _run("there", (2.0, 2.0, 2.0))
    text = page["made"](_stored(ours, there, missing), None)[page["PAGE"]]
    assert "| A fit | gone | did not install: no wheel |" in text
    assert "- gone: did not install: no wheel." in text


def test_recovery_the_exponent_of_growing_cost(page):
    clients = np.array([200.0, 2000.0, 20000.0, 100000.0])
    wobble = np.array([1.02, 0.98, 1.01, 0.99])
    slope, low, high = page["exponent"](clients, 0.01 * clients**0.8 * wobble)
    assert low < 0.8 < high
    assert slope == pytest.approx(0.8, abs=0.01)
    sizes = [
        {"clients": number, "orders": 50 * number, "wall_s": cost, "cpu_s": cost, "peak_mb": 100 + cost}
        for number, cost in zip(clients, 0.01 * clients**0.8 * wobble, strict=True)
    ]
    text, figures = page["scale_part"](sizes)
    assert "CPU seconds grow as clients to the power of 0.8" in text.replace("\n", " ")
    assert set(figures) == {"scale-cpu_s.svg", "scale-peak_mb.svg"}
    assert "Not measured yet" in page["scale_part"](None)[0]

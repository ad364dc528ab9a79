"""The words that lie beside a plant's tables."""

from collections.abc import Iterable

from churnlab.tables.plant.facts import Fact
from churnlab.tables.plant.laws import LAWS
from churnlab.tables.plant.make import SEED, Plant

MAPPING = """\
# The plant is made up: its firms do not exist, so that pages may show their names.
show_names = true
base_currency = "EUR"
"""

_PLANTED = """\
## What is planted

- Three lines: particleboard, bought by nearly all and for long; cement-bonded board, sold since April
  2017; house building, since January 2024, mostly over one collective retail account that is no firm.
  A client takes a line up, keeps it for a time, and may take it up again later.
- Each client orders in its own rhythm, more regular than chance (gamma gaps), some more than others. There is
  a building season, a quiet January and a pause in July; volumes wander. Seven in ten leavers order less and
  less often in their last two to eight months.
- Clients leave over service (the lower their satisfaction, the sooner: a factor of 1.73 a point), over
  price (when a competitor makes an offer; campaigns treble the offers, and clients won on price take them
  more readily), over a person (more so after a manager has left), because the firm ended, or because the
  need has. Some are frailer than others (log-normal); referred ones leave less over service. Those who left
  over price come back more often than those who left over service; who came back leaves a fifth more easily.
- Satisfaction weighs quality .40, timing .35 and attention .25. It has a level of the client's own and moves
  slowly. Timing was poor in 2021 and 2022. Where timing is low, more deliveries are late. `changes` notes a new
  unloading routine in July 2022, when timing was on its way back, and a web site in May 2024, which moves nobody.
- Managers call more, and give more discount, where they sense discontent or an order book that fades: clients
  with many calls and discounts leave *more*, though neither drives them away. Read as a cause it fools.
- One manager has five large accounts beside his many small ones; his clients get less attention. The last
  manager left in March 2022, and a successor took over.
- A failure costs timing for some months. Told openly and covered, four fifths of the harm is undone; there is
  no bonus on top: a client is not more loyal than before.
- Surveys, since 2019, go to clients that ordered in the six months before. The dissatisfied answer less, and
  those that have silently left much less. A score is the latent value with the client's bias (standard
  deviation 0.6), noise (1.0, with heavier tails than the normal law), 0.3 on the phone, and 0.6 where the
  account's own manager asks. The monthly wave asks a third of the clients each time, and only `recommend`.
- Reasons of losses are coded by the sales department: some are unknown, and 15 % of those lost over service
  are put down to price. `date` is the day of leaving, `known_on` the day on which it was noted.
- The largest client makes more than a fifth of the sales. Four client numbers belong to one group, one of
  them below another. One client's number changed in May 2021: earlier rows carry the old one. These, and the
  five large accounts, are settled: they do not leave within the records.
- About 1 % of the order lines come back. All invoices are in EUR; `rates` lists the krona, which none of them needs.
"""

_FACTS_HEAD = [
    "## Facts",
    "",
    "Counted in these files, against the article on such a plant that it follows.",
    "",
    "| fact | the article, or what was asked for | here |",
    "|---|---|---|",
]
_TRUTH = """\
## Truth

`truth/` holds what no plant can know. Models do not read it; only the cells "What was true" at the end of the
notebooks and the project's validation do.
"""


def readme(plant: Plant, told: Iterable[Fact]) -> str:
    """Write the README of a plant.

    Parameters
    ----------
    plant : Plant
        As made.
    told : iterable of Fact
        About it.

    Returns
    -------
    str
        Markdown.
    """
    options = "" if plant.law == "service" else f" --law {plant.law}"
    options += "" if plant.clients == 200 else f" --clients {plant.clients}"
    options += "" if plant.seed == SEED else f" --seed {plant.seed}"
    rows = [f"| {fact.name} | {fact.asked} | {_value(fact)} |" for fact in told]
    return "\n".join(
        [
            "# A made-up plant",
            "",
            f"A plant that makes wood panels, with about {plant.clients} clients at the end of nine years of records,",
            "2017 to 2025. **No firm, person, order or answer in it is real.** Free for any use (CC0 1.0, no rights",
            "reserved).",
            "",
            f"`churnlab sample DIR{options}` makes it, byte for byte the same each time.",
            "",
            "Every file is a CSV table; `datapackage.json` describes them (Frictionless: columns, units, keys,",
            "licence).",
            "`mapping.toml` says that names may be shown and that totals are in EUR.",
            "",
            _PLANTED,
            *_law_words(plant.law),
            *([*_FACTS_HEAD, *rows, ""] if rows else []),
            _TRUTH,
        ]
    )


def _law_words(law: str) -> list[str]:
    """Say in what this law differs from the one described."""
    said = {
        "service": [],
        "price": [
            "**Law `price`:** satisfaction does not move leaving; offers are more frequent and taken more readily."
        ],
        "neither": ["**Law `neither`:** satisfaction does not move leaving, and competitors make no offers."],
        "poisson": ["**Law `poisson`:** orders come as a Poisson process, without season, wandering or fading."],
        "no-frailty": ["**Law `no-frailty`:** all clients are as frail."],
    }
    words = said[LAWS[law].name]
    return [*words, ""] if words else []


def _value(fact: Fact) -> str:
    if fact.unit == "%":
        return f"{fact.value:.0f} %" if fact.value >= 10 else f"{fact.value:.1f} %"
    return f"{fact.value:.1f} {fact.unit}" if fact.unit else f"{fact.value:.0f}"

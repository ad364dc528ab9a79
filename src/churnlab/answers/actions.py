"""What is to be done, as sheets: whom to call, who is key, whom to ask back, what to expect, what to send."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from churnlab.answers.asking_back import worth_asking
from churnlab.answers.call_sheet import SILENT, what_each_will_order
from churnlab.answers.called import called
from churnlab.answers.calls import whom_to_call
from churnlab.answers.deals import DealsAnswer, what_is_an_offer_worth
from churnlab.answers.invitations import asked
from churnlab.answers.key_clients import who_is_key
from churnlab.answers.leaving import when_has_a_client_left
from churnlab.answers.plain import factor, plainer
from churnlab.answers.said import promoters_to_ask, strengths_and_threats
from churnlab.answers.study import Study
from churnlab.answers.summary_words import money_sentence
from churnlab.answers.words import count, listed
from churnlab.tables import CONTRACT, findings_frame

Kind = Literal["text", "day", "money", "share", "whole", "figure"]
"""How a column's values are written; money in the currency of the orders, shares as percent."""

_YEAR = pd.Timedelta(days=365)
_DUE: Final = {"due_early": "one", "due": "five", "due_late": "nine"}
REST: Final = pd.Timedelta(days=90)
"""Nobody is asked again so soon after an invitation; ours."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a sheet.

    Attributes
    ----------
    title : str
        Its header.
    kind : str
        How values are written.
    says : str
        What it holds, for the data dictionary.
    """

    title: str
    kind: Kind
    says: str


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet of the workbook.

    Attributes
    ----------
    name : str
        At most 31 characters, letters and spaces.
    says : str
        What it is for.
    fields : tuple of Field
        Its columns, as those of the frame.
    frame : DataFrame
        Rows; missing values are left empty.
    empty : str
        Why there are no rows, where there are none.
    """

    name: str
    says: str
    fields: tuple[Field, ...]
    frame: pd.DataFrame
    empty: str


def action_sheets(study: Study) -> tuple[Sheet, ...]:
    """Lay out all sheets, the data dictionary last.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    tuple of Sheet
    """
    parts = (_calls, _key, _back, _said, _expected, _deal, _surveys, _promoters, _found)
    sheets = tuple(part(study) for part in parts)
    return (*sheets, _dictionary(sheets))


def action_notes(study: Study) -> tuple[str, ...]:
    """Say what a reader of the sheets should know first.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    tuple of str
        The currency; why `value at risk` is not `risk` times `value`; how many clients stand in two sheets.
    """
    said = [
        money_sentence(study),
        "'value at risk' is not 'risk' times 'value': who goes within the year still brings something before it does, "
        "so that its going takes a part of the value only.",
    ]
    both = int(study.ask(what_each_will_order).clients["client_id"].isin(_away(study).index).sum())
    if both:
        said.append(
            f"{count(both)} clients stand in both 'Call sheet' and 'Win-back': silent past their limit, or noted as "
            "lost, but some orders are still to be expected; the column 'note' says which."
        )
    return tuple(said)


def _away(study: Study) -> "pd.Series[bool]":
    """Clients under Win-back, and whether their silence has reached its limit."""
    asked_back = study.ask(what_is_an_offer_worth).asked["client_id"]
    last = study.lives().frame.drop_duplicates("client_id", keep="last").set_index("client_id")["left_on"]
    return asked_back.map(last).notna().set_axis(asked_back)


def _noted(study: Study, clients: "pd.Series[str]") -> list[str]:
    """Why clients of a sheet also stand under Win-back; empty where they do not."""
    words = {True: f"{SILENT}: also under Win-back", False: "noted as lost, not silent past its limit: see Win-back"}
    return [words.get(one, "") for one in clients.map(_away(study))]


def surveys_to_send(study: Study) -> pd.DataFrame:
    """Clients whose opinion is not known, or not known any more, and whom nobody asked lately.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    DataFrame
        ``client_id``, ``last_asked``, ``last_answered`` (NaT if never), ``why``; those who never answered first, then
        by the day of the last answer. Only clients that have not left, and none invited within :data:`REST`.
    """
    lives = study.lives().frame.drop_duplicates("client_id", keep="last")
    here = lives.loc[lives["left_on"].isna(), "client_id"].sort_values()
    frame = pd.DataFrame({"client_id": here}).reset_index(drop=True)
    surveys = study.tables.surveys
    sent = None if surveys is None else asked(surveys)
    for name in ("last_asked", "last_answered"):
        rows = None if sent is None else sent[sent["answered"] | (name == "last_asked")]
        known = {} if rows is None else rows.groupby("client_id")["survey_date"].max().to_dict()
        frame[name] = pd.to_datetime(frame["client_id"].map(known))
    frame = frame[~(frame["last_asked"] > study.as_of - REST)]
    frame = frame[~(frame["last_answered"] > study.as_of - _YEAR)]
    never = frame["last_asked"].isna()
    frame["why"] = "last answer older than a year"
    frame.loc[frame["last_answered"].isna(), "why"] = "asked, never answered: ask in another way"
    frame.loc[never, "why"] = "never asked"
    order = ["last_answered", "last_asked", "client_id"]
    return frame.sort_values(order, na_position="first", ignore_index=True)


def deal_sheet(found: DealsAnswer) -> pd.DataFrame:
    """Set an offer beside our price for the client: what each costs by 100 of our price, and what the total hangs on.

    Parameters
    ----------
    found : DealsAnswer
        Offers and implicit costs.

    Returns
    -------
    DataFrame
        ``item``, ``ours``, ``theirs``, ``low``, ``high``; ``total_low``, ``total_high``: the other's total with this
        item at the ends of its range and all others in their middles; ``source``. The last row is the premium that our
        service is worth: what of our price the implicit costs make up for.
    """
    offer, middle = found.deals[0], 100 * (1 - found.deals[0].discount)
    total = middle + 100 * offer.implicit.value
    ends = [100 * (1 - found.depth.high), 100 * (1 - found.depth.low)]
    rows: list[tuple[Any, ...]] = [
        ("price", 100.0, middle, *ends, total - middle + ends[0], total - middle + ends[1], "offers seen, or assumed")
    ]
    for cost in found.costs:
        low, high = (total + 100 * (end - cost.value) for end in (cost.low, cost.high))
        rows.append((cost.name, 0.0, 100 * cost.value, 100 * cost.low, 100 * cost.high, low, high, cost.source))
    whole = [100 * end for end in (offer.implicit.low, offer.implicit.high)]
    rows.append(("all together", 100.0, total, ends[0] + whole[0], ends[1] + whole[1], None, None, "the widest case"))
    rows.append(
        ("premium that service is worth", None, 100 * offer.implicit.value, *whole, None, None, "if all counted")
    )
    names = ["item", "ours", "theirs", "low", "high", "total_low", "total_high", "source"]
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[1:-1], "float64"))


def swing_sentence(sheet: pd.DataFrame) -> str:
    """Say which item of a deal sheet moves the other's total most, and whether any alone makes it as dear as ours."""
    known = sheet.dropna(subset=["total_low", "total_high"])
    wide = known.iloc[int((known["total_high"] - known["total_low"]).to_numpy().argmax())]
    total = float(sheet.loc[sheet["item"] == "all together", "theirs"].iloc[0])
    crossing = list(known.loc[(known["total_low"] < 100) & (known["total_high"] >= 100), "item"])
    alone = f"{listed(crossing)} alone can make" if crossing else "no item alone makes"
    side = "the other as dear as ours" if total < 100 else "the other cheaper than ours"
    return (
        f"By 100 of our price the other costs {total:.1f} with all counted, and {wide['item']} moves that most, from "
        f"{wide['total_low']:.1f} to {wide['total_high']:.1f}; {alone} {side} (each over its range)."
    )


_CLIENT = Field("client", "text", "code or name, as on the pages")
_MANAGER = Field("manager", "text", "who looks after it, as far as the tables say")


def _interval(title: str, kind: Kind, says: str, level: int = 95) -> tuple[Field, Field, Field]:
    """Give a figure and the ends of its interval."""
    low, high = (Field(f"{title}, {end}", kind, f"end of its {level} % interval") for end in ("low", "high"))
    return Field(title, kind, says), low, high


def _sheet(name: str, says: str, empty: str, frame: pd.DataFrame, fields: Mapping[str, Field]) -> Sheet:
    return Sheet(name, says, tuple(fields.values()), frame[list(fields)].reset_index(drop=True), empty)


def _labelled(frame: pd.DataFrame, label: Callable[[str], str], column: str = "client_id") -> pd.DataFrame:
    return frame.assign(**{column: [label(str(client)) for client in frame[column]]})


def _calls(study: Study) -> Sheet:
    found = study.ask(whom_to_call)
    frame = _labelled(found.chosen, study.label)
    frame["contact"] = frame["kind"].where(~frame["held_out"], "held out: do not call")
    frame["reasons"] = frame["reasons"].map(plainer)
    frame["topic"] = frame["topic"].map(factor, na_action="ignore")
    frame["note"] = _noted(study, found.chosen["client_id"])
    ahead = int(frame["horizon_months"].iloc[0]) if len(frame) else 0
    doing = called(study.ask(when_has_a_client_left)).doing
    risk = _interval("risk", "share", f"chance of {doing} within the months beside it")
    value = _interval(
        "value", "money", f"{found.unit} of the next {ahead} months, on average for clients like this, discounted"
    )
    stake = _interval(
        "value at risk", "money", f"risk times what {doing} within those months takes of the value; both at their ends"
    )
    fields = {
        "client_id": _CLIENT,
        "manager_id": _MANAGER,
        "contact": Field("contact", "text", "call or visit; those held out show later what calling does"),
        **dict(zip(("risk", "risk_low", "risk_high"), risk, strict=True)),
        "risk_months": Field("within months", "whole", "months that the risk covers"),
        **dict(zip(("value", "mean_low", "mean_high"), value, strict=True)),
        **dict(zip(("at_risk", "low", "high"), stake, strict=True)),
        "reasons": Field(
            "often seen with higher risk", "text", "goes with a higher risk in the records; not what causes it"
        ),
        "topic": Field("topic", "text", "weakest factor of its last answers"),
        "last_contact": Field("last contact", "day", "day of the last noted contact"),
        "failures": Field(
            "failures without contact since", "whole", "of the last 12 months, after which nobody called or visited"
        ),
        "occasions": Field("occasions", "text", "what falls into the next 30 days"),
        "note": Field("note", "text", "whether it also stands under Win-back, and why"),
    }
    says = (
        "Whom to call within the managers' hours, the most value at risk first. The highest risk is not always there."
    )
    return _sheet("Calls", says, found.none_sentence, frame, fields)


def _key(study: Study) -> Sheet:
    found = study.ask(who_is_key)
    fields = {
        "group": _CLIENT,
        "share": Field("share of sales", "share", "of all net sales of 12 months; counted, so without an interval"),
        "marks": Field("marks", "text", "by data or by flag"),
        "manager_id": _MANAGER,
        "undedicated": Field("nobody of its own", "text", "why no manager within the rule looks after it"),
    }
    says = "Clients and groups that bear a mark of a key client, by falling share."
    return _sheet(
        "Key clients", says, " ".join(found.key_sentences), _labelled(found.key, study.label, "group"), fields
    )


def _back(study: Study) -> Sheet:
    found = study.ask(what_is_an_offer_worth)
    chance = _interval("comes back", "share", "chance within 12 months, as clients did; not what asking adds")
    worth = _interval(
        "its return is worth", "money", "that chance times a second life, less the offer; intervals are not validated"
    )
    frame = found.asked.merge(worth_asking(study).frame.drop(columns="coded"), on="client_id", how="left")
    fields = {
        "client_id": _CLIENT,
        "left_on": Field("last order", "day", "day of the last order before the silence"),
        "months": Field("months away", "whole", "since then"),
        "coded": Field("noted reason", "text", "as the sales department wrote it down"),
        "ask": Field("ask back", "text", "by the trade's advice on the noted reason"),
        "argument": Field("with what", "text", "the trade's advice, not a finding of these data"),
        "amount": Field("sales of its last year", "money", "net, of the year up to the last order"),
        "margin": Field("margin of it", "money", "where costs are known"),
        **dict(zip(("chance", "chance_low", "chance_high"), chance, strict=True)),
        **dict(zip(("worth", "low", "high"), worth, strict=True)),
    }
    says = "Who is away today, those who bought most first, and whether to ask them back."
    return _sheet("Win-back", says, found.ask_sentence, _labelled(frame, study.label), fields)


def _expected(study: Study) -> Sheet:
    found = study.ask(what_each_will_order)
    orders = _interval("orders", "figure", "expected within the month to come", 80)
    kind: Kind = "money" if found.volume == "sales" else "whole"
    unit = "" if found.volume == "sales" else ", in the unit of the orders"
    volume = _interval(found.volume, kind, f"expected within the month to come{unit}", 80)
    clients = found.clients.assign(silent=found.clients["silent"].map({True: SILENT, False: ""}))
    due = {name: f"{often} in ten clients so silent have ordered by then" for name, often in _DUE.items()}
    fields = {
        "client_id": _CLIENT,
        "last_order": Field("last order", "day", "day of it"),
        **{name: Field(name.replace("_", " "), "day", says) for name, says in due.items()},
        **dict(zip(("orders", "orders_low", "orders_high"), orders, strict=True)),
        **dict(zip(("volume", "volume_low", "volume_high"), volume, strict=True)),
        "last_expected": Field("last month, orders expected", "figure", "as it would have been said then"),
        "last_came": Field("last month, orders came", "whole", "counted"),
        "surprise": Field("surprise", "text", "where so far off is rare"),
        "silent": Field("may have left", "text", "by its silence; a date when its next order is due means little"),
        "note": Field("note", "text", "whether it also stands under Win-back, and why"),
    }
    frame = _labelled(clients, study.label)
    frame["note"] = _noted(study, clients["client_id"])
    says = f"What each client is expected to order from {found.as_of:%Y-%m-%d} until {found.ends:%Y-%m-%d}."
    return _sheet("Call sheet", says, "Of nobody an order is expected.", frame, fields)


def _deal(study: Study) -> Sheet:
    found = study.ask(what_is_an_offer_worth)
    fields = {
        "item": Field("item", "text", "what is paid, by 100 of our price"),
        "ours": Field("ours", "figure", "bought from us"),
        "theirs": Field("the other", "figure", "bought from the other"),
        "low": Field("the other, low", "figure", "low end of the range"),
        "high": Field("the other, high", "figure", "high end of the range"),
        "total_low": Field("total at low", "figure", "the other's total with this item low, all others in the middle"),
        "total_high": Field("total at high", "figure", "the other's total with this item high"),
        "source": Field("where to learn it", "text", "put the client's own figures in the place of these"),
    }
    says = f"An offer beside our price, for the client to fill in. {found.depth_sentence}"
    return _sheet("Deal sheet", says, "", deal_sheet(found), fields)


def _surveys(study: Study) -> Sheet:
    fields = {
        "client_id": _CLIENT,
        "last_asked": Field("last asked", "day", "day of the last invitation"),
        "last_answered": Field("last answered", "day", "day of the last answer"),
        "why": Field("why", "text", "why it is worth asking"),
    }
    says = f"Clients whose opinion is not known or older than a year, none of them asked within {REST.days} days."
    frame = _labelled(surveys_to_send(study), study.label)
    if len(frame):
        fields = {name: field for name, field in fields.items() if frame[name].notna().any()}
    return _sheet("Surveys to send", says, "Everybody answered within a year, or was asked lately.", frame, fields)


def _said(study: Study) -> Sheet:
    fields = {
        "field": Field("field", "text", "strength, weakness, neither, opportunity or threat"),
        "what": Field("what", "text", "factor, noted reason, or competitor"),
        "clients": Field("clients", "whole", "clients who said it"),
        "told": Field("said", "text", "in words, with a 95 % interval where it is an estimate"),
    }
    says = "What clients said of us and of competitors: answers of a year and noted losses, not findings of a model."
    empty = "No scores of a year, no losses with a reason or a competitor."
    return _sheet("SWOT", says, empty, strengths_and_threats(study), fields)


def _promoters(study: Study) -> Sheet:
    fields = {
        "client_id": _CLIENT,
        "answered": Field("answered", "day", "day of its last answer"),
        "recommend": Field("recommend", "figure", "that answer, 0 to 10"),
    }
    says = "Present clients who would recommend us and are not noted to have brought anybody: ask for an introduction."
    empty = "Nobody, or answers or referrals are not noted."
    return _sheet("Promoters to ask", says, empty, _labelled(promoters_to_ask(study), study.label), fields)


def _found(study: Study) -> Sheet:
    frame = findings_frame(study.tables)
    says = {
        "file": "file of the data", "sheet": "sheet of it", "row": "row as a spreadsheet numbers it",
        "column": "its column", "value": "what stood there", "rule": "rule that met it",
        "severity": "error, warning or info", "action": "what was done with the row",
    }  # fmt: skip
    fields = {name: Field(name, "whole" if name == "row" else "text", says[name]) for name in says}
    return _sheet("Findings", "What the checks found in the data.", "The checks found nothing.", frame, fields)


def _dictionary(sheets: tuple[Sheet, ...]) -> Sheet:
    rows: list[tuple[str, str, str, str]] = []
    for sheet in sheets:
        rows += [(sheet.name, field.title, field.kind, field.says) for field in sheet.fields]
    rows += [
        (f"table {table.name}", column.name, column.kind, column.meaning)
        for table in CONTRACT.values()
        for column in table.columns
    ]
    frame = pd.DataFrame(rows, columns=["where", "column", "kind", "says"])
    fields = {
        "where": Field("sheet or table", "text", "where the column stands"),
        "column": Field("column", "text", "its name"),
        "kind": Field("kind", "text", "how it is written"),
        "says": Field("holds", "text", "what it holds"),
    }
    return _sheet("Data dictionary", "What every column holds, of these sheets and of the data.", "", frame, fields)

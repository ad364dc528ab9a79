"""A deliberately dirty copy of the sample: each fault is planted once, and where it stands is noted."""

import csv
import io
import shutil
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


class Dirty:
    """A copy of the sample into which faults are planted, with the findings that have to come of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.planted: set[tuple[str, int | None, str]] = set()
        self.lines: dict[str, list[str]] = {}
        for file in sorted(SAMPLE.glob("*.csv")):
            self.lines[file.stem] = file.read_text(encoding="utf-8").splitlines()
        shutil.copy(SAMPLE / "mapping.toml", folder)

    def rows(self, table: str) -> list[dict[str, str]]:
        return list(csv.DictReader(self.lines[table]))

    def expect(self, table: str, row: int | None, *rules: str) -> None:
        self.planted |= {(f"{table}.csv", row, rule) for rule in rules}

    def add(self, table: str, *rules: str, like: dict[str, str] | None = None, **cells: str) -> int:
        """Append a row; return its number as a spreadsheet shows it."""
        header = next(csv.reader(self.lines[table][:1]))
        self.add_line(table, _line([(dict.fromkeys(header, "") | (like or {}) | cells)[name] for name in header]))
        self.expect(table, len(self.lines[table]), *rules)
        return len(self.lines[table])

    def add_line(self, table: str, line: str) -> None:
        self.lines[table].append(line)

    def change(self, table: str, row: int, *rules: str, **cells: str) -> None:
        """Write other cells into a row that is there."""
        header = next(csv.reader(self.lines[table][:1]))
        old = dict(zip(header, next(csv.reader([self.lines[table][row - 1]])), strict=True))
        self.lines[table][row - 1] = _line([(old | cells)[name] for name in header])
        self.expect(table, row, *rules)

    def write(self, mapping: str = "") -> Path:
        """Write the files; return the folder."""
        for table, lines in self.lines.items():
            (self.folder / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        with (self.folder / "mapping.toml").open("a", encoding="utf-8") as stream:
            stream.write(mapping)
        return self.folder


def _line(cells: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="").writerow(cells)
    return stream.getvalue()


LEAVE_OUT = '[orders.leave_out]\nproduct_line = ["void"]\nclient_id = ["test client"]\n'


def row_by_row(folder: Path) -> Dirty:
    """Plant every fault that stands in a row."""
    dirty = Dirty(folder)
    _orders(dirty)
    _clients(dirty)
    _surveys(dirty)
    _others(dirty)
    dirty.write(LEAVE_OUT)
    return dirty


def _orders(dirty: Dirty) -> None:
    orders = dirty.rows("orders")
    sale = next(row for row in reversed(orders) if row["kind"] == "sale" and row["order_id"])
    new = sale | {"claim": "", "promised_date": "", "delivered_date": ""}

    def plant(*rules: str, **cells: str) -> None:
        number = f"planted-{len(dirty.lines['orders'])}"
        dirty.add("orders", *rules, like=new, **({"order_id": number} | cells))

    plant("empty client id", client_id="")
    plant("spaces around client id", client_id=f" {sale['client_id']}")
    plant("empty date", order_date="")
    plant("unreadable date", order_date="soon")
    plant("ambiguous date", order_date="03/04/2025")
    plant("placeholder date", order_date="1900-01-01")
    plant("future date", order_date="2999-01-01")
    plant("empty amount", amount="")
    plant("unreadable amount", amount="much")
    plant("ambiguous amount", amount="1,234")
    plant("unreadable number", quantity="some")
    plant("ambiguous number", cost="1,234")
    plant("unknown value", kind="gift")
    plant("negative amount without kind", kind="", amount="-1")
    plant("sign against kind", amount="-1")
    plant("zero amount", amount="0")
    plant("converted currency", currency="SEK")
    plant("other currency", currency="XYZ")
    plant("empty currency among several", currency="")
    plant("client called like a total", "client not in clients", client_id="Total 2023:")
    plant("delivered before ordered", delivered_date="2016-01-01")
    plant("manager not in managers", manager_id="M99")
    plant("client not in clients", client_id="nobody")
    plant("left out by the mapping", product_line="void")
    plant("client left out by the mapping", client_id="test client")
    dirty.add("orders", "total row", client_id="Total:", amount="99999")
    dirty.add_line("orders", dirty.lines["orders"][1] + ",one more")
    dirty.expect("orders", len(dirty.lines["orders"]), "wrong number of fields")
    dirty.add_line("orders", dirty.lines["orders"][1])
    dirty.expect("orders", len(dirty.lines["orders"]), "identical row")
    inside = "Pipe 5\n" + "," * dirty.lines["orders"][0].count(",")
    plant("rows inside a quotation", product_line=inside)
    other = next(row for row in orders if row["client_id"] != sale["client_id"] and row["kind"] == "sale")
    plant("conflicting order", order_id=other["order_id"])
    lonely = {"order_id": "planted-pair", "amount": "100"}
    dirty.add("orders", like=new | lonely)
    plant("return larger than its sale", order_id="planted-pair", kind="return", amount="-500")
    late = max(dirty.rows("clients"), key=lambda row: row["start_date"])
    plant("order before start", client_id=late["client_id"], order_date="2018-05-02")


def _clients(dirty: Dirty) -> None:
    clients = dirty.rows("clients")
    merged = {cell for row in dirty.rows("merges") for cell in row.values()}
    plain = [row for row in clients if not row["parent_id"] and row["client_id"] not in merged]
    plain = [row for row in plain if row["client_id"] not in {row["parent_id"] for row in clients}]
    numbers = {row["client_id"]: number for number, row in enumerate(clients, start=2)}
    first, second, third, fourth, fifth = plain[:5]
    dirty.change("clients", numbers[first["client_id"]], "parents in a circle", parent_id=second["client_id"])
    dirty.change("clients", numbers[second["client_id"]], parent_id=first["client_id"])
    dirty.add("clients", "repeated client", like=third)
    dirty.add("clients", "conflicting client", like=fourth, region="elsewhere")
    dirty.add("clients", "clients that look alike", client_id="new number", name=f"{fifth['name'].upper()}, Ltd.")
    dirty.add("clients", "unreadable flag", client_id="flagged", name="Quite Another Firm", is_reference="perhaps")
    for number in range(90):  # good ones, so that the bad ones are few
        dirty.add("merges", old_id=f"gone-{number}", new_id=third["client_id"])
    dirty.add("merges", "merged into two clients", old_id="old-a", new_id=third["client_id"])
    dirty.add("merges", "merged into two clients", old_id="old-a", new_id=fourth["client_id"])
    dirty.add("merges", "merged in a circle", old_id="old-b", new_id="old-c")
    dirty.add("merges", "merged in a circle", old_id="old-c", new_id="old-b")


def _surveys(dirty: Dirty) -> None:
    surveys = dirty.rows("surveys")
    asked = {row["client_id"] for row in surveys if row["recommend"]}
    silent = [row["client_id"] for row in dirty.rows("clients") if row["client_id"] not in asked]
    merged = {cell for row in dirty.rows("merges") for cell in row.values()}
    flat = next(client for client in silent if client not in merged)
    answer = next(row for row in reversed(surveys) if row["recommend"] and row["price"])
    new = answer | {"survey_date": "2016-05-05"}
    for day, (rule, cells) in enumerate(
        [
            ("score out of range", {"recommend": "11"}),
            ("unreadable score", {"quality": "good"}),
            ("unreadable flag", {"invited": "perhaps"}),
            ("unknown value", {"wave": "weekly"}),
            ("unknown value", {"mode": "fax"}),
        ],
        start=1,
    ):
        dirty.add("surveys", rule, like=new | {"survey_date": f"2016-06-{day:02d}"} | cells)
    dirty.add("surveys", like=new)
    dirty.add("surveys", "repeated survey on a day", like=new, recommend="3")
    scores = dict.fromkeys(("recommend", "quality", "timing", "attention", "price"), "7")
    for month in range(1, 5):
        rules = ("the same score to everything",) if month == 1 else ()
        day = {"client_id": flat, "survey_date": f"2024-{month:02d}-03"}
        dirty.add("surveys", *rules, like=new | day | scores)


def _others(dirty: Dirty) -> None:
    managers, rates, losses = dirty.rows("managers"), dirty.rows("rates"), dirty.rows("losses")
    for number in range(40):  # good ones, so that the bad ones are few
        dirty.add("managers", manager_id=f"N{number}", name=f"New {number}")
    dirty.add("managers", "repeated manager", like=managers[0])
    dirty.add("managers", "conflicting manager", like=managers[1], name="Someone Else")
    dirty.add("rates", "repeated rate", like=rates[0])
    dirty.add("rates", "conflicting rate", like=rates[1], rate="0.5")
    dirty.add("rates", "rate not above zero", currency="NOK", date="2017-01-01", rate="0")
    dirty.add("losses", "won back before lost", like=losses[-1], won_back_date="2010-01-01")
    dirty.add("contacts", "empty value", client_id=losses[-1]["client_id"], role="buyer")


def months_amiss(folder: Path) -> Dirty:
    """Take a month out, put one in twice, and break the last one off."""
    dirty = Dirty(folder)
    header, *rows = dirty.lines["orders"]
    day = header.split(",").index("order_date")
    months = sorted({row.split(",")[day][:7] for row in rows})
    absent, doubled, last = months[40], months[60], months[-1]
    kept = [row for row in rows if row.split(",")[day][:7] != absent]
    kept = [row for row in kept if not (row.split(",")[day] > f"{last}-10")]
    again = [row for row in kept if row.split(",")[day][:7] == doubled]
    dirty.lines["orders"] = [header, *kept, *again]
    for row in range(len(kept) + 2, len(kept) + 2 + len(again)):
        dirty.expect("orders", row, "identical row")
    dirty.expect("orders", None, "month without orders", "doubled load", "partial last month")
    dirty.write()
    return dirty


def scores_on_another_scale(folder: Path) -> Dirty:
    """Answers on a scale from 1 to 5."""
    dirty = Dirty(folder)
    header = next(csv.reader(dirty.lines["surveys"][:1]))
    scored = [header.index(name) for name in ("recommend", "quality", "timing", "attention", "price")]
    lines = [dirty.lines["surveys"][0]]
    for cells in csv.reader(dirty.lines["surveys"][1:]):
        for place in scored:
            cells[place] = str(1 + round(float(cells[place]) * 0.4)) if cells[place] else ""
        lines.append(_line(cells))
    dirty.lines["surveys"] = lines
    dirty.expect("surveys", None, "scores from 1 to 5 only")
    dirty.write()
    return dirty


def rows_lost(folder: Path) -> Dirty:
    """Lose more than one row in twenty of orders, and of contacts."""
    dirty = Dirty(folder)
    for table, column, rule in (
        ("orders", "amount", "too many rows dropped"),
        ("contacts", "name", "many rows dropped"),
    ):
        row = dirty.rows(table)[0]
        for _ in range(len(dirty.lines[table]) // 15):
            dirty.add(table, "empty amount" if table == "orders" else "empty value", like=row | {column: ""})
        dirty.expect(table, None, rule)
    dirty.write()
    return dirty


def returns_without_a_minus(folder: Path) -> Dirty:
    """Take the minus off every return, and leave one currency out."""
    dirty = Dirty(folder)
    for number, row in enumerate(dirty.rows("orders"), start=2):
        if row["kind"] == "return":
            dirty.change("orders", number, "sign against kind", amount=row["amount"].lstrip("-"))
    dirty.expect("orders", None, "returns are positive")
    dirty.add("orders", "empty currency", like=dirty.rows("orders")[0] | {"order_id": "planted", "currency": ""})
    dirty.write()
    return dirty


def a_grouped_report(folder: Path) -> Dirty:
    """Orders under headings, of which every one has a client of its own."""
    dirty = Dirty(folder)
    header, row = dirty.lines["orders"][0], dirty.rows("orders")[0]
    known = [client["client_id"] for client in dirty.rows("clients")][:40]
    dirty.lines["orders"] = [header]
    for day, client in enumerate(known):
        dirty.add("orders", "group heading", client_id=client)
        ordered = {"client_id": "", "order_id": client, "order_date": f"2024-{day % 12 + 1:02d}-{day % 28 + 1:02d}"}
        dirty.add("orders", like=row | {"promised_date": "", "delivered_date": ""} | ordered)
    dirty.expect("orders", None, "one order a client")
    dirty.write('[orders]\nfill_down = ["client_id"]\n')
    return dirty

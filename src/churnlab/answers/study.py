"""A study: one dataset loaded and checked once, and every answer to it computed once."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import platformdirs

import churnlab
from churnlab.answers import store
from churnlab.answers.telling import told
from churnlab.answers.words import count, shortened
from churnlab.history import Lives, OwnRhythm, Rule, departures, propose_rule, snapshots
from churnlab.lifetime import Estimate
from churnlab.risk.backtest import MOST_LEARNT
from churnlab.tables import DataError, Tables, load, part, pseudonymised

Answer = TypeVar("Answer")

_STUDIES_KEPT = 20
_DAYS = {
    "surveys": "survey_date",
    "touches": "date",
    "failures": "date",
    "offers_seen": "date",
    "losses": "date",
    "changes": "date",
}
_HEAD = "study.json"
_EARLIER = "earlier.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A prepared dataset and its answers.

    Attributes
    ----------
    folder : Path
        Where it lies in the cache.
    tables : Tables
        The dataset, rows before `as_of` only, with codes for clients unless names are shown.
    as_of : Timestamp
        The day on which the study stands; nothing from that day on is used.
    seed : int
        Seed of every draw.
    rule : OwnRhythm
        What counts as leaving.
    lookup : DataFrame or None
        Code, client_id and name; None where names are shown.
    earlier : DataFrame or None
        Forecasts of earlier runs, in the columns of ``results/risk.parquet`` and under the names of this study; None
        where none of an earlier day are known.
    """

    folder: Path
    tables: Tables
    as_of: pd.Timestamp
    seed: int
    rule: OwnRhythm
    lookup: pd.DataFrame | None
    earlier: pd.DataFrame | None = None

    def ask(self, question: "Callable[[Study], Answer]") -> Answer:
        """Answer a question, from the cache where it was answered before.

        Parameters
        ----------
        question : callable
            A function of a study that returns a frozen result; known by its module and name.

        Returns
        -------
        Answer
            As read back from the cache, so that the first and a later run see the same.
        """
        kept = self.folder / "answers" / f"{question.__module__}.{question.__name__}"
        if not store.holds(kept):
            with told(question.__name__):
                store.save(question(self), kept)
        return store.load(kept)

    def lives(self, rule: Rule | None = None) -> Lives:
        """Lives of clients as known today, by the study's rule or another; not to be changed."""
        return _lives(self, self.rule if rule is None else rule)

    @property
    def today(self) -> pd.DataFrame:
        """What is known today of each client at risk, one row each; not to be changed."""
        return _today(self)

    @property
    def learnt(self) -> Tables:
        """Rows that models learn from and are graded on: of all clients, or of some, evenly chosen, of a large book."""
        return _learnt(self)[0]

    @property
    def learnt_clients(self) -> tuple[int, int]:
        """How many clients with orders models learn from, and of how many."""
        return _learnt(self)[1:]

    @property
    def learnt_sentence(self) -> str:
        """Say that models have not seen all clients; empty where they have."""
        some, of = self.learnt_clients
        if some == of:
            return ""
        return f"Models learn from {count(some)} of {count(of)} clients, evenly chosen, and are graded on them."

    def graded_places(self, contacts: int | None) -> int | None:
        """Places of a list among the clients that are graded, one at least; None where no places are known."""
        some, of = self.learnt_clients
        return contacts if not contacts or some == of else max(1, round(contacts * some / of))

    def of_all(self, money: Estimate, contacts: int | None) -> Estimate:
        """Money that a list among those who are graded earns, at the length of the whole book's list."""
        some, of = self.learnt_clients
        places = self.graded_places(contacts)
        times = contacts / places if contacts and places else of / some
        return Estimate(*(end * times for end in (money.value, money.low, money.high)))

    def last_run(self) -> pd.DataFrame | None:
        """Forecasts of the latest of the earlier runs; None where there is none."""
        if self.earlier is None:
            return None
        return self.earlier[self.earlier["as_of"] == self.earlier["as_of"].max()].reset_index(drop=True)

    def label(self, client_id: str) -> str:
        """Return what pages call a client: its code, or its name where names are shown."""
        return shortened(_labels(self).get(client_id, client_id))


def prepare(
    data: str | Path,
    *,
    mapping: Path | None = None,
    as_of: str | None = None,
    seed: int = 1,
    names: bool = False,
    earlier: pd.DataFrame | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Study:
    """Load and check a dataset, and lay it into the cache.

    Parameters
    ----------
    data : str or Path
        What holds the orders, as `churnlab.tables.load` takes it.
    mapping : Path, optional
        Mapping file.
    as_of : str, optional
        Day, as YYYY-MM-DD; the day after the last order if not given.
    seed : int
        Seed of every draw.
    names : bool
        Show names and ids of clients in place of codes.
    earlier : DataFrame, optional
        Forecasts of earlier runs, in the columns of ``results/risk.parquet`` with the clients' own ids; those of the
        study's day and later ones are not used.
    progress : callable, optional
        Told what is being read, how many steps are done, and how many there are.

    Returns
    -------
    Study

    Raises
    ------
    churnlab.tables.DataError
        If orders cannot be had.
    churnlab.tables.MappingError
        If the mapping file holds mistakes.
    ValueError
        If no order lies before `as_of`.
    """
    tables, lookup = load(data, mapping, progress=progress), None
    if not (names or tables.show_names):
        tables, lookup = pseudonymised(tables)
    last = tables.orders["order_date"].max()
    day = pd.Timestamp(as_of).normalize() if as_of else last + pd.Timedelta(days=1)
    tables = _until(tables, day)
    key = [tables.fingerprint, f"{day:%Y-%m-%d}", str(seed), str(lookup is None), _code_hash(), *_libraries()]
    key += tables.notices
    before = _before(earlier, day, lookup)
    if before is not None:
        key.append(before.to_csv(index=False))
    folder = cache_folder() / hashlib.sha256("\n".join(key).encode()).hexdigest()[:24]
    study = Study(folder, tables, day, seed, propose_rule(tables.orders), lookup, before)
    if not (folder / _HEAD).is_file():
        _write(study)
    os.utime(folder)
    return open_study(folder)


def open_study(data: str | Path, *, as_of: str | None = None, seed: int = 1) -> Study:
    """Open a study: of a dataset, or one that lies prepared.

    Parameters
    ----------
    data : str or Path
        Folder of a dataset, or of a prepared study, which keeps its own day and seed.
    as_of : str, optional
        Day, as YYYY-MM-DD; the day after the last order if not given.
    seed : int
        Seed of every draw.

    Returns
    -------
    Study
    """
    folder = Path(data)
    if not (folder / _HEAD).is_file():
        return prepare(data, as_of=as_of, seed=seed)
    head = json.loads((folder / _HEAD).read_text(encoding="utf-8"))
    return Study(
        folder=folder,
        tables=store.load(folder / "tables"),
        as_of=pd.Timestamp(head["as_of"]),
        seed=head["seed"],
        rule=store.load(folder / "rule"),
        lookup=pd.read_parquet(folder / "lookup.parquet") if head["coded"] else None,
        earlier=pd.read_parquet(folder / _EARLIER) if (folder / _EARLIER).is_file() else None,
    )


def cache_folder() -> Path:
    """Where studies are kept: ``CHURNLAB_CACHE`` if set, else the user's cache folder."""
    given = os.environ.get("CHURNLAB_CACHE")
    return Path(given) if given else Path(platformdirs.user_cache_dir("churnlab", appauthor=False))


def _until(tables: Tables, day: pd.Timestamp) -> Tables:
    """Leave out rows from the day on."""
    orders = tables.orders[tables.orders["order_date"] < day].reset_index(drop=True)
    bought = tables.orders.loc[tables.orders["kind"] == "sale", "order_date"]
    if bought.empty:
        raise DataError(["expected sales, but all orders are returns or credits: check `kind` and signs"])
    if bought.min() >= day:
        first = bought.min()
        raise ValueError(
            f"expected sales before {day:%Y-%m-%d}, but the first is of {first:%Y-%m-%d}: choose a later day"
        )
    known: dict[str, Any] = {name: _known(getattr(tables, name), on, day) for name, on in _DAYS.items()}
    return replace(tables, orders=orders, **known)


def _before(earlier: pd.DataFrame | None, day: pd.Timestamp, lookup: pd.DataFrame | None) -> pd.DataFrame | None:
    """Forecasts of earlier days under the study's names for clients; those of clients unknown to it are left out."""
    if earlier is None:
        return None
    kept = earlier[earlier["as_of"] < day].reset_index(drop=True)
    if lookup is not None:
        codes = lookup.set_index("client_id")["code"]
        kept["client_id"] = kept["client_id"].map(codes)
        kept = kept.dropna(subset="client_id").reset_index(drop=True)
    return kept.astype({"client_id": "str"}) if len(kept) else None


def _known(table: pd.DataFrame | None, on: str, day: pd.Timestamp) -> pd.DataFrame | None:
    """Keep the rows that were known before a day: by `known_on` where it says so, else by their own date."""
    if table is None:
        return None
    since = table["known_on"].fillna(table[on]) if "known_on" in table else table[on]
    kept = table[since < day].reset_index(drop=True)
    if "won_back_date" in kept:
        kept["won_back_date"] = kept["won_back_date"].where(kept["won_back_date"] < day)
    return kept


def _write(study: Study) -> None:
    """Write all but the head, then the head: a folder with a head is whole."""
    study.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, kept in (("tables", study.tables), ("rule", study.rule)):
        if not store.holds(study.folder / name):
            store.save(kept, study.folder / name)
    if study.lookup is not None:
        study.lookup.to_parquet(study.folder / "lookup.parquet", index=False)
    if study.earlier is not None:
        study.earlier.to_parquet(study.folder / _EARLIER, index=False)
    head = {
        "as_of": f"{study.as_of:%Y-%m-%d}",
        "seed": study.seed,
        "coded": study.lookup is not None,
        "version": churnlab.__version__,
    }
    (study.folder / _HEAD).write_text(json.dumps(head), encoding="utf-8")
    _forget_old(study.folder.parent)


def _forget_old(folder: Path) -> None:
    """Keep the studies used last, and drop the others; folders that hold no study are not ours to drop."""
    studies = sorted((head.parent for head in folder.glob(f"*/{_HEAD}")), key=lambda path: path.stat().st_mtime)
    for old in studies[:-_STUDIES_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


@cache
def _code_hash() -> str:
    """Hash of this package's own code: a changed line makes every answer anew."""
    package = Path(churnlab.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _libraries() -> list[str]:
    """Versions of the libraries that figures depend on."""
    return [f"{name} {version(name)}" for name in ("numpy", "pandas", "scipy", "scikit-learn", "matplotlib")]


@cache
def _lives(study: Study, rule: Rule) -> Lives:
    return departures(study.tables.orders, as_of=study.as_of, rule=rule, clients=study.tables.clients)


@cache
def _today(study: Study) -> pd.DataFrame:
    return snapshots(study.tables, [study.as_of], rule=study.rule)


@cache
def _learnt(study: Study) -> tuple[Tables, int, int]:
    """Tables of those who are learnt from, how many they are, and of how many."""
    kept = part(study.tables, most=MOST_LEARNT)
    return kept, kept.orders["client_id"].nunique(), study.tables.orders["client_id"].nunique()


@cache
def _labels(study: Study) -> dict[str, str]:
    clients = study.tables.clients
    if clients is None or "name" not in clients:
        return {}
    named = clients.dropna(subset=["name"])
    return dict(zip(named["client_id"], named["name"], strict=True))

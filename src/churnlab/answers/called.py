"""How the summary, the workbook and pages of clients call it when a client stops ordering."""

from dataclasses import dataclass

from churnlab.answers.leaving import Leaving


@dataclass(frozen=True, slots=True)
class Called:
    """One word in the forms that sentences need.

    Attributes
    ----------
    doing, do, does, did, done : str
        As in "the risk of ...", "clients will ...", "a client ...", "who ...", and "half of them have ...".
    there : str
        What the others are.
    past : str
        As `do`, and past what.
    """

    doing: str
    do: str
    does: str
    did: str
    done: str
    there: str
    past: str


LEAVING = Called("leaving", "leave", "leaves", "left", "left", "still a client", "leave")
SILENCE = Called(
    "falling silent", "fall silent", "falls silent", "fell silent", "fallen silent", "still ordering",
    "fall silent past their limit",
)  # fmt: skip


def called(leaving: Leaving) -> Called:
    """Choose the words: where many silences that reached their limit were pauses, nothing is called leaving.

    Parameters
    ----------
    leaving : Leaving
        What counts as leaving, and how well that fits.

    Returns
    -------
    Called
    """
    return LEAVING if leaving.verdict == "leaving" else SILENCE

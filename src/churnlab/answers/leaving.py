"""When has a client left, and how often was a silence that looked like leaving only a pause?"""

from dataclasses import dataclass

import numpy as np

from churnlab.answers.shares import share
from churnlab.answers.study import Study
from churnlab.answers.words import interval, percent
from churnlab.lifetime import Estimate

_MOSTLY = 0.5
_OFTEN = 0.25


@dataclass(frozen=True, slots=True)
class Leaving:
    """What counts as leaving, and how well that fits.

    Attributes
    ----------
    rule : str
        The rule, in words.
    departures : int
        Silences that reached their limit.
    came_back : Estimate
        Share of them after which the client ordered again all the same.
    """

    rule: str
    departures: int
    came_back: Estimate

    @property
    def verdict(self) -> str:
        """``"pauses"`` where surely most silences were pauses, ``"often pauses"`` where many were, else ``"leaving"``.

        Pages do not speak of leaving under the first, and say so under the second.
        """
        if not np.isnan(self.came_back.low) and self.came_back.low > _MOSTLY:
            return "pauses"
        return "often pauses" if self.came_back.value > _OFTEN else "leaving"

    @property
    def verb(self) -> str:
        """How pages call what the rule sees."""
        return "leave" if self.verdict == "leaving" else "fall silent past their limit"

    @property
    def gerund(self) -> str:
        """How pages call what a single client does."""
        return "leaving" if self.verdict == "leaving" else "falling silent past its limit"

    @property
    def noun(self) -> str:
        """How tiles call what the rule sees."""
        return "lost" if self.verdict == "leaving" else "falling silent"

    @property
    def sentences(self) -> tuple[str, ...]:
        """The rule, and how often it was wrong so far."""
        said = [f"A client counts as gone after a silence of {self.rule}."]
        if self.departures:
            said.append(
                f"After {interval(self.came_back, percent)} of such silences the client has ordered again so far."
            )
        if self.verdict == "pauses":
            said.append(
                "We cannot tell leaving from pausing here: the records are too short against the clients' rhythms."
            )
        elif self.verdict == "often pauses":
            said.append(
                "Part of what counts as leaving here is a pause: read these figures as silence rather than loss."
            )
        return tuple(said)


def when_has_a_client_left(study: Study) -> Leaving:
    """Count departures, and those after which the client came back.

    Parameters
    ----------
    study : Study
        A prepared dataset.

    Returns
    -------
    Leaving
    """
    lives = study.lives().frame
    left = lives["left_on"].notna()
    later = lives.groupby("client_id")["life"].transform("max") > lives["life"]
    return Leaving(str(study.rule), int(left.sum()), share(int(later[left].sum()), int(left.sum())))

"""The claims that are validated, by what they are about; a claim goes stale with its own file only."""

import claims_departures
import claims_effect
import claims_index
import claims_listening
import claims_reading
import claims_reliability
import claims_risk
import claims_shrinking

_FILES = (
    claims_effect,
    claims_departures,
    claims_shrinking,
    claims_listening,
    claims_index,
    claims_reliability,
    claims_reading,
    claims_risk,
)
CLAIMS = tuple(claim for file in _FILES for claim in file.CLAIMS)
MEASUREMENTS = (*claims_departures.MEASUREMENTS, *claims_shrinking.MEASUREMENTS, *claims_risk.MEASUREMENTS)

"""The claims that are validated, by what they are about; a claim goes stale with its own file only."""

import claims_departures
import claims_effect
import claims_index
import claims_listening
import claims_purchase
import claims_reading
import claims_reliability
import claims_shrinking

_FILES = (
    claims_effect,
    claims_departures,
    claims_shrinking,
    claims_listening,
    claims_index,
    claims_reliability,
    claims_purchase,
    claims_reading,
)
CLAIMS = tuple(claim for file in _FILES for claim in file.CLAIMS)
MEASUREMENTS = (
    *claims_departures.MEASUREMENTS,
    *claims_shrinking.MEASUREMENTS,
    *claims_purchase.MEASUREMENTS,
)

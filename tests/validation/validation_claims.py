"""The claims that are validated, by what they are about; a claim goes stale with its own file only."""

import claims_departures
import claims_effect
import claims_index
import claims_listening
import claims_reading

CLAIMS = (
    *claims_effect.CLAIMS,
    *claims_departures.CLAIMS,
    *claims_listening.CLAIMS,
    *claims_index.CLAIMS,
    *claims_reading.CLAIMS,
)
MEASUREMENTS = claims_departures.MEASUREMENTS

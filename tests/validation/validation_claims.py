"""The claims that are validated, by what they are about; a claim goes stale with its own file only."""

import claims_departures
import claims_drivers
import claims_effect
import claims_error
import claims_index
import claims_lifetime
import claims_listening
import claims_plants
import claims_reading
import claims_reliability
import claims_shrinking

_FILES = (
    claims_effect,
    claims_error,
    claims_departures,
    claims_shrinking,
    claims_listening,
    claims_index,
    claims_reliability,
    claims_drivers,
    claims_plants,
    claims_reading,
    claims_lifetime,
)
CLAIMS = tuple(claim for file in _FILES for claim in file.CLAIMS)
_MEASURED = (claims_departures, claims_shrinking, claims_drivers, claims_plants, claims_lifetime, claims_error)
MEASUREMENTS = tuple(measurement for file in _MEASURED for measurement in file.MEASUREMENTS)

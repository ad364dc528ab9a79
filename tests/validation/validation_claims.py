"""The claims that are validated, by what they are about; a claim goes stale with its own file only."""

import claims_asking_back
import claims_calibration
import claims_care
import claims_demand
import claims_departures
import claims_drivers
import claims_effect
import claims_error
import claims_index
import claims_lifetime
import claims_listening
import claims_plants
import claims_purchase
import claims_reading
import claims_reliability
import claims_risk
import claims_scenarios
import claims_shrinking
import claims_value
import claims_verdicts
import claims_winback

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
    claims_purchase,
    claims_risk,
    claims_value,
    claims_demand,
    claims_winback,
    claims_asking_back,
    claims_scenarios,
    claims_verdicts,
)
_MEASURED = (
    claims_care,
    claims_departures,
    claims_shrinking,
    claims_drivers,
    claims_plants,
    claims_lifetime,
    claims_error,
    claims_purchase,
    claims_risk,
    claims_calibration,
    claims_value,
    claims_demand,
    claims_winback,
    claims_asking_back,
    claims_scenarios,
    claims_verdicts,
)

WAITING = (
    *(each.name for each in claims_plants.CLAIMS if each.name.startswith("On small plants")),
    *(each.name for each in (*claims_asking_back.CLAIMS, *claims_asking_back.MEASUREMENTS)),
)
"""Claims and measurements that are written, but were not run in full on the present code."""

CLAIMS = tuple(claim for file in _FILES for claim in file.CLAIMS if claim.name not in WAITING)
MEASUREMENTS = tuple(each for file in _MEASURED for each in file.MEASUREMENTS if each.name not in WAITING)

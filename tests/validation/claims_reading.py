"""The claim about reading: nothing is lost, whatever comes."""

from fuzzing import ends_well
from validation_frame import Claim

CLAIMS = (
    Claim(
        "Whatever is read is accounted for.",
        "Small datasets bent out of shape (bytes, cells, columns, encodings, files cut off): each loads so that rows "
        "and money read are kept, left out or dropped with a finding, or is refused in words; no traceback.",
        "coverage",
        1.0,
        ends_well,
        ("churnlab.tables",),
        runs=10_000,
        first_seed=1,
    ),
)

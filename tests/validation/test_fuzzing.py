"""Property: whatever is done to a dataset, it loads so that all is accounted for, or is refused in words."""

import pytest
from fuzzing import ends_well

SEEDS = range(20_001, 20_501)


@pytest.mark.parametrize("block", range(10))
def test_a_dataset_bent_out_of_shape_ends_well(block):
    assert [seed for seed in SEEDS[block::10] if not ends_well(seed)] == []

"""Whatever the order of arrival, the end is the true one; two simpler ways are shown to fail."""

import pytest

from tests.billing.histories import (
    DELIVERIES,
    GATEWAYS,
    naive,
    register_alone,
    wrong_ends,
)


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("way", DELIVERIES)
def test_every_history_ends_in_the_true_state(gateway, way):
    wrong, lookups = wrong_ends(gateway, way, 150, seed=1)
    assert wrong == 0
    # The machine decides most words by itself.
    assert 0 < lookups < 150 * 8


@pytest.mark.slow  # 10,000 lives of each gateway, each told in five ways
@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("way", DELIVERIES)
def test_ten_thousand_histories_end_in_the_true_state(gateway, way):
    assert wrong_ends(gateway, way, 10_000, seed=2)[0] == 0


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_believing_the_last_word_to_arrive_fails(gateway):
    assert wrong_ends(gateway, "shuffled", 100, seed=1, reducer=naive)[0] > 20
    assert wrong_ends(gateway, "in_order", 100, seed=1, reducer=naive)[0] == 0


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("way", ["in_order", "one_swap", "shuffled", "late"])
def test_keeping_the_largest_key_without_looking_up_fails(gateway, way):
    assert wrong_ends(gateway, way, 200, seed=1, reducer=register_alone)[0] > 0

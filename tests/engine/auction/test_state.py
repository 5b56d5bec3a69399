"""A bid's rank orders by maximum, then by who came first, and holds the bid's number."""

from hypothesis import given, strategies as st

from engine.auction.state import BID_LIMIT, bid_of, rank_of
from engine.units import MAXIMUM_POINTS

bids = st.tuples(st.integers(1, MAXIMUM_POINTS), st.integers(1, BID_LIMIT))


@given(bids, bids)
def test_ranks_order_like_bids(one, other):
    higher = (one[0], -one[1]) > (other[0], -other[1])
    assert (rank_of(*one) > rank_of(*other)) is higher


@given(bids)
def test_a_rank_holds_its_bids_number(bid):
    assert bid_of(rank_of(*bid)) == bid[1]


def test_the_greatest_rank_is_a_small_integer():
    assert rank_of(MAXIMUM_POINTS, 1) < 2**60

"""The order of standing bids, beside a list that is sorted anew."""

from hypothesis import given, settings, strategies as st

from engine.auction.standing import Standing, lowest_rank, number_in, price_in, rank_bid
from engine.units import MAXIMUM_POINTS


def test_a_rank_orders_by_price_then_quantity_then_time():
    ranked = [(900, 1, 9), (800, 3, 4), (800, 2, 1), (800, 2, 2), (700, 9, 3)]
    ranks = [rank_bid(*bid) for bid in ranked]
    assert ranks == sorted(ranks, reverse=True)
    assert [(price_in(rank), number_in(rank)) for rank in ranks] == [(bid[0], bid[2]) for bid in ranked]


def test_the_largest_bid_fits():
    rank = rank_bid(MAXIMUM_POINTS, 1_000, 200_000)
    assert (price_in(rank), number_in(rank)) == (MAXIMUM_POINTS, 200_000)
    assert lowest_rank(MAXIMUM_POINTS) <= rank < lowest_rank(MAXIMUM_POINTS + 1)


steps = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 4), st.sampled_from(["place", "replace", "take_out"]))
)


@settings(deadline=None, max_examples=300)
@given(steps, st.integers(0, 5))
def test_it_is_a_sorted_list_with_a_margin(steps, supply):
    standing, asked = Standing(supply=supply), {}
    for number, (price, quantity, what) in enumerate(steps, 1):
        rank = rank_bid(price, 0, number)
        before = max(asked) if asked and what != "place" else 0
        inside = set(standing.inside)
        if what == "take_out":
            if before:
                standing.take_out(before)
                del asked[before]
        else:
            overtaken = standing.place(rank, quantity, before)
            asked.pop(before, None)
            asked[rank] = quantity
            if supply:
                assert set(overtaken) == inside - set(standing.inside) - {before}
        check(standing, asked, supply)
    check(Standing(asked.items(), supply=supply), asked, supply)


def check(standing, asked, supply):
    ordered = sorted(asked, reverse=True)
    assert list(standing.from_the_top()) == ordered
    assert [standing.best(place) for place in range(len(ordered) + 1)] == [*ordered, 0]
    assert standing.lowest() == (ordered[-1] if ordered else 0)
    assert len(standing) == len(ordered)
    if not supply:
        assert [standing.count_from(rank) for rank in ordered] == list(range(1, len(ordered) + 1))
        return
    taken, inside = 0, []
    for rank in ordered:
        if taken >= supply:
            break
        inside.append(rank)
        taken += asked[rank]
    assert (standing.inside[::-1], standing.taken) == (inside, taken)
    assert standing.margin == (inside[-1] if taken >= supply else 0)
    for rank in inside:
        assert standing.asked_above(rank) == sum(asked[one] for one in inside if one > rank)
    for rank in ordered:
        used_up = standing.asked_above(rank, but=ordered[0]) >= supply
        assert used_up is (sum(asked[one] for one in ordered[1:] if one > rank) >= supply)

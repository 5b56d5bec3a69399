"""A mix: how often each thing is done, and by whom."""

from collections import Counter

from loadtests.mixing import MixedScenario, draw_mix
from loadtests.scenarios import SCENARIOS
from loadtests.scenarios.auctionmark import AuctionMark
from loadtests.scenarios.soak import Soak
from tests.loadtests.test_scenario import stage

MIX = {"often": 3, "seldom": 1, "never": 0}


def test_each_action_comes_as_often_as_its_weight_says() -> None:
    instants = [number / 100 for number in range(4_000)]
    drawn = list(draw_mix(stage(), iter(instants), MIX))
    assert [one.at for one in drawn] == instants
    counts = Counter(one.action for one in drawn)
    assert counts["never"] == 0
    # Five standard deviations of 4 000 draws with p = 1/4; the seed is fixed.
    assert abs(counts["seldom"] - 1_000) < 137
    assert {one.member for one in drawn} == set(range(10))


def test_who_has_just_acted_thinks_first() -> None:
    """Ten members that think for an hour: each acts once before any acts again."""
    drawn = list(draw_mix(stage(think=3_600.0), iter([0.1] * 10), MIX))
    assert sorted(one.member for one in drawn) == list(range(10))


def test_the_mixes_of_scenarios_with_a_till_are_drawn_here() -> None:
    mixed = {name for name, scenario in SCENARIOS.items() if issubclass(scenario, MixedScenario)}
    assert mixed == {"auctionmark", "soak"}
    for scenario in (AuctionMark, Soak):
        assert scenario.draw_actions is MixedScenario.draw_actions
        made = scenario(stage(own={"auctions": 3}))
        actions = Counter(due.action for due in made.draw_actions(iter([0.1] * 2_000)))
        assert set(actions) == set(scenario.mix)
        most, least = (choose(scenario.mix, key=scenario.mix.__getitem__) for choose in (max, min))
        assert actions[most] > 2 * actions[least]

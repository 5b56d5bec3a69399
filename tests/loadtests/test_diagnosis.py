"""What a result says of itself."""

import msgspec
import pytest

from loadtests.diagnosis import diagnose, list_reasons, list_settings, mean_cores, write_command
from loadtests.measures import Summary
from loadtests.result import Check, Sample, Usage, Verdict
from tests.loadtests.runs import make_run


def test_a_result_that_is_held_has_nothing_against_it() -> None:
    result = make_run(2)
    assert result.held
    assert list_reasons(result) == []


def test_every_reason_is_told() -> None:
    result = make_run(
        2,
        checks=[Check("the ledger adds up", 200), Check("each bid is there", 50, ["b1", "b2"])],
        verdicts=[
            Verdict("p99 of bid, ms", 50, 210.4, False),
            Verdict("refused", 0.01, None, False),
            Verdict("p50 of bid, ms", 9, 4, True),
        ],
    )
    assert not result.held
    assert list_reasons(result) == [
        "“each bid is there” was broken 2 times in 50.",
        "p99 of bid, ms came to 210; the limit is 50.",
        "refused could not be had; the limit is 0.01.",
    ]


def test_what_was_not_checked_is_not_held() -> None:
    result = make_run(2, checks=[])
    assert not result.held
    assert list_reasons(result) == ["Nothing was checked: whether the answers were right is not known."]


def test_a_punctual_crowd_measured_the_gateway() -> None:
    diagnosis = diagnose(make_run(2, lateness=0.4))
    assert not diagnosis.client
    (sentence,) = diagnosis.sentences
    assert "What was measured is the gateway" in sentence


def test_a_late_crowd_is_told_to_be_the_bottleneck() -> None:
    diagnosis = diagnose(make_run(2, lateness=45.0))
    assert diagnosis.client
    assert "behind its schedule" in diagnosis.sentences[0]
    assert "45" in diagnosis.sentences[0]
    assert "more processes" in diagnosis.sentences[-1]


def test_lateness_that_is_much_of_the_latency_is_the_clients_too() -> None:
    assert not diagnose(make_run(2, median=4.0, lateness=2.0)).client
    assert diagnose(make_run(2, median=0.5, lateness=2.0)).client


def test_a_crowd_without_cpu_is_the_bottleneck() -> None:
    samples = [Sample(at=1.0, processes={"storm 1": Usage(0.97, 1), "gateway 1": Usage(0.1, 1)})]
    diagnosis = diagnose(make_run(2, samples=samples))
    assert diagnosis.client
    assert any(sentence.startswith("storm 1 used 0.97 of a core") for sentence in diagnosis.sentences)


def test_a_machine_without_cpu_is_told() -> None:
    samples = [Sample(at=1.0, processes={"storm 1": Usage(0.8, 1), "gateway 1": Usage(1.1, 1)})]
    diagnosis = diagnose(make_run(2, samples=samples))
    assert not diagnosis.client
    assert any("took CPU from each other" in sentence for sentence in diagnosis.sentences)
    assert "another machine" in diagnosis.sentences[-1]


PAUSE = 'livelot_pause_seconds_longest{cause="collector"}'
APPEND = "livelot_append_seconds_longest"


def pause_sentences(*samples: Sample, median: float = 4.0) -> list[str]:
    found = diagnose(make_run(9, median=median, samples=list(samples)))
    return [sentence for sentence in found.sentences if sentence.startswith("In second")]


def test_what_stood_still_is_told_with_its_second() -> None:
    quiet = Sample(at=1.0, gauges={PAUSE: 0.0, APPEND: 0.01})
    paused = Sample(at=4.0, gauges={f"{PAUSE} gateway 2": 0.2, f"{APPEND} gateway 2": 0.2})
    assert pause_sentences(quiet, paused) == [
        "In second 3 the event loop of gateway 2 stood still for up to 200\u202fms, since the garbage "
        "collector was at work."
    ]
    stalled = Sample(at=7.0, gauges={PAUSE: 0.0, APPEND: 0.5})
    assert pause_sentences(quiet, paused, stalled)[1:] == [
        "In second 6 the log took up to 500\u202fms for a batch: its disk, or its server, stood still."
    ]


def test_pauses_that_explain_nothing_are_not_told() -> None:
    assert pause_sentences(Sample(at=4.0, gauges={PAUSE: 0.04, APPEND: 0.04})) == []
    assert pause_sentences(Sample(at=4.0, gauges={PAUSE: 0.2, APPEND: 0.2}), median=400.0) == []


def test_lateness_that_was_not_measured_is_not_known() -> None:
    result = msgspec.structs.replace(make_run(2, samples=[]), lateness=Summary())
    assert diagnose(result).sentences == ["By how much the crowd was late is not known."]


def test_cores_are_means_over_the_samples_that_have_them() -> None:
    samples = [
        Sample(at=1.0, processes={"keeper": Usage(0.2, 1)}),
        Sample(at=2.0, processes={"keeper": Usage(0.4, 1), "valkey": Usage(0.1, 1)}),
    ]
    assert mean_cores(samples) == pytest.approx({"keeper": 0.3, "valkey": 0.1})


def test_the_command_runs_it_again() -> None:
    settings = {
        "url": "http://h",
        "run": "18f",
        "part": 1,
        "members": 200,
        "rate": 50.0,
        "prepare": True,
        "demo": False,
        "token_secret": "abc",
        "prefix": "a b",
        "market": "",
        "merged": 3,
        "own": {"hot_share": 0.5},
    }
    result = make_run(1, settings=settings, url="http://me:abc@host:8080")
    assert write_command(result) == (
        "livelot storm hot --url http://host:8080 --members 200 --rate 50 --prepare --prefix 'a b' "
        "--hot-share 0.5"
    )
    assert list_settings(result)["hot_share"] == 0.5
    assert list_settings(result)["merged"] == 3
    assert "run" not in list_settings(result)

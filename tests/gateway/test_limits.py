"""Token buckets: rate, burst, abuse; one bucket for all of a caller's connections."""

from engine.commands import MEMBER, SERVICE
from gateway.identity import Caller
from gateway.limits import Bucket, Buckets, Limits


def test_burst_then_rate() -> None:
    bucket = Bucket(10, 3, now=1_000)
    assert [bucket.take(1_000) for _ in range(5)] == [True, True, True, False, False]
    assert bucket.take(1_099) is False
    assert bucket.take(1_100) is True
    assert bucket.take(1_100) is False
    assert [bucket.take(9_000) for _ in range(4)] == [True, True, True, False]


def test_a_little_too_fast_is_refused_but_no_abuse() -> None:
    bucket = Bucket(10, 10, now=0)
    taken = [bucket.take(now) for now in range(0, 60_000, 80)]  # 12.5 a second for a minute
    assert 600 <= sum(taken) <= 610
    assert not bucket.abused


def test_flooding_is_abuse() -> None:
    bucket = Bucket(10, 10, now=0)
    for _ in range(20):
        bucket.take(0)
    assert not bucket.abused
    bucket.take(0)
    assert bucket.abused


def test_no_rate_and_clocks_that_go_back() -> None:
    assert all(Bucket(0, 0, now=0).take(0) for _ in range(1_000))
    bucket = Bucket(10, 1, now=1_000)
    assert bucket.take(1_000)
    assert not bucket.take(0)
    assert bucket.take(1_100)


def test_one_bucket_a_caller() -> None:
    buckets = Buckets(Limits(calls_per_second=1, burst=1, service_calls_per_second=1, service_burst=5))
    member = Caller("x", MEMBER, "member", 10)
    service = Caller("x", SERVICE, "service", 10)
    assert buckets.of(member, 0) is buckets.of(member._replace(expires_at=20), 0)
    assert buckets.of(member, 0).take(0)
    assert not buckets.of(member, 0).take(0)
    assert sum(buckets.of(service, 0).take(0) for _ in range(9)) == 5
    assert buckets.anonymous(0) is not buckets.anonymous(0)

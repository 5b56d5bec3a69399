"""What a verification has found."""

from loadtests.findings import SHOWN, Verification


def test_findings_are_counted_past_those_that_are_told() -> None:
    verification = Verification()
    for number in range(SHOWN + 5):
        verification.report(str(number))
    assert (verification.wrong, len(verification.findings)) == (SHOWN + 5, SHOWN)


def test_what_has_no_finding_holds() -> None:
    verification = Verification()
    assert verification.held
    verification.report("a1: no")
    assert not verification.held
    assert verification.findings == ["a1: no"]

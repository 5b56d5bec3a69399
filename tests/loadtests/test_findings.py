"""What a verification has found."""

from loadtests.findings import SHOWN, Verification, conclude


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


def test_more_findings_than_are_shown_are_counted() -> None:
    verification = Verification()
    for number in range(SHOWN + 5):
        verification.report(f"{number}")
    check = conclude("name", 99, verification)
    assert len(check.findings) == SHOWN + 1
    assert check.findings[-1] == "… and 5 more"

"""Addresses that are said, in logs and to people, without what is secret in them."""

import pytest

from engine.addresses import place_of


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://me:secret@example.org/keys?token=secret", "https://example.org/keys"),
        ("redis://:se@cret@127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
        ("https://example.org", "https://example.org"),
        ("data/who@where", "data/who@where"),
    ],
)
def test_what_is_secret_in_an_address_is_not_said(url: str, said: str) -> None:
    assert place_of(url) == said

"""Addresses of servers and folders, as they may be said."""

import re


def place_of(url: str) -> str:
    """An address as it may be said: without name, password and query, which may be secret.

    >>> place_of("https://me:secret@example.org/keys?token=secret")
    'https://example.org/keys'
    """
    return re.sub(r"//.*@", "//", url.partition("?")[0]) if "://" in url else url

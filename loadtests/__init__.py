"""Crowds of members over real sockets: what they measure counts from when a bid was due, and they check every
answer.

    python -m loadtests --help

A crowd talks to a gateway only over the wire, like everybody else.
"""

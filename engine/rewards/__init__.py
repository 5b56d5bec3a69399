"""Experiences, and their redemption."""

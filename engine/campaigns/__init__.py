"""Campaigns: when they are in force, what they may give away, which shelf is up."""

"""Auctions, one format a file."""

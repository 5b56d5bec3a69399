"""A second program, written from design.md alone; see model.py."""

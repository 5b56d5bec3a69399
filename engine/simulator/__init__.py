"""A program under faults, in one thread and virtual time; see world.py."""

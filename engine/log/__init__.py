"""A program's log: what any log must do, one in memory for tests, and one on a Valkey or Redis Stream."""

"""Price rules in a program: drafts, revisions, tuning, and the prices that follow."""

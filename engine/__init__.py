"""The program: a pure state machine over a log, and the edge that reads and writes that log."""

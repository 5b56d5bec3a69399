"""What Livelot costs, one question a file. Each benchmark checks its answer, and compares within one run."""

"""A program as a file: what stands in it, how it differs from what runs, and how that is made to follow."""

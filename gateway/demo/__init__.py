"""The demo: tokens for whoever sits at this machine, and a program with staff and a crowd to watch."""

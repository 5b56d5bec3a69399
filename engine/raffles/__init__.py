"""Raffles: tickets, the lock, the draw, prizes; the draw itself is engine/draw/."""

"""Readers of staff, teams and brands."""

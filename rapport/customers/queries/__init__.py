"""Readers of people. A record that was merged into another is read as part of that person."""

"""Append-only streams: abstract entries, kinds, and the reactions that run after commit.

Owns the outbox of pending reactions; knows no concrete stream; may import kernel.
"""

"""Live signals: topic and seq, never content; the hub and the /live endpoint.

Writes to no timeline; may import kernel.
"""

"""Leased queues: claim, heartbeat, backoff, dead letters, cron rows, and the worker's loop.

Writes to no timeline; may import kernel.
"""

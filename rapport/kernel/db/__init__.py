"""Database backends and what both databases need: the SQLite writers' turnstile, the cache table.

Writes to no timeline; imports nothing of Rapport.
"""

"""The floor under everything: database, jobs, stream, live, search, web, text, files, outbound, clock.

Knows no business word, writes to no timeline, imports nothing of Rapport outside itself.
"""

"""Texts that agents insert by a slash, with variables from a fixed map.

Writes AuditEntry on change; may import conversations and below.
"""

"""Readers of inboxes and raw rows."""

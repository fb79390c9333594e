"""The only writers of inboxes and raw rows."""

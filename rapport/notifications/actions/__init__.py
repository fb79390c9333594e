"""The only writers of notifications and of how people want to be told."""

"""The only writers: keyword-only, one transaction, permission checked, entry appended."""

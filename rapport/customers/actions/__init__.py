"""The only writers of people: keyword-only, one transaction, permission checked, entry appended."""

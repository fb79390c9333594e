"""Changing how an e-mail inbox is connected: keyword-only, one transaction, permission checked, audited."""

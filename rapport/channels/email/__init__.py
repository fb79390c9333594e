"""The e-mail channel: receive (IMAP, LMTP, pipe, webhooks), parse, thread, send.

Writes entries through ingest and delivery only; may import ingest, delivery and everything below channels.
"""

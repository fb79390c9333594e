"""Ways of contact: adapters over ingest and delivery.

Write to timelines through conversations' actions only; may import canned_replies and below.
"""

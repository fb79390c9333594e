"""From a delivery row to the world: claims in order per conversation, sends through the registry, records.

Writes entries through conversations' actions; may import conversations and below.
"""

"""The agent's screens: lists, conversation, composer, search, customer panel.

Owns no data; calls actions and queries; may import everything below surfaces.
"""

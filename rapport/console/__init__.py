"""The set-up screens: inboxes, teams, people, brands, canned replies, tags, dead letters.

Owns no data; calls actions and queries; may import everything below surfaces.
"""

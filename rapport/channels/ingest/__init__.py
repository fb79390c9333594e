"""From a raw row to a committed conversation: claims, parses through the registry, runs the verdicts.

Writes entries through conversations' actions; may import conversations and below.
"""

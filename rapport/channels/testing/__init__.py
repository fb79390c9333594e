"""The conformance suite that every channel passes.

Writes nothing in production; may import conversations and below.
"""

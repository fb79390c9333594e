"""People, their identities and companies; recognising a sender; merging by pointer.

Writes CustomerEntry; may import staff, ui, kernel.
"""

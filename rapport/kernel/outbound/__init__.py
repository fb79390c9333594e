"""Everything that leaves for an address somebody else chose: guarded HTTP, and system mail as a queue.

Writes to no timeline; may import kernel.
"""

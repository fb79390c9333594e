"""Inboxes, raw inbound, and the contract and registry that channels fill.

Writes to no timeline; may import customers, staff, ui, kernel.
"""

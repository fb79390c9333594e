"""Pure work on untrusted text: sanitising, text extraction, quotes and signatures, normalising.

Writes nothing; imports nothing of Rapport.
"""

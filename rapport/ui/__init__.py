"""The design system: components, shells of pages, CSS layers and tokens, JS behaviours, translations.

Owns no data, writes to no timeline; may import kernel.
"""

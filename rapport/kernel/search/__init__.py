"""Search: one index over everything people said, the same on both databases.

``index.index``, ``index.remove``, ``search.search``, ``language.parse``, ``snippets.snippet``,
``scope.Scope``.
"""

"""Files: stored under random keys, checked by hash, served so that none can act in the product's origin.

``storage.store`` and ``storage.read``, ``serving.serve``, ``images.thumbnail``,
``references.register_references``.
"""

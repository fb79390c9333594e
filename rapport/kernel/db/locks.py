"""A lock on a name, held until the transaction ends."""

import hashlib

from django.db import connection

from rapport.kernel.db.writing import write


def lock_name(name: str) -> bool:
    """Wait for and hold the lock on ``name`` until the surrounding transaction ends.

    True where others may have written meanwhile, so that what was read before must be read again. On SQLite
    the writer's transaction (BEGIN IMMEDIATE) already excludes every other writer.
    """
    if connection.vendor != "postgresql":
        return False
    key = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    write("SELECT pg_advisory_xact_lock(%s)", [key])
    return True

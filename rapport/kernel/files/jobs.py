"""Work that comes round for files."""

from datetime import timedelta

from rapport.kernel.files import sweeper
from rapport.kernel.jobs.schedule import cron


@cron("files.sweep", every=timedelta(hours=1))
def sweep_files() -> None:
    """Remove what nobody refers to any more."""
    sweeper.sweep()

"""One file that holds a whole installation: the database and the folders of SIT_HOME.

::

    make_backup(settings(), Path("monday.zip"))       # also while the app runs
    restore_backup(settings(), Path("monday.zip"))    # when nothing uses the store
"""

from sit_core.backup.contents import Contents, contents_of
from sit_core.backup.restore import RestoreReport, restore_backup
from sit_core.backup.write import BackupReport, make_backup

__all__ = [
    "BackupReport",
    "Contents",
    "RestoreReport",
    "contents_of",
    "make_backup",
    "restore_backup",
]

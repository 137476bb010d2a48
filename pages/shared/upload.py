"""An uploaded file, kept under its hash, so that a job and a later resume find it."""

import hashlib
from pathlib import Path

from streamlit.runtime.uploaded_file_manager import UploadedFile

from sit_core.errors import SitError
from sit_core.files import write_bytes
from sit_core.settings import settings


def kept(upload: UploadedFile) -> Path:
    """Where the file lies now; the same bytes of the same name always in the same place.

    Raises:
        SitError: it can't be written.
    """
    data = upload.getvalue()
    name = "".join(c if c.isalnum() or c in "._-" else "_" for c in upload.name)[-80:]
    path = settings().home / "examples" / hashlib.sha256(data).hexdigest()[:16] / name
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data)
        except OSError as error:
            raise SitError(f"The file can't be kept ({error.strerror}): {path}") from None
    return path

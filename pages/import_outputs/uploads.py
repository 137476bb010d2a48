"""An uploaded file as the readers want it."""

import io

from streamlit.runtime.uploaded_file_manager import UploadedFile

from sit_core.settings import settings
from sit_core.sources import Limits, SourceFile


def limits() -> Limits:
    """How large a field may be here."""
    return Limits(settings().max_field_bytes)


def source_of(upload: UploadedFile) -> SourceFile:
    """The uploaded bytes as a file that can be opened again and again; nothing goes to disk."""
    data = upload.getvalue()
    name = upload.name.replace("\\", "/").rsplit("/", 1)[-1]
    return SourceFile(name.encode("utf-8", "replace").decode(), lambda: io.BytesIO(data))

"""A job's log: what its process wrote, kept over all attempts. Untrusted text."""

from pathlib import Path

from sit_core.settings import settings


def log_path(job_id: int, home: Path | None = None) -> Path:
    """Where the log of that job lies (on the machine that runs it)."""
    return (home or settings().home) / "jobs" / str(job_id) / "log"


def log_tail(job_id: int, characters: int = 8000, home: Path | None = None) -> str:
    """The end of the log, from the beginning of a line; empty where there is none."""
    try:
        with log_path(job_id, home).open("rb") as stream:
            size = stream.seek(0, 2)
            start = max(0, size - 4 * characters)
            stream.seek(start)
            text = stream.read().decode("utf-8", "replace")
    except OSError:
        return ""
    # Progress bars rewrite their line: what a terminal would still show is what comes last.
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")]
    whole = "\n".join(lines).replace("\0", "\ufffd")
    if start == 0 and len(whole) <= characters:
        return whole
    return whole[-characters:].partition("\n")[2] or whole[-characters:]


def log_size(job_id: int, home: Path | None = None) -> int:
    """Bytes of the log; 0 where there is none."""
    try:
        return log_path(job_id, home).stat().st_size
    except OSError:
        return 0


def last_words(job_id: int, home: Path | None = None) -> str:
    """The log's last line that says something, shortened."""
    lines = [line.strip() for line in log_tail(job_id, 2000, home).splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""

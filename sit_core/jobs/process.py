"""Tell a process apart from a later one that got the same pid, and end it.

On Linux the start time in clock ticks since boot, with the ids of boot and pid namespace, is exact
and does not move when the clock is set; elsewhere psutil's start time does.
"""

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path


def this_host() -> str:
    """The name under which this machine's (or container's) pids mean anything."""
    return socket.gethostname()


def identity(pid: int) -> str | None:
    """What tells this process apart from all others of its host; None when it is gone.

    A process that has ended and whose parent did not look (a zombie) is gone.
    """
    if Path("/proc/self/stat").exists():
        return _of_proc(pid)
    return _of_psutil(pid)


def _of_proc(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before may hold blanks and brackets
    if len(fields) < 20 or fields[0] in "ZXx":
        return None
    return f"{_boot()}:{_namespace()}:{fields[19]}"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "boot"


def _namespace() -> str:
    """Tells containers on one kernel apart; all processes outside containers share one."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return "pid"


def can_be_looked_up(process: str | None) -> bool:
    """Whether a pid that was noted under this host's name means a process that we can see.

    Two machines or containers may have the same name: theirs are judged by their signs of life
    alone. ``process``: what `identity` said of it, also in its older form without a namespace.
    """
    parts = (process or "").split(":")
    if len(parts) == 3:
        return parts[:2] == [_boot(), _namespace()]
    return len(parts) < 2 or parts[0] == _boot()


def before_this_boot(sign: float) -> bool:
    """Whether a sign of life (seconds since 1970) is older than this machine's start.

    False where that is not known.
    """
    try:
        up = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return False
    return sign < time.time() - up


def _of_psutil(pid: int) -> str | None:
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{process.create_time():.0f}"
    except psutil.Error:
        return None


def is_alive(pid: int | None, process: str | None) -> bool:
    """Whether the very process that had this pid is still there."""
    if pid is None:
        return False
    found = identity(pid)
    if found is None or process is None:
        return found is not None
    if process.count(":") == 1:  # noted by an earlier version, without the namespace
        found = ":".join(found.split(":")[::2])
    return found == process


def ask_to_end(pid: int, process: str | None, group: bool) -> None:
    """SIGTERM to the process, or to its whole group where we started it as one."""
    if not is_alive(pid, process):
        return
    with suppress(OSError):
        if group and hasattr(os, "killpg") and os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGTERM)
        else:
            os.kill(pid, signal.SIGTERM)


def kill(pid: int, process: str | None) -> None:
    """End the process at once, by its own pid."""
    if is_alive(pid, process):
        with suppress(OSError):
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))

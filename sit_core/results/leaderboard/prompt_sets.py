"""One prompt set at a time: which systems of a board were asked the same prompts."""

from collections.abc import Sequence
from dataclasses import replace

from sit_core.errors import UsageError
from sit_core.registry import unknown
from sit_core.results.leaderboard.records import BoardSet, LeaderboardQuestion
from sit_core.store import Store
from sit_core.store.leaderboard import SystemEntry, runs_besides
from sit_core.store.prompt_sets import prompt_set_sizes, sets_of_runs
from sit_core.store.renaming import archived_runs
from sit_core.store.systems import System

NAMED = 5
"""So many systems that are left out are named."""


def of_one_set(
    store: Store, asked: LeaderboardQuestion, entries: Sequence[SystemEntry]
) -> tuple[LeaderboardQuestion, list[SystemEntry], tuple[BoardSet, ...], list[str]]:
    """The systems of one prompt set: the one asked for, else the reference's, else the largest.

    The largest is the one with the most systems, of several with as many the one with most prompts.

    Where no run belongs to a set, all systems stay.

    Returns:
        The question with the set, the systems, the sets that could be chosen, and sentences on
        what is left out.

    Raises:
        UsageError: there is no prompt set of that name.
    """
    sizes = prompt_set_sizes(store)
    of_run = sets_of_runs(store)
    members: dict[str, list[SystemEntry]] = {}
    for entry in entries:
        members.setdefault(of_run.get(entry.run, ""), []).append(entry)
    sets = [BoardSet(name, n, len(members[name])) for name, n in sizes.items() if name in members]
    sets.sort(key=lambda one: (-one.systems, -one.prompts, one.name))
    wanted = asked.prompt_set
    if wanted is not None and wanted not in sizes:
        raise UsageError(unknown("prompt set", wanted, list(sizes)))
    if wanted is None:
        if not sets:
            return asked, list(entries), (), []
        of_reference = [
            of_run[e.run] for e in entries if asked.reference in (e.name, e.run) and e.run in of_run
        ]
        wanted = of_reference[0] if of_reference else sets[0].name
    notes = [f"Prompt set: {wanted} ({sizes[wanted]:,} prompts)."]
    for name, others in members.items():
        if name != wanted:
            what = f"of the prompt set {name!r}" if name else "in no prompt set"
            shown = ", ".join(entry.name for entry in others[:NAMED])
            more = ", …" if len(others) > NAMED else ""
            count = f"{len(others):,} system{'' if len(others) == 1 else 's'}"
            notes.append(f"Left out: {count} {what} ({shown}{more}).")
    return replace(asked, prompt_set=wanted), members.get(wanted, []), tuple(sets), notes


def besides_said(store: Store, entries: Sequence[SystemEntry]) -> list[str]:
    """Sentences on the runs that are on no board, and how they come there."""
    archived = set(archived_runs(store))
    names = runs_besides(store, [entry.run_id for entry in entries])
    said = []
    if unnamed := [name for name in names if name not in archived]:
        said.append(
            f"Not on the board: {_counted(unnamed)} with neither verdicts of an LLM nor a system's "
            f"name ({_shown(unnamed)}); `sit leaderboard set RUN` puts one there."
        )
    if left := [name for name in names if name in archived]:
        are, them = ("is", "it") if len(left) == 1 else ("are", "them")
        said.append(
            f"Not on the board: {_counted(left)} that {are} archived ({_shown(left)}); "
            f"show {them} in lists again on the page Runs, or name {them} with --runs."
        )
    return said


def _counted(names: Sequence[str]) -> str:
    return "1 run" if len(names) == 1 else f"{len(names):,} runs"


def _shown(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")


def reported_of_set(
    systems: Sequence[System], prompt_set: str | None
) -> tuple[list[System], list[str]]:
    """Others' results that are of this prompt set, or do not tell of which.

    Returns:
        These, and sentences on the rest.
    """
    said = {system.name: system.provenance.get("prompt_set") for system in systems}
    kept = [s for s in systems if prompt_set is None or said[s.name] in (None, "", prompt_set)]
    notes = []
    if len(kept) < len(systems):
        others = [system.name for system in systems if system not in kept]
        shown = ", ".join(others[:NAMED]) + (", …" if len(others) > NAMED else "")
        notes.append(f"Left out: {len(others):,} reported results of other prompt sets ({shown}).")
    untold = sum(1 for s in kept if s.figures and not said[s.name])
    if prompt_set is not None and untold:
        notes.append(
            f"{untold:,} reported result{'' if untold == 1 else 's'} did not say of which prompt "
            "set; see that they may be compared with the others."
        )
    return kept, notes

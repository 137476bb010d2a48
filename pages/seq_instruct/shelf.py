"""The sets on the shelf, kept for a visitor, so that of a growing one only what is new is read."""

import streamlit as st

from sit_core.seq_instruct import InstructionSet, instruction_sets

_READ = "seq-instruct sets"


def the_sets() -> list[InstructionSet]:
    """All sets, the newest first, with all that was written to them."""
    before: dict[tuple[str, int], InstructionSet] = st.session_state.get(_READ, {})
    now = {}
    for found in instruction_sets():
        # A set that was deleted and made again has other files under the same name.
        seeds = found.folder.seeds
        key = (str(found.folder.path), seeds.stat().st_ino if seeds.exists() else 0)
        known = before.get(key)
        if known is not None and known.config == found.config:
            known.refresh()
            now[key] = known
        else:
            now[key] = found
    st.session_state[_READ] = now
    return list(now.values())

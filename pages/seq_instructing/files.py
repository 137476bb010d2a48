"""A set's training files and its configuration, with the command that makes it."""

import streamlit as st

from sit_core.augment.seq_instruct import InstructionSet
from sit_core.jobs import Job
from sit_core.store import Store
from sit_core.typed_yaml import to_yaml


def show_files(store: Store, one: InstructionSet, job: Job | None) -> None:
    """Downloads, the YAML."""
    st.code(to_yaml(one.config), language="yaml", wrap_lines=True)

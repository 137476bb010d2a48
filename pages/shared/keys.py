"""Keys of endpoints for a job's process: from the app's secrets, kept nowhere."""

import os
from collections.abc import Sequence

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

OPTION = "--key-env="


def keys_for(command: Sequence[str]) -> dict[str, str]:
    """The variables that the command names by ``--key-env=NAME``, where the secrets have them."""
    names = [word.removeprefix(OPTION) for word in command if word.startswith(OPTION)]
    found = {}
    for name in names:
        if name in os.environ:
            continue  # the process gets it anyway
        try:
            if name in st.secrets:
                found[name] = str(st.secrets[name])
        except StreamlitSecretNotFoundError:
            pass
    return found

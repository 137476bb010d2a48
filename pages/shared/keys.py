"""Keys of endpoints for a job's process: from the app's secrets, kept nowhere."""

import os
from collections.abc import Iterable, Sequence

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from sit_core.jobs.start import key_variables
from sit_core.settings import settings


def keys_for(command: Sequence[str]) -> dict[str, str]:
    """The variables that the command names as keys, where the secrets have them.

    Raises:
        UsageError: it names one that may not be used as a key.
    """
    return secrets_of(key_variables(command))


def secrets_of(names: Iterable[str]) -> dict[str, str]:
    """These variables, where the secrets have them and the environment has not.

    Raises:
        UsageError: one may not be used as a key.
    """
    found = {}
    for name in names:
        settings().check_key_variable(name)
        if name in os.environ:
            continue  # the process gets it anyway
        try:
            if name in st.secrets:
                found[name] = str(st.secrets[name])
        except StreamlitSecretNotFoundError:
            pass
    return found

"""What the framework takes: a Streamlit button that brings one new word.

The yardstick of `bench.live`.
"""

import streamlit as st

if st.button("Run"):
    st.session_state.presses = st.session_state.get("presses", 0) + 1
if st.session_state.get("presses"):
    st.text(f"word {st.session_state.presses}")

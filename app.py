"""Entry of ``streamlit run app.py``: security headers around pages/main.py, nothing else."""

import streamlit as st
from starlette.middleware import Middleware

from sit_core.security_headers import SecurityHeaders

app = st.App("pages/main.py", middleware=[Middleware(SecurityHeaders)])

if __name__ == "__main__":
    app.run()

"""Everything beneath the app: records, store, import, studies, results. Never imports streamlit."""

__version__ = "0.1.0"

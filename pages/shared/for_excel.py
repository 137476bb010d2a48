"""The choice whether a CSV download begins with a byte order mark, as Excel wants it."""

from streamlit.delta_generator import DeltaGenerator


def for_excel(place: DeltaGenerator, form: str, key: str) -> bool:
    """Draw the box where the format is CSV; whether it is ticked."""
    if form != "csv":
        return False
    return place.checkbox(
        "For Excel",
        key=key,
        help="The file begins with a byte order mark; without it Excel shows é as Ã©.",
    )

"""Files that go with the outputs: their questions, and the texts that a step should yield."""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.import_outputs.job import ROUND, limits, source_of
from pages.shared.message import message
from sit_core.errors import SitError
from sit_core.sources import (
    ExpectedTexts,
    QuestionFile,
    read_expected,
    read_questions,
)

_READ = "import_beside"
"""Where what was read of such files is kept in the session, by the uploads."""


@dataclass(frozen=True)
class ExtraFiles:
    """What goes with all files of outputs."""

    questions: QuestionFile | None = None
    expected: ExpectedTexts | None = None

    @property
    def key(self) -> str:
        """For the keys of widgets whose guesses depend on the questions."""
        return "" if self.questions is None else f"_{self.questions.name}"


def files_beside() -> tuple[ExtraFiles, bool]:
    """Draw the boxes for such files; what they hold, and whether one of them can't be used."""
    with st.expander("Questions or expected texts in other files"):
        asked = _box(
            "Questions, where the outputs have only their ids (MT-bench, batches)", "questions"
        )
        left, right = st.columns(2)
        with left:
            texts = _box("Expected texts of a step, for the same questions", "expected")
        with right:
            through = _box(
                "The same questions in the outputs' language, if the expected texts are in "
                "another (XQuAD)",
                "through",
            )
        try:
            return ExtraFiles(_questions(asked), _expected(texts, through)), False
        except SitError as error:
            message("error", str(error))
            return ExtraFiles(), True


def _box(label: str, name: str) -> UploadedFile | None:
    key = f"import_{name}_{st.session_state.get(ROUND, 0)}"
    return st.file_uploader(label, key=key)


def _questions(upload: UploadedFile | None) -> QuestionFile | None:
    if upload is None:
        return None
    read: dict[object, QuestionFile] = st.session_state.setdefault(_READ, {})
    if upload.file_id not in read:
        read[upload.file_id] = read_questions(source_of(upload), limits())
    return read[upload.file_id]


def _expected(upload: UploadedFile | None, through: UploadedFile | None) -> ExpectedTexts | None:
    if upload is None:
        return None
    read: dict[object, ExpectedTexts] = st.session_state.setdefault(_READ, {})
    key = upload.file_id, None if through is None else through.file_id
    if key not in read:
        joined = None if through is None else source_of(through)
        read[key] = read_expected(source_of(upload), joined=joined, limits=limits())
    return read[key]

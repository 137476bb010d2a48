"""Outcomes and thoughts of outputs are in every export, and come back as they were."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from sit_core.export import export_to
from sit_core.results.table_query import TableQuery
from sit_core.sources import ImportFile, SourceFile, look_at
from sit_core.store import Store
from sit_core.store.runs import import_predictions
from sit_core.store.schema import examples, predictions, runs
from tests.factories import make_run

TEXT = st.text(
    st.sampled_from("<think>/ \n=+@-'\"\t\r,;é😀\u2028") | st.characters(codec="utf-8"), max_size=20
).filter(lambda text: "\0" not in text)


def stored(store: Store) -> list[tuple[str, str | None, str | None]]:
    with store.read() as connection:
        rows = connection.execute(select(predictions).order_by(predictions.c.row))
        return [(row.output, row.thoughts, row.outcome) for row in rows]


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            TEXT,
            TEXT.filter(bool) | st.none(),
            st.sampled_from((None, "complete", "cut", "refused")),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_they_come_back_exactly(
    sqlite_store: Store, form: str, outputs: list[tuple[str, str | None, str | None]]
) -> None:
    store = sqlite_store
    with store.write() as connection:
        for table in (predictions, runs, examples):
            connection.execute(delete(table))
    made = make_run(store, "a", [text for text, _, _ in outputs])
    with store.write() as connection:
        for number, (_, thoughts, outcome) in zip(made, outputs, strict=True):
            connection.execute(
                update(predictions)
                .where(predictions.c.id == number)
                .values(thoughts=thoughts, outcome=outcome)
            )
    out = io.BytesIO()
    export_to(store, "predictions", TableQuery(runs=("a",)), form, out)
    data = out.getvalue()
    with store.write() as connection:
        for table in (predictions, runs, examples):
            connection.execute(delete(table))
    source = SourceFile(f"a.{form}", lambda: io.BytesIO(data))
    report = import_predictions(store, [ImportFile(source, "a", look_at(source).mapping)])
    assert (report.imported, report.refused) == (len(outputs), 0)
    assert stored(store) == outputs

"""The summary of verdicts says what the judgments say, whoever writes them, in whatever order."""

import importlib
import itertools
import threading
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text, update

from sit_core.metrics.registry import Score
from sit_core.metrics.rules import RuleVerdict
from sit_core.metrics.verifiable import LOOSE, PACKAGE, STRICT
from sit_core.records import IN_ORDER, JudgeKind, Verdict
from sit_core.store import Store, pairs, pattern_counts, verdicts
from sit_core.store.judge_replies_writer import (
    QuestionResult,
    save_answers,
    save_answers_in,
)
from sit_core.store.judgments import Submission, judge_id, standing, submit
from sit_core.store.output_values import states_of_outputs
from sit_core.store.queue import hold
from sit_core.store.renaming import rename_run
from sit_core.store.run_check import check_stored, recount_verdicts, repair
from sit_core.store.runs import delete_run
from sit_core.store.sample_selection import scopes
from sit_core.store.sample_verdicts import differing_summaries
from sit_core.store.schema import (
    predictions,
    sample_verdicts,
    slots,
    studies,
    study_runs,
    verdict_patterns,
)
from sit_core.store.scores import save_scores
from sit_core.store.studies import delete_study, get_study
from sit_core.store.verdict_state import FOLLOW, Selection, VerdictFilter
from tests.factories import make_run, make_study
from tests.store import former_counting as former

STEPS = ("repeat", "answer")
PEOPLE = ("ann", "bob", "eva")
CHECKS = (f"{PACKAGE} 0.1, {STRICT}", f"{PACKAGE} 0.1, {LOOSE}")
THOUGHT = "<think>\nI repeat it.\n</think>\n\nParis {}."
OUTPUTS = 4
_numbers = itertools.count()

verdict = st.sampled_from([v.value for v in Verdict])
place = st.tuples(st.integers(0, 1), st.integers(0, OUTPUTS - 1))
"""Of a run and one of its outputs."""
write = st.one_of(
    st.tuples(
        st.just("person"),
        st.sampled_from(PEOPLE),
        place,
        st.integers(0, 1),
        st.dictionaries(st.sampled_from([*STEPS, IN_ORDER]), verdict, min_size=1),
    ),
    st.tuples(
        st.just("llm"),
        st.sampled_from(["judge-a", "judge-b"]),
        place,
        st.sampled_from([FOLLOW, *STEPS, "own"]),
        st.none() | verdict,
        st.none() | st.sampled_from([1.0, 4.5]),
    ),
    st.tuples(
        st.just("rule"),
        st.sampled_from(["rules-1", "rules-2", "rules-2, encoder x", *CHECKS]),
        place,
        st.dictionaries(st.sampled_from(STEPS), verdict, min_size=1),
    ),
    st.tuples(st.sampled_from(["study", "split", "rename", "delete", "unmake"]), place),
)


class Written:
    """A store in which two runs of a test's own are judged in two studies of its own."""

    def __init__(self, store: Store, *, often: bool) -> None:
        self.store, self.number = store, next(_numbers)
        self.runs = [f"a{self.number}", f"b{self.number}"]
        texts = ["one", THOUGHT.format(1), "three", THOUGHT.format(2)]
        self.ids = [
            make_run(store, run, texts, inputs=self.inputs(often), per_example=2 if often else 1)
            for run in self.runs
        ]
        self.studies = [f"s{self.number}", f"t{self.number}"]
        make_study(store, self.studies[0], self.runs, annotators=2, ask_order=True)

    def inputs(self, often: bool) -> list[str]:
        return [f"Question {self.number} {i // 2 if often else i}?" for i in range(OUTPUTS)]

    def do(self, what: str, *more: Any) -> None:
        getattr(self, f"_{what}")(*more)

    def _person(self, who: str, at: tuple[int, int], study: int, said: dict[str, str]) -> None:
        with self.store.write() as connection:
            name = self.studies[study]
            if connection.scalar(select(studies.c.id).where(studies.c.name == name)) is None:
                return
            judge = judge_id(connection, JudgeKind.HUMAN, who)
            output = self.ids[at[0]][at[1]]
            of = get_study(self.store, name)
            if not hold(connection, of, judge, output, 1.0):
                return
            before = standing(connection, of.id, judge, output).said
            base = {step: one.revision for step, one in before.items()}
            new = Submission(output, {step: Verdict(v) for step, v in said.items()}, base)
            assert submit(connection, of.id, judge, new, float(next(_numbers)))[1]

    def _llm(self, who: str, at: Any, step: str, said: str | None, quality: float | None) -> None:
        result = None if said is None else Verdict(said)
        answer = QuestionResult(self.ids[at[0]][at[1]], step, result, quality, reason="why")
        save_answers(self.store, who, [answer] if at[1] < len(self.ids[at[0]]) else [])

    def _rule(self, who: str, at: Any, said: dict[str, str]) -> None:
        rulings = {step: RuleVerdict(Verdict(v), "so") for step, v in said.items()}
        score = Score(self.ids[at[0]][at[1]], "following", 1.0, rulings=rulings)
        save_scores(self.store, [score], {"following": ""}, who)

    def _study(self, at: Any) -> None:
        with self.store.read() as connection:
            names = set(connection.scalars(select(studies.c.name)))
        if self.studies[1] not in names:
            make_study(self.store, self.studies[1], self.runs)

    def _split(self, at: tuple[int, int]) -> None:
        repair(self.store, [self.runs[at[0]]], split=True)

    def _rename(self, at: tuple[int, int]) -> None:
        new = f"{self.runs[at[0]]}'"
        rename_run(self.store, self.runs[at[0]], new)
        self.runs[at[0]] = new

    def _delete(self, at: tuple[int, int]) -> None:
        """A third run comes, is judged by rules, and goes."""
        name = f"c{next(_numbers)}"
        (output, *_) = make_run(self.store, name, 2)
        rulings = {"answer": RuleVerdict(Verdict.NO, "so")}
        score = Score(output, "following", 1.0, rulings=rulings)
        save_scores(self.store, [score], {"following": ""}, "rules-1")
        delete_run(self.store, name)

    def _unmake(self, at: tuple[int, int]) -> None:
        """A third study comes and goes."""
        name = f"u{next(_numbers)}"
        make_study(self.store, name, self.runs)
        delete_study(self.store, name)

    def scopes(self) -> list[Selection]:
        with self.store.read() as connection:
            names = set(connection.scalars(select(studies.c.name)))
        found = [scopes(self.store, name)[0] for name in self.studies if name in names]
        found += scopes(self.store, self.studies[0], self.runs[:1])
        return found + scopes(self.store, None, self.runs)


NAMES = {"human": "ann", "llm": "judge-a", "rule": "rules-2, encoder x"}
READINGS = [
    VerdictFilter(kind, annotator, partly, combine)  # type: ignore[arg-type]
    for kind in JudgeKind
    for annotator in (None, NAMES[kind.value])
    for partly in (True, False)
    for combine in ("majority", "each")
]


def without_none(counts: Iterable[verdicts.StateCount]) -> list[Any]:
    """Counts of prompts that are 0 say nothing."""
    return [
        (c.run, c.key, c.samples, c.done, c.not_done, c.undecided, c.missing, prompts)
        for c in counts
        for prompts in [sorted((key, n) for key, n in c.prompts.items() if n)]
    ]


def sorted_patterns(found: list[pairs.Pattern]) -> Counter[Any]:
    counted: Counter[Any] = Counter()
    for pattern in found:
        counted[tuple(sorted(pattern.verdicts.items()))] += pattern.samples
    return counted


def ids_of(store: Store, query: Any) -> set[str]:
    with store.read() as connection:
        return set(connection.scalars(query))


def agree(made: Written, readings: Iterable[VerdictFilter]) -> None:
    """The summary is what a recount gives, and all tables are those of the former code."""
    store = made.store
    with store.read() as connection:
        assert list(differing_summaries(connection)) == []
        counted = select(slots.c.study_id, predictions.c.run_id, func.count())
        counted = counted.join(predictions, predictions.c.id == slots.c.prediction_id)
        counted = counted.where(slots.c.place == 0).group_by(slots.c.study_id, predictions.c.run_id)
        samples = {(row[0], row[1]): row[2] for row in connection.execute(counted)}
        r = study_runs.c
        kept = connection.execute(select(r.study_id, r.run_id, r.samples)).all()
        assert {(row[0], row[1]): row[2] for row in kept if row[2]} == samples
    for scope in made.scopes():
        assert verdicts.count_judges(store, scope) == former.count_judges(store, scope)
        for reading in readings:
            same_tables(store, scope, reading)
        two = [VerdictFilter(JudgeKind.LLM, name) for name in ("judge-a", "judge-b")]
        people, rules = VerdictFilter(), VerdictFilter(JudgeKind.RULE)
        for first, second in ((people, rules), (people, two[0]), (two[0], two[1])):
            assert pairs.states_by_both(store, scope, first, second) == former.states_by_both(
                store, scope, first, second
            )
            with store.read() as connection:
                differ = pairs.samples_that_differ(connection, scope, first, second, "answer")
                said = pairs.samples_said_so(
                    connection, scope, first, second, "chain", ("done", "not-done")
                )
            mine = ids_of(store, select(former.population(scope).c.prediction_id))
            assert ids_of(store, differ) == mine & ids_of(
                store, former.samples_that_differ(scope, first, second, "answer")
            )
            assert ids_of(store, said) == mine & ids_of(
                store,
                former.samples_said_so(scope, first, second, "chain", ("done", "not-done")),
            )


def same_tables(store: Store, scope: Selection, reading: VerdictFilter) -> None:
    for asked in (scope, scope.beside("own")):
        assert without_none(verdicts.count_states(store, asked, reading)) == without_none(
            former.count_states(store, asked, reading)
        )
    if reading.combine == "each":
        assert sorted_patterns(pairs.verdict_patterns(store, scope, reading)) == sorted_patterns(
            former.verdict_patterns(store, scope, reading)
        )
        return
    for state in ("done", "not-done", "unsure", "decided", "missing"):
        with store.read() as connection:
            found = pattern_counts.samples_in_state(connection, scope, reading, "chain", state)
        mine = ids_of(store, select(former.population(scope).c.prediction_id))
        assert mine & ids_of(store, found) == mine & ids_of(
            store, former.samples_in_state(scope, reading, "chain", state)
        )
    said = states_of_outputs(store, scope, reading, "chain")
    done = ids_of(store, former.samples_in_state(scope, reading, "chain", "done"))
    assert {output for output, state in said.items() if state == 1} == done & said.keys()
    if len(scope.runs) == 2:
        two = (scope, reading, *scope.runs)
        assert pairs.paired_states(store, *two) == former.paired_states(store, *two)
        assert pairs.repeated_pairs(store, *two) == former.repeated_pairs(store, *two)
        assert pairs.differences(store, *two, "chain") == former.differences(store, *two, "chain")


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(
    writes=st.lists(write, min_size=4, max_size=20),
    often=st.booleans(),
    readings=st.lists(st.sampled_from(READINGS), min_size=2, max_size=2, unique=True),
)
def test_whatever_is_written_the_summary_equals_a_recount_and_the_tables_are_as_before(
    store: Store, writes: list[tuple[Any, ...]], often: bool, readings: list[VerdictFilter]
) -> None:
    made = Written(store, often=often)
    for one in writes:
        made.do(*one)
    agree(made, readings)


def filled(store: Store) -> Written:
    """A store with verdicts of every kind, some revised, some in two studies."""
    made = Written(store, often=False)
    made.do("rule", "rules-1", (0, 0), {"repeat": "yes"})
    made.do("llm", "judge-a", (0, 0), FOLLOW, "yes", 4.5)
    made.do("study", (0, 0))
    for said in ("yes", "no"):
        for study in (0, 1):
            made.do("person", "ann", (0, 0), study, {"repeat": said, "answer": "partly"})
    made.do("person", "bob", (0, 0), 0, {"repeat": "yes"})
    made.do("rule", "rules-2", (0, 0), {"repeat": "no"})
    made.do("llm", "judge-b", (1, 2), "answer", "no", None)
    return made


def rows_of(store: Store) -> set[Any]:
    with store.read() as connection:
        return {tuple(row) for row in connection.execute(select(sample_verdicts))}


def test_the_migration_fills_the_summary_as_the_code_does(store: Store) -> None:
    filled(store)
    before = rows_of(store)
    migration = importlib.import_module(
        "sit_core.store.migrations.versions.0012_a_summary_of_verdicts"
    )
    with store.write() as connection:
        kept = connection.execute(select(study_runs)).all()
        for table in (sample_verdicts, verdict_patterns):
            connection.execute(delete(table))
        connection.execute(update(study_runs).values(samples=0))
        migration._count_samples(connection)
        migration._fill(connection, verdict_patterns, sample_verdicts)
        assert connection.execute(select(study_runs)).all() == kept
    assert rows_of(store) == before
    assert {row[1] for row in before} == {0, 1, 2}


def test_a_check_says_where_the_summary_differs_and_recounting_mends_it(store: Store) -> None:
    made = filled(store)
    before = rows_of(store)
    assert [one.miscounted for one in check_stored(store)] == [0, 0]
    s = sample_verdicts.c
    with store.write() as connection:
        other = connection.scalar(select(s.pattern_id).where(s.kind == "llm"))
        mine = (s.prediction_id == made.ids[0][0], s.kind == "human", s.scope == 1)
        connection.execute(update(sample_verdicts).where(*mine).values(pattern_id=other))
        connection.execute(delete(sample_verdicts).where(s.prediction_id == made.ids[1][2]))
    with store.read() as connection:
        found = list(differing_summaries(connection))
    assert {(one.run, one.prediction_id, one.scope, one.kind) for one in found} == {
        (made.runs[0], made.ids[0][0], 1, JudgeKind.HUMAN),
        (made.runs[1], made.ids[1][2], 0, JudgeKind.LLM),
        (made.runs[1], made.ids[1][2], 1, JudgeKind.LLM),
        (made.runs[1], made.ids[1][2], 2, JudgeKind.LLM),
    }
    assert [one.miscounted for one in check_stored(store)] == [1, 1]
    recount_verdicts(store)
    assert rows_of(store) == before


def test_people_who_judge_the_same_samples_at_once_are_all_counted(store: Store) -> None:
    people, samples = 4, 12
    outputs = make_run(store, "m", samples)
    study = make_study(store, "s", ["m"], annotators=people)

    def work(number: int) -> None:
        order = outputs[number:] + outputs[:number]
        for output in order:
            with store.write() as connection:
                judge = judge_id(connection, JudgeKind.HUMAN, f"person {number}")
                assert hold(connection, study, judge, output, 1.0)
                said = Submission(output, {"repeat": Verdict.YES, "answer": Verdict.NO})
                assert submit(connection, study.id, judge, said, 1.0)[1]

    workers = [threading.Thread(target=work, args=(number,)) for number in range(people)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    (scope,) = scopes(store, "s")
    assert [one.samples for one in verdicts.count_judges(store, scope)] == [samples] * people
    with store.read() as connection:
        assert list(differing_summaries(connection)) == []


def test_a_study_made_while_a_judge_writes_counts_what_it_says(store: Store) -> None:
    outputs = make_run(store, "m", 2)
    (worker,) = (threading.Thread(target=make_study, args=(store, "s", ["m"])),)
    with store.write() as connection:
        said = [QuestionResult(output, FOLLOW, Verdict.YES, 4.0) for output in outputs]
        save_answers_in(connection, "judge-a", said)
        worker.start()
        until_one_waits(store, worker)
    worker.join()
    (scope,) = scopes(store, "s")
    assert [one.samples for one in verdicts.count_judges(store, scope)] == [2]
    with store.read() as connection:
        assert list(differing_summaries(connection)) == []


def until_one_waits(store: Store, worker: threading.Thread) -> None:
    """On PostgreSQL for a lock of ours; on SQLite whoever writes waits anyway."""
    waiting = text("select count(*) from pg_locks where not granted")
    while not store.is_sqlite and worker.is_alive():
        with store.read() as connection:
            if connection.scalar(waiting):
                return

"""Counts of current verdicts: latest revision, majority, partly, the chain, what is missing."""

from dataclasses import replace

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.records import IN_ORDER, JudgeKind, Step, chain
from sit_core.store import Store
from sit_core.store.browse import Filter, count_hits
from sit_core.store.pairs import verdict_patterns
from sit_core.store.sample_selection import scopes
from sit_core.store.verdict_state import CHAIN, VerdictFilter
from sit_core.store.verdicts import count_judges, count_states, version
from tests.factories import judge, make_run, make_study


def counts(store: Store, study: str | None = "s", runs=(), **reading) -> dict:
    """{(run, key): (done, not done, undecided, missing)}."""
    return {
        (c.run, c.key): (c.done, c.not_done, c.undecided, c.missing)
        for scope in scopes(store, study, runs)
        for c in count_states(store, scope, VerdictFilter(**reading))
    }


def test_only_the_highest_revision_counts(store: Store) -> None:
    first, *_ = make_run(store, "m", 1)
    make_study(store, "s", ["m"])
    judge(store, "s", first, "ann", {"repeat": "yes", "answer": "yes"})
    judge(store, "s", first, "ann", {"repeat": "no"})
    judge(store, "s", first, "ann", {"repeat": "unsure"})
    found = counts(store)
    assert found["m", "repeat"] == (0, 0, 1, 0)
    assert found["m", "answer"] == (1, 0, 0, 0)


def test_partly_counts_as_done_unless_switched(store: Store) -> None:
    ids = make_run(store, "m", 3)
    make_study(store, "s", ["m"])
    for prediction, verdict in zip(ids, ["yes", "partly", "no"], strict=True):
        judge(store, "s", prediction, "ann", {"repeat": verdict, "answer": "yes"})
    assert counts(store)["m", "repeat"] == (2, 1, 0, 0)
    assert counts(store, partly_done=False)["m", "repeat"] == (1, 2, 0, 0)
    assert counts(store, partly_done=False)["m", CHAIN] == (1, 2, 0, 0)


@pytest.mark.parametrize(
    ("repeat", "answer", "state"),
    [
        ("yes", "yes", "done"),
        ("yes", "no", "not done"),
        ("no", "unsure", "not done"),
        ("yes", "unsure", "undecided"),
        ("unsure", "unsure", "undecided"),
        ("no", None, "missing"),
        ("yes", None, "missing"),
        (None, None, "missing"),
    ],
)
def test_the_chain_of_one_judge_on_one_sample(
    store: Store, repeat: str | None, answer: str | None, state: str
) -> None:
    first, *_ = make_run(store, "m", 1)
    make_study(store, "s", ["m"])
    given = {"repeat": repeat, "answer": answer}
    judge(store, "s", first, "ann", {k: v for k, v in given.items() if v})
    names = ("done", "not done", "undecided", "missing")
    assert counts(store)["m", CHAIN] == tuple(int(name == state) for name in names)


def test_the_majority_decides_per_sample_and_step_and_a_tie_is_undecided(store: Store) -> None:
    ids = make_run(store, "m", 4)
    make_study(store, "s", ["m"], annotators=3)
    votes = [("yes", "yes", "no"), ("no", "unsure", "no"), ("yes", "no"), ("unsure", "unsure")]
    for prediction, verdicts in zip(ids, votes, strict=True):
        for who, verdict in zip(["ann", "bob", "cem"], verdicts, strict=False):
            judge(store, "s", prediction, who, {"repeat": verdict, "answer": "yes"})
    assert counts(store)["m", "repeat"] == (1, 1, 2, 0)


def test_the_chain_follows_from_the_majorities_of_its_steps(store: Store) -> None:
    """Nobody gave yes to both steps but ann, yet each step was done by majority."""
    first, *_ = make_run(store, "m", 1)
    make_study(store, "s", ["m"], annotators=3)
    judge(store, "s", first, "ann", {"repeat": "yes", "answer": "yes"})
    judge(store, "s", first, "bob", {"repeat": "yes", "answer": "no"})
    judge(store, "s", first, "cem", {"repeat": "no", "answer": "yes"})
    assert counts(store)["m", CHAIN] == (1, 0, 0, 0)
    assert counts(store, combine="each")["m", CHAIN] == (1, 2, 0, 0)
    assert counts(store, annotator="bob")["m", CHAIN] == (0, 1, 0, 0)


def test_each_counts_judgments_and_misses_those_that_k_asks_for(store: Store) -> None:
    ids = make_run(store, "m", 3)
    make_study(store, "s", ["m"], annotators=2)
    judge(store, "s", ids[0], "ann", {"repeat": "yes"})
    judge(store, "s", ids[0], "bob", {"repeat": "no"})
    judge(store, "s", ids[1], "ann", {"repeat": "yes"})
    assert counts(store, combine="each")["m", "repeat"] == (2, 1, 0, 3)
    assert counts(store)["m", "repeat"] == (1, 0, 1, 1)


def test_a_study_sees_only_its_own_samples_and_judgments(store: Store) -> None:
    ids = make_run(store, "m", 2)
    make_study(store, "s", ["m"])
    make_study(store, "other", ["m"])
    judge(store, "other", ids[0], "ann", {"repeat": "yes"})
    assert counts(store)["m", "repeat"] == (0, 0, 0, 2)
    assert counts(store, "other")["m", "repeat"] == (1, 0, 0, 1)


def test_over_all_studies_a_judge_has_one_voice_the_last(store: Store) -> None:
    ids = make_run(store, "m", 2)
    make_study(store, "s", ["m"])
    make_study(store, "other", ["m"])
    judge(store, "other", ids[0], "ann", {"repeat": "yes"}, at=5.0)
    judge(store, "s", ids[0], "ann", {"repeat": "yes"}, at=6.0)
    judge(store, "s", ids[0], "ann", {"repeat": "no"}, at=7.0)
    assert counts(store, None, ["m"])["m", "repeat"] == (0, 1, 0, 1)
    assert counts(store, None, ["m"], combine="each")["m", "repeat"] == (0, 1, 0, 1)


def test_a_machine_s_judgments_count_in_a_study_also_when_given_outside_it(store: Store) -> None:
    ids = make_run(store, "m", 2)
    make_study(store, "s", ["m"])
    judge(store, None, ids[0], "judge-1", {"repeat": "no"}, kind="llm", at=1.0)
    judge(store, "s", ids[0], "judge-1", {"repeat": "yes"}, kind="llm", at=2.0)
    judge(store, "s", ids[0], "ann", {"repeat": "no"})
    assert counts(store, by=JudgeKind.LLM)["m", "repeat"] == (1, 0, 0, 1)
    assert counts(store)["m", "repeat"] == (0, 1, 0, 1)
    judged = [(j.name, j.kind, j.samples) for j in count_judges(store, scopes(store, "s")[0])]
    assert judged == [("ann", "human", 1), ("judge-1", "llm", 1)]


def test_a_repeated_task_has_a_count_of_its_own(store: Store) -> None:
    steps = chain([Step(t, t[0].upper()) for t in ("paraphrase", "repeat", "paraphrase", "answer")])
    ids = make_run(store, "m", 1, steps=steps)
    make_study(store, "s", ["m"])
    judge(store, "s", ids[0], "ann", {"paraphrase": "yes", "paraphrase-2": "no"})
    found = counts(store)
    assert found["m", "paraphrase"] == (1, 0, 0, 0)
    assert found["m", "paraphrase-2"] == (0, 1, 0, 0)
    assert found["m", CHAIN] == (0, 0, 0, 1)


def test_the_order_is_counted_beside_the_chain_and_never_in_it(store: Store) -> None:
    ids = make_run(store, "m", 1)
    make_study(store, "s", ["m"], ask_order=True)
    judge(store, "s", ids[0], "ann", {"repeat": "yes", "answer": "yes", "in_order": "no"})
    assert counts(store)["m", CHAIN] == (1, 0, 0, 0)
    assert counts(store)["m", IN_ORDER] == (0, 1, 0, 0)


def test_a_single_step_has_no_chain_row(store: Store) -> None:
    make_run(store, "m", 1, steps=[Step("repeat", "R", "repeat")])
    make_study(store, "s", ["m"])
    assert set(counts(store)) == {("m", "repeat"), ("m", IN_ORDER)}


def test_verdict_patterns_name_who_said_what(store: Store) -> None:
    ids = make_run(store, "m", 3)
    make_study(store, "s", ["m"], annotators=2)
    for prediction in ids[:2]:
        judge(store, "s", prediction, "ann", {"repeat": "yes", "answer": "no"})
        judge(store, "s", prediction, "bob", {"repeat": "unsure"})
    [pattern] = verdict_patterns(store, scopes(store, "s")[0], VerdictFilter())
    assert pattern.samples == 2
    assert pattern.verdicts == {"ann": (1, 0, 0, None), "bob": (-1, None, None, None)}


def test_unknown_names_are_suggested(store: Store) -> None:
    make_run(store, "llama", 1)
    make_run(store, "mistral", 1)
    make_study(store, "first look", ["llama"])
    with pytest.raises(SitError, match="did you mean 'first look'"):
        scopes(store, "frist look")
    with pytest.raises(UsageError, match=r"did you mean 'llama'\? .*did you mean 'mistral'"):
        scopes(store, None, ["lama", "mistrall"])
    with pytest.raises(UsageError, match="'mistral'; known: llama"):
        scopes(store, "first look", ["mistral"])
    with pytest.raises(UsageError, match="Name a study"):
        scopes(store, None)
    with pytest.raises(UsageError, match="named twice: llama"):
        scopes(store, None, ["llama", "llama"])


def test_a_run_judged_by_different_chains_needs_a_study(store: Store) -> None:
    make_run(store, "m", 1)
    make_study(store, "s", ["m"])
    make_study(store, "t", ["m"], steps=[Step("repeat", "R", "repeat")])
    with pytest.raises(UsageError, match=r"different chains of steps \(R\+A, R\)"):
        scopes(store, None, ["m"])


def test_the_version_changes_with_every_judgment(store: Store) -> None:
    ids = make_run(store, "m", 1)
    make_study(store, "s", ["m"])
    scope = scopes(store, "s")
    before = version(store, scope)
    assert version(store, scope) == before
    judge(store, "s", ids[0], "ann", {"repeat": "yes"})
    assert version(store, scope) != before


@pytest.mark.slow
def test_the_samples_behind_a_count_are_as_many_as_it_says(store: Store) -> None:
    """Also where two annotators disagree, so that one of them would call it done."""
    ids = make_run(store, "m", 5)
    make_run(store, "other", 2)
    make_study(store, "s", ["m"], annotators=2)
    votes = [("yes", "yes"), ("yes", "no"), ("no", "no"), ("partly", "unsure")]
    for prediction, verdicts in zip(ids, votes, strict=False):
        for who, verdict in zip(("ann", "bob"), verdicts, strict=True):
            judge(store, "s", prediction, who, {"repeat": verdict, "answer": "yes"})
    for partly_done in (True, False):
        found = counts(store, partly_done=partly_done)
        for key in ("repeat", "answer", CHAIN):
            of = Filter(study="s", step=key, by="human", partly_done=partly_done)
            states = ("done", "not-done", "unsure", "missing")
            listed = [count_hits(store, replace(of, verdict=state)) for state in states]
            assert tuple(listed) == found["m", key]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (("yes", "unsure"), (0, 0, 1, 0)),
        (("no", "unsure"), (0, 0, 1, 0)),
        (("yes", "no"), (0, 0, 1, 0)),
        (("yes", "yes", "unsure"), (1, 0, 0, 0)),
        (("no", "unsure", "no"), (0, 1, 0, 0)),
        (("yes", "no", "unsure"), (0, 0, 1, 0)),
        (("yes", "unsure", "unsure"), (0, 0, 1, 0)),
        (("yes", "yes", "no", "unsure"), (1, 0, 0, 0)),
        (("yes",), (1, 0, 0, 0)),
    ],
)
def test_a_tie_is_unsure_and_unsure_is_an_answer(
    store: Store, said: tuple[str, ...], state: tuple[int, ...]
) -> None:
    (one,) = make_run(store, "m", 1)
    make_study(store, "s", ["m"], annotators=len(said))
    for i, verdict in enumerate(said):
        judge(store, "s", one, f"annotator {i}", {"repeat": verdict, "answer": verdict})
    assert counts(store)["m", "repeat"] == state


def test_rules_and_checks_of_constraints_are_read_together_loose_ones_by_name(store: Store) -> None:
    """Both may judge steps of one output; strict and loose verdicts have no common majority."""
    from sit_core.metrics.verifiable import judge_name
    from sit_core.store.output_values import step_states
    from sit_core.store.sample_selection import whole_runs
    from sit_core.store.verdict_state import VerdictFilter

    (one,) = make_run(store, "m", 1)
    for name, verdicts in (
        ("rules-2", {"repeat": "no"}),
        ("rules-3", {"repeat": "yes"}),
        (judge_name("strict"), {"answer": "no"}),
        (judge_name("loose"), {"answer": "yes"}),
        ("rules-3, encoder e", {"repeat": "no"}),
    ):
        judge(store, None, one, name, verdicts, kind="rule")
    (scope,) = whole_runs(store, ["m"])

    def read(annotator: str | None = None) -> dict[str, int]:
        return step_states(store, scope, VerdictFilter(JudgeKind.RULE, annotator))[one]

    assert read() == {"repeat": 1, "answer": 0}
    assert read(judge_name("loose")) == {"answer": 1}

"""A run with a writer that misbehaves: what is kept, asked again, marked failed, gone on with."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.models.interface import Generated
from sit_core.models.usage import Prices, Usage
from sit_core.seq_instruct.budget import Budget, BudgetSpent
from sit_core.seq_instruct.config import SeqInstructConfig
from sit_core.seq_instruct.folder import SetFolder
from sit_core.seq_instruct.instruction_set import open_set
from sit_core.seq_instruct.iteration_store import IterationStore, PendingReplies
from sit_core.seq_instruct.record import Record, StageReply
from sit_core.seq_instruct.run import run_set
from sit_core.seq_instruct.stages import State
from sit_core.seq_instruct.state import fault_of
from tests.seq_instruct.fakes import WRITER, FakeModel, seed, use
from tests.seq_instruct.scripted import MAKERS, option_of


@pytest.fixture
def source(tmp_path: Path) -> str:
    rows = [
        {"instruction": f"Name {i + 2} uses of thing {i}.", "input": "", "output": f"gold {i}"}
        for i in range(30)
    ]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows))
    return str(path)


def config(source: str, **more: Any) -> SeqInstructConfig:
    return SeqInstructConfig((source,), **{"writer": WRITER, "iterations": 1, "wave": 7, **more})


def records(name: str, iteration: int) -> list[Record]:
    one = open_set(name)
    return one.page(iteration, count=10_000)


def test_each_stage_is_asked_once_and_lineage_runs_from_the_seed(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = use(monkeypatch, FakeModel())
    done = run_set("a", config(source, iterations=2))
    assert done.stopped is None
    assert done.set.complete
    for place in range(30):
        seed, first, second = done.set.lineage(place)
        assert (first.parent, second.parent) == (seed.id, first.id)
        assert seed.seed == first.seed == second.seed
        option = option_of(seed.instruction)
        assert first.option == option
        if option == "D":
            assert first.state is second.state is State.HELD
            assert first.held_since == second.held_since == 1
            assert second.replies == ()
            assert (second.instruction, second.response) == (seed.instruction, seed.response)
            assert second.response_by == "seed"
        else:
            assert [r.stage for r in first.replies] == ["classify", "generate", "refine", "respond"]
            assert first.state is State.MADE
            kind = {"A": "decompose", "B": "prefix", "C": "suffix"}[option]
            assert first.instruction.startswith(MAKERS[kind].format(seed.instruction))
            assert first.response_by == "fake"
    total = sum(len(r.replies) for i in (1, 2) for r in records("a", i))
    assert total == len(model.prompts) == sum(u.calls for u in done.set.usage().values())
    assert len({id for i in (0, 1, 2) for id in (r.id for r in records("a", i))}) == 90


class Thinking(FakeModel):
    """Thinks before each reply."""

    def generate(self, *asked: Any) -> Iterator[tuple[int, Generated]]:
        for index, made in super().generate(*asked):
            yield index, replace(made, thoughts="Option: B. No; hm.")


def test_what_a_writer_thinks_is_kept_apart_and_changes_nothing(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, FakeModel())
    run_set("plain", config(source))
    use(monkeypatch, Thinking())
    run_set("thinking", config(source))
    plain, thinking = records("plain", 1), records("thinking", 1)
    assert {r.thoughts for one in thinking for r in one.replies} == {"Option: B. No; hm."}
    silent = [
        replace(one, replies=tuple(replace(r, thoughts=None) for r in one.replies))
        for one in thinking
    ]
    assert silent == plain
    assert "thoughts" not in open_set("plain").folder.records(1).read_text()


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Generated("  "), "empty"),
        (Generated("Option: A", cut=True), "cut off"),
        (Generated("I won't.", refused=True), "refused"),
        (Generated("Option: A", error="HTTP 500"), "error"),
        (Generated("Some other option adds more."), "not understood"),
    ],
)
def test_a_useless_reply_is_asked_for_again_and_then_failed_never_held(
    source: str, monkeypatch: pytest.MonkeyPatch, reply: Generated, why: str
) -> None:
    def behave(stage: str, task: str, time: int) -> Generated | None:
        if stage != "classify":
            return None
        bad = "thing 3." in task or ("thing 4." in task and time == 1)
        return reply if bad else None

    model = use(monkeypatch, FakeModel(behave))
    run_set("a", config(source, attempts=3))
    failed, again = records("a", 1)[3:5]
    assert failed.state is State.FAILED
    assert failed.option is None
    assert failed.held_since is None
    assert failed.reason == f"classify: {why}"
    assert [r.why for r in failed.replies] == [why] * 3
    assert [r.text for r in failed.replies] == [reply.text] * 3
    assert failed.instruction == "Name 5 uses of thing 3."
    assert [r.why for r in again.replies][:2] == [why, None]
    assert len({r.seed for r in failed.replies}) == 3
    assert len({r.prompt_sha256 for r in failed.replies}) > 1  # other examples each time
    assert open_set("a").index(1).by_state()["failed"] == 1
    assert open_set("a").index(1).by_reason() == {f"classify: {why}": 1}
    assert Counter(s for s, _ in model.times.elements())["classify"] == 30 + 2 + 1


def test_an_answer_that_refuses_in_its_text_is_asked_for_again(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "I'm sorry, but I can't help with that."
    use(
        monkeypatch,
        FakeModel(lambda s, t, n: Generated(said) if s == "respond" and "thing 0." in t else None),
    )
    run_set("a", config(source))
    first, second = records("a", 1)[:2]
    assert (first.state, first.reason) == (State.FAILED, "respond: refused")
    assert first.response == "gold 0"
    assert second.reason is None


@pytest.mark.parametrize(
    ("answer", "refuses"),
    [
        ("I cannot do that.", True),
        ("Sorry, I am unable to see it.", True),
        ("I'm unable to see it.", True),
        ("As an AI language model, I have no taste.", True),
        ("I can see two boats.", False),
        ("Sorry is a word of five letters.", False),
        ("She said: I can't stay.", False),
        ("The year is not specified.", False),
    ],
)
def test_what_an_answer_begins_with_tells_a_refusal(answer: str, refuses: bool) -> None:
    assert (fault_of("respond", Generated(answer), "")[0] == "refused") == refuses


def test_a_failed_instruction_is_tried_again_in_the_next_iteration(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(
        monkeypatch,
        FakeModel(
            lambda stage, task, time: (
                Generated("") if stage == "classify" and "thing 1." in task and time <= 2 else None
            )
        ),
    )
    run_set("a", config(source, attempts=2, iterations=2))
    _, first, second = open_set("a").lineage(1)
    assert first.state is State.FAILED
    assert second.state in (State.MADE, State.HELD)


def test_a_gated_instruction_keeps_its_text_and_is_not_answered(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behave(stage: str, task: str, time: int) -> Generated | None:
        if stage == "generate" and "thing 2." in task:
            return Generated("<instruction>Name uses, then sort them.</instruction>")
        if stage == "refine" and "thing 2." in task:
            return Generated("Complete: yes")
        if stage == "classify":
            return Generated("Option: C")
        return None

    use(monkeypatch, FakeModel(behave))
    run_set("a", config(source))
    gated = records("a", 1)[2]
    assert (gated.state, gated.reason, gated.option) == (State.GATED, "lost numbers", "C")
    assert gated.proposed == "Name uses, then sort them."
    assert gated.instruction == "Name 4 uses of thing 2."
    assert "respond" not in {r.stage for r in gated.replies}


def test_of_two_alike_the_earlier_place_passes_whatever_the_wave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"instruction": f"Say {n}.", "output": "x"} for n in ("a", "b", "a", "c", "a")]
    path = tmp_path / "twice.json"
    path.write_text(json.dumps(rows))
    use(monkeypatch, FakeModel(lambda s, t, n: Generated("Option: B") if s == "classify" else None))
    for wave in (1, 2, 5):
        run_set(f"w{wave}", config(str(path), wave=wave, duplicate_similarity=1.0))
        found = [(r.state, r.reason) for r in records(f"w{wave}", 1)]
        assert [reason for _, reason in found] == [None, None, "duplicate", None, "duplicate"]


def test_a_budget_ends_it_cleanly_and_a_larger_one_goes_on(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = use(monkeypatch, FakeModel())
    each = Prices(1.0, 1.0).cost(100, 10)
    prices = Prices(1.0, 1.0, budget=40 * each)
    done = run_set("a", config(source, prices=prices))
    assert done.stopped is not None
    assert "with a larger budget the same command goes on" in done.stopped
    assert not done.set.complete
    assert 40 <= len(model.prompts) <= 40 + WRITER.in_flight
    asked = len(model.prompts)
    # What was spent is said although no wave is finished yet.
    assert sum(u.calls for u in done.set.usage().values()) == asked
    assert done.set.cost() == pytest.approx(asked * each)
    again = run_set("a", config(source, prices=prices))
    assert again.stopped is not None
    assert len(model.prompts) == asked
    last = run_set("a", config(source, prices=Prices(1.0, 1.0, budget=1000.0)))
    assert last.stopped is None
    assert last.set.complete
    assert len(model.prompts) == sum(u.calls for u in last.set.usage().values())
    assert last.set.cost() == pytest.approx(len(model.prompts) * each)


def test_rows_may_be_left_out_but_not_a_whole_source(source: str, tmp_path: Path) -> None:
    lost = config(source, bad_rows="skip")
    lost = replace(lost, sources=(source, f"alpaca:{tmp_path / 'lost.json'}"))
    with pytest.raises(SitError, match=r"lost\.json: there is no such file\.$"):
        run_set("a", lost)


def test_each_stage_may_have_a_writer_and_prices_of_its_own(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = use(monkeypatch, FakeModel())
    dear = replace(WRITER, model="dear", prices=Prices(10.0, 20.0))
    run_set("a", config(source, respond=dear, refine="rules", prices=Prices(1.0, 2.0)))
    one = open_set("a")
    writers = {r.stage: r.writer for record in records("a", 1) for r in record.replies}
    assert writers == {"classify": "fake", "generate": "fake", "refine": "rules", "respond": "dear"}
    used = one.usage()
    assert sum(n for (stage, _), n in model.times.items() if stage == "refine") == 0
    assert used["refine"].tokens == 0
    cheap = used["classify"].calls + used["generate"].calls
    cost = cheap * (100 + 2 * 10) + used["respond"].calls * (10 * 100 + 20 * 10)
    assert one.cost() == pytest.approx(cost / 1e6)


class Death(BaseException):
    """The process ends here, as if it were killed."""


@pytest.mark.parametrize("dies_at", [1, 5, 18, 40, 63, 90])
def test_it_goes_on_where_it_died_and_makes_the_same(
    source: str, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    use(monkeypatch, FakeModel())
    whole = [r.to_json() for r in run_set("whole", config(source)).set.page(1, count=99)]

    def die(stage: str, task: str, time: int) -> Generated | None:
        if len(model.prompts) == dies_at:
            raise Death
        return None

    model = use(monkeypatch, FakeModel(die))
    with pytest.raises(Death):
        run_set("a", config(source))
    first = Counter(model.prompts[:-1])
    model = use(monkeypatch, FakeModel())
    one = run_set("a", config(source)).set
    assert not first & Counter(model.prompts) or dies_at == 0
    assert [r.to_json() for r in one.page(1, count=99)] == whole


def test_torn_lines_cost_nothing_but_themselves(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, FakeModel())
    whole = [r.to_json() for r in run_set("whole", config(source)).set.page(1, count=99)]
    stop_after(monkeypatch, "a", source, 60)
    folder = open_set("a").folder
    for path in (folder.open, folder.records(1), folder.index(1)):
        with path.open("ab") as file:
            file.write(b'{"place": 29, "text": "half a li')
    assert len(IterationStore(folder, 1)) in (7, 14)
    use(monkeypatch, FakeModel())
    one = run_set("a", config(source)).set
    assert [r.to_json() for r in one.page(1, count=99)] == whole


def test_an_index_that_is_behind_is_made_again(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, FakeModel())
    one = run_set("a", config(source)).set
    before = one.folder.index(1).read_bytes()
    one.folder.index(1).write_bytes(before[: len(before) // 2])
    assert len(IterationStore(one.folder, 1)) == 30
    assert one.folder.index(1).read_bytes() == before


def stop_after(monkeypatch: pytest.MonkeyPatch, name: str, source: str, count: int) -> None:
    def die(stage: str, task: str, time: int) -> Generated | None:
        if len(model.prompts) == count:
            raise Death
        return None

    model = use(monkeypatch, FakeModel(die))
    with pytest.raises(Death):
        run_set(name, config(source))


def test_another_writer_or_source_is_refused_and_more_iterations_are_not(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = use(monkeypatch, FakeModel())
    run_set("a", config(source))
    asked = len(model.prompts)
    with pytest.raises(UsageError, match="other settings \\(seed\\)"):
        run_set("a", config(source, seed=5))
    run_set("a", config(source))
    assert len(model.prompts) == asked
    assert run_set("a", config(source, iterations=2)).set.complete
    assert len(model.prompts) > asked


def test_prompts_that_change_on_the_way_change_nothing_for_a_set(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    text = "version: 2\nYou help, {instruction}\n\n<task>\n{instruction}\n</task> {input}"
    shipped = Path("data/prompts/seq_instruct/classify.txt").read_text()
    (own / "classify.txt").write_text(shipped.replace("version: 1", "version: 2"))
    model = use(monkeypatch, FakeModel())
    run_set("a", config(source, prompts=str(own)))
    (own / "classify.txt").write_text(text)
    before = len(model.prompts)
    run_set("a", config(source, prompts=str(own), iterations=2))
    assert len(model.prompts) > before
    known = json.loads(open_set("a").folder.known.read_text())
    assert known["prompt_versions"]["classify"] == "2"


def test_held_ones_are_answered_only_if_it_is_said(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = FakeModel(lambda s, t, n: Generated("Option: D") if s == "classify" else None)
    use(monkeypatch, hold)
    run_set("a", config(source, iterations=2))
    assert len(hold.prompts) == 30
    assert {r.response_by for r in records("a", 2)} == {"seed"}
    run_set("b", config(source, iterations=2, answer_held=True))
    assert len(hold.prompts) == 30 + 60
    assert {r.response_by for r in records("b", 2)} == {"fake"}


@pytest.mark.parametrize(("answers", "asked"), [("each", [1, 2]), ("last", [2]), ("never", [])])
def test_answers_in_each_iteration_the_last_or_never(
    source: str, monkeypatch: pytest.MonkeyPatch, answers: str, asked: list[int]
) -> None:
    use(monkeypatch, FakeModel())
    run_set("a", config(source, iterations=2, answers=answers))
    for iteration in (1, 2):
        made = [r for r in records("a", iteration) if r.state is State.MADE]
        assert made
        assert {r.response is not None for r in made} == {iteration in asked}


def test_one_that_was_changed_and_then_held_is_answered_in_the_last_iteration(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behave(stage: str, task: str, time: int) -> Generated | None:
        seen = "Afterwards" in task
        return Generated("Option: D" if seen else "Option: C") if stage == "classify" else None

    use(monkeypatch, FakeModel(behave))
    run_set("a", config(source, iterations=2, answers="last"))
    assert {r.state for r in records("a", 2)} == {State.HELD}
    assert {r.response_by for r in records("a", 2)} == {"fake"}


def test_a_second_process_is_kept_out(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []

    def behave(stage: str, task: str, time: int) -> Generated | None:
        if not said:
            with pytest.raises(SitError) as caught:
                run_set("a", config(source))
            said.append(str(caught.value))
        return None

    use(monkeypatch, FakeModel(behave))
    assert run_set("a", config(source)).set.complete
    assert "Another process is making the set a" in said[0]


def test_a_writer_that_only_fails_is_given_up_and_goes_on_later(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = FakeModel(lambda stage, task, time: Generated("", error="HTTP 503"))
    use(monkeypatch, down)
    with pytest.raises(SitError, match="The last 20 calls failed"):
        run_set("a", config(source, wave=30, attempts=1))
    assert len(down.prompts) == 20
    use(monkeypatch, FakeModel())
    one = run_set("a", config(source, wave=30, attempts=1)).set
    assert one.complete
    assert one.index(1).by_reason() == {}  # what an earlier process could not reach is asked again


def test_sources_without_instructions_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    path.write_text("[]")
    with pytest.raises(SitError):
        run_set("a", SeqInstructConfig((str(path),)))
    assert not open_set("a").folder.begun()


def test_take_draws_by_the_seed_and_limit_cuts(source: str) -> None:
    from sit_core.augment.config import SourceConfig

    drawn = [
        [r.instruction for r in run_set(name, made).set.page(0, count=99)]
        for name, made in (
            ("a", SeqInstructConfig((SourceConfig(source, take=7),), seed=1)),
            ("b", SeqInstructConfig((SourceConfig(source, take=7),), seed=1)),
            ("c", SeqInstructConfig((SourceConfig(source, take=7),), seed=2)),
            ("d", SeqInstructConfig((source, source), limit=33)),
        )
    ]
    assert [len(one) for one in drawn] == [7, 7, 7, 33]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len({r.id for r in records("d", 0)}) == 33


def test_what_a_wave_made_is_on_the_disk_once_it_is_committed(
    tmp_path: Path, synced: set[tuple[int, int]]
) -> None:
    store = IterationStore(SetFolder("a", tmp_path), 1)
    store.path.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(2):
        store.commit([seed("Name a tree."), seed("Name a river.")])
        there = store.path.stat()
        assert (there.st_ino, there.st_size) in synced
    wave = PendingReplies(SetFolder("a", tmp_path), 1)
    wave.add(0, StageReply("classify", 0, "Option: B", "fake", 0, "0" * 64))
    wave.close()
    assert (wave.path.stat().st_ino, wave.path.stat().st_size) in synced


def test_half_of_what_is_left_is_asked_for_at_once(source: str) -> None:
    each = Prices(1.0, 1.0).cost(100, 10)
    budget = Budget(config(source, prices=Prices(1.0, 1.0, budget=40 * each)))
    # nothing is known yet of how long replies are: a few first, no more than surely fit
    longest = Prices(1.0, 1.0).cost(100, WRITER.max_new_tokens)
    assert budget.at_once("classify", 30, 100) == max(
        1, min(WRITER.in_flight, int(40 * each / longest))
    )
    counts = []
    while True:
        used = (
            Usage(1, 100, 10)
            if not counts
            else Usage(counts[-1], 100 * counts[-1], 10 * counts[-1])
        )
        budget.take("classify", used)
        if budget.spent() >= 40 * each * (1 - 1e-9):
            break
        counts.append(budget.at_once("classify", 30, 100))
    assert counts == [19, 10, 5, 2, 1, 1, 1]
    with pytest.raises(BudgetSpent, match=r"is spent .* with a larger budget"):
        budget.at_once("classify", 30, 100)


def test_errors_between_replies_are_not_in_a_row(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """25 of 30 calls fail, yet no 20 one after the other."""

    def behave(stage: str, task: str, time: int) -> Generated | None:
        number = int(task.partition("of thing ")[2].partition(".")[0])
        return None if number % 6 == 0 else Generated("", error="HTTP 503")

    use(monkeypatch, FakeModel(behave))
    assert run_set("a", config(source, wave=30, attempts=1)).set.complete

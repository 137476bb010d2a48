"""Rules against careful readings in files: every form, counts, κ by hand, what is left out."""

import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import update

from sit_core.cli import main
from sit_core.errors import SitError
from sit_core.records import IN_ORDER
from sit_core.results.agreement import cohen_kappa
from sit_core.results.gold_agreement import gold_agreement
from sit_core.results.gold_file import gold_verdicts, read_gold
from sit_core.store import Store, open_store
from sit_core.store.schema import predictions
from sit_core.tasks import steps_named
from tests.factories import make_run

CHOICES = "A:reed, B:hive, C:sea, D:bank, E:town"
ALL, NONE = "{q}\nAnswer: B", "Answer: B"


def add(store: Store, run: str, outputs: list[str]) -> list[str]:
    asked = [
        f"Question: Where do {n} grey herons like to sleep?\nChoices: {CHOICES}"
        for n in range(len(outputs))
    ]
    made = [output.format(q=q) for output, q in zip(outputs, asked, strict=True)]
    return make_run(store, run, made, inputs=asked, steps=steps_named(["repeat", "answer"]))


def test_counts_confusion_and_kappa(store: Store) -> None:
    ids = add(store, "m", [ALL, NONE, ALL, NONE, ""])
    said = ["yes", "no", "no", "partly", "unsure"]
    text = json.dumps([{"row": n, "agreed": {"R": v, "A": None}} for n, v in enumerate(said)])
    (row,) = gold_agreement(store, [("m.json", gold_verdicts(text, "m.json"))]).rows
    assert (row.step, row.n, row.unsure, row.no_reading) == ("repeat", 4, 1, 0)
    assert row.differing == (ids[2], ids[3])
    assert row.cells == Counter(
        {("yes", "yes"): 1, ("no", "no"): 1, ("no", "yes"): 1, ("partly", "no"): 1,
         ("unsure", "no"): 1}
    )  # fmt: skip
    found = row.to_dict()
    by_hand = {("d", "d"): 1, ("n", "n"): 1, ("n", "d"): 1, ("d", "n"): 1}
    assert found["kappa"] == pytest.approx(cohen_kappa(by_hand))
    assert found["low"] <= found["kappa"] <= found["high"]
    assert found["method"]


def test_a_given_beginning_is_no_work_of_the_model(store: Store) -> None:
    """The repeated question was given, so only the answer after it is ruled on."""
    begun = [ALL, ALL.replace("\nAnswer: B", "\n")]
    add(store, "m", begun)
    for row in range(2):
        size = len(f"Question: Where do {row} grey herons like to sleep?\nChoices: {CHOICES}\n")
        meta = {"given": {"condition": "true", "steps": ["repeat"]}, "given_characters": size}
        with store.write() as connection:
            connection.execute(
                update(predictions).where(predictions.c.row == row).values(meta=meta)
            )
    text = json.dumps([{"row": 0, "R": "yes", "A": "yes"}, {"row": 1, "R": "yes", "A": "no"}])
    (row_,) = gold_agreement(store, [("m.json", gold_verdicts(text, "m.json"))]).rows
    assert (row_.step, row_.cells) == ("answer", {("yes", "yes"): 1, ("no", "no"): 1})


def test_every_form_says_the_same(store: Store) -> None:
    ids = add(store, "m", [ALL, NONE])
    forms = [
        json.dumps([{"row": n, "R": v, "A": "yes"} for n, v in enumerate(("yes", "no"))]),
        "\n".join(
            json.dumps({"prediction": i, "verdicts": {"repeat": v, "answer": "yes"}})
            for i, v in zip(ids, ("yes", "no"), strict=True)
        ),
        json.dumps(
            [
                {"row": n, "reader1": {"R": v, "A": "yes"}, "reader2": {"R": v, "A": "yes"}}
                for n, v in enumerate(("yes", "no"))
            ]
        ),
        json.dumps({"rows": [{"row": n, "run": "m", "R": v} for n, v in enumerate(("yes", "no"))]}),
    ]
    for text in forms:
        found = gold_agreement(store, [("x", gold_verdicts(text, "x"))], "m").rows[0]
        assert (found.step, found.cells) == ("repeat", {("yes", "yes"): 1, ("no", "no"): 1})


def test_readers_who_differ_and_na_are_no_reading(store: Store) -> None:
    add(store, "m", [ALL])
    text = json.dumps(
        [{"row": 0, "reader1": {"R": "yes", "order": "na"}, "reader2": {"R": "no", "order": "na"}}]
    )
    with pytest.raises(SitError, match="No reading is about an output"):
        gold_agreement(store, [("m.json", gold_verdicts(text, "m.json"))])


def test_files_stand_apart_and_together_and_what_is_unknown_is_counted(store: Store) -> None:
    add(store, "m", [ALL, NONE])
    add(store, "n", [ALL])
    files = [
        ("m.json", gold_verdicts('[{"row": 0, "R": "yes"}, {"row": 7, "R": "no"}]', "m.json")),
        ("n.jsonl", gold_verdicts('{"row": 0, "R": "yes", "order": "yes"}\n', "n.jsonl")),
    ]
    found = gold_agreement(store, files)
    assert [(r.file, r.step, r.n) for r in found.rows] == [
        ("m.json", "repeat", 1),
        ("n.jsonl", "repeat", 1),
        ("n.jsonl", IN_ORDER, 1),
        (None, "repeat", 2),
        (None, IN_ORDER, 1),
    ]
    assert found.unmatched == {"m.json": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no readings"),
        ("[1]", "expected an object"),
        ('[{"R": "yes"}]', "give a row, a prediction or an example"),
        ('{"row": 0}\n{', "line 2 is no JSON"),
    ],
)
def test_files_of_another_form_are_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(SitError, match=said):
        gold_verdicts(text, "g.json")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "g.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SitError, match=r"g\.json can't be read"):
        read_gold(path)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened = open_store()
    ids = add(opened, "m", [ALL, NONE])
    opened.close()
    path = tmp_path / "m.json"
    path.write_text('[{"row": 0, "R": "yes"}, {"row": 1, "R": "yes"}]', encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["results", "agreement", "--rule", "--gold", str(path), "--json"])
    assert ended.value.code == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"][0]["differing"] == [ids[1]]
    with pytest.raises(SystemExit):
        main(["results", "agreement", "--rule", "--gold", str(path)])
    text = capsys.readouterr().out
    assert f"differs: m.json, repeat, {ids[1]}" in text
    with pytest.raises(SystemExit) as ended:
        main(["results", "agreement", "--gold", str(path)])
    assert ended.value.code != 0

"""A board as a file: every figure, read again as others' results; hostile texts stay texts."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from sit_core.cli.leaderboard import leaderboard as command
from sit_core.errors import SitError, UsageError
from sit_core.export.leaderboard import LEADERBOARD_FORMATS, export_leaderboard, leaderboard_bytes
from sit_core.export.leaderboard_html import SCRIPT, html_page
from sit_core.results.leaderboard.build import (
    FOLLOWING,
    QUALITY,
    Leaderboard,
    LeaderboardQuestion,
    leaderboard,
)
from sit_core.results.leaderboard.import_file import read_reported
from sit_core.settings import settings
from sit_core.store import Store, open_store
from sit_core.store.systems import list_systems, put_reported, set_system
from tests.factories import make_run
from tests.results.test_leaderboard import FOLLOW, grow, say

HOSTILE = '=HYPERLINK("x")</td><script>alert(1)</script>|*b*_x_ \\input{y} $a$ & \'q" ]]>'
WHEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture
def board(sqlite_store: Store) -> Leaderboard:
    """Two systems, four iterations, a hostile name everywhere."""
    store = sqlite_store
    for name, verdicts in (("a", ["yes", "no", "?", "yes"]), ("b", ["no", "no", "yes", "yes"])):
        made = make_run(store, name, ["x", "", "y y", "z"], steps=FOLLOW)
        say(store, made, verdicts, [5, 2, None, 3], by="judge <b>*|$&")
    grow(store, [1, 2, 1, 2])
    set_system(store, "a", rename=HOSTILE, base_model=HOSTILE, training_data=HOSTILE)
    return leaderboard(store)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Store:
    """Another installation's store."""
    return open_store(settings({"SIT_HOME": str(tmp_path / "elsewhere")}))


def test_csv_holds_every_figure_and_no_formula(board: Leaderboard) -> None:
    text = leaderboard_bytes(board, "csv").decode()
    rows = {row["run"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["a"]["system"] == f"'{HOSTILE}"
    for row in board.rows:
        for column in board.columns:
            figure = row.figures[column.key]
            said = rows[row.run or ""]
            assert float(said[column.key]) == figure.value
            assert float(said[f"{column.key}.low"]) == figure.low
            assert int(said[f"{column.key}.n"]) == figure.n
            assert int(said[f"{column.key}.without"]) == figure.without
    grown = leaderboard_bytes(board, "csv", by_iteration=True).decode()
    lines = list(csv.DictReader(io.StringIO(grown)))
    assert len(lines) == 2 * 2 * 2
    assert {line["iteration"] for line in lines} == {"1", "2"}


@pytest.mark.parametrize("form", ["csv", "json"])
def test_what_was_exported_is_read_again_as_others_results(
    board: Leaderboard, elsewhere: Store, tmp_path: Path, form: str
) -> None:
    path = tmp_path / f"board.{form}"
    path.write_bytes(leaderboard_bytes(board, form))
    found = read_reported(path)
    assert found.problems.count == 0
    assert put_reported(elsewhere, found.systems) == (2, 0, 0)
    assert put_reported(elsewhere, read_reported(path).systems) == (0, 0, 2)
    theirs = leaderboard(elsewhere)
    for row in board.rows:
        other = theirs.row(row.system)
        assert (other.run, other.origin) == (None, "reported")
        assert other.source == f"{path.name} (judge: judge <b>*|$&)"
        assert (other.base_model, other.training_data) == (row.base_model, row.training_data)
        assert other.figures.keys() == row.figures.keys()
        for key, figure in row.figures.items():
            mine = other.figures[key]
            assert (mine.value, mine.n, mine.low, mine.high, mine.without) == (
                figure.value,
                figure.n,
                figure.low,
                figure.high,
                figure.without,
            )
    (system, *_) = list_systems(elsewhere)
    assert system.provenance["judge"] == "judge <b>*|$&"
    with pytest.raises(SitError, match="taken by systems with outputs"):
        put_reported(open_store(), found.systems)
    # Reported once more, it is still said who judged; not the judge of the board in between.
    again = tmp_path / f"again.{form}"
    again.write_bytes(leaderboard_bytes(theirs, form))
    for system in read_reported(again).systems:
        assert system.provenance["source"] == f"{path.name} (judge: judge <b>*|$&)"
        assert "judge" not in system.provenance


def test_what_is_wrong_with_a_row_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "system,following_llm,following_llm.low,following_llm.high,quality,words.n\n"
        "good,0.5,0.4,0.6,,\n"
        "percent,93,,,,\n"
        ",0.5,,,,\n"
        "text,many,,,,\n"
        "turned,0.5,0.6,0.4,,\n"
        "good,0.5,,,,\n"
        "nothing,,,,,\n"
        "six,,,,6,\n"
    )
    found = read_reported(path)
    assert [system.name for system in found.systems] == ["good"]
    said = [str(problem) for problem in found.problems.shown]
    for line, part in (
        (3, "from 0 to 1, but is 93"),
        (4, "needs a name"),
        (5, "'many' where a number"),
        (6, "ends before it begins"),
        (7, "twice"),
        (8, "no figures"),
        (9, "from 1 to 5"),
    ):
        assert any(one.startswith(f"x.csv:{line}: ") and part in one for one in said), (line, said)
    path.write_text("system,beauty\na,1\n")
    assert "no column 'beauty'" in str(read_reported(path).problems.shown[0])


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"rows": 3}',
        b"\xff\xfe",
        b'{"rows": ' + b"[" * 100_000 + b"}",
    ],
)
def test_what_is_no_leaderboard_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(SitError, match=r"no JSON|no leaderboard"):
        read_reported(path)


def test_hostile_json_rows_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    figures = {"quality": {"value": 3}}
    rows = [
        7,
        {"system": "a"},
        {"system": "b", "figures": []},
        {"system": "c", "figures": {"quality": 3}},
        {"system": "d", "figures": {"quality": {"value": True}}},
        {"system": "e", "figures": {"quality": {"value": 1e999}}},
        {"system": "f", "figures": {"score/x": {"value": 1}}},
        {"system": "g\0", "figures": figures},
        {"system": "h", "base_model": ["x"], "figures": figures},
        {"system": "i", "figures": {"quality": {"value": 3, "n": -1}}},
        {"system": "j" * 201, "figures": figures},
        {"system": "k", "figures": {"quality": {"value": int("9" * 4000)}}},
        {"system": "l", "figures": {"quality": {"value": 3, "n": int("9" * 400)}}},
    ]
    path.write_text(json.dumps({"rows": rows}))
    found = read_reported(path)
    assert found.systems == ()
    assert found.problems.count == len(rows)


def test_markdown_and_latex_are_read_as_they_stand(board: Leaderboard) -> None:
    markdown = leaderboard_bytes(board, "markdown").decode()
    assert "<script>" not in markdown
    assert all(len(re.split(r"(?<!\\)\|", line)) == 9 for line in markdown.splitlines())
    latex = leaderboard_bytes(board, "latex").decode()
    assert r"\textbackslash{}input\{y\}" in latex
    assert r"\input" not in latex
    short = leaderboard_bytes(board, "markdown", columns=[QUALITY]).decode()
    assert "following" not in short
    assert "iteration 2" in leaderboard_bytes(board, "markdown", by_iteration=True).decode()
    with pytest.raises(UsageError, match="no column"):
        leaderboard_bytes(board, "markdown", columns=["beauty"])
    with pytest.raises(UsageError, match="no format"):
        leaderboard_bytes(board, "docx")


class Tags(HTMLParser):
    """What a browser would find."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.policy = ""
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = dict(attrs)
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href", "action", "style")]
        assert not [k for k, _ in attrs if k.startswith("on")]
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found["content"] or ""

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_to_publish_is_one_file_that_loads_and_runs_nothing(board: Leaderboard) -> None:
    page = html_page(board, WHEN)
    found = Tags()
    found.feed(page)
    assert found.tags.count("script") == 1
    assert not {"link", "img", "iframe", "object", "form", "a", "base"} & set(found.tags)
    assert found.addresses == []
    assert "default-src 'none'" in found.policy
    assert "sha256-" in found.policy
    assert "unsafe-eval" not in found.policy
    assert "eval" not in SCRIPT
    assert "http" not in SCRIPT
    assert "url(" not in page
    assert HOSTILE in found.text
    for part in ("judge <b>*|$&", "2026-01-02 03:04 UTC", f"sit {board.version}", "Seed", "95%"):
        assert part in found.text, part
    for row in board.rows:
        figure = row.figures[FOLLOWING]
        assert f"n={figure.n}" in found.text
        assert f"{100 * (figure.low or 0):.1f}–{100 * (figure.high or 0):.1f}" in found.text
    assert "prefers-color-scheme:dark" in page
    assert "no verdict in the reply: 1" in page


def test_an_empty_board_can_be_written_in_every_form(sqlite_store: Store) -> None:
    empty = leaderboard(sqlite_store, LeaderboardQuestion())
    for form in LEADERBOARD_FORMATS:
        stream = io.BytesIO()
        export_leaderboard(empty, form, stream, made_at=WHEN)
        assert stream.getvalue()


def test_the_commands_name_import_forget_and_publish(
    board: Leaderboard, sqlite_store: Store, tmp_path: Path
) -> None:
    def call(*args: str):
        return CliRunner().invoke(command, list(args))

    path = tmp_path / "theirs.json"
    rows = [{"system": "Theirs", "figures": {"quality": {"value": 4.5, "n": 805}}}]
    path.write_text(json.dumps({"rows": [*rows, {"system": "", "figures": {}}]}))
    refused = call("import", str(path))
    assert refused.exit_code == 1
    assert '"refused": 1' in refused.output
    assert [s.name for s in list_systems(sqlite_store)] == [HOSTILE]
    done = call("import", str(path), "--keep-good", "--source", "Their paper")
    assert '"new": 1' in done.output
    assert leaderboard(sqlite_store).row("Theirs").source == "Their paper"
    assert '"known": 1' in call("import", str(path), "--keep-good").output
    assert call("set", "b", "--rename", "Second", "--base-model", "Llama").exit_code == 0
    assert leaderboard(sqlite_store).row("Second").base_model == "Llama"
    assert "Second" in call("list").output
    out = call("html", "--out", str(tmp_path / "site"), "--own-only")
    assert out.exit_code == 0, out.output
    page = (tmp_path / "site" / "leaderboard.html").read_text("utf-8")
    assert "Second" in page
    assert "Theirs" not in page
    assert call("remove", "Theirs").exit_code == 0
    assert isinstance(call("remove", "Theirs").exception, SitError)

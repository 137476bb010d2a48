"""Replies without a verdict are found with reason and text; two judges' verdicts cell by cell."""

import pytest

from sit_core.errors import SitError, UsageError
from sit_core.store.browse import Filter, count_hits
from sit_core.store.invalid_replies import unusable_reasons, unusable_replies
from tests.factories import judge, make_run, make_study
from tests.results.test_leaderboard import FOLLOW, fight, say


def test_single_outputs_and_comparisons_without_a_verdict(store) -> None:
    one, two = make_run(store, "a", 4, steps=FOLLOW), make_run(store, "b", 4, steps=FOLLOW)
    say(store, one, ["?", "yes", "?", ""], by="j")
    say(store, one, ["no", "", "", ""], by="j")  # said later: no longer unusable
    say(store, two, ["?", "no", "", ""], by="j")
    fight(store, [(one[1], two[1], None, 1), (one[2], two[2], None, None)], by="j")
    assert unusable_reasons(store, "j") == {"unreadable": 3, "no verdict in the reply": 2}
    assert unusable_reasons(store, "j", ["b"]) == {"no verdict in the reply": 1}
    found = unusable_replies(store, "j", reason="no verdict in the reply")
    assert [(r.prediction_id, r.run, r.reply) for r in found] == [
        (one[2], "a", "hm"),
        (two[0], "b", "hm"),
    ]
    pairs = unusable_replies(store, "j", ["a"], reason="unreadable")
    assert [(r.prediction_id, r.against_id, r.step) for r in pairs] == [
        (one[1], two[1], "place 1"),
        (one[2], two[2], "place 1"),
        (one[2], two[2], "place 2"),
    ]
    whole = unusable_replies(store, "j")
    assert unusable_replies(store, "j", offset=2, limit=2) == whole[2:4]
    with pytest.raises(SitError, match="nobody"):
        unusable_reasons(store, "nobody")


def test_what_one_says_where_the_other_says_that(store) -> None:
    made = make_run(store, "a", 6, steps=FOLLOW)
    make_study(store, "s", ["a"])
    say(store, made, ["yes", "yes", "no", "no", "", "yes"], by="j")
    say(store, made, ["yes", "no", "yes", "no", "yes", ""], by="k")
    for sample in made[:2]:
        judge(store, "s", sample, "Ann", {"follow": "no"})

    def count(first: str, second: str, **more) -> int:
        of = {"runs": ("a",), "step": "follow", "llm": "j", **more}
        return count_hits(store, Filter(says=second, other_says=first, **of))

    for first in ("done", "not-done"):
        for second in ("done", "not-done"):
            assert count(first, second, against="k") == 1
            assert count(first, second, against="k", study="s") == 1
    assert count("not-done", "done", study="s") == 2
    assert count("done", "done", study="s") == 0
    with pytest.raises(UsageError, match="perhaps"):
        count("perhaps", "done", against="k")
    with pytest.raises(UsageError, match="sideways"):
        count_hits(store, Filter(duels_by="j", duel="sideways", duel_with="nowhere"))

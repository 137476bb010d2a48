"""Endpoints that misbehave in the ways of public reports: each gives its right value."""

from collections.abc import Iterator

import pytest

from sit_core.models import GenerationSettings
from sit_core.models.interface import KEEP
from sit_core.records import Outcome
from tests.models.fake_endpoint import ask, fake_endpoint

pytest.importorskip("aiohttp")
SETTINGS = GenerationSettings(max_new_tokens=64)
COMPLETE, CUT, REFUSED, FAILED = Outcome
ONLY = "it is nothing but thoughts"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with fake_endpoint(tmp_path_factory.mktemp("endpoint")) as address:
        yield address


@pytest.mark.parametrize(
    ("mode", "outcome", "text", "thoughts"),
    [
        ("ok", COMPLETE, "hello", ""),
        ("eos_token", COMPLETE, "hello", ""),
        ("no_finish", COMPLETE, "hello", ""),
        ("usage_null", COMPLETE, "hello", ""),
        ("modelnull", COMPLETE, "hello", ""),
        ("bom", COMPLETE, "hello", ""),
        ("nan", COMPLETE, "hello", ""),
        ("leadws", COMPLETE, " hello\n", ""),
        ("parts", COMPLETE, "hello", ""),
        ("parts_think", COMPLETE, "hello", "hmm"),
        ("reasoning_field", COMPLETE, "hello", "thoughts"),
        ("think_inline", COMPLETE, "hello", "Let me see. The user wants hello."),
        ("think_noopen", COMPLETE, "hello", "The user wants hello."),
        ("reasoning_stop", COMPLETE, "", "all the answer went in here"),
        ("reasoning_only", CUT, "", "long thoughts"),
        ("max_tokens_reason", CUT, "hel", ""),
        ("MAX_TOKENS", CUT, "hel", ""),
        ("refusal", REFUSED, "I can't help.", ""),
        ("filter", REFUSED, "", ""),
        ("azure_filter", REFUSED, "", ""),
    ],
)
def test_an_output_has_its_outcome_and_no_thoughts(
    url: str, mode: str, outcome: Outcome, text: str, thoughts: str
) -> None:
    made = ask(f"{url}/{mode}/v1", SETTINGS).made
    assert made is not None
    assert (made.outcome, made.text, made.thoughts, made.error) == (outcome, text, thoughts, None)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("choice_error", "The endpoint says: Upstream died."),
        ("choice_error_partial", "The endpoint says: Upstream died."),
        ("flaky_choice", "The endpoint says: Upstream died."),
        ("abort", "No output came: the endpoint ended the reply with 'abort', which is no end"),
        ("abort_long", "No output came: the endpoint ended the reply with 'abort'"),
        ("tool", "No output came: the model asked for a tool"),
        ("err200", "The endpoint says: Provider returned error."),
        ("strdetail", "The endpoint answers HTTP 422: x: bad."),
        ("ctx", "The endpoint answers HTTP 400: 'max_tokens' or 'max_completion_tokens' is too"),
        ("empty_choices", "The endpoint's reply can't be read: it holds no choice."),
        ("latin1", "The endpoint's reply can't be read: it is no JSON."),
        ("redirect", "The endpoint answers HTTP 301."),
    ],
)
def test_what_failed_is_no_output_and_says_why(url: str, mode: str, said: str) -> None:
    made = ask(f"{url}/{mode}/v1", SETTINGS).made
    assert made is not None
    assert (made.outcome, made.text) == (FAILED, "")
    assert str(made.error).startswith(said)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("reasoning_stop", ONLY),
        ("reasoning_only", f"{ONLY}, which a limit ended before any answer"),
        ("filter", "the endpoint's content filter ended it"),
        ("azure_filter", "The response was filtered due to the prompt triggering Azure OpenAI's"),
        ("refusal", "the model declined"),
        ("spaces", "it was longer than 20,000 characters"),
        ("huge", "it was longer than such a reply can be"),
    ],
)
def test_an_odd_output_says_why(url: str, mode: str, reason: str) -> None:
    made = ask(f"{url}/{mode}/v1", SETTINGS).made
    assert made is not None
    assert str(made.reason).startswith(reason)


@pytest.mark.parametrize("mode", ["spaces", "huge"])
def test_a_reply_that_is_too_long_is_cut(url: str, mode: str) -> None:
    made = ask(f"{url}/{mode}/v1", SETTINGS).made
    assert made is not None
    assert (made.outcome, len(made.text)) == (CUT, 20_000)
    assert made.text[:8] == {"spaces": "Question", "huge": "x x x x "}[mode]


@pytest.mark.parametrize("mode", ["spaces", "endless"])
def test_a_stream_that_is_too_long_is_cut(url: str, mode: str) -> None:
    found = ask(f"{url}/{mode}/v1", SETTINGS, stream=True)
    assert found.made is not None
    assert found.made.outcome is CUT
    assert "".join(found.pieces) == found.made.text
    assert len(found.made.text) == 20_000


@pytest.mark.parametrize(
    ("mode", "left_out", "renamed"),
    [
        ("temp1", ["temperature"], None),
        ("o3", ["temperature"], "max_completion_tokens"),
        ("noseed", ["seed"], None),
    ],
)
def test_a_field_that_is_refused_is_left_out_and_named(
    url: str, mode: str, left_out: list[str], renamed: str | None
) -> None:
    found = ask(f"{url}/{mode}/v1", SETTINGS)
    assert found.made is not None
    assert found.made.text == "hello"
    assert sorted(found.identity["left_out"]) == left_out
    assert found.identity.get("max_tokens_sent_as") == renamed
    assert found.slept == []  # the call is made again at once


@pytest.mark.parametrize(
    ("mode", "slept"),
    [("r429", [1.0, 1.0]), ("r429ms", [0.2, 0.2]), ("r429big", [120.0, 120.0])],
)
def test_a_server_that_says_how_long_is_obeyed_within_bounds(
    url: str, mode: str, slept: list[float]
) -> None:
    found = ask(f"{url}/{mode}/v1", SETTINGS)
    assert (found.slept, found.made and found.made.text) == (slept, "hello")


@pytest.mark.parametrize("mode", ["r429neg", "r429date_naive"])
def test_a_time_in_the_past_is_waited_for_as_if_nothing_was_said(url: str, mode: str) -> None:
    found = ask(f"{url}/{mode}/v1", SETTINGS)
    assert found.made is not None
    assert found.made.text == "hello"
    assert len(found.slept) == 2
    assert all(0 < seconds <= 1 for seconds in found.slept)


def test_a_quota_that_is_used_up_ends_it_at_once(url: str) -> None:
    found = ask(f"{url}/quota/v1", SETTINGS)
    assert "You exceeded your current quota" in found.error
    assert found.slept == []


@pytest.mark.parametrize(
    ("mode", "outcome", "text", "thoughts"),
    [
        *((mode, COMPLETE, "hello", "") for mode in ("ok", "azure_first", "usage_last", "crlf")),
        *((mode, COMPLETE, "hello", "") for mode in ("choices_null", "keepalive", "event_lines")),
        *((mode, COMPLETE, "hello", "") for mode in ("nodone", "nodone_nonl", "nofinish_done")),
        *((mode, COMPLETE, "hello", "") for mode in ("text_finish_same", "multi_choice")),
        ("notstream", COMPLETE, "hello", ""),
        ("surr", COMPLETE, "a \U0001f600 b", ""),
        ("splitutf", COMPLETE, "h\u00e9\u4f60\U0001f600llo\u2028x\u0085y", ""),
        ("parts", COMPLETE, "hello", "hm"),
        ("reasoning", COMPLETE, "hello", "hm"),
        ("reasoning_only", CUT, "", "hm"),
        ("max_tokens_reason", CUT, "hel", ""),
        ("refusal", REFUSED, "I can't help.", ""),
        ("filter", REFUSED, "hel", ""),
    ],
)
def test_a_stream_has_its_outcome(
    url: str, mode: str, outcome: Outcome, text: str, thoughts: str
) -> None:
    found = ask(f"{url}/{mode}/v1", SETTINGS, stream=True)
    assert found.made is not None
    assert (found.made.outcome, found.made.text) == (outcome, text)
    assert ("".join(found.pieces), "".join(found.thoughts)) == (text, thoughts)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("err_mid", "The stream broke off. The endpoint says: engine died."),
        ("err_choice_mid", "The stream broke off. The endpoint says: Provider disconnected."),
        ("err_event", "The stream broke off. The endpoint says: boom."),
        ("finish_error", "The stream broke off. No output came: the endpoint ended the reply"),
        ("nofinish_nodone", "The stream broke off. The endpoint's reply can't be read: it ended"),
    ],
)
def test_a_stream_that_fails_is_no_output(url: str, mode: str, said: str) -> None:
    found = ask(f"{url}/{mode}/v1", SETTINGS, stream=True)
    assert found.made is None
    assert found.error.startswith(said)


@pytest.mark.parametrize("mode", ["think_inline", "think_noopen", "parts_think"])
def test_thoughts_are_kept_in_the_output_where_that_is_asked_for(url: str, mode: str) -> None:
    settings = GenerationSettings(max_new_tokens=64, thoughts=KEEP)
    made = ask(f"{url}/{mode}/v1", settings).made
    assert made is not None
    assert made.thoughts == ""
    assert made.text.endswith("</think>\n\nhello")

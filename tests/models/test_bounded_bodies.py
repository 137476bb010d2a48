"""Bodies are read no further than a limit, whatever they unpack to; Retry-After is total."""

import gzip
import json
import random
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sit_core.models.endpoint.bounded_bodies import BadEncoding, Unpacking, closed
from sit_core.models.endpoint.responses import read_piece, read_reply
from sit_core.models.endpoint.retries import Retries, told_to_wait
from sit_core.models.finish_reasons import ending_of
from sit_core.records import Outcome

BOMB = gzip.compress(bytes(50_000_000))


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "GZIP"])
def test_packed_bytes_come_out_as_they_were(encoding: str) -> None:
    pack = gzip.compress if "gz" in encoding.lower() else zlib.compress
    packed, tool = pack(b"hello " * 1000), Unpacking(encoding)
    made = b"".join(tool.feed(packed[i : i + 7], 10_000) for i in range(0, len(packed), 7))
    assert made == b"hello " * 1000


def test_deflate_without_its_head_and_members_on_end_are_unpacked() -> None:
    tool = zlib.compressobj(wbits=-15)
    assert Unpacking("deflate").feed(tool.compress(b"hello") + tool.flush(), 100) == b"hello"
    two = gzip.compress(b"hel") + gzip.compress(b"lo")
    assert Unpacking("gzip").feed(two, 100) == b"hello"


def test_a_small_body_never_becomes_a_large_one() -> None:
    assert len(Unpacking("gzip").feed(BOMB, 1000)) == 1000
    assert len(Unpacking("deflate").feed(zlib.compress(bytes(50_000_000)), 1000)) == 1000


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_another_packing_is_named(encoding: str) -> None:
    with pytest.raises(BadEncoding, match="which was not asked for"):
        Unpacking(encoding)


def test_what_is_not_packed_is_said() -> None:
    with pytest.raises(BadEncoding, match="not packed as gzip"):
        Unpacking("gzip").feed(b"hello", 10)


@given(st.text(), st.integers(0, 400))
def test_json_that_broke_off_is_closed_there(text: str, end: int) -> None:
    whole = json.dumps({"choices": [{"message": {"content": text}, "x": "]}"}], "n": 12}).encode()
    head = len(b'{"choices": [{"message": {"content": "')
    found = json.loads(closed(whole[: head + end]))
    begun = found["choices"][0]["message"]["content"]
    # Half of a character, as JSON writes them, may be left.
    assert text.startswith(begun.encode("utf-8", "ignore").decode())


@given(st.binary(max_size=300))
def test_any_bytes_are_a_reply_or_a_fault(content: bytes) -> None:
    read_reply(content)
    read_piece(content)
    closed(content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        *("choices", "message", "delta", "content", "text", "index", "error"),
                        *("type", "thinking", "reasoning", "refusal", "finish_reason", "usage"),
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_any_json_is_a_reply_or_a_fault(answer: object) -> None:
    for read in (read_reply, read_piece):
        found = read(json.dumps(answer).encode())
        assert isinstance(getattr(found, "text", ""), str)


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        *(
            (word, Outcome.COMPLETE)
            for word in ("stop", "STOP", "end_turn", "eos", "COMPLETE", None)
        ),
        *((word, Outcome.CUT) for word in ("length", "maxTokens", "MAX_TOKENS", "model_length")),
        *((word, Outcome.REFUSED) for word in ("content_filter", "SAFETY", "refusal")),
        *((word, Outcome.FAILED) for word in ("error", "abort", "load", "unload", "whatever")),
        ("insufficient_system_resource", Outcome.FAILED),
        ("malformed_function_call", Outcome.FAILED),
        ("FinishReason.STOP", Outcome.COMPLETE),
        ("tool_calls", Outcome.COMPLETE),
    ],
)
def test_the_set_of_outcomes_is_closed(word: str | None, outcome: Outcome) -> None:
    assert ending_of(word, has_text=True).outcome is outcome


@given(st.text())
def test_any_word_has_an_outcome(word: str) -> None:
    ending = ending_of(word, has_text=True)
    assert (ending.outcome in (Outcome.COMPLETE, Outcome.CUT)) == (ending.reason is None)


NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("3", 3.0),
        ("1.5", 1.5),
        ("2 s", 2.0),
        ("-1", 0.0),
        ("1" * 30, 86400.0),
        ("1" * 90, None),
        ("Thu, 01 Jan 2026 12:00:09 GMT", 9.0),
        ("Thu, 01 Jan 2026 12:00:09 -0000", 9.0),
        ("Thu, 01 Jan 2026 12:00:09", 9.0),
        ("Thu, 01 Jan 2026 13:00:09 +0100", 9.0),
        ("Wed, 31 Dec 2025 12:00:00 GMT", 0.0),
        ("Fri, 01 Jan 9999 12:00:00 GMT", 86400.0),
        ("Fri, 99 Jan 2026 99:00:00 GMT", None),
        ("soon", None),
        ("nan", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after_in_any_form(said: str, seconds: float | None) -> None:
    assert told_to_wait({"retry-after": said}, NOW) == seconds


@pytest.mark.slow
@given(st.text(max_size=60), st.integers(1, 9))
def test_retry_after_is_total_and_bounded(said: str, attempt: int) -> None:
    told = told_to_wait({"retry-after": said, "retry-after-ms": said}, NOW)
    assert 0 <= Retries().pause(attempt, told, random.Random(0)) <= 120

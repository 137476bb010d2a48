"""Rows on their way together: who is in the batch, and what the model remembers of each.

Which prompts go together: into a batch within a budget of tokens, and those of like length.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sit_core.models.local.sequence_state import SequenceState

_WORTH_IT = 5
"""A batch is copied, to drop rows or to take some in, once they are a fifth of it: a copy costs
about as much as a turn, and a row that has ended costs little."""
_ROW = 100
"""What a row costs in a turn besides the tokens that the model remembers of it, each of which costs
1; measured with the embedded model."""
_FULL = 24
"""Rows of a full shard (see `shards`): with fewer, two shards are no faster than one."""


@dataclass
class Batch:
    """Left padded: what the model remembers of each row ends in the same column."""

    rows: Sequence[SequenceState]
    """Some may have ended and wait to be dropped."""
    mask: Any
    """Rows x columns that the model remembers: 0 where there is padding, or nothing yet."""
    tokens: Sequence[int] = ()
    """Each row's newest token, which the model has not seen yet."""
    cache: Any = None
    """What the model remembers, as it made it or as `kv_cache.laid_out` did."""
    used: int = 0
    """Columns of `mask` before the free ones."""

    def going(self) -> list[int]:
        """The places of the rows that have not ended."""
        return [i for i, row in enumerate(self.rows) if not row.ended]

    def one_more(self) -> None:
        """Show the model a column more, for the newest tokens."""
        import torch

        if self.used == self.mask.shape[-1]:
            self.mask = torch.cat([self.mask, self.mask.new_ones((len(self.mask), 1))], dim=-1)
        else:
            self.mask[:, self.used] = 1
        self.used += 1

    def without_ended(self) -> "Batch":
        """The same without the rows that have ended, if that is worth the copy.

        Where a kind of memory can't be taken apart (linear attention), all stay to the end.
        """
        import torch

        kept = self.going()
        layers = getattr(self.cache, "layers", None)
        apart = layers and all(hasattr(layer, "batch_select_indices") for layer in layers)
        if not apart or not is_worth_it(len(self.rows) - len(kept), len(self.rows)):
            return self
        index = torch.tensor(kept, device=self.mask.device)
        self.cache.batch_select_indices(index)
        rows, tokens = [self.rows[i] for i in kept], [self.tokens[i] for i in kept]
        return Batch(rows, self.mask[index], tokens, self.cache, self.used)


def is_worth_it(changed: int, rows: int) -> bool:
    """Whether so many rows that come or leave are worth a copy of a batch of ``rows``."""
    return changed > 0 and changed * _WORTH_IT >= rows


def arranged(
    batches: Sequence[Batch], begun: Sequence[Batch], shards: int, joins: bool
) -> list[Batch]:
    """The batches of the next turn: what ``begun`` joins ``batches``, what has ended leaves.

    Args:
        batches: those of the last turn.
        begun: prompts that were read just now.
        shards: at most so many batches, where rows can change from one to another.
        joins: whether they can.
    """
    live = [batch for batch in (*batches, *begun) if batch.going()]
    if not joins:
        return [batch.without_ended() for batch in live]
    rows = sum(len(batch.going()) for batch in live)
    shards = min(shards, max(1, rows // _FULL))
    if begun or len(live) > shards or any(map(_is_to_copy, live)):
        return _spread(live, shards) if live else []
    return live


def _is_to_copy(batch: Batch) -> bool:
    """Whether there is no free column, or many rows have ended."""
    full = batch.used == batch.mask.shape[-1]
    return full or is_worth_it(len(batch.rows) - len(batch.going()), len(batch.rows))


def _spread(batches: Sequence[Batch], shards: int) -> list[Batch]:
    """All rows that have not ended in so many batches of one size, like lengths together."""
    from sit_core.models.local.kv_cache import AHEAD, laid_out

    where = [(part, i) for part, batch in enumerate(batches) for i in batch.going()]
    where.sort(key=lambda place: -_length(batches[place[0]].rows[place[1]]))
    cuts = _of_equal_work([_length(batches[part].rows[i]) for part, i in where], shards)
    groups = [where[a:b] for a, b in pairwise(cuts)]
    plan = [[[i for at, i in g if at == part] for part in range(len(batches))] for g in groups]
    made = []
    for taken in plan:
        places = list(zip(batches, taken, strict=True))
        rows = [batch.rows[i] for batch, some in places for i in some]
        tokens = [batch.tokens[i] for batch, some in places for i in some]
        made.append(Batch(rows, _mask(rows, AHEAD, batches[0].mask), tokens))
        made[-1].used = made[-1].mask.shape[-1] - AHEAD
    caches = laid_out([batch.cache for batch in batches], plan, [batch.used for batch in made])
    for batch, cache in zip(made, caches, strict=True):
        batch.cache = cache
    return made


def _of_equal_work(lengths: Sequence[int], shards: int) -> list[int]:
    """Where each shard begins and the last ends, so that the slowest is as fast as can be.

    The work of a shard is its rows times its width, which is that of its longest row, the first.

    >>> _of_equal_work([200, 10, 10, 10, 10, 10, 10, 10], 2), _of_equal_work([10] * 9, 3)
    ([0, 2, 8], [0, 3, 6, 9])
    """

    def cuts(most: int) -> list[int]:
        found = [0]
        while found[-1] < len(lengths) and len(found) <= shards:
            rows = max(1, most // (_ROW + lengths[found[-1]]))
            found.append(min(len(lengths), found[-1] + rows))
        return found

    enough = range(len(lengths) * (_ROW + lengths[0]) + 1)
    least = bisect_left(enough, True, key=lambda most: cuts(most)[-1] == len(lengths))
    return cuts(least)


def _mask(rows: Sequence[SequenceState], ahead: int, like: Any) -> Any:
    """Zeros, a one for each token that the model remembers of a row, and ``ahead`` zeros."""
    import torch

    lengths = list(map(_length, rows))
    width = max(lengths)
    begin = torch.tensor([[width - length] for length in lengths], device=like.device)
    columns = torch.arange(width + ahead, device=like.device)
    return ((columns >= begin) & (columns < width)).to(like.dtype)


def _length(row: SequenceState) -> int:
    """Tokens that the model remembers of a row: all but the newest."""
    return len(row.prompt) + row.made - 1


AT_ONCE = 2048
"""Tokens of prompts that are read in one go: more are no faster, and hold others up for longer."""
_LIKE = 0.8
"""Prompts are read with others that have at least this share of the longest one's length."""


def next_batch(sizes: Sequence[int], budget: int) -> int:
    """How many of the first of ``sizes`` (largest first) fit into a batch; at least one.

    A size is what a row may grow to, prompt and output; all rows of a batch are as wide as the
    widest.

    >>> next_batch([100, 90, 10, 10], 200)
    2
    >>> next_batch([100, 90], 50)
    1
    """
    assert list(sizes) == sorted(sizes, reverse=True), "rows come largest first"
    return max(1, min(len(sizes), budget // sizes[0]))


def read_together(lengths: Sequence[int], tokens: int = AT_ONCE) -> int:
    """How many of the first prompts (``lengths``, in tokens) are read in one go; at least one.

    >>> read_together([100, 90, 80, 79])
    3
    >>> read_together([100, 90, 80, 79], 200)
    2
    """
    longest, count = lengths[0], 1
    for length in lengths[1:]:
        if not _LIKE * longest <= length <= longest or longest * (count + 1) > tokens:
            break
        count += 1
    return count

"""SeqEval: prompts of several tasks, by how often they were grown; a system evaluated on them.

``evaluate(store, SeqevalOptions(name=…, model=…, judge_model=…), …)`` generates, judges, and puts
the system on the leaderboard; `build_from` makes a set of prompts of one's own.
"""

from sit_core.seqeval.build import BuildReport, build_from, write_set
from sit_core.seqeval.config import SeqevalConfig, title_of, words_of
from sit_core.seqeval.run import SeqevalReport, evaluate

__all__ = [
    "BuildReport",
    "SeqevalConfig",
    "SeqevalReport",
    "build_from",
    "evaluate",
    "title_of",
    "words_of",
    "write_set",
]

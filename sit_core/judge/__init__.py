"""LLM judges: what another model says of outputs, kept as judgments beside those of people.

Who judges is a folder (`judges`, `load_judge`, `save_judge`) and a model (`ModelChoice`)::

    wanted = JudgeOptions(runs=("mine",), model=ModelChoice("gpt-x", backend="openai", …),
                          judge="seqeval", against=None, study=None, limit=100)
    wanted.check(store)                      # UsageError: all that is wrong, one message
    prompts_of(store, wanted, 1)             # what would be sent, to look at
    estimate(store, wanted)                  # Estimate: asks, cached, tokens, cost
    done = judge_runs(store, wanted, report=…, stopped=…)    # JudgeReport: done.judge is its name

`words_of` and `title_of` make the ``sit judge`` command and its job of the same options. Replies
are kept by content in the store, so that nothing is asked twice, also after a kill.

What was said is read from the store by the name of the judge there (`judge_name`):

- `sit_core.results.judged.judged(store, judge=…, runs=…)`: rates with n and interval, mean quality,
  unusable, per run and step; win, loss and tie against a reference.
- `sit_core.store.llm_judgments`: `llm_judges` (which there are, and on how much), `verdict_counts`,
  `duel_counts`, and by sample `verdicts_by_prediction`, `outcomes_by_prediction`.
- `sit_core.results.judge_agreement.judge_agreement`: a judge against people, or another judge.

Verdicts that came with a file (columns ``judge``, ``llm_as_a_judge``) become judgments on import,
of outputs that are in the store already by `sit_core.store.imported_verdicts.take_imported`.
"""

from sit_core.judge import following_all, following_steps, pairwise
from sit_core.judge.config import JudgeConfig, title_of, words_of
from sit_core.judge.folder import (
    Judge,
    JudgeGeneration,
    JudgeSettings,
    judges,
    load_judge,
    own_folder,
    save_judge,
)
from sit_core.judge.judge_types import KINDS, JudgeInput, JudgeQuestion, JudgeType, ParsedReply
from sit_core.judge.question_batches import JudgePrompt, judge_name
from sit_core.judge.run import (
    BudgetReached,
    JudgeEstimate,
    JudgeReport,
    estimate,
    judge_runs,
    prompts_of,
)

__all__ = [
    "KINDS",
    "BudgetReached",
    "Judge",
    "JudgeConfig",
    "JudgeEstimate",
    "JudgeGeneration",
    "JudgeInput",
    "JudgePrompt",
    "JudgeQuestion",
    "JudgeReport",
    "JudgeSettings",
    "JudgeType",
    "ParsedReply",
    "estimate",
    "following_all",
    "following_steps",
    "judge_name",
    "judge_runs",
    "judges",
    "load_judge",
    "own_folder",
    "pairwise",
    "prompts_of",
    "save_judge",
    "title_of",
    "words_of",
]

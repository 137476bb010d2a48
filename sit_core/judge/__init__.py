"""LLM judges: what another model says of outputs, kept as judgments beside those of people.

Who judges is a folder (`folder.load_judge`, `folder.save_judge`) and a model::

    config = JudgeConfig(("mine",), model=ModelConfig("gpt-x", backend="openai", …), limit=100)
    ACTION.check(config, store)              # UsageError: all that is wrong, one message
    prompts_of(store, config, 1)             # what would be sent, to look at
    estimate(store, config)                  # JudgeEstimate: questions, known, tokens, cost
    done = judge_runs(store, config, report=…)    # JudgeReport: done.judge is its name

Replies are kept by content in the store, so that nothing is asked twice, also after a kill. What
was said is read from the store by the name of the judge there (`question_batches.judge_name`):

- `sit_core.results.judged.judged(store, judge=…, runs=…)`: rates with n and interval, mean quality,
  unusable, per run and step; win, loss and tie against a reference.
- `sit_core.store.llm_judgments`: `llm_judges` (which there are, and on how much), `verdict_counts`,
  `duel_counts`, and by sample `verdicts_by_prediction`, `outcomes_by_prediction`.
- `sit_core.results.judge_agreement.judge_agreement`: a judge against people, or another judge.

Verdicts that came with a file (columns ``judge``, ``llm_as_a_judge``) become judgments on import,
of outputs that are in the store already by `sit_core.store.imported_verdicts.take_imported`.
"""

r"""Seq-Instruct: a writer makes single-task instructions sequential (arXiv 2403.07794, version 3).

Per iteration, an instruction is classified (A decompose, B prefix, C suffix, D hold), rewritten,
refined and answered; the next iteration goes on from the result.

What a page uses::

    from sit_core.seq_instruct.index import RecordFilter
    from sit_core.seq_instruct.instruction_set import instruction_sets, open_set

    instruction_sets()                      # all stored sets, the newest first
    one = open_set("mine")                  # raises SitError with one sentence
    one.config, one.seeds, one.iterations, one.complete
    one.index(1).by_option()                # {"A": 31, "B": 60, "C": 5, "D": 4}
    one.index(1).by_state()                 # {"made": 90, "held": 4, "failed": 1, "gated": 5}
    one.index(1).by_reason()                # {"lost numbers": 3, "classify: empty": 1, …}
    one.index(1).words                      # lengths of instructions, in order of place
    one.index(1).response_words             # of answers (0: none)
    one.index(1).places(RecordFilter(state="gated", reason="lost numbers"))
    one.page(1, RecordFilter(option="B"), start=0, count=50)     # records, read lazily
    one.lineage(17)                         # seed → it.1 → it.2 … of the instruction at place 17
    one.usage(), one.usage(1), one.cost()   # stage → Usage (calls, tokens); money
    one.under_way()                         # stage → replies of the wave that is under way
    one.refresh()                           # take up what a job wrote since

To begin, to try, to write out (each in a file of its own, imported when needed)::

    from sit_core.seq_instruct.jobs import start_set, job_of, name_of, delete_set
    start_set(store, "mine", config)        # lays it down and starts the job; run again: goes on
    from sit_core.seq_instruct.estimate import estimate
    estimate(config).to_dict()              # instructions, calls, tokens, cost, by stage
    from sit_core.seq_instruct.prompts import prompt_files, prompts_from, read_prompts
    prompts_from(texts)                     # name → text, as a page edits them; all faults at once
    from sit_core.seq_instruct.trial import try_one
    try_one(config, example, prompts)       # yields `Tried` (prompt, reply) …, at last the record
    from sit_core.seq_instruct.export import export_set
    export_set("mine", iteration=1)         # a training file with its manifest

A `Record` has ``instruction``, ``input``, ``response``, ``option``, ``state``, ``reason``,
``detail``, ``proposed`` and ``replies`` (raw, with attempt, model, tokens and why it was of no
use). Iteration 0 are the seeds.
"""

"""SeqEval: prompts of several tasks, by how often they were grown; a system evaluated on them.

``evaluate(store, SeqevalOptions(name=…, model=…, judge_model=…), …)`` generates, judges, and puts
the system on the leaderboard; `build_from` makes a set of prompts of one's own.
"""

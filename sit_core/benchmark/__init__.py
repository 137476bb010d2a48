"""Standard benchmarks (GSM8K, MMLU, HumanEval, …) through lm-eval, an optional extra.

``run_benchmarks(store, BenchmarkOptions(…), report=…)`` runs the harness in a process of its own;
``read_files(["results/"])`` reads what past runs of it left. Both end in `keep`.
"""

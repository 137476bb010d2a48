"""An experiment: models × instructions × examples × conditions × verdicts, in one YAML file.

config = read_experiment("data/experiments/microlab/table-5.yaml")
plan(store, config)                        # cells, calls, tokens, cost, what is there
run_experiment(config, Context(store))     # fills in what is missing
report(store, config)                      # tables and figures, the paper's numbers beside
"""

from sit_core.experiment.config import ExperimentConfig

__all__ = ["ExperimentConfig"]

r"""Sequential training data from single-task examples (arXiv 2403.07794, version 1).

One example::

    from random import Random
    from sit_core.augment.chains import parse_chain
    from sit_core.augment.example import augment_example, target_of
    from sit_core.records import Example

    asked = Example("Name its colour.", "a plum", reference="purple")
    row = augment_example(asked, parse_chain("R+A"), Random(0))
    row.instruction     # 'First repeat the whole input; then Name its colour.'
    target_of(row)      # 'a plum\npurple'

A whole file, with its held-out part and its manifest::

    from sit_core.augment.config import ChainConfig, MixtureConfig
    from sit_core.augment.mixture import write_mixture

    config = MixtureConfig(
        sources=("alpaca.json", "microlab:answer:2000"),
        chains=("R+A", ChainConfig("P+A", cap=4000)),   # none: the baseline on the same examples
        held_out=100,                                   # a share or a number of examples
        seed=1,
    )
    made = write_mixture(config, Path("train.jsonl"))
    made.train, made.held_out, made.made["chains"]

The same as one YAML: ``sit augment --config mixture.yaml --out train.jsonl``.
"""

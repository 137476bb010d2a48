"""A report to publish, with what it is counted from, so that anybody can count it again.

Tables, figures and methods in HTML, Markdown and LaTeX, and a bundle of the outputs and verdicts;
``sit report --verify DIR`` counts every number again from that. Begin reading with `config.py` and
`content.py`, then `write.py` and `verify.py`.
"""

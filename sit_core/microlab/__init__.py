"""The embedded world: its texts, tokenizer and base model, made by ``sit microlab build``.

A demonstration and a test bed, so that every page works without network, GPU or accounts; real work
uses a model that the researcher names. Everything here follows from a seed.
"""

"""Prompt formats: what is put around an example's instruction and input. Texts: data/prompts."""

from sit_core.prompts.template import FORMATS, Template, prompt_format

__all__ = ["FORMATS", "Template", "prompt_format"]

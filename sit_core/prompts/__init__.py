"""Prompt formats: what is put around an example's instruction and input. Texts: data/prompts."""

from sit_core.prompts.formats import FORMATS, prompt_format
from sit_core.prompts.template import Template

__all__ = ["FORMATS", "Template", "prompt_format"]

"""The prompt format of the embedded model: Alpaca's headings, with or without a preamble."""

PREAMBLE = "Below is an instruction. Write a response that does what it asks."
"""Ours, short; in training it stands before a fifth of the prompts."""
LONG_PREAMBLES = {
    True: "Below is an instruction that describes a task, paired with an input that provides "
    "further context. Write a response that appropriately completes the request.",
    False: "Below is an instruction that describes a task. Write a response that appropriately "
    "completes the request.",
}
"""Whether there is an input → the preamble that Alpaca's format is known by."""

END = "<|end|>"
PAD = "<|pad|>"

CHAT_TEMPLATE = (
    "{%- for m in messages -%}"
    "{%- if m['role'] == 'user' -%}"
    "{{- '### Instruction:\\n' + m['content'] + '\\n\\n### Response:\\n' -}}"
    "{%- elif m['role'] == 'assistant' -%}"
    "{{- m['content'] + '" + END + "' -}}"
    "{%- endif -%}"
    "{%- endfor -%}"
)
"""For programs that speak in chat messages: the user's message is the instruction, which may hold
its own ``\\n\\n### Input:\\n…`` section."""


def prompt(instruction: str, text: str = "", preamble: str = "") -> str:
    r"""What the model is given.

    >>> prompt("Repeat the input.", "a cow")
    '### Instruction:\nRepeat the input.\n\n### Input:\na cow\n\n### Response:\n'
    """
    head = f"{preamble}\n\n" if preamble else ""
    middle = f"\n\n### Input:\n{text}" if text else ""
    return f"{head}### Instruction:\n{instruction}{middle}\n\n### Response:\n"

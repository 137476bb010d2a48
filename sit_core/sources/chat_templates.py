"""A prompt as the model's tokenizer wrote it → its messages, where a chat template's marks tell.

Prediction files of vLLM and LLaMA-Factory hold the prompt with the marks around it. The same
question asked of two models would be two examples; without the marks it is one.
"""

from sit_core.sources.conversation import ROLES, ChatTurn

_MARKED = (
    ("<|im_start|>", "\n", "<|im_end|>"),  # ChatML: Qwen, Yi, …
    ("<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>"),  # Llama 3
    ("<start_of_turn>", "\n", "<end_of_turn>"),  # Gemma
    ("<|im_start|>", "<|im_sep|>", "<|im_end|>"),  # Phi-4
)
"""Before the role, between role and text, after the text."""
_BY_ROLE = (
    ("<|system|>", "<|user|>", "<|assistant|>"),  # Zephyr, Phi-3, TinyLlama
    ("<|system|>", "<|prompter|>", "<|assistant|>"),
)
_BEFORE = ("<s>", "<|begin_of_text|>", "<bos>", "<|endoftext|>")
_OPEN = ("", "<think>", "<think></think>")
"""What may stand where the model is to go on."""
_ENDS = ("</s>", "<|end|>", "<|endoftext|>")


def turns_of_prompt(prompt: str) -> list[ChatTurn] | None:
    r"""The messages of a prompt that ends where the model is to write; None where no marks are.

    Linear in the prompt's length.

    >>> turns_of_prompt("<|im_start|>user\nSay hi<|im_end|>\n<|im_start|>assistant\n")
    [ChatTurn(role='user', text='Say hi', notes=(), thoughts='')]
    >>> turns_of_prompt("<s>[INST] <<SYS>>\nBrief.\n<</SYS>>\n\nSay hi [/INST]")[1].text
    'Say hi'
    >>> turns_of_prompt("What does <|im_start|> mean?") is None
    True
    """
    text = prompt.lstrip()
    for mark in _BEFORE:
        text = text.removeprefix(mark).lstrip()
    for before, between, after in _MARKED:
        if text.startswith(before) and (found := _marked(text, before, between, after)):
            return found
    for roles in _BY_ROLE:
        if text.startswith(roles) and (found := _by_role(text, roles)):
            return found
    return _instructed(text) if text.startswith("[INST]") else None


def _marked(text: str, before: str, between: str, after: str) -> list[ChatTurn] | None:
    turns: list[ChatTurn] = []
    pieces = text.split(before)[1:]
    for i, piece in enumerate(pieces):
        last = i == len(pieces) - 1
        role, found, said = piece.partition(between)
        known = ROLES.get(role.removesuffix(between.strip()).strip().lower())
        if last and known == "assistant" and "".join(said.split()) in _OPEN:
            return turns or None
        said, ended, rest = said.rpartition(after)
        if known is None or not found or not ended or rest.strip():
            return None
        turns.append(ChatTurn(known, said))
    return None


def _by_role(text: str, roles: tuple[str, ...]) -> list[ChatTurn] | None:
    said: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        mark = next((mark for mark in roles if line.startswith(mark)), None)
        if mark is None:
            said[-1][1].append(line)  # the text begins with a mark
        else:
            rest = line[len(mark) :]
            said.append((ROLES[mark[2:-2]], [rest] if rest else []))
    turns = [ChatTurn(role, "\n".join(lines)) for role, lines in said]
    if turns[-1].role != "assistant" or turns[-1].text.strip():
        return None
    return [ChatTurn(t.role, _without_end(t.text)) for t in turns[:-1]] or None


def _without_end(text: str) -> str:
    text = text.rstrip()
    for end in _ENDS:
        text = text.removesuffix(end).rstrip()
    return text


def _instructed(text: str) -> list[ChatTurn] | None:
    """Llama 2 and Mistral: ``[INST] … [/INST]``, the system prompt inside the first."""
    turns: list[ChatTurn] = []
    for piece in text.split("[INST]")[1:]:
        asked, closed, answered = piece.partition("[/INST]")
        if not closed:
            return None
        asked = asked.strip()
        if asked.startswith("<<SYS>>") and "<</SYS>>" in asked:
            system, _, asked = asked.removeprefix("<<SYS>>").partition("<</SYS>>")
            turns.append(ChatTurn("system", system.strip()))
        turns.append(ChatTurn("user", asked.strip()))
        if answered.strip():
            turns.append(ChatTurn("assistant", _without_end(answered.strip())))
    return turns if turns and turns[-1].role == "user" else None


def turns_without_tokens(prompt: str) -> list[ChatTurn] | None:
    r"""The same of a prompt whose special tokens were left out when it was written down.

    What is left of the marks are names of roles: of ChatML ``user\n…\nassistant\n``, of Llama 3
    ``user\n\n…assistant\n\n``. For prompts only of which it is known that a template made them;
    one question alone is taken, because the turns of several can't be told apart.

    >>> turns_without_tokens("system\nBe brief.\nuser\nSay hi\nassistant\n")[1].text
    'Say hi'
    >>> turns_without_tokens("user\n\nSay hiassistant\n\n")
    [ChatTurn(role='user', text='Say hi', notes=(), thoughts='')]
    """
    for before, gap in (("", "\n\n"), ("\n", "\n")):
        for name in ("assistant", "model"):
            answer, asks = f"{before}{name}{gap}", f"{before}user{gap}"
            if not prompt.endswith(answer):
                continue
            body = prompt.removesuffix(answer)
            turns = []
            if body.startswith(f"system{gap}"):
                system, _, body = body.removeprefix(f"system{gap}").partition(asks)
                turns = [ChatTurn("system", system)] if system.strip() else []
            elif body.startswith(f"user{gap}"):
                body = body.removeprefix(f"user{gap}")
            else:
                continue
            if body and asks not in body and answer not in body:
                return [*turns, ChatTurn("user", body)]
    return None

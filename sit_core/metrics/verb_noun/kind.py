"""What an instruction asks for, as a verb and a noun."""

from dataclasses import dataclass

QUESTION = "(question)"
"""The verb of every question."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A verb and the noun that it is done to."""

    verb: str
    noun: str | None = None
    """None where the verb has no such noun ("Explain why …")."""

    def __str__(self) -> str:
        return f"{self.verb} → {self.noun or '(no noun)'}"

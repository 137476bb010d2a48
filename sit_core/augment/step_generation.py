"""Texts that a model writes for steps: kept by content in SIT_HOME, so that none is made twice.

What is kept depends on the model (its weights), what it was told, and how it generated; a line is
appended as each text comes, so a killed run goes on where it was. Whether a text will do is decided
when it is read (`sit_core.augment.checks`), so better checks need no new texts.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sit_core.augment.config import LANGUAGE_NAMES, MixtureConfig, ModelTexts
from sit_core.errors import SitError, UsageError
from sit_core.models import load_model
from sit_core.models.config import WITHOUT_EFFECT
from sit_core.models.identity import format_hash, shown_model, weights_of
from sit_core.models.interface import FailuresInARow
from sit_core.records import Example, Unparsed
from sit_core.settings import DATA, settings, user_path

PROMPTS = DATA / "prompts" / "texts"
FOLDER = "texts"
"""In SIT_HOME."""
ELSEWHERE = ("prompt",)
"""In the key in another form."""


class GeneratedTexts(Mapping[str, "ModelStepTexts"]):
    """Task → the texts of its model."""

    def __init__(self, of: dict[str, "ModelStepTexts"]) -> None:
        self._of = of

    def __getitem__(self, task: str) -> "ModelStepTexts":
        return self._of[task]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def make(
        self,
        wanted: Mapping[str, Sequence[Example]],
        *,
        report: Callable[..., None],
        stopped: Callable[[], bool],
    ) -> None:
        """Have the models write what is wanted.

        Raises:
            SitError: a model can't be loaded, or nothing comes any more; what came is kept.
        """
        for task, examples in wanted.items():
            self._of[task].make(examples, report=report, stopped=stopped)

    def origin(self) -> dict[str, Any]:
        """For the manifest: task → what its texts depend on, and how many there are."""
        return {task: made.origin() for task, made in self._of.items()}


def texts_made(config: MixtureConfig, home: Path | None = None) -> GeneratedTexts:
    """What models have written for this mixture so far.

    Raises:
        SitError: a model is not there, or what it is told can't be read.
    """
    used = {step.task for _, steps in config.all_chains() for step in steps}
    folder = (home or settings().home) / FOLDER
    return GeneratedTexts(
        {
            task: ModelStepTexts(task, texts.model, config.translate_into, folder)
            for task, texts in config.texts.items()
            if texts.model is not None and task in used
        }
    )


class ModelStepTexts:
    """One model's texts for one task."""

    def __init__(self, task: str, how: ModelTexts, into: str, folder: Path) -> None:
        self.task, self.how = task, how
        self.prompt = prompt_text(task, how.prompt).replace("{language}", LANGUAGE_NAMES[into])
        self.key = self._key()
        packed = json.dumps(self.key, sort_keys=True, ensure_ascii=False)
        self.path = folder / f"{hashlib.sha256(packed.encode()).hexdigest()[:24]}.jsonl"
        self._texts: dict[str, str | Unparsed] = dict(self._kept())

    def look(self, example: Example, _index: int) -> str | Unparsed | None:
        """The text for an example's input, why there is none, or None: it is yet to be made."""
        return self._texts.get(_of(example.input))

    def make(
        self,
        examples: Sequence[Example],
        *,
        report: Callable[..., None],
        stopped: Callable[[], bool],
    ) -> None:
        """Have the model write the texts that are not there yet."""
        # A mixture may come from somebody who shall not read this machine's environment.
        settings().check_key_variable(self.how.key_env)
        inputs = {_of(e.input): e.input for e in examples}
        missing = [key for key in inputs if key not in self._texts]
        message = f"a model writes texts for the step {self.task}"
        report(0, len(missing), message)
        prompts = [Example(self.prompt, inputs[key]) for key in missing]
        done, failures = 0, FailuresInARow()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(load_model(self.how.spec())) as model, self.path.open("ab") as file:
            if file.tell() and not _ends_whole(self.path):
                file.write(b"\n")
            for place, made in model.generate(prompts, self.how.generation(), stopped):
                if made.error is not None or made.refused:
                    self._texts[missing[place]] = Unparsed("the model could not write it")
                    if failures.add(made.error or made.reason or "refused"):
                        raise SitError(
                            f"{failures.count} texts in a row could not be written (the last one: "
                            f"{failures.last}); what was written is kept."
                        )
                else:
                    failures.add(None)
                    row = {"of": missing[place], "text": made.text.strip(), "cut": made.cut}
                    if made.thoughts:  # no part of the text; kept beside it as it came
                        row["thoughts"] = made.thoughts
                    file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
                    file.flush()
                    self._texts[missing[place]] = _said(row)
                done += 1
                report(done, len(missing), message)
        if done < len(missing):
            report(done, len(missing), message)  # raises if the work was to end
            raise SitError("The model ended before all texts were made; what was written is kept.")

    def origin(self) -> dict[str, Any]:
        """What the texts depend on."""
        return self.key

    def _key(self) -> dict[str, Any]:
        left_out = (*WITHOUT_EFFECT, *ELSEWHERE, *(() if self.how.stop else ("stop",)))
        how = {k: v for k, v in asdict(self.how).items() if k not in left_out}
        return {
            **how,
            "model": shown_model(self.how.model),
            "weights": weights_of(self.how.spec()),
            "task": self.task,
            "prompt_sha256": hashlib.sha256(self.prompt.encode()).hexdigest(),
            **format_hash(self.how.prompt_format),
        }

    def _kept(self) -> Iterator[tuple[str, str | Unparsed]]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                try:
                    row = json.loads(line)
                    yield row["of"], _said(row)
                except (ValueError, KeyError, TypeError):
                    continue  # the process was killed while it wrote this line


def prompt_text(task: str, own: str | None = None) -> str:
    """What a model is told so that it writes the text of a step.

    Raises:
        UsageError: the file can't be read, or the program has none for this task.
    """
    path = PROMPTS / f"{task}.txt" if own is None else user_path(own)
    try:
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        if own is None:
            raise UsageError(
                f"There is no prompt for texts of the step {task!r}; name a file: "
                f"texts: {{{task}: {{model: {{prompt: FILE}}}}}}."
            ) from None
        raise UsageError(f"There is no file {own!r} with a prompt.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"The prompt {str(path)!r} can't be read: {reason}.") from None
    if not text:
        raise UsageError(f"The prompt {str(path)!r} is empty.")
    return text


def _said(row: Mapping[str, Any]) -> str | Unparsed:
    if row.get("cut"):
        return Unparsed("the model's text was cut off by its limit of tokens")
    text = row["text"]
    return text if text else Unparsed("the model wrote nothing")


def _of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"

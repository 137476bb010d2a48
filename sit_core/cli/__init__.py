"""``sit …``: the same actions as the pages. Exit code 0, 1 (failed), 2 (wrong usage).

Each verb lives in a file of this folder and is imported only when it is called, so that
``sit --help`` answers at once.
"""

import importlib
import os
import sys
from contextlib import suppress

import click

from sit_core import __version__
from sit_core.errors import SitError, UsageError, no_room

VERBS = {
    "app": ("sit_core.cli.app:app", "Serve the app in the browser."),
    "import": ("sit_core.cli.import_:import_", "Model outputs from files into the store."),
    "runs": ("sit_core.cli.runs:runs", "The runs in the store: list them, delete one."),
    "prompt-sets": (
        "sit_core.cli.prompt_sets:prompt_sets",
        "Which runs were asked the same prompts.",
    ),
    "train": ("sit_core.cli.train:train", "An adapter from a configuration: LoRA or full."),
    "predict": ("sit_core.cli.predict:predict", "Outputs of a model: a new run."),
    "augment": ("sit_core.cli.augment:augment", "Sequential training data from examples."),
    "seq-instruct": ("sit_core.cli.seq_instruct:seq_instruct", "Sequences written by a model."),
    "seqeval": ("sit_core.cli.seqeval:seqeval", "A system on SeqEval: outputs, verdicts, board."),
    "leaderboard": ("sit_core.cli.leaderboard:leaderboard", "Systems: names, others' results."),
    "experiment": (
        "sit_core.cli.experiment:experiment",
        "Models × instructions × examples in one file.",
    ),
    "jobs": ("sit_core.cli.jobs:jobs", "Long actions: list, log, cancel, resume."),
    "study": ("sit_core.cli.study:study", "Make, list and show studies."),
    "results": ("sit_core.cli.results:results", "Tables: following rates, …"),
    "score": ("sit_core.cli.score:score", "Accuracy, ROUGE-L, BERTScore, rule-based following."),
    "benchmark": ("sit_core.cli.benchmark:benchmark", "Standard benchmarks, through lm-eval."),
    "judge": ("sit_core.cli.judge:judge", "LLM judges: following, quality, win rates."),
    "export": ("sit_core.cli.export:export", "Judgments, predictions or results as a file."),
    "report": ("sit_core.cli.report:report", "A report to publish, which anybody can verify."),
    "backup": ("sit_core.cli.backup:backup", "The whole store as one file, also while it is used."),
    "restore": ("sit_core.cli.backup:restore", "Put a backup in place."),
    "plugins": ("sit_core.cli.plugins:plugins_", "What plugins add, and which are broken."),
    "overlap": ("sit_core.cli.overlap:overlap", "Test prompts that stand in training rows."),
    "microlab": ("sit_core.cli.microlab:microlab", "Make the embedded demonstration model."),
}
"""Verb → (where its command is, its line in ``sit --help``)."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order of the work."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and return its command."""
        if cmd_name not in VERBS:
            return None
        module, attribute = VERBS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown verb gets the nearest ones suggested."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from sit_core.registry import unknown

            raise click.UsageError(unknown("command", args[0], VERBS), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in VERBS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sit")
def sit() -> None:
    """Sequential instruction tuning: judge outputs sample by sample, read the following rates.

    The store is in the folder SIT_HOME (default .sit), or in the PostgreSQL database that
    SIT_DATABASE_URL names.
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line; a user's error is one sentence on standard error.

    With ``SIT_JOB=ID`` in the environment the command is that job (see `sit_core.jobs`).
    """
    job = os.environ.pop("SIT_JOB", None)  # programs that it starts are not the job
    if job is not None:
        from sit_core.jobs.worker import run_as_job

        sys.exit(run_as_job(job, lambda: _run(args)))
    sys.exit(_run(args)[0])


def _run(args: list[str] | None) -> tuple[int, str]:
    """The exit code, and the sentence that was said if the command failed."""
    said = ""
    code: object = 0
    try:
        code = sit.main(args=args, prog_name="sit", standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.Abort:
        click.echo("sit: interrupted", err=True)
        code, said = 1, "It was interrupted."
    except click.ClickException as error:
        error.show()
        code, said = error.exit_code, error.format_message()
    except SitError as error:
        click.echo(f"sit: {error}", err=True)
        code, said = (2 if isinstance(error, UsageError) else 1), str(error)
    except BrokenPipeError:
        sys.stderr.close()
        code = 1
    except OSError as error:
        full = no_room(error)
        if full is None:
            raise
        with suppress(OSError):  # what is full may be what we would say it to
            click.echo(f"sit: {full}", err=True)
        code, said = 1, full
    _say_plugin_faults()
    return (code if isinstance(code, int) else 0), said


def _say_plugin_faults() -> None:
    """Which plugins are left out, where the command looked for any."""
    plugins = sys.modules.get("sit_core.plugins")
    with suppress(OSError, ValueError):  # standard error may be closed
        for sentence in plugins.faults() if plugins else ():
            from sit_core.cli.escape import plain

            click.echo(f"sit: {plain(sentence)}", err=True)

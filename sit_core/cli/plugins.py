"""``sit plugins``: what packages and the folder ``SIT_HOME/plugins`` add, and what is broken."""

import json
from dataclasses import asdict

import click

from sit_core.cli.escape import plain
from sit_core.cli.table_options import JSON, print_table


@click.command("plugins")
@JSON
def plugins_(as_json: bool) -> None:
    """List the plugins: what each adds, or the sentence on why it is left out."""
    from sit_core import plugins
    from sit_core.judge.judge_types import KINDS
    from sit_core.metrics.registry import METRICS
    from sit_core.registry import Registry
    from sit_core.results.analyses import ANALYSES
    from sit_core.seq_instruct.filters import GATES
    from sit_core.settings import settings
    from sit_core.sources import EXAMPLE_SOURCES, FORMATS
    from sit_core.tasks import TASKS

    # The app knows the addresses of its own pages, and refuses a page at one of them.
    pages: Registry[plugins.PluginPage] = Registry("page", "sit.pages", plugins.page_of_plugin)
    for registry in (TASKS, METRICS, FORMATS, KINDS, GATES, EXAMPLE_SOURCES, ANALYSES, pages):
        list(registry)
    found, folder = plugins.plugins(), settings().home / plugins.FOLDER
    if as_json:
        click.echo(
            json.dumps(
                {
                    "installed": plugins.switched("packages"),
                    "folder": str(folder) if plugins.switched("folder") else None,
                    "plugins": [{**asdict(one), "ok": not one.fault} for one in found],
                }
            )
        )
        return
    rows = [(p.group, p.name, p.origin, "left out" if p.fault else "there") for p in found]
    if rows:
        print_table(("group", "name", "of", "state"), rows, left=4)
    elif plugins.switched("packages"):
        click.echo("There are no plugins.")
    if not plugins.switched("packages"):
        click.echo(f"Plugins are switched off ({plugins.SWITCH}=0).")
    elif not plugins.switched("folder") and folder.is_dir():
        click.echo(plain(f"{folder} is not read; {plugins.SWITCH}=1 switches it on."))

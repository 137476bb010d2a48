"""Prompt sets, and which of them the runs that are here belong to."""

import hashlib
import json
import time
from pathlib import PurePath
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NEARLY = 0.9
_LIVE = "Live page"


def upgrade() -> None:
    op.create_table(
        "prompt_sets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("prompts", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_sets")),
        sa.UniqueConstraint("name", name=op.f("uq_prompt_sets_name")),
    )
    op.create_table(
        "prompt_set_prompts",
        sa.Column("prompt_set_id", sa.Integer(), nullable=False),
        sa.Column("match_key", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ["prompt_set_id"],
            ["prompt_sets.id"],
            name=op.f("fk_prompt_set_prompts_prompt_set_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("prompt_set_id", "match_key", name=op.f("pk_prompt_set_prompts")),
    )
    op.create_index(op.f("ix_prompt_set_prompts_match_key"), "prompt_set_prompts", ["match_key"])
    op.create_table(
        "prompt_set_runs",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("prompt_set_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prompt_set_id"],
            ["prompt_sets.id"],
            name=op.f("fk_prompt_set_runs_prompt_set_id"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.id"],
            name=op.f("fk_prompt_set_runs_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_prompt_set_runs")),
    )
    op.create_index(op.f("ix_prompt_set_runs_prompt_set_id"), "prompt_set_runs", ["prompt_set_id"])
    _find(op.get_bind())


def _find(connection: sa.Connection) -> None:
    """Put the runs into sets by what they share, the largest first, so that they name the sets.

    The rule is that of `sit_core.store.prompt_sets` as it was when this was written.
    """
    sizes = connection.execute(
        sa.text(
            "select p.run_id, count(distinct e.match_key) as n "
            "from predictions p join examples e on e.id = p.example_id group by p.run_id"
        )
    )
    of_run = {row.run_id: row.n for row in sizes}
    runs = sa.table("runs", sa.column("id"), sa.column("name"), sa.column("provenance", sa.JSON))
    rows = connection.execute(sa.select(runs.c.id, runs.c.name, runs.c.provenance)).all()
    sets: dict[int, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (-of_run.get(row.id, 0), row.id)):
        _place(connection, row.id, _origin(row.name, row.provenance), sets)
    for number in sets:
        keys = connection.scalars(
            sa.text(
                "select match_key from prompt_set_prompts where prompt_set_id = :it "
                "order by match_key"
            ),
            {"it": number},
        )
        digest, n = hashlib.sha256(), 0
        for key in keys:
            digest.update(key.encode())
            n += 1
        connection.execute(
            sa.text("update prompt_sets set prompts = :n, sha256 = :sha where id = :it"),
            {"n": n, "sha": digest.hexdigest(), "it": number},
        )


def _origin(run: str, provenance: Any) -> tuple[str, str, bool]:
    """What a set of this run is called, where it comes from, and whether from the Live page."""
    provenance = json.loads(provenance) if isinstance(provenance, str) else provenance or {}
    if provenance.get("live"):
        return _LIVE, _LIVE, True
    files = provenance.get("files") or [{}]
    origin = str(files[0].get("file") or provenance.get("examples") or run)
    path = PurePath(origin.replace("\\", "/"))
    known = (".jsonl", ".json", ".csv", ".parquet", ".tsv", ".ndjson")
    return (path.stem if path.suffix.lower() in known else origin)[:190] or run, origin, False


def _place(
    connection: sa.Connection,
    run_id: int,
    origin: tuple[str, str, bool],
    sets: dict[int, dict[str, Any]],
) -> None:
    """The set of one run: one that shares nearly all with it, else a new one."""
    name, where, live = origin
    mine = (
        "select e.match_key from examples e where e.id in "
        "(select example_id from predictions where run_id = :run "
        "union select example_id from run_errors where run_id = :run)"
    )
    size = connection.scalar(
        sa.text(f"select count(distinct match_key) from ({mine}) m"), {"run": run_id}
    )
    chosen = None
    if live:
        chosen = next((number for number, one in sets.items() if one["live"]), None)
    elif size:
        shared = connection.execute(
            sa.text(
                "select prompt_set_id as it, count(*) as both from prompt_set_prompts "
                f"where match_key in ({mine}) group by prompt_set_id"
            ),
            {"run": run_id},
        )
        near = [
            (-row.both, sets[row.it]["size"], row.it)
            for row in shared
            if not sets[row.it]["live"] and row.both >= _NEARLY * min(size, sets[row.it]["size"])
        ]
        chosen = min(near)[2] if near else None
    if chosen is None:
        taken, number, free = {one["name"] for one in sets.values()}, 2, name
        while free in taken:
            free, number = f"{name} ({number})", number + 1
        table = sa.table(
            "prompt_sets",
            *map(sa.column, ("id", "name", "origin", "prompts", "sha256")),
            *map(sa.column, ("live", "created_at")),
        )
        connection.execute(
            sa.insert(table).values(
                name=free, origin=where, prompts=0, sha256="", live=live, created_at=time.time()
            )
        )
        chosen = connection.scalar(sa.select(table.c.id).where(table.c.name == free))
        assert chosen is not None
        sets[chosen] = {"name": free, "live": live, "size": 0}
    connection.execute(
        sa.text(
            "insert into prompt_set_prompts (prompt_set_id, match_key) "
            f"select distinct cast(:it as integer), match_key from ({mine}) m "
            "where match_key not in "
            "(select match_key from prompt_set_prompts where prompt_set_id = :it)"
        ),
        {"it": chosen, "run": run_id},
    )
    sets[chosen]["size"] = connection.scalar(
        sa.text("select count(*) from prompt_set_prompts where prompt_set_id = :it"),
        {"it": chosen},
    )
    connection.execute(
        sa.text("insert into prompt_set_runs (run_id, prompt_set_id) values (:run, :it)"),
        {"run": run_id, "it": chosen},
    )


def downgrade() -> None:
    op.drop_table("prompt_set_runs")
    op.drop_table("prompt_set_prompts")
    op.drop_table("prompt_sets")

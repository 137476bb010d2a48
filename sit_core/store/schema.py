"""The tables, as SQLAlchemy Core objects; the only description of the database besides migrations.

Times are seconds since 1970 (UTC). Ids of examples and predictions are the stable ids of
`sit_core.records`; all else has a number.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)

from sit_core.matching import match_key

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("model", Text),
    Column("adapter", Text),
    Column("settings", JSON, nullable=False),
    Column("provenance", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("state", String(10), nullable=False, server_default="complete"),
    Column("planned", Integer),
    Column("original_name", String(200)),
    Column("archived_at", Float),
)
"""A run = model × adapter × prompt × examples × settings, or one imported file of outputs.

``state``: ``unfinished`` while outputs are still to come, else ``complete``. ``planned``: how many
outputs there are to be, where the program makes them itself. ``original_name``: the name that the
ids of its predictions are made of; null while it was never renamed. ``archived_at``: null, or since
when lists leave it out.
"""


def _key_of_row(context: Any) -> str:
    """The `match_key` of an example that is being inserted."""
    row = context.get_current_parameters()
    return match_key(row["instruction"], row["input"], row.get("image"), row.get("variant") or 0)


examples = Table(
    "examples",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("instruction", Text, nullable=False),
    Column("input", Text, nullable=False),
    Column("image", Text),
    Column("language", String(35)),
    Column("steps", JSON, nullable=False),
    Column("reference", Text),
    Column("variant", Integer, nullable=False, default=0),
    Column("meta", JSON, nullable=False),
    Column("match_key", String(24), nullable=False, server_default="", default=_key_of_row),
    Index(None, "match_key"),
)
"""``match_key``: what runs share is found by it, see `sit_core.matching`; set by itself."""

prompt_sets = Table(
    "prompt_sets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("origin", Text, nullable=False),
    Column("prompts", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("live", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
)
"""Which runs were asked the same prompts, see `sit_core.store.prompt_sets`. ``prompts``: how many;
``sha256``: of their sorted keys. ``live``: typed on the Live page."""

prompt_set_prompts = Table(
    "prompt_set_prompts",
    metadata,
    Column("prompt_set_id", ForeignKey("prompt_sets.id", ondelete="CASCADE"), primary_key=True),
    Column("match_key", String(24), primary_key=True),
    Index(None, "match_key"),
)

prompt_set_runs = Table(
    "prompt_set_runs",
    metadata,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("prompt_set_id", ForeignKey("prompt_sets.id"), nullable=False),
    Index(None, "prompt_set_id"),
)
"""The one set that a run belongs to."""

_REPEATED = text("ordinal > 0")
_WHERE_REPEATED: Any = {"sqlite_where": _REPEATED, "postgresql_where": _REPEATED}
"""The runs that have several outputs for an example are found by a small index."""

ORDER_INDEX = "ix_predictions_order"
"""Outputs run by run, in the order in which lists show them."""

predictions = Table(
    "predictions",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("example_id", ForeignKey("examples.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    Column("output", Text, nullable=False),
    Column("length", Integer, nullable=False),
    Column("meta", JSON, nullable=False),
    Column("outcome", String(10)),
    Column("thoughts", Text),
    UniqueConstraint("run_id", "example_id", "ordinal"),
    Index(None, "example_id"),
    Index(ORDER_INDEX, "run_id", "row", "id"),
    Index("ix_predictions_repeated", "run_id", **_WHERE_REPEATED),
)
"""``row``: the prediction's place in its run, from 0. ``length``: of the output, in characters.

``outcome``: ``complete``, ``cut`` or ``refused`` (see `sit_core.records.Outcome`); null where it is
not known. What *failed* is no prediction but one of the ``run_errors``. ``thoughts``: what a
reasoning model thought, apart from its output; null where there are none.
"""

sample_lists = Table(
    "sample_lists",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("title", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)
"""Exactly the outputs behind one figure of an analysis, see `sit_core.store.sample_lists`. ``id``:
from the outputs' ids, so that the same list is kept once. ``title``: what the figure is."""

sample_list_items = Table(
    "sample_list_items",
    metadata,
    Column("list_id", ForeignKey("sample_lists.id", ondelete="CASCADE"), primary_key=True),
    Column("prediction_id", String(24), primary_key=True),
)
"""The outputs of a list; those that are deleted since are not found any more."""

former_texts = Table(
    "former_texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("prediction_id", String(24), nullable=False),
    Column("output", Text, nullable=False),
    Column("why", String(20), nullable=False),
    Column("said", JSON, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("changed_at", Float, nullable=False),
    Index(None, "prediction_id"),
    Index(None, "run_id"),
)
"""Texts that outputs had before `sit_core.store.run_check` changed or freed them, with everything
that was said of that text, which no figure counts any more.

``why``: ``thoughts`` (split from the output) or ``failed`` (freed, to be asked again). ``said``:
the former rows of judgments, scores, unusable replies and comparisons, by table. ``counts``: how
many of each.
"""

judges = Table(
    "judges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("name", String(200), nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("kind", "name"),
)

studies = Table(
    "studies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("steps", JSON, nullable=False),
    Column("guidelines", Text, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("ask_order", Boolean, nullable=False),
    Column("annotators", Integer, nullable=False),
    Column("sample", Integer, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("claim_minutes", Float, nullable=False),
    Column("provenance", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("original_name", String(200)),
    Column("archived_at", Float),
    Column("practice_required", Boolean, nullable=False, server_default=false()),
    CheckConstraint("annotators >= 1", name="annotators"),
)
"""``annotators``: k, how many people judge each sample. ``sample``: n examples per run.
``original_name``: what browsers keep unsent is told by it; it and ``archived_at`` as of runs.
``guidelines``: as they are now. ``practice_required``: practice samples can't be skipped."""

former_run_names = Table(
    "former_run_names",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Float, nullable=False),
    Index(None, "run_id"),
)
"""Names that runs had before they were renamed; found under them still, and no new run's name."""

former_study_names = Table(
    "former_study_names",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Float, nullable=False),
    Index(None, "study_id"),
)
"""The same of studies."""

guidelines = Table(
    "guidelines",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("study_id", "version"),
)
"""Each wording that a study's guidelines had, numbered from 1; the newest is
``studies.guidelines``. Only ever added to, so that a verdict can say which wording it was given
under."""

study_runs = Table(
    "study_runs",
    metadata,
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True),
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("samples", Integer, nullable=False, server_default="0"),
)
"""``samples``: how many outputs of the run are samples of the study."""

slots = Table(
    "slots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column("prediction_id", ForeignKey("predictions.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("place", Integer, nullable=False),
    Column("judge_id", ForeignKey("judges.id")),
    Column("claimed_until", Float),
    Column("done_at", Float),
    UniqueConstraint("study_id", "prediction_id", "place"),
    UniqueConstraint("study_id", "prediction_id", "judge_id"),
    Index("ix_slots_queue", "study_id", "done_at", "position", "place"),
    Index("ix_slots_judge", "study_id", "judge_id", "position"),
    Index("ix_slots_judge_done", "study_id", "judge_id", "done_at"),
)
"""The places for annotators at a sample: k rows each, ``place`` 0 … k−1.

A sample can't get more than k annotators because there is no further row to claim, nor the same
person twice because of the second unique constraint. ``position``: the sample's place in the
study's shuffled order.
"""

skips = Table(
    "skips",
    metadata,
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True),
    Column("judge_id", ForeignKey("judges.id"), primary_key=True),
    Column("prediction_id", ForeignKey("predictions.id"), primary_key=True),
    Column("created_at", Float, nullable=False),
)
"""Samples that a judge put off; offered to that judge again only on request."""

judgments = Table(
    "judgments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", ForeignKey("studies.id")),
    Column("prediction_id", ForeignKey("predictions.id"), nullable=False),
    Column("judge_id", ForeignKey("judges.id"), nullable=False),
    Column("step", String(100), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("verdict", String(10), nullable=False),
    Column("score", Float),
    Column("seconds", Float),
    Column("provenance", JSON),
    Column("created_at", Float, nullable=False),
    Column("guidelines_id", ForeignKey("guidelines.id")),
    CheckConstraint("verdict in ('yes', 'partly', 'no', 'unsure')", name="verdict"),
)
"""Only ever added to. ``seconds``: from the sample's appearance to the verdict, where known.
``guidelines_id``: the wording that the annotator had; null where it is not known (verdicts that
were given before versions were kept) and for machines, which read none."""

Index(
    "uq_judgments_revision",
    func.coalesce(judgments.c.study_id, 0),
    judgments.c.prediction_id,
    judgments.c.judge_id,
    judgments.c.step,
    judgments.c.revision,
    unique=True,
)
Index("ix_judgments_study", judgments.c.study_id, judgments.c.judge_id)
Index("ix_judgments_prediction", judgments.c.prediction_id)

verdict_patterns = Table(
    "verdict_patterns",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("pattern", Text, nullable=False),
)
"""What the judges of one kind say of a sample, as a text that equal samples share; see
`sit_core.store.verdict_patterns`. ``id``: from its hash. Those that no sample has any more stay."""

sample_verdicts = Table(
    "sample_verdicts",
    metadata,
    Column("prediction_id", ForeignKey("predictions.id", ondelete="CASCADE"), primary_key=True),
    Column("scope", Integer, primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("pattern_id", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Index(
        "ix_sample_verdicts_count",
        *("scope", "kind", "run_id", "pattern_id"),
        postgresql_include=["prediction_id"],  # SQLite's has it by itself, as part of the key
    ),
    sqlite_with_rowid=False,
)
"""The summary that tables are counted from, see `sit_core.store.sample_verdicts`: written in the
transaction of the judgment. ``scope``: the study's number, or 0 for all studies. ``kind``: of the
judges. ``run_id``: the output's."""

remarks = Table(
    "remarks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", ForeignKey("studies.id"), nullable=False),
    Column("prediction_id", ForeignKey("predictions.id"), nullable=False),
    Column("judge_id", ForeignKey("judges.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("study_id", "prediction_id", "judge_id", "revision"),
)
"""Notes and flags of annotators; only ever added to."""

practice_samples = Table(
    "practice_samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("instruction", Text, nullable=False),
    Column("input", Text, nullable=False),
    Column("output", Text, nullable=False),
    Column("verdicts", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("removed_at", Float),
    Index(None, "study_id", "position"),
)
"""What annotators of a study practise on: texts of their own, no predictions, so that no figure can
count them. ``verdicts``: step key → what the study's maker says, empty where nothing is said;
``reason``: why."""

practice_rounds = Table(
    "practice_rounds",
    metadata,
    Column("study_id", ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True),
    Column("judge_id", ForeignKey("judges.id"), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("changed_at", Float, nullable=False),
    CheckConstraint("state in ('open', 'done', 'skipped')", name="state"),
)
"""How often somebody practised, counted from 1, and how that ended."""

practice_answers = Table(
    "practice_answers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column(
        "practice_sample_id",
        ForeignKey("practice_samples.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("judge_id", ForeignKey("judges.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("verdicts", JSON, nullable=False),
    Column("gold", JSON, nullable=False),
    Column("seconds", Float),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("practice_sample_id", "judge_id", "round"),
)
"""What was answered in practice. ``gold``: what the study's maker said at that time."""

scores = Table(
    "scores",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("prediction_id", ForeignKey("predictions.id", ondelete="CASCADE"), nullable=False),
    Column("metric", String(60), nullable=False),
    Column("how", String(300), nullable=False),
    Column("step", String(100), nullable=False),
    Column("value", Float),
    Column("reason", Text),
    Column("version", String(40), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("counted", Float),
    UniqueConstraint("prediction_id", "metric", "how", "step"),
    CheckConstraint("(value is null) = (reason is not null)", name="value_or_reason"),
)
"""Automatic scores: a value, or the reason why there is none. ``how``: the metric's settings.
``step``: a step's key, empty for the whole output. A repeated scoring replaces them. ``counted``:
what a mean over all outputs takes it for (see `sit_core.records.Unparsed`): the value; 0 or a part
where the output lacks what was asked for; null where there is nothing to compare it with."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("command", JSON, nullable=False),
    Column("run", String(200)),
    Column("folder", Text, nullable=False),
    Column("detached", Boolean, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer),
    Column("process", String(120)),
    Column("heartbeat_at", Float),
    Column("done", Integer),
    Column("total", Integer),
    Column("first_done", Integer),
    Column("message", Text, nullable=False, server_default=""),
    Column("reason", Text),
    Column("cancel_at", Float),
    Column("created_at", Float, nullable=False),
    Column("queued_at", Float, nullable=False),
    Column("started_at", Float),
    Column("ended_at", Float),
    CheckConstraint(
        "state in ('queued', 'running', 'done', 'failed', 'cancelled', 'dead')", name="state"
    ),
    Index(None, "state"),
    Index(None, "run"),
)
"""Long actions in processes of their own. ``command``: the words after ``sit``; never a secret.

``run``: the name of the run it writes. ``process``: tells the process apart from another that got
its pid. ``first_done``: where this attempt began to count, for the rate.
"""

run_errors = Table(
    "run_errors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("example_id", ForeignKey("examples.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("run_id", "example_id", "ordinal"),
)
"""Examples for which a run got no output, and why; the row goes when a later try succeeds."""

judge_replies = Table(
    "judge_replies",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("reply", Text, nullable=False),
    Column("prompt_tokens", Integer),
    Column("tokens", Integer),
    Column("provenance", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
)
"""What an LLM judge replied, by the hash of prompt, output, model and settings: asked once.

Refusals and failures are not kept.
"""

unusable = Table(
    "unusable",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("prediction_id", ForeignKey("predictions.id", ondelete="CASCADE"), nullable=False),
    Column("judge_id", ForeignKey("judges.id"), nullable=False),
    Column("step", String(100), nullable=False),
    Column("reason", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("prediction_id", "judge_id", "step"),
)
"""Outputs that an LLM judge was asked about without a usable verdict, and why; left out of rates
and counted beside them. The row goes when a later try succeeds."""

duels = Table(
    "duels",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("judge_id", ForeignKey("judges.id"), nullable=False),
    Column("prediction_id", ForeignKey("predictions.id", ondelete="CASCADE"), nullable=False),
    Column("against_id", ForeignKey("predictions.id", ondelete="CASCADE"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("preferred", Float),
    Column("reason", Text),
    Column("reply", Text, nullable=False),
    Column("provenance", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("judge_id", "prediction_id", "against_id", "place"),
    Index(None, "against_id"),
    CheckConstraint("place in (1, 2)", name="place"),
    CheckConstraint("preferred in (0, 0.5, 1)", name="preferred"),
    CheckConstraint("(preferred is null) = (reason is not null)", name="value_or_reason"),
)
"""Two outputs for one prompt, as a judge compared them; asked in both orders.

``place``: where the prompt had ``prediction_id``, 1 or 2. ``preferred``: 1 where that one was
preferred, 0 where the other was, 0.5 for a tie; or the ``reason`` why there is none. A win is a 1
in both orders, a loss a 0 in both, all else that both orders say is a tie.
"""

systems = Table(
    "systems",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE")),
    Column("base_model", Text),
    Column("training_data", Text),
    Column("figures", JSON, nullable=False),
    Column("provenance", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("run_id"),
)
"""What the leaderboard calls a system: one of our runs, or others' results without outputs.

``figures``: of others' results, column → ``{"value", "n", "low", "high"}``; empty for a run, whose
figures are counted from its verdicts.
"""

benchmarks = Table(
    "benchmarks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("system_id", ForeignKey("systems.id", ondelete="CASCADE"), nullable=False),
    Column("task", String(200), nullable=False),
    Column("metric", String(100), nullable=False),
    Column("setting", String(200), nullable=False),
    Column("value", Float, nullable=False),
    Column("stderr", Float),
    Column("n", Integer),
    Column("provenance", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    UniqueConstraint("system_id", "task", "metric", "setting"),
)
"""Results of standard benchmarks (GSM8K, MMLU, …). ``setting``: shots, filter and the like."""

"""Something to look at and annotate on a fresh machine: the embedded models' outputs, scored.

Put only into a store that has never held anything; who deletes it does not get it back.
"""

from sit_core.reproduction.outputs import FOLDER, INDEX
from sit_core.reproduction.storing import NOTE, content_of
from sit_core.store import Store
from sit_core.store.seed import fill, is_untouched
from sit_core.store.studies import StudyPlan
from sit_core.tasks import steps_named
from sit_core.tasks.guidelines import default_guidelines

TEST = "R+A"
STUDY = "Try it: repeat, then answer"
SAMPLE = 20
"""Questions of the study; each was put to every model."""
STEPS = steps_named(["repeat", "answer"])


def ensure_starter(store: Store) -> bool:
    """Put the starter study into an untouched store; safe to call at every start, by many at once.

    Returns:
        Whether it was put in; False where the store has (or had) content, or where the program was
        installed without its data folder.
    """
    if not (FOLDER / INDEX).is_file() or not is_untouched(store):
        return False
    content = content_of(FOLDER, (TEST,))
    plan = StudyPlan(
        name=STUDY,
        runs=tuple(dict.fromkeys(p.run for p in content.predictions)),
        sample=SAMPLE,
        guidelines=f"*{NOTE}*\n\n{default_guidelines(STEPS)}",
        blind=True,
    )
    return fill(store, content, plan)

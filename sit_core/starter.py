"""Something to look at and annotate on a fresh machine: the embedded models' outputs, scored.

Put by itself only into a store that has never held anything: who deletes it does not get it back
unless they ask for it (`add_starter`).
"""

from sit_core.errors import SitError
from sit_core.reproduction.outputs import FOLDER, INDEX
from sit_core.reproduction.storing import NOTE, content_of
from sit_core.store import Store
from sit_core.store.renaming import present_study, study_number
from sit_core.store.seed import SeedContent, add_runs, fill, is_untouched
from sit_core.store.studies import StudyPlan, create_study
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
    if not starter_is_here() or not is_untouched(store):
        return False
    content = content_of(FOLDER, (TEST,))
    return fill(store, content, _plan(content))


def starter_is_here() -> bool:
    """Whether the program was installed with the outputs that the starter study is made of."""
    return (FOLDER / INDEX).is_file()


def add_starter(store: Store) -> str:
    """Put the starter study into a store because somebody asks for it; what is there stays.

    Returns:
        The study's name.

    Raises:
        SitError: the program was installed without its data folder.
    """
    if not starter_is_here():
        raise SitError("The example is not part of this installation; import outputs instead.")
    if not ensure_starter(store) and study_number(store, STUDY) is None:
        content = content_of(FOLDER, (TEST,))
        add_runs(store, content)
        create_study(store, _plan(content))
    return present_study(store, STUDY)


def _plan(content: SeedContent) -> StudyPlan:
    return StudyPlan(
        name=STUDY,
        runs=tuple(dict.fromkeys(p.run for p in content.predictions)),
        sample=SAMPLE,
        guidelines=f"*{NOTE}*\n\n{default_guidelines(STEPS)}",
        blind=True,
    )

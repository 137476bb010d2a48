"""Live: ask up to three models at once and read what they do, step by step, while they write."""

from pages.shared.message import errors_shown
from pages.shared.store import the_store
from pages.streaming.address import open_link
from pages.streaming.form import form
from pages.streaming.keep import keep_as_sample
from pages.streaming.outputs import outputs
from pages.streaming.state import fill_first
from sit_core.live.choices import choices

with errors_shown():
    known = choices()
    fill_first(known)
    open_link(known)
    ask, run = form(known)
    outputs(ask, known, run)
    keep_as_sample(the_store(), known)

"""Tables of this page, computed once per state of the store.

``state`` is `sit_core.results.following.fingerprint`, which changes with every judgment: nothing
here is ever stale.
"""

import streamlit as st

from pages.shared.store import the_store
from sit_core.results.agreement import Agreement
from sit_core.results.agreement import agreement as make_agreement
from sit_core.results.comparison import Comparison, differing
from sit_core.results.comparison import compare as make_comparison
from sit_core.results.following import FollowingTable, who_judged
from sit_core.results.following import following as make_following
from sit_core.results.judge_agreement import RuleAgreement
from sit_core.results.judge_agreement import rule_agreement as make_rule_agreement
from sit_core.results.table_query import TableQuery
from sit_core.store.pairs import DifferingExample
from sit_core.store.verdicts import JudgeCount


@st.cache_data(max_entries=50, show_spinner="Counting …")
def following(question: TableQuery, state: str) -> FollowingTable:
    """The following-rate table."""
    return make_following(the_store(), question)


@st.cache_data(max_entries=50, show_spinner=False)
def judges(question: TableQuery, state: str) -> list[JudgeCount]:
    """Who judged how many samples, of every kind."""
    return who_judged(the_store(), question)


@st.cache_data(max_entries=50, show_spinner="Comparing …")
def comparison(question: TableQuery, state: str) -> Comparison:
    """Two runs compared."""
    return make_comparison(the_store(), question)


@st.cache_data(max_entries=50, show_spinner=False)
def differences(question: TableQuery, step: str, state: str) -> list[DifferingExample]:
    """Where the two runs differ at one step."""
    return differing(the_store(), question, step)


@st.cache_data(max_entries=50, show_spinner="Counting …")
def agreement(question: TableQuery, state: str) -> Agreement:
    """How far annotators agree."""
    return make_agreement(the_store(), question)


@st.cache_data(max_entries=50, show_spinner="Counting …")
def rule_agreement(question: TableQuery, state: str) -> RuleAgreement:
    """How far the rules' estimate agrees with people."""
    return make_rule_agreement(the_store(), question)

"""Which photo is shown: what has just come, what stays, and what follows where the shown one goes."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz.ui.predict.shown_picture import PhotoChoice


@pytest.mark.parametrize(
    ("photos", "shown"),
    [
        (["ab", "abc"], "ac"),
        (["abc"], "a"),
        (["a", "a"], "aa"),
        (["a", "", "a"], "a a"),  # the same file dropped once more
        (["abc", "bc"], "ab"),  # the shown one goes: the next
        (["a", "ab", "a"], "aba"),  # the last one goes: the one before
        (["ab", "bcd"], "ac"),  # one goes while others come
        (["", "a"], " a"),
    ],
)
def test_the_first_that_has_just_come_is_shown_else_what_was_shown_else_its_neighbour(
    photos: list[str], shown: str
) -> None:
    choice, said = PhotoChoice(), ""
    for each in photos:
        choice = choice.among(tuple(each))
        said += choice.photo or " "
    assert said == shown


@given(st.lists(st.lists(st.sampled_from("abcde"), unique=True), min_size=2))
def test_there_is_always_one_where_there_are_photos_and_it_stays_where_nothing_comes(runs: list[list[str]]) -> None:
    choices = list(_choices(runs))
    for (before, was), (photos, now) in pairwise(zip(runs, choices, strict=True)):
        assert (now.photo in photos) if photos else now.photo == ""
        if set(photos) <= set(before) and was.photo in photos:
            assert now.photo == was.photo
        if arrived := [photo for photo in photos if photo not in before]:
            assert now.photo == arrived[0]


def _choices(runs: Iterable[list[str]]) -> Iterable[PhotoChoice]:
    choice = PhotoChoice()
    for photos in runs:
        choice = choice.among(photos)
        yield choice

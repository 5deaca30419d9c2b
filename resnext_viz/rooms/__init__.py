"""Rooms: a class votes by phone while its teacher drives, held in memory behind plain JSON messages."""

from resnext_viz.rooms.lesson_question import question_of
from resnext_viz.rooms.phases import Phase
from resnext_viz.rooms.room_code import read_code
from resnext_viz.rooms.rooms import Rooms

__all__ = ["Phase", "Rooms", "question_of", "read_code"]

"""Lessons: six questions that are asked before the page shows the answer, for the dialled network."""

from resnext_viz.ui.lessons import listing

listing.show_lessons()

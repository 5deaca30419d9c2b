"""Lessons of a teacher's own: one file a lesson, read from a folder and checked in words."""

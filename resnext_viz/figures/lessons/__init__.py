"""Lessons on paper: the handout for students, and the teacher's with the answers."""

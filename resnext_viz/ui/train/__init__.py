"""Sections of the page Train, its runs, and their queue."""

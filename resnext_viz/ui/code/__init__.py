"""Sections of the page Code and the job behind its files."""

"""Sections of the page Counting and the jobs behind them."""

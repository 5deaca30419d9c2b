"""Sections of the page Block forms and the jobs behind them."""

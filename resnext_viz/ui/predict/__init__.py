"""Sections of the page Predict and the jobs behind them."""

"""Recipes: settings with their ranges, presets, and the optimizers behind them."""

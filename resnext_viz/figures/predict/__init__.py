"""Drawings of the page Predict: answers, files, quality, and why."""

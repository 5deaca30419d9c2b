"""Drawings of the page Train: runs and their curves."""

"""Weights: found, downloaded, read, recognised and described."""

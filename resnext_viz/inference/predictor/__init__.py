"""Predictors: a network with its engine, classes and preprocessing, and what it answers."""

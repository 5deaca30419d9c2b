"""Drawings of what aggregation means: a neuron as a sum, paths that collapse, the share of each path."""

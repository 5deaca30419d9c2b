"""Drawings of the page Anatomy: the whole network, one block, and where the costs are."""

"""Drawings of the page Counting: an audit, a comparison, the tools, training, and a number explained."""

"""Drawings of the page Block forms: the three forms, their differences, costs, and mistakes made on purpose."""

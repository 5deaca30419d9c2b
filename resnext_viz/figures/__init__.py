"""Drawings (SVG and HTML text) and charts (plotly) made from counts; no torch and no streamlit in here."""

"""What `python -m resnext_viz` can do, one module each; none loads torch before it runs."""

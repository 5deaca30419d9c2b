"""Training a network of this family on a folder of pictures. Importing this, `recipe` or `presets` loads no torch."""

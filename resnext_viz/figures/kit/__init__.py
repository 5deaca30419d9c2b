"""What all drawings share: SVG, palette, numbers, labels, and the template of charts."""

"""Photos: uploads decoded safely, and made the input of a network."""

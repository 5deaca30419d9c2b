"""A stranger's tensors read: shapes of layers to an inventory, and that to the plan of a network."""

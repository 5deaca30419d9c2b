"""What a stranger's network is: read from the shapes of its layers, compared with the paper, its mistakes named."""

from resnext_viz.auditing.audit import Audit, audit_inventory
from resnext_viz.auditing.checks.findings import Finding, Mistake
from resnext_viz.reading.inventory import Inventory, inventory_of_shapes

__all__ = ["Audit", "Finding", "Inventory", "Mistake", "audit_inventory", "inventory_of_shapes"]

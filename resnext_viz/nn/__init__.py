"""The same networks as torch modules, and the proof that a block's three forms are one. Importing this loads torch."""

from resnext_viz.nn.device import choose_device, describe_device
from resnext_viz.nn.equivalence import Check, check, check_block, check_forms, planned
from resnext_viz.nn.faults import break_block, break_form, try_faults
from resnext_viz.nn.forms import Form, build_form, to_form
from resnext_viz.nn.measured import build_on_meta, measured_macs, measured_params
from resnext_viz.nn.module_inventory import audit
from resnext_viz.nn.network import ResidualBlock, ResNeXt, build

__all__ = [
    "Check", "Form", "ResNeXt", "ResidualBlock", "audit", "break_block", "break_form", "build", "build_form",
    "build_on_meta", "check", "check_block", "check_forms", "choose_device", "describe_device", "measured_macs",
    "measured_params", "planned", "to_form", "try_faults",
]

"""The same networks as torch modules, and the proof that a block's three forms are one. Importing this loads torch."""

from resnext_viz.block_forms.terms import Form
from resnext_viz.nn.device import choose_device, describe_device
from resnext_viz.nn.module_counts import build_on_meta, measured_macs, measured_params
from resnext_viz.nn.module_inventory import audit
from resnext_viz.nn.network import ResidualBlock, ResNeXt, build
from resnext_viz.nn.proof.equivalence import Check, check, check_block, check_forms, planned
from resnext_viz.nn.proof.fault_trials import break_block, break_form, try_faults
from resnext_viz.nn.proof.forms import build_form, to_form

__all__ = [
    "Check",
    "Form",
    "ResNeXt",
    "ResidualBlock",
    "audit",
    "break_block",
    "break_form",
    "build",
    "build_form",
    "build_on_meta",
    "check",
    "check_block",
    "check_forms",
    "choose_device",
    "describe_device",
    "measured_macs",
    "measured_params",
    "planned",
    "to_form",
    "try_faults",
]

"""What was measured on."""

from __future__ import annotations

import os
import platform
from typing import Any

import torch

from resnext_viz.nn.device import describe_device


def describe_machine() -> dict[str, Any]:
    """Processor, torch's threads, GPU, versions, and how busy the machine was; None where there is nothing to say."""
    return {
        "cpu": describe_device(torch.device("cpu")),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }

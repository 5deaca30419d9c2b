"""Which network this is: a hash over all that changes an answer, since two networks can have one name and one title.

Importing this loads no torch. Every weight is read once and none copied, with the interpreter free for others: 0.3 s
for the 356 MB of ResNeXt-101 32x8d on a processor with instructions for SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from resnext_viz.names import name_of

if TYPE_CHECKING:
    from resnext_viz.inference.weights.checkpoint import Checkpoint


def identity_of(checkpoint: Checkpoint) -> str:
    """SHA-256, in hexadecimal: the same whatever the network is called, another with anything that changes an answer.

    Of the preprocessing, whose statistics these are is left out: words, which no answer depends on.
    """
    preprocess = asdict(checkpoint.preprocess)
    del preprocess["statistics"]
    tensors = sorted(checkpoint.state_dict.items())
    about = {
        "network": name_of(checkpoint.spec),
        "classes": checkpoint.classes,
        "preprocess": preprocess,
        "temperature": checkpoint.temperature,
        "none_of_these": checkpoint.none_of_these and checkpoint.none_of_these.to_dict(),
        "tensors": [(name, str(value.dtype), tuple(value.shape)) for name, value in tensors],
    }
    if checkpoint.head:
        about["head"] = checkpoint.head
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for _, value in tensors:
        digest.update(value.detach().cpu().contiguous().numpy().data)
    return digest.hexdigest()

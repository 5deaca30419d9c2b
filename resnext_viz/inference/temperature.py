"""Temperature scaling: what logits are divided by before they become probabilities, and its bounds.

No torch: logits `(N, classes)` are numpy's, which is loaded where something is computed.
Source: Guo et al., On calibration of modern neural networks, ICML 2017.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Logits = NDArray[np.floating]

LEAST_TEMPERATURE, LARGEST_TEMPERATURE = 0.05, 20.0  # a network that needs one outside knows nothing


def log_probabilities(logits: Logits, temperature: float = 1.0) -> NDArray[np.float64]:
    """Logarithms of the probabilities `(N, classes)`."""
    import numpy as np

    scaled = np.asarray(logits, np.float64) / temperature
    scaled = scaled - scaled.max(1, keepdims=True)
    shares: NDArray[np.float64] = scaled - np.log(np.exp(scaled).sum(1, keepdims=True))
    return shares

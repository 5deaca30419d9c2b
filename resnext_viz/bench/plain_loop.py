"""The baseline of `bench train`: the training loop that public ResNeXt repositories for CIFAR have, written anew.

An ImageFolder whose files are opened, cropped, flipped and normalised one by one with PIL by two worker processes;
float32, channels first; torch's SGD; loss and accuracy asked for after every step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

WORKERS = 2  # the usual number in such repositories
PADDING = 4
RATE, MOMENTUM, WEIGHT_DECAY = 0.1, 0.9, 5e-4


class PlainLoop:
    """Trains `network` on `folder`, a tree `CLASS/*.jpg` whose files are opened anew in each epoch."""

    def __init__(
        self, network: nn.Module, folder: Path, transform: transforms.Compose, batch_size: int, device: torch.device
    ) -> None:
        self.network = network.to(device)
        self.device = device
        self.pictures = ImageFolder(folder, transform)
        # The workers stay, because starting them would weigh more in a short epoch than it does in a whole one.
        self.loader = DataLoader(
            self.pictures, batch_size, shuffle=True, num_workers=WORKERS, persistent_workers=WORKERS > 0,
            pin_memory=device.type == "cuda",
        )  # fmt: skip
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY
        )

    def epoch(self, batches: Iterable[tuple[Tensor, Tensor]] | None = None) -> float:
        """Trains on all pictures once, or on `batches` of pictures and labels; gives the mean loss."""
        self.network.train()
        total, right, seen = 0.0, 0, 0
        for pictures, labels in self.loader if batches is None else batches:
            inputs, targets = pictures.to(self.device), labels.to(self.device)
            self.optimizer.zero_grad()
            outputs = self.network(inputs)
            loss = self.criterion(outputs, targets)
            loss.backward()
            self.optimizer.step()
            total += loss.item() * len(targets)
            right += int(outputs.argmax(1).eq(targets).sum().item())
            seen += len(targets)
        return total / seen


def usual_transform(
    side: int, mean: Sequence[float], std: Sequence[float], augmented: bool = True, is_sized: bool = True
) -> transforms.Compose:
    """What such repositories do to a picture; resized and cropped first where it is not `is_sized` already."""
    return transforms.Compose(
        [
            *([] if is_sized else [transforms.Resize(side), transforms.CenterCrop(side)]),
            *([transforms.RandomCrop(side, padding=PADDING), transforms.RandomHorizontalFlip()] if augmented else []),
            transforms.ToTensor(),
            transforms.Normalize(mean, std),
        ]
    )

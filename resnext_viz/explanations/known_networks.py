"""The networks that a number without one is searched in: presets, and what else is published."""

from __future__ import annotations

# How seldom they are met -> networks.
NETWORKS: dict[float, tuple[str, ...]] = {
    0.0: ("resnet50", "resnext50_32x4d"),
    0.3: ("resnet101", "resnext101_32x4d", "resnext101_32x8d", "resnext101_64x4d", "resnet18", "resnet34", "resnet152",
          "resnext29_8x64d_cifar10", "resnext29_16x64d_cifar10"),
    0.6: ("resnet200", "resnext50_2x40d", "resnext50_4x24d", "resnext50_8x14d", "resnext101_2x40d", "resnext101_4x24d",
          "resnext101_8x14d", "resnext101_2x64d", "resnet101_1x100d", "resnext152_64x4d", "resnet29_cifar10",
          "resnext29_2x64d_cifar10", "resnext29_4x64d_cifar10", "resnext29_32x4d_cifar10", "resnext29_8x64d_cifar100",
          "resnext29_16x64d_cifar100", "resnet29_1x128d_cifar10", "resnet29_1x192d_cifar10", "resnet29_1x256d_cifar10",
          # Published, and no presets: mmpretrain, PaddleClas and timm, and the models trained on billions of pictures.
          "resnext152_32x4d", "resnext50_64x4d", "resnext101_32x16d", "resnext101_32x32d", "resnext101_32x48d"),
    2.5: ("resnet50_1x128d", "resnet101_1x128d"),  # their numbers mostly are a ResNeXt's whose groups were forgotten
}  # fmt: skip
EVERYDAY, PAPERS = 0.3, 0.6  # keys up to which mistakes are searched in, too

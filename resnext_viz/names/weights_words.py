"""Words around a network's name that tell of weights, of who publishes them and of data, and nothing of the network."""

from __future__ import annotations

import re

_WORDS = frozenset(
    word
    for words in (
        # who publishes it, and where
        "torchvision pytorch torch vision timm hf hub huggingface microsoft facebook facebookresearch fb nvidia gluon",
        "gluoncv mxnet paddle paddleclas paddlepaddle tv tv2 mmlab openmmlab mmpretrain mmcls mmdet detectron",
        "detectron2 cadene pretrainedmodels",
        # how and on what it was trained
        "ig swsl ssl wsl semi weakly supervised imagenet imagenet1k 1k ilsvrc ilsvrc2012 in1k in5k in12k in21k in22k",
        "coco pretrained weights default ft a1 a1h a2 a3 ra ra2 racm fpn v1b legacy",
        # how code and people speak of it
        "model models arch architecture net network resnets backbone encoder the a an from import load create progress",
        "kwargs get getattr self dict true false none with and of nn dataparallel to device cuda cpu eval",
        "automodel automodelforimageclassification",
    )
    for word in words.split()
)
_PATTERNS = re.compile(
    r"[0-9a-f]{8}"  # a hash or a date
    r"|\d+xb\d+|b\d+x\d+"  # batches of so many pictures on so many GPUs, in names of OpenMMLab
)
_TAG = re.compile(r"(?:[a-z0-9]+_)*(?:in1k|in12k|in21k|in22k|bamboo)(?:_\d{3})?")  # of timm, behind a dot
_FILE_ENDINGS = frozenset(
    (
        "pth",
        "pt",
        "bin",
        "tar",
        "ckpt",
        "pkl",
        "safetensors",
        "onnx",
        "pdparams",
        "params",
        "h5",
        "npz",
        "t7",
        "py",
        "yaml",
        "yml",
        "json",
    )
)


def tells_nothing_of_the_network(word: str) -> bool:
    """Whether that word belongs to weights and their like."""
    return word in _WORDS or _PATTERNS.fullmatch(word) is not None


def names_weights(ending: str) -> bool:
    """Whether that, behind a dot, is a file's ending or a tag of weights."""
    return ending in _FILE_ENDINGS or _TAG.fullmatch(ending) is not None

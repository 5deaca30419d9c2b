"""Files of weights of every kind, each written by the library whose kind it is where that is installed.

Where it is not, the bytes follow the kind's own description: a protocol buffer's fields, a FlatBuffer's mark.
"""

from __future__ import annotations

import gzip
import io
import json
import pickle
import struct
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import openvino
import torch
from PIL import Image
from safetensors.torch import save
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.meta_graph_pb2 import MetaGraphDef

STATE = {"fc.weight": torch.ones(2, 3), "fc.bias": torch.zeros(2)}


def traced() -> torch.jit.ScriptModule:
    made: torch.jit.ScriptModule = torch.jit.trace(torch.nn.Linear(3, 2).eval(), torch.zeros(1, 3))
    return made


def script(_: Path) -> bytes:
    return bytes(traced().save_to_buffer())


def script_for_phones(_: Path) -> bytes:
    return bytes(traced()._save_to_buffer_for_lite_interpreter())


def checkpoint(_: Path, zipped: bool = True) -> bytes:
    out = io.BytesIO()
    torch.save({"state_dict": STATE}, out, _use_new_zipfile_serialization=zipped)
    return out.getvalue()


def old_checkpoint(folder: Path) -> bytes:
    return checkpoint(folder, False)


def arrays(_: Path) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **{name: value.numpy() for name, value in STATE.items()})
    return out.getvalue()


def array(_: Path) -> bytes:
    out = io.BytesIO()
    np.save(out, np.zeros(3))
    return out.getvalue()


def zipped(*names: str) -> Callable[[Path], bytes]:
    def content(_: Path) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            for name in names:
                file.writestr(name, bytes(1000))
        return out.getvalue()

    return content


def tarred(_: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        file.addfile(tarfile.TarInfo("model.pth"))
    return out.getvalue()


def graph() -> onnx.ModelProto:
    value = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 2]) for name in "xy"]
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    return onnx.helper.make_model(
        onnx.helper.make_graph([node], "g", value[:1], value[1:]), opset_imports=[onnx.helper.make_opsetid("", 17)],
        ir_version=8, producer_name="",
    )  # fmt: skip


def torchs_graph(_: Path) -> bytes:
    out = io.BytesIO()
    torch.onnx.export(torch.nn.Linear(3, 2).eval(), (torch.zeros(1, 3),), out, dynamo=False)
    return out.getvalue()


def runtimes_own(folder: Path) -> bytes:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(folder / "n.ort")
    options.add_session_config_entry("session.save_model_format", "ORT")
    onnxruntime.InferenceSession(graph().SerializeToString(), options, providers=["CPUExecutionProvider"])
    return (folder / "n.ort").read_bytes()


def openvinos(folder: Path) -> bytes:
    (folder / "g.onnx").write_bytes(graph().SerializeToString())
    openvino.save_model(openvino.Core().read_model(folder / "g.onnx"), folder / "n.xml")
    return (folder / "n.xml").read_bytes()


def tensorflows() -> GraphDef:
    made = GraphDef()
    made.node.add(name="input", op="Placeholder")
    made.node.add(name="kernel", op="Const")
    return made


def meta_graph(_: Path) -> bytes:
    made = MetaGraphDef(graph_def=tensorflows())
    made.meta_info_def.tags.append("serve")
    return bytes(made.SerializeToString())


def part(number: int, content: bytes | int) -> bytes:
    """A field of a protocol buffer, whose number and length are below 128."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    return bytes([number << 3 | 2, len(content)]) + content


def picture(kind: str) -> Callable[[Path], bytes]:
    def content(_: Path) -> bytes:
        out = io.BytesIO()
        Image.new("RGB", (9, 9)).save(out, kind)
        return out.getvalue()

    return content


def given_as(content: bytes | str) -> Callable[[Path], bytes]:
    return lambda _: content.encode() if isinstance(content, str) else content


INDEX_TEXT = json.dumps(
    {"metadata": {"total_size": 8}, "weight_map": {"fc.weight": "model-00001-of-00002.safetensors"}}
)
LFS_TEXT = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 100441675\n"
TABLE_END = struct.pack("<Q", 0xDB4775248B80FB57)  # tensorflow/core/lib/io/format.h, kTableMagicNumber
TORCH7 = struct.pack("<3i", 4, 1, 3) + b"V 1" + struct.pack("<i", 13) + b"nn.Sequential"
TORCH7_TABLE = struct.pack("<6i", 3, 1, 1, 2, 5, 0) + b"model" + TORCH7
# What a file is -> files of that kind, each with the words that tell it from the others.
KINDS: dict[str, tuple[Callable[[Path], bytes], ...]] = {
    "empty": (given_as(b""),),
    "full of zeros": (given_as(bytes(1)), given_as(bytes(9999))),
    "AppleDouble": (given_as(b"\0\5\x16\7\0\2\0\0Mac OS X        \0\2"),),
    "safetensors file": (given_as(save(STATE)),),
    "torch.export": (
        zipped("n/data/weights/weight_0", "n/models/model.json", "n/archive_format"),  # of 2.7 on
        zipped("serialized_exported_program.json", "serialized_state_dict.pt", "version"),  # of torch 2.1 to 2.6
    ),
    "TorchScript": (script, script_for_phones),
    "PyTorch checkpoint": (checkpoint,),
    "before version 1.6": (old_checkpoint,),
    "the index of a checkpoint": (
        given_as(INDEX_TEXT),
        given_as("\ufeff" + json.dumps(json.loads(INDEX_TEXT), indent=2)),
    ),
    ".keras": (zipped("metadata.json", "config.json", "model.weights.h5"),),  # https://keras.io/guides/serialization
    ".npz": (arrays,),
    "zip of a TensorFlow": (zipped("m/saved_model.pb", "m/variables/variables.index"),),
    "zip of a Core ML": (zipped("n.mlpackage/Manifest.json", "n.mlpackage/Data/com.apple.CoreML/model.mlmodel"),),
    "zip of a folder": (zipped("run/metrics.csv", "run/model.safetensors"), zipped("weights.pth")),
    "zip of other": (zipped("readme.txt"), zipped()),
    "a pickle that": (
        given_as(pickle.dumps({"model": {"conv1.weight": np.ones(3)}, "__author__": "FAIR"})),
        given_as(pickle.dumps({"conv1.weight": np.ones(3)}, protocol=2)),
    ),
    ".t7": (given_as(TORCH7), given_as(TORCH7_TABLE), given_as("4\n1\n3\nV 1\n13\nnn.Sequential\n")),
    "HDF5": (given_as(b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0"),),
    ".mat": (given_as(b"MATLAB 5.0 MAT-file, Platform: GLNXA64"), given_as(b"MATLAB 7.3 MAT-file, Platform: GLNXA64")),
    "GGUF": (given_as(b"GGUF" + struct.pack("<IQQ", 3, 2, 1)),),
    ".npy": (array,),
    "TensorFlow Lite": (given_as(b"\x1c\0\0\0TFL3\x14\0\x20\0"),),
    "ExecuTorch": (given_as(b"\x30\0\0\0ET12eh00"),),
    ".ort": (runtimes_own,),
    "TensorRT": (given_as(b"ftrt\0\0\0\0"), given_as(b"ptrt\0\0\0\0")),
    "MXNet": (given_as(struct.pack("<QQQ", 0x112, 0, 161) + b"\xc9\xfa\x93\xf9"),),
    "Darknet": (
        given_as(struct.pack("<iiiQf", 0, 2, 5, 32013312, 0.5) + bytes(9)),
        given_as(struct.pack("<4i2f", 0, 1, 0, 6, 1, 2)),
    ),
    "part of a TensorFlow": (given_as(b"\0\0\2\x08\1" + bytes(50) + TABLE_END),),
    "a picture": tuple(map(picture, ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "AVIF", "JPEG2000"))),
    "PDF": (given_as(b"%PDF-1.7\n%\xe2\xe3"),),
    "packed": (given_as(gzip.compress(save(STATE))), tarred),
    "a compiled program": (given_as(b"\x7fELF\2\1\1\0"), given_as(b"MZ\x90\0\3\0")),
    "Git LFS": (given_as(LFS_TEXT), given_as(LFS_TEXT.replace("\n", "\r\n"))),
    "git-annex or DVC": (
        given_as("/annex/objects/SHA256E-s100441675--0a1b.pth\n"),
        given_as("outs:\n- md5: 0123\n  size: 100441675\n  path: model.pth\n"),
    ),
    "a web page": (
        given_as("\n\n<!DOCTYPE html>\n<html lang='en'><head><title>Sign in</title>"),
        given_as("<html><body>404</body></html>"),
        given_as("<!-- saved from -->\n<HTML>"),
        given_as("<!doctype html>".encode("utf-16")),
    ),
    "OpenVINO": (openvinos,),
    "answer in XML": (given_as('<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>'),),
    "list of checkpoints": (given_as('model_checkpoint_path: "model.ckpt-9"\n'),),
    "Caffe or ncnn": (given_as('name: "ResNeXt50"\nlayer {\n'), given_as("7767517\n75 83\n")),
    "JSON": (given_as('{"architectures": ["ResNetForImageClassification"]}'), given_as("[1, 2]")),
    "a text without": tuple(map(given_as, ("cat\ndog\n", "import torch\n", "größer\n", "[model]\nname = x"))),
    "ONNX graph": (
        torchs_graph,
        given_as(graph().SerializeToString()),  # without the name of who wrote it
    ),
    "Core ML model": (
        given_as(part(1, 4) + part(2, part(1, part(1, b"image") + part(3, part(4, b"\x08")))) + b"\xa2\x1f\1\0"),
    ),
    "a TensorFlow SavedModel": (lambda folder: part(1, 1) + part(2, meta_graph(folder)),),
    "a graph of TensorFlow": (given_as(tensorflows().SerializeToString()), meta_graph),
    ".pdmodel": (given_as(part(1, part(1, 0) + b"\x10\xff\xff\xff\xff\x0f" + part(3, part(1, b"feed")))),),
    ".caffemodel": (
        given_as(part(1, b"ResNeXt50") + part(2, part(4, b"conv1"))),
        given_as(part(1, b"X") + b"\xa2\x06\1\0"),
    ),
    "MessagePack": (
        given_as(b"\x82\xabbatch_stats\x81\xa3bn1\x80\xa6params\x80"),
        given_as(b"\x81\xd9\x22" + b"a" * 34 + b"\xde\0\1"),
        given_as(b"\x81\xa6kernel\xc7\x05\x01\x93\x90\xa1f\xc4\0"),
    ),
}  # fmt: skip
FILES = tuple((words, make) for words, makers in KINDS.items() for make in makers)


@cache
def content_of(make: Callable[[Path], bytes]) -> bytes:
    """The bytes of one of the files, made once in a process."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries, about their own age
        return make(Path(folder))

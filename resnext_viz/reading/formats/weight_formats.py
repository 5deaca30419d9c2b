"""What a file of weights is, told by how it begins and never by its name; and what to do with one that is not read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from resnext_viz.reading.formats import format_signs as sign
from resnext_viz.reading.formats.file_start import start_of

_SAVE = "from safetensors.torch import save_file; save_file({k: v.detach().contiguous() for k, v in "
TORCHSCRIPT_LINE = (
    f"python -c \"import torch; {_SAVE}torch.jit.load('model.pt', map_location='cpu').state_dict().items()}}, "
    "'model.safetensors')\""
)
EXPORTED_LINE = (
    f"python -c \"import torch; {_SAVE}torch.export.load('model.pt2').state_dict.items()}}, 'model.safetensors')\""
)
ARRAYS_LINE = (
    "python -c \"import numpy; from safetensors.numpy import save_file; d = numpy.load('model.npz'); "
    "save_file({k: d[k] for k in d.files}, 'model.safetensors')\""
)
_TORCHS = "please give the PyTorch weights that it was made from, as .safetensors"
_OTHER_AXES = (
    "its weights have other names and another order of axes, so please give the network’s PyTorch weights, "
    "as .safetensors"
)
_UNPACK = "please unpack it and give the file of weights that is in it"
_AGAIN = "please download or copy it again"


@dataclass(frozen=True)
class WeightFormat:
    """A kind of file.

    Attributes:
        what: it is, after "the file is".
        remedy: what to do, after a semicolon; empty for what is read here.
        tells: whether a file that begins and ends so is one.
    """

    what: str
    remedy: str
    tells: sign.Sign

    @property
    def is_read(self) -> bool:
        return not self.remedy

    def in_words(self, subject: str = "The file") -> str:
        """One sentence: what it is and what to do."""
        return f"{subject} is {self.what}; {self.remedy}."


INDEX = WeightFormat("the index of a checkpoint in several files", "", sign.says(r'\{.*"weight_map"'))
_READ = (
    WeightFormat("a safetensors file", "", sign.is_safetensors),
    WeightFormat("a PyTorch checkpoint", "", sign.holds(r"data\.pkl")),
    WeightFormat("a PyTorch checkpoint of before version 1.6", "", sign.is_torchs_pickle),
    INDEX,
)
_NOTHING = (
    WeightFormat("empty", _AGAIN, sign.is_empty),
    WeightFormat("full of zeros, as after a download that broke off", _AGAIN, sign.is_blank),
    WeightFormat(
        "what macOS keeps beside a file on other disks (AppleDouble)",
        "please give the file itself, whose name does not begin with ._",
        sign.begins(b"\0\5\x16\7"),
    ),
)
# Zips with more than torch's checkpoints have, which hold data.pkl too.
_TORCHS_PROGRAMS = (
    WeightFormat(
        "a program of torch.export (.pt2)",
        f"please take its weights out, if you trust it: {EXPORTED_LINE}",
        sign.either(
            sign.holds("archive_format"),
            sign.holds(r"data/weights/weight_\d+"),
            sign.holds(r"serialized_exported_program\.json"),
        ),
    ),
    WeightFormat(
        "a TorchScript program",
        f"please take its weights out, if you trust it: {TORCHSCRIPT_LINE}",
        sign.either(sign.holds("code/.+"), sign.holds(r"constants\.pkl"), sign.opens_with_data),
    ),
)
_ZIPS = (
    WeightFormat("a Keras model (.keras)", _OTHER_AXES, sign.holds(r"config\.json", r"metadata\.json")),
    WeightFormat(
        "a zip of NumPy’s arrays (.npz)",
        f"if they have PyTorch’s names, please make one file of it: {ARRAYS_LINE}",
        sign.is_zip_of_arrays,
    ),
    WeightFormat("a zip of a TensorFlow SavedModel", _OTHER_AXES, sign.holds(r"saved_model\.pb")),
    WeightFormat("a zip of a Core ML package", _TORCHS, sign.holds(r"com\.apple\.CoreML/.*")),
    WeightFormat(
        "a zip of a folder with weights in it",
        "please unpack it and give its .safetensors or .pth file",
        sign.holds(r"[^/]+\.(safetensors|pth|pt|ckpt|bin)"),
    ),
    WeightFormat("a zip of other files", _UNPACK, sign.begins(b"PK\3\4", b"PK\5\6")),
)
_LIBRARIES = (
    WeightFormat(
        "a pickle that PyTorch did not write, as Detectron2’s .pkl and PaddlePaddle’s .pdparams are",
        "please load it with what wrote it, and save its tensors as .safetensors",
        sign.is_other_pickle,
    ),
    WeightFormat(
        "a Torch7 file (.t7), as the paper’s first weights are",
        "please give the network’s PyTorch weights, as .safetensors",
        sign.is_torch7,
    ),
    WeightFormat("an HDF5 file, as Keras’ .h5 weights are", _OTHER_AXES, sign.begins(b"\x89HDF\r\n\x1a\n")),
    WeightFormat("a MATLAB file (.mat), as MatConvNet’s weights are", _OTHER_AXES, sign.begins(b"MATLAB ")),
    WeightFormat(
        "a GGUF or GGML file, as language models are",
        "please give the weights of a network for photos, as .safetensors",
        sign.begins(b"GGUF", b"ggml", b"lmgg", b"tjgg"),
    ),
    WeightFormat(
        "a single array of NumPy (.npy)",
        "please save all tensors of the network, as .safetensors",
        sign.begins(b"\x93NUMPY"),
    ),
    WeightFormat("a TensorFlow Lite model", _TORCHS, sign.bears(b"TFL3")),
    WeightFormat("an ExecuTorch program (.pte)", _TORCHS, sign.is_executorch),
    WeightFormat("a model in ONNX Runtime’s own format (.ort)", _TORCHS, sign.bears(b"ORTM")),
    WeightFormat("a TensorRT engine, made for one kind of GPU", _TORCHS, sign.begins(b"ptrt", b"ftrt")),
    WeightFormat("an MXNet file (.params)", _OTHER_AXES, sign.begins(b"\x12\1" + bytes(14))),
    WeightFormat("a Darknet file (.weights)", _OTHER_AXES, sign.is_darknet),
    WeightFormat("part of a TensorFlow checkpoint", _OTHER_AXES, sign.is_tensorflows_table),
)
_NO_WEIGHTS = (
    WeightFormat("a picture", "please give it as a photo, and the network’s weights here", sign.is_picture),
    WeightFormat("a PDF", "please give the file of weights", sign.begins(b"%PDF")),
    WeightFormat("packed", _UNPACK, sign.is_packed),
    WeightFormat(
        "a compiled program",
        "please give the network’s weights, as .safetensors",
        sign.begins(b"\x7fELF", b"MZ\x90\0", b"\xcf\xfa\xed\xfe"),
    ),
)
_TEXTS = (
    WeightFormat(
        "a Git LFS pointer, a few lines that stand for the weights",
        "please fetch the weights themselves: git lfs pull",
        sign.says(r"version https?://(git-lfs|hawser)\.github\.com/"),
    ),
    WeightFormat(
        "a pointer of git-annex or DVC, a line or two that stand for the weights",
        "please fetch the weights themselves: git annex get FILE, or dvc pull",
        sign.says(r"(\.\./|\./)*(\.git)?/annex/objects/|outs:\s+- (md5|hash|etag):"),
    ),
    WeightFormat(
        "a web page, saved in place of the weights",
        "please download the file itself (GitHub: “Raw”; Hugging Face: the arrow beside the file)",
        sign.says(r"(<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype html|html|head|body)\b"),
    ),
    WeightFormat("OpenVINO’s description of a network", _TORCHS, sign.says(r"(<\?xml[^>]*>\s*)?<net\b")),
    WeightFormat(
        "a server’s answer in XML, saved in place of the weights",
        "please download the file again, with the right to it",
        sign.says(r"(<\?xml[^>]*>\s*)?<error\b"),
    ),
    WeightFormat("TensorFlow’s list of checkpoints", _OTHER_AXES, sign.says("model_checkpoint_path:")),
    WeightFormat(
        "a description of a Caffe or ncnn network",
        _TORCHS,
        sign.says(r"7767517\n|name:\s*\"[^\"]*\"\s*(layer|input)"),
    ),
    WeightFormat(
        "a text of JSON without weights",
        "please give the file of weights that belongs to it",
        sign.says(r'[{\[]\s*["{\[\]}\d-]'),
    ),
    WeightFormat("a text without weights", "please give the file of weights, as .safetensors", sign.is_text),
)
_PROTOCOL_BUFFERS = (
    WeightFormat("an ONNX graph", _TORCHS, sign.is_onnx),
    WeightFormat("a Core ML model", _TORCHS, sign.is_core_ml),
    WeightFormat("a TensorFlow SavedModel", _OTHER_AXES, sign.is_saved_model),
    WeightFormat("a graph of TensorFlow", _OTHER_AXES, sign.is_tensorflows_graph),
    WeightFormat("a PaddlePaddle network (.pdmodel)", _OTHER_AXES, sign.is_paddle),
    WeightFormat("a Caffe file (.caffemodel)", _TORCHS, sign.is_caffe),
    WeightFormat("a MessagePack file, as flax’ weights are", _OTHER_AXES, sign.is_message_pack),
)
# The first row that tells a file names it: sharper signs stand before wider ones.
FORMATS = (
    *_NOTHING, *_TORCHS_PROGRAMS, *_READ, *_ZIPS, *_LIBRARIES, *_NO_WEIGHTS, *_TEXTS, *_PROTOCOL_BUFFERS,
)  # fmt: skip


def format_of(source: Path | bytes) -> WeightFormat | None:
    """The kind of a file, or of its bytes; None if it is none of the list.

    Raises:
        OSError: it cannot be read.
    """
    start = start_of(source)
    return next((each for each in FORMATS if each.tells(start)), None)


_FOLDERS = (
    ("a TensorFlow SavedModel", _OTHER_AXES, r"saved_model\.pb"),
    (
        "a distributed checkpoint of PyTorch",
        "please make one file of it: python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER model.pth",
        r".+\.distcp",
    ),
    ("a checkpoint of orbax", _OTHER_AXES, "_CHECKPOINT_METADATA|_METADATA"),
    ("a TensorFlow checkpoint", _OTHER_AXES, r"checkpoint|.+\.ckpt.*\.index"),
    ("a Core ML package", _TORCHS, r"Manifest\.json"),
)
_FILE = re.compile(r".+\.(safetensors\.index\.json|bin\.index\.json|safetensors|pth|pt|ckpt|bin)")


def folder_in_words(folder: Path, names: Sequence[str]) -> str:
    """One sentence on a folder that was given in place of a file; `names` are of what lies in it."""
    files = [name for name in names if _FILE.fullmatch(name)]
    if files:
        first = next((name for name in files if name.endswith(".index.json")), files[0])
        return f"{str(folder)!r} is a folder; please give the file in it, such as {str(folder / first)!r}."
    for what, remedy, pattern in _FOLDERS:
        if any(re.fullmatch(pattern, name) for name in names):
            return f"{str(folder)!r} is {what}; {remedy}."
    return f"{str(folder)!r} is a folder without a file of weights; please give the file itself."

"""What reading large photos smaller changes: python -m scripts.check_large_photos [--count 20].

Photos of 60 to 200 megapixels are made of the pictures that ship, each answered by `predict` and by a full decode.
Prints a line each, then how many first answers agree and the largest difference of any probability. Exit status 1 if
one answer is another.
"""

from __future__ import annotations

import argparse
import io
import sys
from itertools import cycle

import numpy as np
from PIL import Image, ImageFilter

from resnext_viz.inference.photos.decode import decode_image
from resnext_viz.inference.photos.picture_formats import open_picture, pillow_at_ease
from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.training.data.image_folder import find_files
from resnext_viz.training.data.sample import sample_folder

MEGAPIXELS = (60, 108, 200)


def main() -> int:
    """Measures, prints, returns the exit status."""
    parser = argparse.ArgumentParser(description="Answers large photos read smaller and read whole.")
    parser.add_argument("--count", type=int, default=20, help="photos; default: 20")
    parser.add_argument("--weights", default="cifar10")
    options = parser.parse_args()
    predictor = load_predictor(options.weights, "cpu", engine="exact")
    same, largest = 0, 0.0
    for number, (image, megapixels) in enumerate(zip(pictures(options.count), cycle(MEGAPIXELS), strict=False)):
        data = large_photo(image, megapixels, number)
        found = decode_image(data, crop=predictor.preprocess.seen_side)
        with pillow_at_ease():
            whole = open_picture(io.BytesIO(data)).convert("RGB")
            inputs = [predictor.preprocess.tensor(each) for each in (found.image, whole)]
        ours, theirs = (predictor.probabilities(predictor.logits(each[None]))[0].numpy() for each in inputs)
        difference = float(np.abs(ours - theirs).max())
        agree = int(ours.argmax()) == int(theirs.argmax())
        same, largest = same + agree, max(largest, difference)
        words = f"{found.width}x{found.height} as {found.image.width}x{found.image.height}, {len(data) / 2**20:.1f} MB"
        best = f"{predictor.classes[int(theirs.argmax())]} {theirs.max():.3f}"
        sys.stdout.write(f"{words}: {best}, difference {difference:.5f}\n")
        sys.stdout.flush()
    sys.stdout.write(
        f"{same} of {options.count} first answers agree; largest difference of a probability {largest:.5f}\n"
    )
    return 0 if same == options.count else 1


def pictures(count: int) -> list[Image.Image]:
    """The sample photos, then test pictures of the sample of data."""
    paths = [sample.path for sample in SAMPLES]
    tests = find_files(sample_folder(), "test").paths
    paths += tests[:: max(1, len(tests) // count)]
    return [Image.open(path).convert("RGB") for path in paths[:count]]


def large_photo(image: Image.Image, megapixels: int, seed: int) -> bytes:
    """The picture enlarged to so many megapixels, with a camera's grain, as a JPEG."""
    scale = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
    large = image.resize((round(scale * image.width), round(scale * image.height)), Image.Resampling.BICUBIC)
    tile = np.random.default_rng(seed).normal(128, 12, (512, 512)).clip(0, 255).astype(np.uint8)
    grain = Image.fromarray(tile).filter(ImageFilter.GaussianBlur(1))
    strip = Image.new("L", (large.width, 512))
    for left in range(0, large.width, 512):
        strip.paste(grain, (left, 0))
    for top in range(0, large.height, 512):
        box = (0, top, large.width, min(top + 512, large.height))
        piece = np.asarray(large.crop(box)).astype(np.int16)
        piece += np.asarray(strip)[: box[3] - top, :, None].astype(np.int16) - 128
        large.paste(Image.fromarray(piece.clip(0, 255).astype(np.uint8)), box)
    out = io.BytesIO()
    large.save(out, "JPEG", quality=85)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())

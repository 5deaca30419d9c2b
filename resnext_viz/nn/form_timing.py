"""The three forms of one block in turns: time and memory of a forward pass, and of one forward and backward.

The same random weights in each form, float32, as torch runs them by itself: all its threads, TF32 off. Forward is in
eval mode without gradients; forward and backward in train mode, to the gradients of the input and of every weight.
Memory is the most bytes of tensors alive at once in one call, beyond weights and input (`nn.live_memory`).
Source: arXiv 1611.05431, section 4: form (c) was chosen "because it is more succinct and faster".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from resnext_viz.block_forms.terms import FORM_NAMES, Form
from resnext_viz.kit.timing import FORM_ROUNDS, timed, turns
from resnext_viz.layers import Block
from resnext_viz.nn.device import choose_device, exact_float32
from resnext_viz.nn.live_memory import peak_bytes
from resnext_viz.nn.network import Residual
from resnext_viz.nn.proof.equivalence import input_shape
from resnext_viz.nn.proof.form_run import random_block
from resnext_viz.nn.proof.forms import to_form

LIMIT_S = 8.0  # for the rounds of one kind of pass


class Call(NamedTuple):
    """One kind of pass through one form: what to run, and the most bytes that it has alive at once."""

    run: Callable[[], object]
    extra_bytes: int | None


def calls_of(block: Block, device: str = "auto") -> dict[str, dict[str, Call]]:
    """What to measure: kind of pass -> form in words -> call; form (c) is the last of each.

    Raises:
        UserError: no such device; a two-layer block, or one too large.
    """
    place = choose_device(device)
    x = torch.randn(input_shape(block), generator=torch.Generator().manual_seed(0)).to(place)
    grouped = random_block(block, seed=0).float().to(place)
    calls: dict[str, dict[str, Call]] = {"forward": {}, "forward and backward": {}}
    for form in Form:
        module = to_form(grouped, form)
        for what, run in (("forward", _forward), ("forward and backward", _both)):
            call = partial(run, module, x)
            call()  # kernels are chosen and loaded
            there_before = [*module.parameters(), *module.buffers(), x]
            calls[what][words_of(form)] = Call(call, peak_bytes(call, place, there_before))
            module.zero_grad()
    return calls


def words_of(form: Form) -> str:
    """`(a) sum of paths`."""
    letter = form.value.lower()
    return next(f"({name}) {words.lower()}" for name, words in FORM_NAMES.items() if name == letter)


def rounds(calls: dict[str, Call], device: str = "auto") -> Iterator[dict[str, float]]:
    """Milliseconds of each form, round by round."""
    place = choose_device(device)

    def timer(call: Call) -> Callable[[], float]:
        return timed(lambda: _finished(call.run, place))

    return turns({name: timer(call) for name, call in calls.items()}, FORM_ROUNDS, LIMIT_S)


def _finished(run: Callable[[], object], place: torch.device) -> None:
    with exact_float32(place):
        run()
        if place.type == "cuda":
            torch.cuda.synchronize(place)
        elif place.type == "mps":
            torch.mps.synchronize()


def _forward(module: Residual, x: Tensor) -> None:
    module.eval()
    with torch.no_grad():
        module(x)


def _both(module: Residual, x: Tensor) -> None:
    module.train()
    module.zero_grad()
    start = x.detach().requires_grad_()
    module(start).sum().backward()

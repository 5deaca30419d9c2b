"""The glossary: every term of the field that the pages use, each explained once, in whole sentences.

The dials, the headline, the pages' own help and docs/glossary.md all take their words from here. A message is never put
together from pieces, so that each can be said in another language.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GlossaryTerm:
    """A term and what it means.

    Attributes:
        key: how the code asks for it.
        name: as the pages write it.
        question: what somebody who does not know it asks.
        sentence: the answer, for a reader in the second year.
        exactly: what is meant exactly, where there is more to say.
        source: where in the paper (arXiv 1611.05431) it is defined; empty if it is not the paper's.
    """

    key: str
    name: str
    question: str
    sentence: str
    exactly: str = ""
    source: str = ""

    @property
    def help(self) -> str:
        """All that is said of it: the sentence, then what is meant exactly."""
        return "\n\n".join(filter(None, (self.sentence, self.exactly)))


TERMS = (
    GlossaryTerm(
        "resnext",
        "ResNeXt",
        "What is a ResNeXt?",
        "A network that recognises pictures with blocks of many narrow paths side by side, where a ResNet has one "
        "wide path: in the paper it makes fewer mistakes at the same cost.",
        "F(x) = Σ Tᵢ(x) over the C paths of a block, all of one shape.",
        "Section 3.3, Eq. 2; Table 3",
    ),
    GlossaryTerm(
        "cardinality",
        "Cardinality C",
        "What is cardinality?",
        "How many paths work side by side in each block.",
        "The 3×3 convolution of every bottleneck has C groups, the same number in all stages.",
        "Sections 1 and 3.3",
    ),
    GlossaryTerm(
        "base_width",
        "Bottleneck width d",
        "What is the bottleneck width?",
        "How many channels one path has inside a block of stage 1; each later stage has twice as many.",
        "The 3×3 convolutions of stage 1 have C·d channels, those of stage 2 have 2·C·d, and so on.",
        "Tables 1 and 2",
    ),
    GlossaryTerm(
        "depths",
        "Blocks, depth",
        "What does the number of blocks do?",
        "How many blocks follow one another in each stage: more blocks make a deeper network.",
        "The number in a network’s name counts its layers with weights: the stem, three in each bottleneck or two in "
        "each basic block, and the linear layer at the end.",
        "Section 3.1, Table 1",
    ),
    GlossaryTerm(
        "image_size",
        "Image size",
        "What does the image size change?",
        "Height and width of the picture in pixels: MACs and activations grow with its area, parameters do not change.",
        "The paper uses 224×224 for ImageNet and 32×32 for CIFAR.",
        "Sections 4 and 5.3",
    ),
    GlossaryTerm(
        "stem",
        "Stem",
        "What is the stem?",
        "The first layer, which makes 64 channels out of the picture’s colours before the blocks begin.",
        "For ImageNet a 7×7 convolution with stride 2 and a 3×3 max pool; for CIFAR’s small pictures a 3×3 with "
        "stride 1, with a max pool or without.",
        "Table 1; section 5.3",
    ),
    GlossaryTerm(
        "stage",
        "Stage",
        "What is a stage?",
        "A row of blocks that work on maps of one size; the next stage halves that size and doubles the channels.",
        "Stages 1 to 4 are conv2 to conv5 in the paper and layer1 to layer4 in torchvision.",
        "Section 3.1",
    ),
    GlossaryTerm(
        "block",
        "Block",
        "What is a block?",
        "A few layers with a shortcut around them, which a network repeats many times.",
        "A bottleneck has a 1×1, a 3×3 and a 1×1 convolution; a basic, two-layer block has two 3×3.",
        "Section 3.1, Fig. 1",
    ),
    GlossaryTerm(
        "bottleneck",
        "Bottleneck",
        "What is a bottleneck?",
        "A block that first narrows what comes in, works on the narrow part, and widens it again, to save work.",
        "1×1 reduce, 3×3 transform, 1×1 expand, each with batch norm.",
        "Fig. 1",
    ),
    GlossaryTerm(
        "shortcut",
        "Shortcut",
        "What is a shortcut?",
        "A way around a block that adds the block’s input to its output, so that the block has to learn the change "
        "only.",
        "The identity where both have one shape, else a 1×1 convolution, the projection.",
        "Section 3.1",
    ),
    GlossaryTerm(
        "stride",
        "Stride",
        "What is the stride, and where does it sit?",
        "How far a convolution moves between two of its outputs: stride 2 halves the map’s height and width.",
        "The first block of each stage but the first has it: on its 3×3 in the paper and in torchvision, on its first"
        " 1×1 in the ResNets of 2015. That changes MACs and activations, not parameters.",
        "Section 4",
    ),
    GlossaryTerm(
        "grouped_convolution",
        "Grouped convolution",
        "What is a grouped convolution?",
        "A convolution whose channels are dealt into groups, each of which sees its own channels only.",
        "With C groups it has 1/C of the plain convolution’s weights: k²·(c_in/C)·c_out.",
        "Section 3.3, Fig. 3 (c)",
    ),
    GlossaryTerm(
        "path",
        "Path",
        "What is a path?",
        "One of the C ways side by side through a block; what all of them give is added up.",
        "In a bottleneck: its own 1×1, 3×3 and 1×1, or one group of the 3×3 with the weights before and after it.",
        "Fig. 1 right, Fig. 3",
    ),
    GlossaryTerm(
        "head",
        "Head",
        "What is the head?",
        "The last layers, which turn the maps into one score for each class.",
        "The average over each map, then a linear layer (fc).",
        "Table 1",
    ),
    GlossaryTerm(
        "params",
        "Parameters",
        "What are parameters?",
        "The numbers that a network learns.",
        "All learned tensors are counted, those of batch norm and the bias of the linear layer, too.",
        "Table 1",
    ),
    GlossaryTerm(
        "macs",
        "MACs, multiply-adds",
        "What are MACs?",
        "How often a number is multiplied by a weight and added to a sum to answer one picture: the usual measure of "
        "work.",
        "One multiply-add is one MAC. Counted are convolutions and the linear layer, not bias, batch norm, ReLU or "
        "pooling. The paper says “FLOPs, in # of multiply-adds”: these are MACs. Many tools count two FLOPs for each.",
        "Table 1",
    ),
    GlossaryTerm(
        "acts",
        "Activations",
        "What are activations?",
        "The numbers that the layers put out on the way to an answer: they have to be stored and moved, which takes "
        "memory and time.",
        "Counted are the outputs of the convolutions and of the linear layer, for one picture.",
    ),
    GlossaryTerm(
        "bytes",
        "Weights + activations",
        "What does this memory hold?",
        "The space that all parameters and all activations of one picture take as numbers of 4 bytes (float32).",
        "4 · (parameters + activations). A device needs less where it drops activations early, and more in training.",
    ),
    GlossaryTerm(
        "lock",
        "Keep MACs near the baseline",
        "What does it keep near?",
        "While you move C, d follows so that the MACs, or the parameters, stay as close as they can to those of the "
        "network you compare with.",
        "d is the whole number next to the exact solution, so a small difference remains; it is shown.",
        "Section 3.4, Table 2",
    ),
    GlossaryTerm(
        "baseline",
        "Baseline, compare with",
        "What does this compare?",
        "The network that yours is measured against: every difference and percentage on the pages is to it.",
        "Both are counted on the dialled image.",
    ),
    GlossaryTerm(
        "forms",
        "Forms of the block",
        "What are the forms of the block?",
        "Three ways to write down one block that compute the same: separate paths (a), paths joined before the last "
        "layer (b), one grouped convolution (c).",
        "They are equal in exact arithmetic; on a computer up to rounding.",
        "Section 3.3, Fig. 3",
    ),
    GlossaryTerm(
        "epsilon",
        "Unit in the last place, machine epsilon ε",
        "What is a unit in the last place?",
        "A computer keeps a fixed number of digits, and this is the smallest step that the last of them can take: "
        "results a few units apart differ by rounding alone.",
        "Machine epsilon ε, the gap between 1 and the next larger number: 2⁻⁵² in float64, 2⁻²³ in float32, 2⁻⁷ in "
        "bfloat16. The largest of the values compared stands for the 1.",
    ),
    GlossaryTerm(
        "gradient",
        "Gradient",
        "What is a gradient?",
        "How much the result changes when one number is changed a little: training follows it to make the error "
        "smaller.",
        "The vector of partial derivatives, computed from the last layer back to the first.",
    ),
    GlossaryTerm(
        "batch_norm",
        "Batch norm, train and eval mode",
        "What is batch norm?",
        "A step that brings each channel to a common scale: while training by the pictures at hand (train), later by "
        "what it has noted down (eval).",
        "(x − mean) / √(variance + ε), then a learned factor and offset for each channel.",
        "Section 4; footnote 6",
    ),
    GlossaryTerm(
        "logit",
        "Score, logit",
        "What is a score?",
        "What the network gives each class before probabilities are made of it: the highest is its answer.",
        "The outputs of the linear layer, called logits.",
    ),
    GlossaryTerm(
        "margin",
        "Margin",
        "What is a margin?",
        "By how much the score of one answer lies above that of another.",
        "A difference of two logits.",
    ),
    GlossaryTerm(
        "probability",
        "Probability",
        "What is this probability?",
        "How sure the network says it is of a class; those of all classes add up to 100 %.",
        "The softmax of the scores, which were divided by the temperature before.",
    ),
    GlossaryTerm(
        "temperature",
        "Temperature",
        "What is the temperature?",
        "A number by which all scores are divided, chosen so that answers given with 80 % are right about 80 % of the"
        " time.",
        "Fitted on pictures that were set aside from training; it changes no order, so no answer.",
    ),
    GlossaryTerm(
        "none_of_these",
        "None of these",
        "When does it say “none of these”?",
        "The network has a word for its own classes only; where a photo looks like none of them, this says so, and it"
        " may be wrong.",
        "Said where a score lies below a threshold that was fitted on other pictures; both are on the network’s card.",
    ),
    GlossaryTerm(
        "epochs",
        "Epochs",
        "What is an epoch?",
        "One round of training in which the network sees every training picture once.",
    ),
    GlossaryTerm(
        "peak_rate",
        "Peak rate",
        "What is the peak rate?",
        "How large the steps of learning are where they are largest: too small learns slowly, too large not at all.",
        "The learning rate rises to it, then falls to zero with the last epoch.",
    ),
    GlossaryTerm(
        "batch",
        "Batch",
        "What is a batch?",
        "How many pictures the network looks at before it changes its weights once.",
    ),
    GlossaryTerm(
        "seed",
        "Seed",
        "What is a seed?",
        "The number that all chance follows from: the same seed gives the same random weights and the same order.",
    ),
    GlossaryTerm(
        "loss",
        "Loss",
        "What is the loss?",
        "The loss is one number for how wrong the network is, which training makes smaller.",
        "The mean cross-entropy in nats: −ln of the probability given to the right class.",
    ),
    GlossaryTerm(
        "error_rate",
        "Top-1 error, test error",
        "What is the error?",
        "The share of test pictures, none of them seen in training, whose first answer is wrong.",
        "Top-5 error: the right class is not among the first five.",
        "Section 5",
    ),
    GlossaryTerm(
        "interval",
        "95 % interval",
        "What is an interval?",
        "The 95 % interval is a range that would hold the true value in 95 of 100 studies like this one: the wider, "
        "the less is known.",
    ),
    GlossaryTerm(
        "budget",
        "Equal cost, budget",
        "What is held equal?",
        "The parameters or MACs that a network may have; for every C the solver finds the d that uses up just as much.",
        "d is solved exactly, then rounded to a whole number.",
        "Section 3.4, Eq. 4, Table 2",
    ),
)
_BY_KEY = {term.key: term for term in TERMS}


def term(key: str) -> GlossaryTerm:
    """The term of that key."""
    return _BY_KEY[key]

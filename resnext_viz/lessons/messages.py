"""Every sentence of the lessons in English, whole and with named values, so that a translation is one more table.

A key is lesson, part, and where a network needs another wording its name: `time.reveal.two`. A choice has its text, the
value beside it, and why it is right or what is wrong with it. A template holds no number: all of them are computed.
"""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "unsure": "I am not sure.",
    # Why a lesson has nothing to ask, and the dial that helps.
    "obstacle.alike": "For this network two of the answers come out the same, so there is nothing to choose between.",
    "obstacle.basic": "The blocks of this network have two layers and no paths, so there is nothing to ask about them.",
    "obstacle.one_path": "With a single path there is nothing to compare: the lesson is about networks of several.",
    "obstacle.no_equal_parts": "The {channels} channels of this block do not split into {cardinality} equal parts, so "
    "two of the answers cannot be built.",
    "obstacle.same_network": "The network and the baseline are the same, so they take the same time.",
    "obstacle.other_macs": "The MACs differ from the baseline’s by {macs}. The lesson compares networks whose MACs lie "
    "within {tolerance} of each other.",
    "obstacle.no_cheaper_transform": "The 3×3 convolutions do no smaller share of the MACs than the baseline’s, so the "
    "question has no point here.",
    "obstacle.one_path_of_weights": "The network of the weights {weights} has one path, so nothing is left beside it.",
    "obstacle.unsure_network": "The network gives {class_name} only {before} to begin with, too little to see it fall.",
    "obstacle.no_ladder": "This study has no two settings of equal MACs with several seeds and different errors.",
    "obstacle.none_holds": "For this network none of the answers holds, or more than one does.",
    "obstacle.no_quantity": "This network has no {quantity}, which the lesson asks about.",
    "move.cardinality": "Move C to {value}, and the lesson works.",
    "move.base_width": "Move d to {value}, and the lesson works.",
    "move.network": "Choose {value} as the network, and the lesson works.",
    "move.baseline": "Compare with {value}, and the lesson works.",
    "move.reset": "Set the dials back to {value}, and the lesson works.",
    "move.study": "Choose the study {value}, and the lesson works.",
    "move.weights": "Choose the weights {value}, and the lesson works.",
    "move.photo": "Ask the bundled network about the sample photo {value}, and the lesson works.",
    # What a block costs.
    "block_cost.title": "What a block costs",
    "block_cost.question": "One block of {cardinality}×{base_width}d has {weights} weights in its three convolutions. "
    "What share of them lies in the two 1×1 convolutions?",
    "block_cost.A.text": "{share}: the 3×3 has {places} weights for each pair of channels, a 1×1 has one.",
    "block_cost.B.text": "{share}: each output of the 3×3 reads only the channels of its own path.",
    "block_cost.C.text": "{share}: the three convolutions have a third each.",
    "block_cost.D.text": "{share}: the last 1×1 counts, the first one only narrows.",
    "block_cost.A.value": "{share}",
    "block_cost.B.value": "{share}",
    "block_cost.C.value": "{share}",
    "block_cost.D.value": "{share}",
    "block_cost.A.wrong": "That would be so if the 3×3 had no groups: it would have {ungrouped} weights. In "
    "{cardinality} groups it has {transform}, because an output reads {base_width} channels and not all {width}.",
    "block_cost.B.right": "In {cardinality} groups the 3×3 is left with {transform} weights, and the 1×1 pair, which "
    "has no groups, has {pair}.",
    "block_cost.C.wrong": "Each layer has its own count. The 1×1 pair has {pair} weights, the grouped 3×3 {transform}.",
    "block_cost.D.wrong": "Narrowing is not free. The first 1×1 reads every input channel for every path, with "
    "{reduce} weights.",
    "block_cost.reveal": "The 1×1 pair holds {pair} of {weights} weights, {pair_share}. The 3×3 holds {transform}, "
    "{transform_share}; without groups it would be {ungrouped}, {ungrouped_share} of that block.",
    "block_cost.takeaway": "With many thin paths it is the 1×1 convolutions that cost, not the 3×3.",
    "block_cost.more": "At which d do the 1×1 pair and the 3×3 weigh the same, and does C matter?",
    "block_cost.more_answer": "At d = {even_width}, for every C: the pair has C·d·{ends} weights and the 3×3 has "
    "C·d·{places}·d, so both are equal where {places}·d = {ends}.",
    "block_cost.more.width": "At which C would the 1×1 pair and the 3×3 weigh the same, and does d matter?",
    "block_cost.more_answer.width": "At C = {even_cardinality}, which is no whole number, for every d: here the output "
    "grows with C·d as well, so d drops out.",
    "block_cost.more.first_block": "The shortcut of this block needs a projection, which is a 1×1 as well. Is it in "
    "the count?",
    "block_cost.more_answer.first_block": "No. The {weights} weights are those of the three convolutions on the main "
    "path; a projection would move the share further to the 1×1.",
    # Same cost, other shapes.
    "equal_cost.title": "Same cost, other shapes",
    "equal_cost.question": "C goes from {start_cardinality} to {cardinality}. At which d, rounded to a whole number, "
    "does the block keep its {budget} weights?",
    "equal_cost.A.text": "d = {base_width}: the {start_product} channels are dealt out over {cardinality} paths.",
    "equal_cost.B.text": "d = {base_width}: the 1×1 pair grows with C·d, the 3×3 with C·d².",
    "equal_cost.C.text": "d = {base_width}: only the 3×3 counts, and it grows with C·d².",
    "equal_cost.D.text": "d = {base_width}: more paths of the same width cost nothing.",
    "equal_cost.A.value": "d = {base_width}: {own_weights} weights, {own_off}",
    "equal_cost.B.value": "d = {base_width}: {own_weights} weights, {own_off}",
    "equal_cost.C.value": "d = {base_width}: {own_weights} weights, {own_off}",
    "equal_cost.D.value": "d = {base_width}: {own_weights} weights, {own_off}",
    "equal_cost.A.wrong": "That keeps C·d, not the weights. For each unit of C·d the block has {start_each} weights at "
    "{start_cardinality}×{start_width}d and {each} at {cardinality}×{whole_width}d, so C·d may grow.",
    "equal_cost.B.right": "The 3×3 shrinks faster than the 1×1 pair, so C·d may grow from {start_product} to "
    "{product}.",
    "equal_cost.C.wrong": "The 1×1 pair grows with C·d, here to {own_product}, and that takes the block to "
    "{own_weights} weights, {own_off}.",
    "equal_cost.D.wrong": "Every path brings its own weights: {cardinality} paths of {start_width} have {own_weights}, "
    "{own_off}.",
    "equal_cost.reveal": "The exact d is {exact_width}, so d = {whole_width}: {whole_weights} weights, {whole_off}. "
    "C·d grows from {start_product} to {product}.",
    "equal_cost.takeaway": "Equal cost is a curve, not C·d = constant.",
    "equal_cost.more": "The paper’s table of equal cost passes over C = {left_out}. Which d would it need?",
    "equal_cost.more_answer": "Exactly {left_out_width}. With d = {below} the block is off by {below_off}, with d = "
    "{above} by {above_off}.",
    # Three drawings, one function.
    "forms.title": "Three drawings, one function",
    "forms.question": "Form (a) has {separate} convolutions, (b) {joined} and (c) {grouped}. All get the weights of "
    "one {cardinality}×{base_width}d block. What do they put out?",
    "forms.A.text": "Different outputs: in (c) each group sees its own slice of the block’s input.",
    "forms.B.text": "The same outputs, up to rounding.",
    "forms.C.text": "The same only without batch norm and ReLU, which do not add up.",
    "forms.D.text": "Different outputs: (c) has fewer weights than (a).",
    "forms.A.value": "each path would read {slice} of {channels} channels",
    "forms.B.value": "{weights} weights in each form, one function",
    "forms.C.value": "equal up to the first batch norm only",
    "forms.D.value": "{grouped_weights} weights in (c) in place of {weights}",
    "forms.A.right": "On this machine the forms differ by {units} units in the last place, more than rounding.",
    "forms.A.wrong": "Only the 3×3 is grouped. The first 1×1 of (c) still reads all {channels} channels for every "
    "path, as the {cardinality} small ones of (a) do.",
    "forms.B.right": "Batch norm and ReLU work on each channel alone, and the sum over the paths is what the last 1×1 "
    "of (c) computes.",
    "forms.B.wrong": "That is what the paper says and algebra gives, but the forms that were run here differ by more "
    "than rounding.",
    "forms.C.wrong": "Inside a path batch norm and ReLU work on each channel alone, wherever it is written; behind the "
    "sum they come once in every form.",
    "forms.D.wrong": "All three have {weights}. It would be {grouped_weights} if the 1×1 convolutions had groups too, "
    "and they have none.",
    "forms.reveal": "In {comparisons} comparisons the forms are at most {units} units in the last place apart; up to "
    "{accepted} is rounding.",
    "forms.reveal.apart": "In {comparisons} comparisons the forms are up to {units} units in the last place apart, "
    "more than the {accepted} that rounding explains.",
    "forms.takeaway": "Grouping is bookkeeping; where the sum and the batch norm stand is not.",
    "forms.more": "Batch norm inside each path in place of behind the sum is a mistake. Why does no test with C = "
    "{one} notice it?",
    "forms.more_answer": "With a single path there is no sum, so before and behind it are the same place. A test of "
    "the forms needs C = {fewest} or more.",
    "forms.not_measured": "Not measured yet: run the check of the three forms.",
    # Cheap, not fast.
    "time.title": "Cheap, not fast",
    "time.question": "The 3×3 convolutions of {network} do {ours_share} of its MACs, those of {baseline} "
    "{theirs_share}. In all, its MACs differ by {macs}. How long do {batch} images take on this machine, against "
    "{baseline}?",
    "time.A.text": "Less, under {less} times as long: the 3×3 is {cardinality} times cheaper.",
    "time.B.text": "The same, {less} to {more_than} times as long: so are the MACs.",
    "time.C.text": "Longer, {more_than} to {twice} times: there is more to move.",
    "time.D.text": "Much longer, {twice} times or more: the paths wait for one another.",
    "time.A.value": "under {less} times",
    "time.B.value": "{less} to {more_than} times",
    "time.C.value": "{more_than} to {twice} times",
    "time.D.value": "{twice} times or more",
    "time.A.right": "On this machine it is so: {ratio} times as long.",
    "time.A.wrong": "Dividing {theirs_share} of the work by {cardinality} promises {promised} times as long, but other "
    "layers took over the work.",
    "time.B.right": "On this machine the work decides: {ratio} times as long.",
    "time.B.wrong": "Equal MACs are equal work, not equal time: the wider maps have to be written and read.",
    "time.C.right": "For each byte that its layers move {network} does {ours_intensity} MACs, {baseline} "
    "{theirs_intensity}: moving takes its part of the time.",
    "time.C.wrong": "For each byte that its layers move it does {ours_intensity} MACs, the baseline "
    "{theirs_intensity}. What that costs depends on the machine, and here it is {ratio} times as long.",
    "time.D.right": "On this machine grouped convolutions are that slow: {ratio} times as long.",
    "time.D.wrong": "A grouped convolution is one operation, not {cardinality} in a row; it took {ratio} times as "
    "long.",
    "time.reveal": "Measured here with {batch} images: {ratio} times as long, {low} to {high}.",
    "time.reveal.two": "Measured here with {batch} images: {ratio} times as long. The interval, {low} to {high}, "
    "reaches into two of the answers, so both count.",
    "time.takeaway": "MACs count work, not moving data; the machine decides.",
    "time.more": "What will it be with {single} image in place of {batch}?",
    "time.more_answer": "{one_image} times as long, measured here.",
    "time.not_measured": "Not measured yet: measure both networks with {batch} images.",
    "time.measure_again": "The interval, {low} to {high}, holds three answers and more. Measure again while the "
    "machine does nothing else.",
    # What does one path see?
    "path.title": "What does one path see?",
    "path.question": "A block has {cardinality} paths. The one that speaks most for the network’s answer is switched "
    "off. What happens to the probability of that answer?",
    "path.question.measured": "The network says that the photo shows {class_name}, with a probability of {before}. "
    "Of {cardinality} paths the one that speaks most for {class_name} is switched off. What happens to that "
    "probability?",
    "path.A.text": "It loses {share} of itself or more: that was the path that sees it.",
    "path.B.text": "It loses something, but less than {share} of itself: several paths carry it.",
    "path.C.text": "It stays the same to the last digit: one path is too few to matter.",
    "path.D.text": "It rises: paths compete, and one is out of the way.",
    "path.A.value": "{share} of itself or more is lost",
    "path.B.value": "less than {share} of itself is lost",
    "path.C.value": "the same to the last digit",
    "path.D.value": "it rises",
    "path.A.right": "Here much hangs on this path: {before} became {after}, and an equal share would be {share_points} "
    "points.",
    "path.A.wrong": "No path is the one for {class_name}. If each carried an equal share, {share_points} points would "
    "go; the change is {lost}.",
    "path.B.right": "The other paths say {class_name} as well: without this one {before} became {after}.",
    "path.B.wrong": "The others do not carry it in that way here: {before} became {after}.",
    "path.C.right": "Here the others make up for it to the last digit: {after}.",
    "path.C.wrong": "What a path adds is part of the sum, and the sum changed: {before} became {after}.",
    "path.D.right": "Here this path stood in the way of the answer it speaks for: {before} became {after}.",
    "path.D.wrong": "The path spoke for {class_name} more than any other, and without it the probability did not rise: "
    "{before} became {after}.",
    "path.reveal": "Without path {path} of stage {stage}, block {block}, {before} becomes {after}: {lost} points less.",
    "path.reveal.rose": "Without path {path} of stage {stage}, block {block}, {before} becomes {after}: {lost} points "
    "more.",
    "path.takeaway": "Contributions add up exactly; importance is what breaks without it.",
    "path.more": "Switch all {cardinality} paths of the block off. What is left?",
    "path.more_answer": "The shortcut, which brings the block’s input past them: {class_name} has {left} then.",
    "path.not_measured": "Not measured yet: let the bundled network answer the sample photo, once with every path and "
    "once without the one.",
    # Does cardinality help?
    "evidence.title": "Does cardinality help?",
    "evidence.question": "Small networks of {macs} MACs each, {seeds} seeds, {epochs} epochs on {data}: C = {many} "
    "against C = {few}. What do these runs say of the test error with C = {many}?",
    "evidence.A.text": "It is lower: more paths are better at equal cost.",
    "evidence.B.text": "It is higher: narrow paths learn less.",
    "evidence.C.text": "These runs do not decide it.",
    "evidence.D.text": "It is the same: there is no difference.",
    "evidence.A.value": "{points} points lower",
    "evidence.B.value": "{points} points higher",
    "evidence.C.value": "{low} to {high} points less",
    "evidence.D.value": "{none} points apart",
    "evidence.A.right": "The whole interval, {low} to {high} points less error, lies on one side of zero.",
    "evidence.A.wrong": "The means are {many_error} % and {few_error} %, but the runs spread too much to say so: the "
    "gain lies between {low} and {high} points.",
    "evidence.B.right": "The whole interval, {low} to {high} points less error, lies below zero.",
    "evidence.B.wrong": "The gain of more paths lies between {low} and {high} points, and that does not show a loss.",
    "evidence.C.right": "The gain lies between {low} and {high} points, with zero among them.",
    "evidence.C.wrong": "The gain lies between {low} and {high} points, and zero is not among them.",
    "evidence.D.wrong": "Not decided is not equal: a gain of {high} points fits these runs as well as one of {low}.",
    "evidence.reveal": "C = {many} makes {many_error} % errors, C = {few} {few_error} %: {points} points less, with a "
    "{confidence} interval of {low} to {high}.",
    "evidence.reveal.worse": "C = {many} makes {many_error} % errors, C = {few} {few_error} %: {points} points more. "
    "The gain is {gain} points, with a {confidence} interval of {low} to {high}.",
    "evidence.takeaway": "A claim is as big as its evidence: here {seeds} seeds of networks of {macs} MACs, tested on "
    "{test_pictures} pictures.",
    "evidence.more": "If the true difference is these {points} points, how many seeds decide it in {power} of such "
    "studies?",
    "evidence.more_answer": "{seeds_needed} seeds of each setting, if runs go on to spread as these do.",
    "evidence.more_answer.too_many": "More than {most_seeds} seeds of each setting, if runs go on to spread as these "
    "do.",
}

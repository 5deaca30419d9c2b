"""Attribution: what each path adds (`paths`), where the network looks (`where`), what each stage sees (`stages`).

All of it reads a predictor's own module, which other people are using at the same time: no hooks on it, no flags, no
mode and no gradient of it is touched. Importing this loads no torch.

    opened = open_block(predictor.model, predictor.preprocess.tensor(image), stage=3, block=2)
    opened.logits_without([5]).softmax(0)
"""

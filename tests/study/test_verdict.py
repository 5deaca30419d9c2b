"""The verdict says what the data shows and does not show, whichever way it went."""

from dataclasses import replace

from resnext_viz.study.summary import summarise
from resnext_viz.study.verdict import label_of, verdict
from tests.study.made import made


def said(errors: dict[str, list[float]]) -> tuple[str, ...]:
    result = verdict(summarise(made(errors)))
    return (result.headline, *result.comparisons)


def test_a_gain_that_chance_could_make_decides_nothing() -> None:
    headline, comparison = said({"1": [30.0, 31.0], "4": [29.9, 29.9]})
    # Differences 0.1 and 1.1: mean 0.6, and t of one degree times 0.5.
    assert comparison == ("Against C = 1, C = 4 is 0.60 points better (95 % interval −5.75 to 6.95): "
                          "with 2 seeds this does not decide it.")  # fmt: skip
    assert headline == comparison


def test_a_gain_beyond_chance_is_said_and_so_is_a_loss() -> None:
    better = said({"1": [30.0, 31.0, 32.0], "2": [29.0, 30.1, 31.0], "4": [28.0, 29.0, 30.1]})
    assert better[0].startswith("At equal MACs, each doubling of C takes 0.98 points off the test error on average, "
                                "from C = 1 to C = 4 (95 % interval")  # fmt: skip
    assert better[0].endswith(": more paths are better here.")
    assert "Against C = 1, C = 4 is 1.97 points better (95 %" in better[2]
    assert better[2].endswith(": the data shows it.")
    worse = said({"1": [28.0, 29.0, 30.1], "2": [29.0, 30.1, 31.0], "4": [30.0, 31.0, 32.0]})
    assert "adds 0.98 points to the test error" in worse[0]
    assert worse[0].endswith(": more paths are worse here.")
    assert "Against C = 1, C = 4 is 1.97 points worse (95 % interval 1.8" in worse[2]


def test_one_seed_gets_no_interval() -> None:
    headline, _ = said({"1": [30.0], "4": [29.0]})
    assert headline == ("Against C = 1, C = 4 is 1.00 points better (no interval): "
                        "one seed says nothing about chance, so this decides nothing.")  # fmt: skip
    assert verdict(summarise(made({"1": [30.0]}))).headline.startswith("No two settings of equal MACs have runs yet")
    assert verdict(summarise(made({"wider": [30.0]}))).comparisons == ()

    ladder = said({"1": [30.0], "2": [29.0], "4": [28.0]})[0]
    assert ladder.endswith("C = 4 (no interval): one seed says nothing about chance, so this decides nothing.")


def test_no_difference_decides_nothing() -> None:
    assert said({"1": [30.0, 31.0], "2": [31.0, 30.0]})[0] == (
        "Against C = 1, C = 2 is 0.00 points better (95 % interval −12.71 to 12.71): "  # t of one degree times 1
        "with 2 seeds this does not decide it."
    )


def test_among_several_comparisons_one_must_stand_out_further() -> None:
    # Residuals ±0.25 and ±0.5: spread √(0.75 / 3) = 0.5, so that 95 % is ±3.18·0.5 = 1.59 and a third of it ±2.43.
    errors = {"1": [30.5, 31.0], "2": [28.5, 28.5], "4": [28.0, 28.0], "8": [27.5, 29.0]}
    sentences = said(errors)[1:]
    assert "Against C = 1, C = 2 is 2.25 points better (95 %" in sentences[0]
    assert sentences[0].endswith(": alone it would be decided, among 3 comparisons it is not.")
    assert "Against C = 1, C = 4 is 2.75 points better (95 %" in sentences[1]
    assert sentences[1].endswith(": the data shows it.")
    assert said({key: errors[key] for key in ("1", "4")})[1].endswith(": with 2 seeds this does not decide it.")


def test_seeds_that_differ_are_no_pairs() -> None:
    runs = made({"1": [30.0, 31.0], "2": [29.0, 28.0]})
    apart = summarise([run for run in runs if (run.setting.key == "1") == (run.seed == 0)])
    assert verdict(apart).headline.endswith("(no interval): no seed is common to both, so this decides nothing.")


def test_twice_the_cost_is_compared_with_depth_width_and_one_path() -> None:
    sentences = said({"1": [30.0, 31.0], "deeper": [27.0, 28.5], "wider": [29.0, 29.5], "paths": [26.0, 26.5]})[1:]
    for words in ("Against a deeper network, more paths are 1.50 points better",
                  "Against a wider path, more paths are 3.00 points better",
                  "Against C = 1, more paths are 4.25 points better",
                  "Against C = 1, a deeper network is 2.75 points better",
                  "Against C = 1, a wider path is 1.25 points better"):  # fmt: skip
        assert sum(sentence.startswith(words) for sentence in sentences) == 1
    assert len({sentence.partition(" points")[0].rpartition(" ")[0] for sentence in sentences}) == len(sentences)


def test_the_limits_have_figures_of_their_own() -> None:
    limits = " ".join(verdict(summarise(made({"1": [30.0], "4": [29.0], "8": [28.0]}))).limits)
    for words in ("26 M MACs", "2 epochs", "512 pictures of 32×32 pixels (some pictures)", "ImageNet",
                  "networks of 160 times as many MACs",  # 4.2 G of the paper's for 26 M
                  "100 test pictures would move each error by up to ±8.9 points",  # 1.96·√(0.29·0.71 / 100)
                  "a run of C = 8 took 8.00 times as long as one of C = 1 on a machine", "2 intervals"):  # fmt: skip
        assert words in limits


def test_times_are_not_compared_where_equal_runs_took_unequal_time() -> None:
    runs = made({"1": [30.0, 31.0], "8": [29.0, 28.0]})
    even = " ".join(verdict(summarise(runs)).limits)
    assert "a run of C = 8 took 8.00 times as long as one of C = 1" in even
    slowed = [replace(run, seconds=run.seconds * (1.62 if run.seed else 1)) for run in runs]
    limits = " ".join(verdict(summarise(slowed)).limits)
    assert "runs of the same network took up to 1.62 times as long as one another on a machine" in limits
    assert "as long as one of C = 1" not in limits


def test_the_label_says_that_a_version_is_small() -> None:
    small = summarise(made({"1": [30.0, 31.0], "2": [30.0, 29.0]}))
    assert label_of(small) == ("A small version: 2 seeds × 2 settings, 2 epochs each of 512 pictures. "
                               "Some pictures, on a machine.")  # fmt: skip
    three = {key: [30.0, 31.0, 32.0] for key in ("1", "2", "4", "8", "16")}
    assert label_of(summarise(made(three, epochs=15))).startswith("3 seeds × 5 settings, 15 epochs each")
    four = {key: three[key] for key in ("1", "2", "4", "8")}
    two = {key: errors[:2] for key, errors in three.items()}
    for less in (made(three, epochs=14), made(four, epochs=15), made(two, epochs=15)):
        assert label_of(summarise(less)).startswith("A small version: ")


def test_it_says_from_where_on_more_paths_are_not_told_apart() -> None:
    # Residuals of the four means: spread 0.5 as above, so that a difference must be beyond 1.59 points.
    errors = {"1": [30.5, 31.0], "2": [28.5, 28.5], "4": [28.0, 28.0], "8": [27.5, 29.0]}
    assert verdict(summarise(made(errors))).limits[0] == (
        "Beyond C = 2 the data decides nothing: C = 8 is 0.25 points better than C = 2 "
        "(95 % interval −1.34 to 1.84).")  # fmt: skip
    apart = made({"1": [30.0, 31.0, 32.0], "2": [29.0, 30.1, 31.0], "4": [28.0, 29.0, 30.1]})
    assert not any(limit.startswith("Beyond") for limit in verdict(summarise(apart)).limits)
    two = verdict(summarise(made({"1": [30.0, 31.0], "2": [31.0, 30.0]})))  # their one comparison says it all
    assert not any(limit.startswith("Beyond") for limit in two.limits)

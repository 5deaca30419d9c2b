"""The link: its table of keys, what it makes of any text, and whom it follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some
from streamlit.runtime.scriptrunner import RerunData, RerunException

from resnext_viz.explanations.stated import MAX_LENGTH
from resnext_viz.kit.app_files import PAGES as PAGES_FOLDER
from resnext_viz.kit.link_values import number, pair, paths_off, whole
from resnext_viz.names import MAX_NAME_LENGTH
from resnext_viz.training_cost import BATCH_LIMITS, DEFAULT_BATCH
from resnext_viz.ui.code.files import MAX_SEED
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.link_keys import KEYS, PRIVATE, RESERVED, Key
from resnext_viz.ui.train.settings import BATCH, DEFAULT_EPOCHS, EPOCHS, RATE
from tests.ui.conftest import Session

PAGES = {"Anatomy", "Design space", "Counting", "Block forms", "Paper", "Study", "Code", "Train", "Predict"}
DOCUMENT = Path(__file__).parents[3] / "docs" / "links.md"


class Address(dict[str, list[str]]):
    """What `st.query_params` is to the link; `entries` are those of the browser's history."""

    def __init__(self, **keys: str) -> None:
        super().__init__({key: [value] for key, value in keys.items()})
        self.entries: list[dict[str, list[str]]] = []

    def get_all(self, key: str) -> list[str]:
        return self.get(key, [])

    def from_dict(self, keys: dict[str, list[str]]) -> None:
        self.clear()
        self.update(keys)
        self.entries.append(dict(keys))


@pytest.fixture
def arrive(session: Session, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`arrive("paper", table="3")` runs a page with that address; `history=True` where Back brought it.

    What came along with the request is done by `callback` before the page runs.
    """
    del session

    def run(page: str, history: bool = False, callback: Callable[[], None] | None = None, **keys: str) -> Address:
        address = Address(**keys)
        monkeypatch.setattr(st, "query_params", address)
        context = SimpleNamespace(is_history_navigation=history, cursors={})
        monkeypatch.setattr(link, "get_script_run_ctx", lambda: context)
        if callback:
            callback()
        link.follow(page)
        link.settle()
        return address

    return run


def test_each_key_has_a_short_name_that_nobody_else_will_need() -> None:
    assert len(KEYS) == len({key.name for key in KEYS.values()})
    assert all(re.fullmatch("[a-z]{2,11}", name) for name in KEYS)
    assert KEYS.keys() & {"room", "present", "dials", "lang", "embed"} == set()
    assert {*RESERVED} == {"room", "present", "dials", "lang"}
    kept = "net size vs lock weights runs number of study table quality cardinality"
    assert set(kept.split()) <= KEYS.keys()
    assert {page for key in KEYS.values() for page in key.pages.split(", ")} == {*PAGES, "all"}
    assert len(PAGES) + 1 == len(list(PAGES_FOLDER.glob("*_page.py")))  # Lessons has no key of its own
    assert {parent for key in KEYS.values() for parent in key.goes_with} <= KEYS.keys()


def test_the_tables_bounds_are_those_of_what_they_bound() -> None:
    for name, low, high in (("batch", *BATCH_LIMITS), ("epochs", *EPOCHS), ("pictures", *BATCH), ("seed", 0, MAX_SEED)):
        read = KEYS[name].values.read
        assert (read("-5"), read(str(high)), read(str(high + 1))) == (low, high, high)
    read = KEYS["rate"].values.read
    assert (read("0"), read("9")) == RATE
    assert (KEYS["batch"].default, KEYS["epochs"].default) == (DEFAULT_BATCH, DEFAULT_EPOCHS)
    assert KEYS["number"].values.read("9" * 500) == "9" * MAX_LENGTH
    for name in ("net", "vs", "of"):  # one letter more, so that a long name is refused and never read in part
        assert KEYS[name].values.read("x" * 5000) == "x" * (MAX_NAME_LENGTH + 1)


def test_what_is_the_visitors_own_is_left_out_of_a_copied_link() -> None:
    private = PRIVATE
    assert {name for name, beginnings in private.items() if "" in beginnings} == {
        "runs",
        "run",
        "against",
        "part",
        "camera",
    }
    for name, value in (("weights", "run:abc"), ("weights", "own"), ("beside", "run:abc"), ("image", "own")):
        assert value.startswith(private[name])
    assert not "cifar10".startswith(private["weights"])


@given(some.integers(1, 999_999), some.integers(1, 999_999))
def test_a_pair_comes_back(first: int, second: int) -> None:
    kind = pair("")
    assert kind.write((first, second)) == f"{first}.{second}"
    assert kind.read(kind.write((first, second))) == (first, second)


blocks = some.tuples(some.integers(1, 999), some.integers(1, 999))
paths = some.sets(some.integers(1, 9999), min_size=1, max_size=40).map(lambda found: tuple(sorted(found)))


@given(some.dictionaries(blocks, paths, min_size=1, max_size=4))
def test_paths_that_are_off_come_back(off: dict[tuple[int, int], tuple[int, ...]]) -> None:
    kind = paths_off()
    assert re.fullmatch(r"[\d._-]+", kind.write(off))  # an address shows these as they are
    assert kind.read(kind.write(off)) == off


def test_no_path_is_called_0() -> None:
    assert paths_off().read("3.2-0-8") == {(3, 2): (8,)}


@given(some.integers(-50, 50), some.integers(0, 100), some.integers(-(10**17), 10**17))
def test_a_whole_number_is_moved_to_the_nearest_end(low: int, width: int, value: int) -> None:
    read = whole(low, low + width).read
    assert read(str(value)) == min((each for each in range(low, low + width + 1)), key=lambda each: abs(each - value))


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.name)
def test_no_whole_number_is_more_than_a_browsers_number_tells_apart(key: Key) -> None:
    value = key.values.read("9" * 18)
    assert not isinstance(value, int) or float(value) != float(value + 1)


@given(some.floats(0.001, 2.0))
def test_a_rate_comes_back(value: float) -> None:
    kind = number(0.001, 2.0)
    assert kind.read(kind.write(value)) == pytest.approx(value, abs=1e-9)


@given(some.sampled_from([*KEYS.values()]), some.text(max_size=80))
def test_no_text_is_an_error(key: Key, given_text: str) -> None:
    value = key.values.read(given_text)
    if value is not None:
        assert isinstance(key.values.write(value), str)


def test_a_choice_is_one_entry_and_the_default_leaves_none(arrive: Any) -> None:
    address = arrive("", net="resnet50", foo="kept")
    link.choose({"block": (3, 2), "path": 7})
    assert address == {"net": ["resnet50"], "block": ["3.2"], "path": ["7"], "foo": ["kept"]}
    link.choose({"block": (1, 2), "path": 7})
    assert address == {"net": ["resnet50"], "path": ["7"], "foo": ["kept"]}
    link.choose({"path": 7})
    assert len(address.entries) == 2
    assert (link.chosen("block"), link.chosen("path")) == ((1, 2), 7)


def test_what_is_missing_where_a_page_is_opened_is_put_into_its_address_and_adds_no_entry(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    del session
    monkeypatch.setattr(st, "query_params", address := Address(table="3"))
    link.follow("paper")
    link.choose({"net": "resnet50"})
    assert (address.entries, link.instead()) == ([], (1, "table=3", "net=resnet50&table=3"))
    link.settle()
    monkeypatch.setattr(st, "query_params", Address())
    link.follow("study")
    assert link.instead() == (2, "", "net=resnet50&table=3")
    link.settle()
    monkeypatch.setattr(st, "query_params", address := Address(net="resnet50", table="3"))
    link.follow("study")
    assert link.instead() is None
    link.choose({"table": "4"})
    assert address.entries == [{"net": ["resnet50"], "table": ["4"]}]
    link.settle()
    monkeypatch.setattr(st, "query_params", address := Address(net="resnet50", top="3"))
    link.follow("predict")
    link.name_default("weights", "cifar10")
    link.choose({"net": "resnet50"})
    assert (address.entries, link.instead()) == (
        [],
        (3, "net=resnet50&top=3", "net=resnet50&table=4&weights=cifar10&top=3"),
    )
    link.write()
    assert not address.entries


def test_what_is_known_only_after_the_dials_have_the_address_opens_the_page_once_more_and_adds_no_entry(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    del session

    def run_anew() -> None:
        raise RerunException(RerunData())

    monkeypatch.setattr(st, "rerun", run_anew)
    monkeypatch.setattr(st, "query_params", address := Address(net="resnet50"))
    link.follow("predict")
    link.choose({"net": "resnet50", "top": 3})
    assert link.instead() == (1, "net=resnet50", "net=resnet50&top=3")
    link.name_default("weights", "cifar10")
    with pytest.raises(RerunException):
        link.write()
    link.follow("predict")
    assert link.followed()
    link.name_default("weights", "cifar10")
    link.choose({"net": "resnet50", "top": 3})
    link.write()
    assert (address.entries, link.instead()) == ([], (1, "net=resnet50", "net=resnet50&weights=cifar10&top=3"))
    link.name_default("study", "x")  # too late again: rather an entry than a page that is opened for ever
    link.write()
    assert [each["study"] for each in address.entries] == [["x"]]


def test_what_machines_differ_in_is_named_without_a_step_of_its_own_and_stays_named(
    arrive: Any, session: Session
) -> None:
    address = arrive("predict", off="2.1-1", top="3")
    link.name_default("weights", "cifar10")
    assert not address.entries
    link.choose({"net": "resnet50"})
    named = {"net": ["resnet50"], "weights": ["cifar10"], "top": ["3"], "off": ["2.1-1"]}  # what goes with it stays
    assert address.entries == [named]
    link.name_default("weights", "others")  # it is named already
    link.write()
    assert address.entries == [named]
    late = arrive("predict", off="2.1-1", top="3")  # began before the browser heard of it
    assert not link.followed()
    assert link.said("weights") == "cifar10"
    widget = link.bound("weights", usual="imagenet", among=("cifar10", "imagenet"))
    session["weights"] = "imagenet"
    widget["on_change"](*widget["args"])
    assert late["weights"] == ["imagenet"]  # the usual one, and named all the same
    assert "off" not in late


@pytest.mark.parametrize("bad", ["<img src=x>", "0", "none", "9.9.9", "TERMS ", "²", "٣"])
def test_what_is_not_understood_is_the_default(arrive: Any, bad: str) -> None:
    arrive("counting", rows=bad, block=bad, off=bad, maps=bad)
    assert link.chosen("rows", among=("places", "kinds", "terms")) == "places"
    assert link.chosen("block") == (1, 2)
    assert link.chosen("off") is None
    assert link.chosen("maps") is False


def test_what_means_nothing_is_told_of_the_page_s_own_keys_and_only_when_it_was_first_read(arrive: Any) -> None:
    asked = {"photo": "nonsense", "top": "99", "within": "7.7", "stage": "2", "maps": "perhaps", "table": "99"}
    for _ in range(2):  # the run that tells it follows
        arrive("predict", **asked, foo="bar")
        assert link.passed_over() == ("maps=perhaps",)  # at which nobody looked
    assert link.chosen("photo", among=("cat", "dog")) is None
    assert link.chosen("top", 5, among=range(1, 11)) == 10  # the nearest end
    assert link.chosen("within", (3, 1), among=((3, 1), (3, 2))) == (3, 1)
    assert link.chosen("stage", 3, among=(3, 2, 1)) == 2
    assert link.passed_over() == ("maps=perhaps", "photo=nonsense", "within=7.7")
    assert link.chosen("stage", 1, among=(1,)) == 1  # of another network, chosen later
    assert "stage=2" not in link.passed_over()
    link.choose({"photo": "cat"})
    assert link.passed_over() == ("maps=perhaps", "within=7.7")
    arrive("paper")
    assert link.passed_over() == ()
    assert link.chosen("table", among=("1", "2")) == "1"
    assert link.passed_over() == ("table=99",)


def test_of_what_was_read_a_page_can_say_that_it_means_nothing(arrive: Any) -> None:
    arrive("predict", off="9.9-99")
    link.pass_over("off")
    assert link.passed_over() == ()  # nobody has read it
    assert link.chosen("off") == {(9, 9): (99,)}
    link.pass_over("off")
    assert link.passed_over() == ("off=9.9-99",)


def test_a_page_s_own_range_bounds_a_number_too(arrive: Any) -> None:
    arrive("predict", top="9", run="7")
    assert link.chosen("top", 5, among=range(1, 4)) == 3
    assert link.chosen("run", 2, among=range(1, 3)) == 2
    assert link.chosen("stage", 4, among=range(4, 0, -1)) == 4


def test_back_is_followed_at_once_but_a_run_on_its_way_is_not(arrive: Any) -> None:
    arrive("paper", table="3")
    assert link.followed()
    link.choose({"table": "4"})
    late = arrive("paper", table="3")  # began before the browser heard of table 4
    assert not link.followed()
    assert link.said("table") == "4"
    link.choose({"table": "5"})
    assert late["table"] == ["5"]
    arrive("paper", history=True, table="3")
    assert link.followed()
    assert link.said("table") == "3"


def test_on_a_slow_line_no_choice_is_lost_to_one_that_began_before_it_was_heard_of(arrive: Any) -> None:
    arrive("anatomy", net="resnet50")
    link.choose({"block": (2, 1)})
    arrive("anatomy", net="resnet50")  # a second choice, which began with the address that the browser still had
    link.choose({"path": 4})
    arrive("anatomy", net="resnet50", block="2.1")  # a third, when it had heard of the first
    assert not link.followed()
    assert (link.chosen("block"), link.chosen("path")) == ((2, 1), 4)


def test_what_a_callback_put_into_the_address_is_not_heard_of_until_the_browser_says_so(arrive: Any) -> None:
    arrive("train", data="own")
    arrive("train", data="own", callback=lambda: link.choose({"epochs": 2}))
    assert link.said("epochs") == "2"
    arrive("train", data="own")  # a click that followed at once
    assert not link.followed()
    assert link.said("epochs") == "2"
    arrive("train", data="own", callback=lambda: link.choose({"epochs": 3}))
    arrive("train", data="own", epochs="2")
    assert link.said("epochs") == "3"
    arrive("train", data="own", epochs="3")
    arrive("train", data="own", epochs="2")  # typed by the visitor
    assert link.said("epochs") == "2"


def test_an_old_address_is_followed_once_the_browser_had_left_it(arrive: Any) -> None:
    arrive("paper", table="3")
    link.choose({"table": "4"})
    arrive("paper", table="4")
    arrive("paper", table="3")
    assert link.said("table") == "3"


def test_a_page_change_keeps_what_was_chosen_and_takes_what_it_says(arrive: Any) -> None:
    arrive("train", net="resnet50", epochs="3", weights="cifar10-c1", off="1.1-2", foo="1")
    arrive("code")  # as Streamlit does it: an address without keys
    link.choose({"seed": 4})
    assert st.query_params["epochs"] == ["3"]
    assert st.query_params["foo"] == ["1"]
    arrive("predict", weights="run:abc")
    assert link.followed()
    assert (link.said("net"), link.said("weights"), link.said("epochs")) == ("resnet50", "run:abc", "3")
    assert link.said("off") == ""  # of other weights


def test_what_goes_with_another_choice_goes(arrive: Any) -> None:
    address = arrive("design-space", vs="resnet50", hold="macs", budget="123")
    link.choose({"hold": "macs", "vs": "resnet50"})  # the same again
    assert address["budget"] == ["123"]
    link.choose({"vs": "resnet101"})
    assert "budget" not in address


def test_a_widget_shows_the_link_and_what_is_chosen_in_it_is_put_there(arrive: Any, session: Session) -> None:
    address = arrive("train", pictures="9999", epochs="x")
    given_to_it = link.bound("pictures", "train_batch", 64)
    assert session["train_batch"] == 512
    assert link.bound("epochs")["key"] == "epochs"
    assert session["epochs"] == 20
    session["train_batch"] = 40
    given_to_it["on_change"](*given_to_it["args"])
    assert address["pictures"] == ["40"]
    session["train_batch"] = 64  # the usual one
    given_to_it["on_change"](*given_to_it["args"])
    assert "pictures" not in address


def test_the_documentation_has_a_row_for_each_key_in_its_words() -> None:
    rows = re.findall(r"^\| `(\w+)` \|(.+)\|(.+)\|(.+)\|(.+)\|(.+)\|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    told = {name: tuple(cell.strip() for cell in cells) for name, *cells in rows}
    assert list(told) == list(KEYS)
    for name, key in KEYS.items():
        usual = key.usual or key.values.write(key.default) or "empty"
        left_out = "never" if "" in key.private else f"not {', '.join(key.private)}" if key.private else "yes"
        assert told[name] == (key.pages, key.meaning, key.values.words, usual, left_out), name
    assert all(f"`{word}`" in DOCUMENT.read_text("utf-8") for word in RESERVED)

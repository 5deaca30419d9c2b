"""Whatever keeps a result has a stated kind: what it is kept by, and why that is enough (a row of CONTRIBUTING each).

A cache that is keyed by too little gives one visitor what is another's. So a new one is found here, in the syntax, and
must be written into `KINDS`; its kind has checks of its own where syntax can tell.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.support.caches import PACKAGE, Cache, caches, caches_in, called

# kind: file: names
KINDS = {
    "argument": {
        "design_space.py": "count_terms",
        "explanations/counts.py": "_made",
        "explanations/number_mistakes.py": "mistakes_of",
        "explanations/search.py": "explain_number",
        "explanations/values.py": "_totals",
        "explanations/variants.py": "tallies_of",
        "paper_tables/__init__.py": "paper_table",
        "study/study_plan.py": "target_macs",
        "study/student.py": "t_quantile",
        "ui/counting/audit_section.py": "_names _networks _file",
        "ui/code/source_section.py": "_source",
        "ui/counting/comparison_section.py": "_moved",
        "ui/design_space.py": "_line _along _solver",
        "ui/block_forms/faults_section.py": "_located _tried",
        "ui/block_forms/neuron_section.py": "_neuron",
        "ui/code/files.py": "_refusal _row_words",
        "ui/paper.py": "_errors _trades _cifar",
        "ui/block_forms/path_shares_section.py": "_shares",
        "ui/kit/components.py": "_kept.kept",
        "ui/kit/dialled.py": "counted _terms dials_text headline_text",
        "ui/train/results.py": "_charts",
        "ui/counting/training_cost_section.py": "_cost",
        "ui/lessons/course.py": "_asked",
    },
    "own": {
        "auditing/audit.py": "Audit.cost Audit.nearest",
        "comparison/difference.py": "Comparison.terms Comparison.by_place Comparison.by_kind Comparison.strides",
        "comparison/movement.py": "Movement.by_part Movement.elementwise_bytes Movement.group_widths "
                                  "Movement.operations",
        "complexity.py": "Complexity.total Complexity.by_stage",
        "figures/block_forms/form_block.py": "FormBlock.slots FormBlock.hairs FormBlock.unseen",
        "reading/formats/file_start.py": "FileStart.text FileStart.zip_names FileStart.fields",
        "layers.py": "StageWalk.blocks Walk.layers",
        "lessons/block_cost_lesson.py": "BlockCost.words",
        "lessons/equal_cost_lesson.py": "EqualCost.words",
        "lessons/evidence_lesson.py": "Evidence.gain Evidence.seeds_needed Evidence.words",
        "lessons/forms_lesson.py": "FormsOfABlock.words",
        "lessons/path_lesson.py": "OnePath.words",
        "lessons/time_lesson.py": "TimeOfMacs.words",
        "source_code/torch_file.py": "_File.class_name _File.block_name _File.projects _File.has_strides",
        "study/summary.py": "Summary.settings",
        "training/measure/evaluation.py": "Evaluation.answers Evaluation.confusion",
        "training_cost.py": "TrainingCost.layers TrainingCost.by_part TrainingCost.work TrainingCost.memory",
    },
    "installed": {
        "names/presets.py": "listed_titles",
        "figures/kit/svg.py": "_attribute_name",
        "figures/kit/svg_file.py": "_styles",
        "inference/engines/openvino_engines.py": "_core",
        "inference/weights/catalogue.py": "WeightsInfo.spec _record",
        "study/shipped_studies.py": "shipped_runs",
        "training/data/sample.py": "sample_classes",
        "ui/kit/assets.py": "asset _FILES",
        "ui/kit/components.py": "_kept _parts page_css icon",
        "ui/block_forms/whole_network_section.py": "_bytes",
        "ui/code/files.py": "_bundled",
        "ui/kit/dialled.py": "offer_text",
        "ui/kit/words.py": "words_text",
        "ui/lessons/bar.py": "sheet",
        "ui/pages.py": "_pages",
        "ui/paper.py": "_papers_specs",
        "figures/rooms/sign.py": "_sheet",
        "ui/rooms/documents.py": "room_document",
        "ui/predict/photos.py": "_sample_thumbnail",
        "ui/study.py": "_summary _errors _costs _papers",
    },
    "file": {"ui/predict/quality_section.py": "_measured"},
    "network": {
        "ui/kit/weights/loading.py": "SharedNetworks:self._alive SharedNetworks:self._loading",
        "ui/predict/own_weights.py": "session.OwnNetwork",
        "ui/kit/weights/own_checkpoint.py": "OwnCheckpoint.predictor:self._read",
    },
    "engine": {
        "inference/predictor/predictor.py": "Predictor._ready:self._chosen",
        "inference/engines/torch_engines.py": "_Recorded._piece:self.graphs",
    },
    "device": {
        "inference/engines/torch_engines.py": "_FASTEST",
        "inference/engines/openvino_engines.py": "precisions",
    },
    "photo": {
        "ui/predict/batch_section.py": "session.BatchSession",
        "ui/predict/beside_section.py": "session.AnswersBeside",
        "ui/predict/photos.py": "session.ShownViews",
        "ui/predict/shown_picture.py": "session.ShownPicture",
        "ui/predict/why/why_job.py": "PathsJob.without:self._without PathsJob.contributions:self._contributions",
        "ui/predict/why/why_state.py": "session.WhySession Questions:self._subjects Subject.heat:self._heats "
                           "Subject.maps:self._maps Subject.draw:self._drawn_for Questions.job:subject.job",
    },
    "job": {
        "ui/block_forms/neuron_section.py": "session._NeuronSession",
        "ui/kit/jobs/refreshing.py": "session.SessionJobs",
        "ui/lessons/measuring.py": "session.MeasuredForLessons",
    },
    "choice": {
        "ui/predict/batch_section.py": "session.TableSession",
        "ui/predict/shown_picture.py": "session.PhotoSession",
        "ui/lessons/class_room.py": "session.HeldRoom",
        "ui/lessons/votes.py": "session.LessonSession",
        "ui/kit/acts.py": "session.Clicks _clicks:clicks.page",
        "ui/kit/components.py": "session._Seen",
        "ui/kit/link.py": "session.Link session.[widget] follow:link.by_itself",
        "ui/kit/record.py": "session.[key]",
        "ui/kit/controls.py": "session.DialSession",
        "ui/kit/charts.py": "session.ChartSession",
        "ui/train/held_runs.py": "session.TrainSession",
        "ui/predict/weights.py": "session.DevicesHere _devices:session.devices",
    },
    "running": {
        "bench/app/upload.py": "Uploader:self._polled",
        "kit/operator_log.py": "_tell_no_level",
        "rooms/rates.py": "Buckets:self._left",
        "rooms/room.py": "Room.joins:self.people Room._settle:self.question",
        "rooms/rooms.py": "Rooms:self._rooms",
        "ui/train/runs.py": "Runs:self._runs",
        "bench/tools.py": "_transformers_stand_in:sys.modules",
        "inference/photos/decode_process.py": "DecodeProcess._says_ready:self._ready",
        "training/study/folder.py": "StudyFolder.begin:self.common",
        "kit/child.py": "_ALL",
        "ui/kit/admission.py": "_waiting",
        "ui/code/file_job.py": "_KEPT",
        "ui/train/server_folder.py": "ServerFolder.path:self._path",
        "ui/predict/shown_picture.py": "_ALL",
    },
    "disk": {
        "inference/engines/openvino_engines.py": "compiled_engine:remembered",
        "inference/engines/int8.py": "folder_of:cache_folder",
        "inference/engines/compiled_cache.py": "remembered:cache_folder forget:cache_folder",
        "training/data/named_data.py": "places:cache_folder",
        "training/data/sample.py": "sample_folder:cache_folder",
    },
}  # fmt: skip
WHERE = {(file, name): kind for kind, files in KINDS.items() for file, names in files.items() for name in names.split()}
OUTSIDE = {"st", "open", "session_state", "read_text", "read_bytes", "stat", "environ", "getenv", "perf_counter"}


def kind_of(cache: Cache) -> str:
    return WHERE[cache.file, cache.name]


def of_kind(kind: str) -> pytest.MarkDecorator:
    """Runs a test once for each cache of a kind, by its file and name: the sources are read when a test runs."""
    return pytest.mark.parametrize(("file", "name"), [where for where in WHERE if WHERE[where] == kind])


def found(file: str, name: str) -> Cache:
    (cache,) = [cache for cache in caches() if (cache.file, cache.name) == (file, name)]
    return cache


def test_each_cache_has_a_stated_kind_and_each_statement_a_cache() -> None:
    there = Counter((cache.file, cache.name) for cache in caches())
    assert sorted(there.keys() - WHERE.keys()) == []
    assert sorted(WHERE.keys() - there.keys()) == []
    assert len(WHERE) == sum(len(names.split()) for files in KINDS.values() for names in files.values())


def test_contributing_has_a_row_for_each_kind() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## Keep a result")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|(.+)\|(.+)\|(.+)\|$", section, re.MULTILINE)
    assert [row[0] for row in rows] == list(KINDS)
    assert all(cell.strip() for row in rows for cell in row)


@of_kind("argument")
def test_what_is_kept_by_its_arguments_is_bounded_and_looks_at_nothing_else(file: str, name: str) -> None:
    cache = found(file, name)
    assert cache.way == "lru_cache"
    assert isinstance(cache.node, ast.FunctionDef)
    (bound,) = [word.value for decorator in cache.node.decorator_list if isinstance(decorator, ast.Call)
                for word in decorator.keywords if word.arg == "maxsize"]  # fmt: skip
    assert not (isinstance(bound, ast.Constant) and bound.value is None)
    arguments = [each.arg for each in (*cache.node.args.args, cache.node.args.vararg) if each]
    assert arguments
    assert arguments[0] != "self"
    used = {called(node) for node in ast.walk(cache.node) if isinstance(node, (ast.Name, ast.Attribute))}
    assert used & OUTSIDE == set()


def drawn_by(file: Path) -> list[str]:
    """The names of the functions that a file gives to `drawn`; empty for what is no plain name."""
    calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    given = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "drawn"]
    return [each.id if isinstance(each, ast.Name) else "" for each in given]


DRAWING = [file for file in sorted((PACKAGE / "ui").rglob("*.py")) if drawn_by(file)]


@pytest.mark.parametrize("file", DRAWING, ids=lambda file: file.stem)
def test_what_draws_is_a_module_s_function_and_looks_at_nothing_but_its_arguments(file: Path) -> None:
    """A function made in a run would be another one in the next: nothing of it would ever be found again."""
    module = ast.parse(file.read_text(encoding="utf-8"))
    own = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    imported = {alias.asname or alias.name for node in module.body if isinstance(node, ast.ImportFrom)
                for alias in node.names}  # fmt: skip
    for name in drawn_by(file):
        assert name in own.keys() | imported
        if name in own:
            used = {called(node) for node in ast.walk(own[name]) if isinstance(node, (ast.Name, ast.Attribute))}
            assert used & OUTSIDE == set()


def test_the_sections_that_draw_are_found() -> None:
    assert len(DRAWING) > 12


@of_kind("own")
def test_what_is_kept_on_an_object_is_kept_on_one_that_never_changes(file: str, name: str) -> None:
    cache = found(file, name)
    assert cache.way == "cached_property"
    owner = cache.name.partition(".")[0]
    module = ast.parse((PACKAGE / cache.file).read_text(encoding="utf-8"))
    (decorators,) = [
        node.decorator_list for node in ast.walk(module) if isinstance(node, ast.ClassDef) and node.name == owner
    ]
    assert "dataclass(frozen=True)" in map(ast.unparse, decorators)


@of_kind("file")
def test_what_is_kept_of_a_file_that_may_change_is_kept_by_when_it_changed(file: str, name: str) -> None:
    cache = found(file, name)
    assert isinstance(cache.node, ast.FunctionDef)
    names = [argument.arg for argument in cache.node.args.args]
    assert names[0] == "path"
    assert any(name == "version" or name.endswith("_ns") for name in names[1:])


def test_nothing_is_kept_without_a_bound_but_what_is_installed() -> None:
    unbounded = [cache for cache in caches() if cache.way == "cache"]
    assert {kind_of(cache) for cache in unbounded} == {"installed"}


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("@cache\ndef f(x): ...", "f"),
        ("@functools.lru_cache\ndef f(x): ...", "f"),
        ("class A:\n    @cached_property\n    def b(self): ...", "A.b"),
        ("def f():\n    @st.cache_data(ttl=1)\n    def g(x): ...", "f.g"),
        ("@st.cache_resource\ndef f(x): ...", "f"),
        ("g = lru_cache(maxsize=2)(f)", "g"),
        ("class A:\n    g = staticmethod(cache(f))", "g"),
        ("def f():\n    st.session_state.answers = 1", "session.answers"),
        ("def f():\n    st.session_state['answers'] = 1", "session.answers"),
        ("def f(key):\n    st.session_state[key], b = 1, 2", "session.[key]"),
        ("def f():\n    session = st.session_state\n    session.x = 1", "session.x"),
        ("def f():\n    st.session_state.setdefault('x', {})['y'] = 1", "session.x"),
        ("def f():\n    st.session_state.update(x=1)", "session.*"),
        ("class A: ...\ndef f():\n    record(A).x = 1", "session.A"),
        ("_MADE = {}\ndef f(x):\n    _MADE[x] = 1", "_MADE"),
        ("_MADE: dict[int, int] = {}\ndef f(x):\n    return _MADE.setdefault(x, 1)", "_MADE"),
        ("_MADE = WeakKeyDictionary()\ndef f(x):\n    _MADE[x] = 1", "_MADE"),
        ("_made = None\ndef f():\n    global _made\n    _made = 1", "_made"),
        ("class A:\n    made = {}\n    def f(self, x):\n        self.made[x] = 1", "made"),
        (
            "def f(self, x):\n    if x not in self.made:\n        self.made[x] = 1\n    return self.made[x]",
            "f: self.made",
        ),
        ("def f(self, x):\n    if x in self.made:\n        return self.made[x]\n    self.made[x] = 1", "f: self.made"),
        ("def f(self):\n    if self.made is None:\n        self.made = 1", "f: self.made"),
        ("def f(self):\n    if not self.made:\n        self.made = 1", "f: self.made"),
        ("def f(self, x):\n    if self.about != x:\n        self.about, self.made = x, 1", "f: self.about"),
        (
            "class A:\n    def f(self, x):\n        self.made[x] = 1\n    def g(self):\n        self.made.get(0)",
            "A:self.made",
        ),
        (
            "class A:\n    def f(self, x):\n        made = self.made.pop(x, None) or 1\n        self.made[x] = made",
            "A:self.made",
        ),
        ("def f(key):\n    return remembered(key, make)", "f:remembered"),
    ],
)
def test_each_way_to_keep_a_result_is_found(source: str, name: str) -> None:
    assert name.replace(" ", "") in [cache.name for cache in caches_in(source, "a.py")]


@pytest.mark.parametrize(
    "source",
    [
        "NAMES = {'a': 1}\ndef f(x):\n    return NAMES[x]",
        "def f(x):\n    made = {}\n    if x not in made:\n        made[x] = 1",
        "def f(self, x):\n    self.made = x",
        "def f():\n    return st.session_state.get('x')",
    ],
)
def test_what_keeps_no_result_is_none(source: str) -> None:
    assert caches_in(source, "a.py") == []

"""Whatever keeps a result has a stated kind: what it is kept by, and why that is enough (a row of CONTRIBUTING each).

A cache that is keyed by too little gives one visitor what is another's. So a new one is found here, in the syntax, and
must be written into `KINDS`; its kind has checks of its own where syntax can tell.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from tests.caches import PACKAGE, Cache, caches, caches_in, called

# kind: file: names
KINDS = {
    "argument": {
        "design_space.py": "count_terms",
        "explanations/counts.py": "_made _cost _tools _totals _more_elements _walk",
        "explanations/mistakes.py": "mistakes_of",
        "explanations/search.py": "explain_number",
        "paper_tables/__init__.py": "paper_table",
        "study/plan.py": "target_macs",
        "study/student.py": "t_quantile",
        "ui/anatomy.py": "_network _shares _block _table",
        "ui/audit.py": "_example _file",
        "ui/batch_summary.py": "_histogram _accuracy",
        "ui/code.py": "_source",
        "ui/comparison.py": "_compared _moved",
        "ui/design.py": "_table2 _line _along _solver",
        "ui/explanation.py": "_drawn",
        "ui/faults.py": "_drawing _table _located _tried",
        "ui/forms.py": "_forms _not_measured",
        "ui/lab.py": "_neuron _collapse_drawing _collapse_table",
        "ui/network_files.py": "_refusal _row_words",
        "ui/paper.py": "_table _errors _trades _cifar",
        "ui/path_shares.py": "_drawn _shares",
        "ui/quality.py": "_drawn",
        "ui/state.py": "counted _terms _presets",
        "ui/tool_counts.py": "_table",
        "ui/train_results.py": "_figures _charts _bars",
        "ui/training_cost.py": "_cost _drawn",
    },
    "own": {
        "auditing/audit.py": "Audit.cost Audit.nearest",
        "comparison/difference.py": "Comparison.terms Comparison.by_place Comparison.by_kind Comparison.strides",
        "comparison/movement.py": "Movement.by_part Movement.elementwise_bytes Movement.group_widths "
                                  "Movement.operations",
        "complexity.py": "Complexity.total Complexity.by_stage",
        "figures/form_block.py": "FormBlock.slots FormBlock.hairs FormBlock.unseen",
        "layers.py": "StageWalk.blocks Walk.layers",
        "source_code/torch_file.py": "_File.class_name _File.block_name _File.projects _File.has_strides",
        "study/summary.py": "Summary.settings",
        "training/evaluation.py": "Evaluation.answers Evaluation.confusion",
        "training_cost.py": "TrainingCost.layers TrainingCost.by_part TrainingCost.work TrainingCost.memory",
    },
    "installed": {
        "figures/svg.py": "_attribute_name",
        "figures/svg_file.py": "_styles",
        "inference/openvino_engines.py": "_core",
        "inference/weights.py": "WeightsInfo.spec _record",
        "study/catalogue.py": "shipped_runs",
        "training/sample.py": "sample_classes",
        "ui/components.py": "_parts page_css icon",
        "ui/network.py": "_bytes",
        "ui/network_files.py": "_bundled",
        "ui/photos.py": "_sample_thumbnail",
        "ui/study.py": "_summary _statement _errors _curves _costs _runs _facts _papers",
    },
    "file": {"ui/quality.py": "_measured"},
    "network": {
        "ui/loading.py": "SharedNetworks:self._alive SharedNetworks:self._loading",
        "ui/weights.py": "session.[_OWN_JOB]",
    },
    "engine": {
        "inference/predictor.py": "Predictor._ready:self._chosen",
        "inference/torch_engines.py": "_Recorded._piece:self.graphs",
    },
    "device": {"inference/torch_engines.py": "_FASTEST"},
    "photo": {
        "ui/batch.py": "session.answers",
        "ui/beside.py": "session.[key]",
        "ui/photos.py": "session.shown_views",
        "ui/shown_picture.py": "session.shown_picture",
        "ui/why_job.py": "PathsJob.without:self._without PathsJob.contributions:self._contributions",
        "ui/why_state.py": "session.why Asked:self._subjects Subject.heat:self._heats Subject.maps:self._maps "
                           "Subject.draw:self._drawn_for Asked.job:subject.job",
    },
    "job": {
        "ui/code.py": "session.code_check",
        "ui/comparison.py": "session.pair_job",
        "ui/computation.py": "session.[name]",
        "ui/form_costs.py": "session.form_cost_job",
        "ui/forms.py": "session.check_job",
        "ui/lab.py": "session.neuron_shown",
        "ui/network.py": "session.network_job",
        "ui/network_files.py": "session.files_about session.file_jobs",
        "ui/refreshing.py": "session.[key]",
        "ui/train.py": "session.pictures_job",
        "ui/weights.py": "session.download session.download_settled",
    },
    "choice": {
        "ui/batch.py": "session.looked",
        "ui/choices.py": "session.seen_choices session.chosen_block session.chosen_path",
        "ui/controls.py": "session.model session.link_before session.link session.link_written_s session.epoch "
                          "session.seq session.complaint session.dialled session.page_controls session.seen_rows",
        "ui/design.py": "session.clicked_point",
        "ui/explanation.py": "session.number_put session.number_turn session.number_is_new session.number_before "
                             "session.number_link session.number_written_s _write_link:st.query_params",
        "ui/faults.py": "session.[_CHOSEN] session.[key]",
        "ui/held_runs.py": "session.lost_runs session.held_runs _keep:st.query_params",
        "ui/lab.py": "session.[name]",
        "ui/train.py": "session.shown_run session.train_problem",
        "ui/train_run.py": "session.shown_run session.[_CHOICE] session.weights_name session.resume_problem",
        "ui/weights.py": "session.weights_name session.devices",
        "ui/why_state.py": "Asked:self._seen",
    },
    "running": {
        "bench/upload.py": "Uploader:self._polled",
        "names.py": "_Found:self.options",
        "operator_log.py": "_tell_no_level",
        "ui/training_runs.py": "Runs:self._runs",
        "bench/tools.py": "_transformers_stand_in:sys.modules",
        "inference/decode_process.py": "DecodeProcess._says_ready:self._ready",
        "training/study_folder.py": "StudyFolder.begin:self.common",
        "ui/command_job.py": "_JOBS",
        "ui/crowd.py": "_waiting",
        "ui/file_job.py": "_KEPT",
        "ui/server_folder.py": "ServerFolder.path:self._path",
        "ui/shown_picture.py": "_ALL",
    },
    "disk": {
        "inference/openvino_engines.py": "compiled_engine:remembered",
        "inference/int8.py": "folder_of:cache_folder",
        "inference/compiled_cache.py": "remembered:cache_folder forget:cache_folder",
        "training/named_data.py": "places:cache_folder",
        "training/sample.py": "sample_folder:cache_folder",
    },
}  # fmt: skip
WHERE = {(file, name): kind for kind, files in KINDS.items() for file, names in files.items() for name in names.split()}
ALL = caches()
OUTSIDE = {"st", "open", "session_state", "read_text", "read_bytes", "stat", "environ", "getenv", "perf_counter"}


def kind_of(cache: Cache) -> str:
    return WHERE[cache.file, cache.name]


def of_kind(*kinds: str) -> list[Cache]:
    return [cache for cache in ALL if WHERE.get((cache.file, cache.name)) in kinds]


def test_each_cache_has_a_stated_kind_and_each_statement_a_cache() -> None:
    found = Counter((cache.file, cache.name) for cache in ALL)
    assert sorted(found.keys() - WHERE.keys()) == []
    assert sorted(WHERE.keys() - found.keys()) == []
    assert len(WHERE) == sum(len(names.split()) for files in KINDS.values() for names in files.values())


def test_contributing_has_a_row_for_each_kind() -> None:
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## Keep a result")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|(.+)\|(.+)\|(.+)\|$", section, re.MULTILINE)
    assert [row[0] for row in rows] == list(KINDS)
    assert all(cell.strip() for row in rows for cell in row)


@pytest.mark.parametrize("cache", of_kind("argument"), ids=str)
def test_what_is_kept_by_its_arguments_is_bounded_and_looks_at_nothing_else(cache: Cache) -> None:
    assert cache.way == "lru_cache"
    assert isinstance(cache.node, ast.FunctionDef)
    (bound,) = [word.value for decorator in cache.node.decorator_list if isinstance(decorator, ast.Call)
                for word in decorator.keywords if word.arg == "maxsize"]  # fmt: skip
    assert not (isinstance(bound, ast.Constant) and bound.value is None)
    assert cache.node.args.args
    assert cache.node.args.args[0].arg != "self"
    used = {called(node) for node in ast.walk(cache.node) if isinstance(node, (ast.Name, ast.Attribute))}
    assert used & OUTSIDE == set()


@pytest.mark.parametrize("cache", of_kind("own"), ids=str)
def test_what_is_kept_on_an_object_is_kept_on_one_that_never_changes(cache: Cache) -> None:
    assert cache.way == "cached_property"
    owner = cache.name.partition(".")[0]
    module = ast.parse((PACKAGE / cache.file).read_text(encoding="utf-8"))
    (decorators,) = [node.decorator_list for node in ast.walk(module)
                     if isinstance(node, ast.ClassDef) and node.name == owner]
    assert "dataclass(frozen=True)" in map(ast.unparse, decorators)


@pytest.mark.parametrize("cache", of_kind("file"), ids=str)
def test_what_is_kept_of_a_file_that_may_change_is_kept_by_when_it_changed(cache: Cache) -> None:
    assert isinstance(cache.node, ast.FunctionDef)
    names = [argument.arg for argument in cache.node.args.args]
    assert names[0] == "path"
    assert any(name == "version" or name.endswith("_ns") for name in names[1:])


def test_nothing_is_kept_without_a_bound_but_what_is_installed() -> None:
    unbounded = [cache for cache in ALL if cache.way == "cache"]
    assert {kind_of(cache) for cache in unbounded} == {"installed"}


@pytest.mark.parametrize(("source", "name"), [
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
    ("_MADE = {}\ndef f(x):\n    _MADE[x] = 1", "_MADE"),
    ("_MADE: dict[int, int] = {}\ndef f(x):\n    return _MADE.setdefault(x, 1)", "_MADE"),
    ("_MADE = WeakKeyDictionary()\ndef f(x):\n    _MADE[x] = 1", "_MADE"),
    ("_made = None\ndef f():\n    global _made\n    _made = 1", "_made"),
    ("class A:\n    made = {}\n    def f(self, x):\n        self.made[x] = 1", "made"),
    ("def f(self, x):\n    if x not in self.made:\n        self.made[x] = 1\n    return self.made[x]", "f: self.made"),
    ("def f(self, x):\n    if x in self.made:\n        return self.made[x]\n    self.made[x] = 1", "f: self.made"),
    ("def f(self):\n    if self.made is None:\n        self.made = 1", "f: self.made"),
    ("def f(self):\n    if not self.made:\n        self.made = 1", "f: self.made"),
    ("def f(self, x):\n    if self.about != x:\n        self.about, self.made = x, 1", "f: self.about"),
    ("class A:\n    def f(self, x):\n        self.made[x] = 1\n    def g(self, x):\n        return self.made.get(x)",
     "A:self.made"),
    ("class A:\n    def f(self, x):\n        made = self.made.pop(x, None) or 1\n        self.made[x] = made",
     "A:self.made"),
    ("def f(key):\n    return remembered(key, make)", "f:remembered"),
])
def test_each_way_to_keep_a_result_is_found(source: str, name: str) -> None:
    assert name.replace(" ", "") in [cache.name for cache in caches_in(source, "a.py")]


@pytest.mark.parametrize("source", [
    "NAMES = {'a': 1}\ndef f(x):\n    return NAMES[x]",
    "def f(x):\n    made = {}\n    if x not in made:\n        made[x] = 1",
    "def f(self, x):\n    self.made = x",
    "def f():\n    return st.session_state.get('x')",
])
def test_what_keeps_no_result_is_none(source: str) -> None:
    assert caches_in(source, "a.py") == []

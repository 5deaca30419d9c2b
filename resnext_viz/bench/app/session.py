"""One visitor of a Streamlit app without a browser: asks for reruns over the websocket and waits until they are done.

The messages are Streamlit's own, which are no public interface; they are those of 1.67.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection, connect

from resnext_viz.bench.result import BenchError
from resnext_viz.kit.operator_log import PAGE_FAILED

RUNS_AGAIN = ForwardMsg.ScriptFinishedStatus.Value("FINISHED_EARLY_FOR_RERUN")
_TIMEOUT_S = 60


class Session:
    """A visitor, who says as a browser does which large messages it still has and what its widgets were told to show.

    The server does not send the one again, nor tell the other.

    Attributes:
        pages: the hash of each page by its title, once one was run.
        kept: the hashes of large messages of the last run.
        messages: all messages of the last run, as they came.
        shown: what a browser would say of each widget, by id.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.kept: set[str] = set()
        self.pages: dict[str, str] = {}
        self.messages: list[bytes] = []
        self.shown: dict[str, WidgetState] = {}

    def rerun(self, page_hash: str = "", query: str = "") -> float:
        """Milliseconds from asking for a rerun of the page, with its link's `query`, to the message that it is done.

        Raises:
            BenchError: the page showed an exception, which is no rerun to measure.
        """
        began = time.perf_counter()
        self.messages = []
        self.ask(page_hash, query)
        problem = ""
        while True:
            message: Any = ForwardMsg()
            self.messages.append(self._connection.recv(_TIMEOUT_S))  # type: ignore[arg-type]  # Streamlit sends no text
            message.ParseFromString(self.messages[-1])
            kind = message.WhichOneof("type")
            if kind == "script_finished" and message.script_finished != RUNS_AGAIN:
                break
            if kind == "ref_hash":
                self.kept.add(message.ref_hash)
            elif message.metadata.cacheable:
                self.kept.add(message.hash)
            if kind == "navigation":
                self.pages = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
            elif kind == "delta":
                problem = failure_shown(message.delta.new_element) or problem
                if state := _state_of(message.delta.new_element):
                    self.shown[state.id] = state
        if problem:
            raise BenchError(f"the page shows an exception: {problem}")
        return (time.perf_counter() - began) * 1000

    def ask(self, page_hash: str = "", query: str = "") -> None:
        """Asks for a rerun and does not wait for it."""
        request = BackMsg()
        request.rerun_script.page_script_hash, request.rerun_script.query_string = page_hash, query
        request.rerun_script.cached_message_hashes.extend(self.kept)
        request.rerun_script.widget_states.widgets.extend(self.shown.values())
        self.kept = set()
        self._connection.send(request.SerializeToString())


def _state_of(element: Any) -> WidgetState | None:
    """What a browser says of a widget that was told what to show; None of any other element."""
    kind = element.WhichOneof("type")
    widget = getattr(element, kind) if kind in _SAID else None
    if widget is None or not widget.set_value:
        return None
    state, (said, told) = WidgetState(id=widget.id), _SAID[kind]
    value = getattr(widget, told)
    if said.endswith("_array_value"):
        getattr(state, said).data.extend(value)
    else:
        setattr(state, said, value)
    return state


# By kind of widget: where its value stands in what a browser says, and in what it was told.
_SAID = {
    "button_group": ("string_array_value", "raw_values"),
    "checkbox": ("bool_value", "value"),
    "number_input": ("double_value", "value"),
    "selectbox": ("string_value", "raw_value"),
    "slider": ("double_array_value", "value"),
}


def failure_shown(element: Any) -> str:
    """What an element of a page says in place of what failed; empty for any other element."""
    kind = element.WhichOneof("type")
    if kind == "exception":
        return str(element.exception.message)
    words = re.sub("<[^>]*>", "", element.html.body) if kind == "html" else ""
    return words if PAGE_FAILED in words else ""


@contextmanager
def visit(address: str) -> Iterator[Session]:
    """A visitor of the app at `address`, its first page already run once."""
    stream = address.replace("http://", "ws://") + "/_stcore/stream"
    with connect(stream, subprotocols=["streamlit"], max_size=None) as connection:  # type: ignore[list-item]
        session = Session(connection)
        session.rerun()
        yield session

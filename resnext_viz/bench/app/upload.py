"""One visitor of Predict without a browser, who uploads photos as the page's own uploader does.

The way is Streamlit's own: an address for the file is asked for over the websocket, the file is put there, the page is
run again with the file among its widgets, and again as often as the page asks for it, until the answer is on it.
"""

from __future__ import annotations

import http.client
import secrets
import time
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from resnext_viz.bench.app.session import RUNS_AGAIN, failure_shown
from resnext_viz.bench.result import BenchError

ANSWERED, BUSY = b'class="rx-p-bars', b'class="rx-complaint"'  # of the answers on the page, and of a complaint
PHOTOS, CHECKPOINT = "Photos:", "Checkpoint,"  # how the labels of the page's uploaders begin
_TIMEOUT_S = 60
_BOUNDARY = "resnext-viz-upload"
_XSRF = "_streamlit_xsrf"


class Uploader:
    """A visitor with the Predict page open, who uploads into one of its uploaders, by how its label begins."""

    def __init__(
        self,
        address: str,
        connection: ClientConnection,
        opened: ExitStack,
        cookie: str,
        query: str,
        label: str = PHOTOS,
    ) -> None:
        self._label = label
        self._address, self._connection, self._opened = address, connection, opened
        self._cookie, self._query = cookie, query
        self._session = self._page = self._widget = ""
        self._polled: dict[str, float] = {}  # parts of the page that ask to be run again: after so many seconds
        self._answered_at = 0.0
        self._run()
        self._run(self._page)

    def close(self) -> None:
        """Leaves the page."""
        self._opened.close()

    def answer(self, name: str, data: bytes, limit_s: float = _TIMEOUT_S) -> float | None:
        """Seconds from the upload to the answer on the page; None where the page said that it is busy.

        Raises:
            BenchError: neither came, or the server refused the file.
        """
        began = time.perf_counter()
        file = self._put(name, data)
        seen = self._run(self._page, file)
        while not seen:
            if not self._polled or time.perf_counter() - began > limit_s:
                raise BenchError(f"the photo {name} was never answered")
            fragment = min(self._polled, key=self._polled.__getitem__)
            time.sleep(self._polled[fragment])
            seen = self._run(self._page, file, fragment)
        return self._answered_at - began if seen == ANSWERED else None

    def upload(self, name: str, data: bytes) -> Any:
        """Uploads a file and runs the page with it, to the end; gives what the page's widget holds of it."""
        file = self._put(name, data)
        self.run_with(file)
        return file

    def run_with(self, file: Any) -> bytes:
        """Runs the page again with a file that was uploaded; what came on it, of `ANSWERED` and `BUSY`."""
        return self._run(self._page, file)

    def _run(self, page: str = "", file: Any = None, fragment: str = "") -> bytes:
        """What came on the page, of `ANSWERED` and `BUSY`, in a rerun of it."""
        request = BackMsg()
        client = request.rerun_script
        client.page_script_hash, client.query_string = page, self._query
        if fragment:
            client.fragment_id, client.is_auto_rerun = fragment, True
        else:
            self._polled = {}
        if file is not None:
            state = client.widget_states.widgets.add()
            state.id = self._widget
            state.file_uploader_state_value.uploaded_file_info.append(file)
        self._connection.send(request.SerializeToString())
        seen = b""
        while True:
            message = self._received()
            seen = self._taken(message) or seen
            if message.WhichOneof("type") == "script_finished":
                if message.script_finished != RUNS_AGAIN:
                    return seen
                self._polled = {}  # the whole page, which will ask anew

    def _received(self) -> Any:
        message: Any = ForwardMsg()
        message.ParseFromString(self._connection.recv(_TIMEOUT_S))
        return message

    def _taken(self, message: Any) -> bytes:
        """Remembers what a message tells of the page; gives which of the marks it bears."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id or self._session
        elif kind == "navigation":
            self._page = next(
                page.page_script_hash for page in message.navigation.app_pages if page.page_name == "Predict"
            )
        elif kind == "auto_rerun":
            self._polled[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._polled.pop(fragment, None)
        elif kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "file_uploader" and element.file_uploader.label.startswith(self._label):
                self._widget = element.file_uploader.id
            if problem := failure_shown(element):
                raise BenchError(f"the page shows an exception: {problem}")
            content = message.SerializeToString()
            if ANSWERED in content:
                self._answered_at = time.perf_counter()
                return ANSWERED
            return BUSY if BUSY in content else b""
        return b""

    def _put(self, name: str, data: bytes) -> Any:
        """Sends the file; gives what the page's widget will hold of it."""
        request = BackMsg()
        request.file_urls_request.request_id = secrets.token_hex(8)
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self._session
        self._connection.send(request.SerializeToString())
        while (message := self._received()).WhichOneof("type") != "file_urls_response":
            pass
        urls = message.file_urls_response.file_urls[0]
        body = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        ).encode()
        body += data + f"\r\n--{_BOUNDARY}--\r\n".encode()
        connection = http.client.HTTPConnection(urlsplit(self._address).netloc, timeout=_TIMEOUT_S)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            "Cookie": f"{_XSRF}={self._cookie}",
            "X-Xsrftoken": self._cookie.strip('"'),
        }
        connection.request("PUT", urls.upload_url, body, headers)
        status = connection.getresponse().status
        connection.close()
        if status >= 300:
            raise BenchError(f"the server answers {status} to an upload")
        state: Any = type(BackMsg().rerun_script.widget_states.widgets.add().file_uploader_state_value)()
        info = state.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(data), urls.file_id
        info.file_urls.CopyFrom(urls)
        return info


def open_uploader(address: str, query: str = "", label: str = PHOTOS) -> Uploader:
    """A visitor of the app's Predict page, opened with the link's `query`; to be closed."""
    stream = address.replace("http://", "ws://") + "/_stcore/stream"
    opened = ExitStack()
    connection = opened.enter_context(connect(stream, subprotocols=["streamlit"], max_size=None))  # type: ignore[list-item]
    return Uploader(address, connection, opened, _cookie(address), query, label)


def _cookie(address: str) -> str:
    """The token against requests from other sites, which the server gives with its sign of life."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=_TIMEOUT_S)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    cookies = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    connection.close()
    for cookie in cookies:
        name, _, value = cookie.partition(";")[0].partition("=")
        if name == _XSRF:
            return value
    return ""

"""What a browser component is made of, served as a file: a rerun names it in a line, and a browser fetches it once.

Its address has the hash of its content, so it never changes and no browser keeps an old one for a new one.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

_FILES: dict[str, bytes] = {}


class Asset(NamedTuple):
    """A component's script and style in one module, and the line of a script that takes it from there."""

    name: str
    script: str


@cache
def asset(script: str, style: str) -> Asset:
    """The module of a script with an `export default`, whose component gets the style before it is shown."""
    module = f"const STYLE = {json.dumps(style, ensure_ascii=False)}\n{script}".encode()
    name = f"{hashlib.sha256(module).hexdigest()[:32]}.js"
    _FILES[name] = module
    # Beside the page's address lie Streamlit's own files, too, wherever a proxy puts them; the script itself is a blob.
    # Streamlit takes a script of one line for the name of a file.
    address = f"new URL('components/{name}', document.baseURI)"
    return Asset(name, f"const module = await import({address})\nexport default module.default\n")


async def _answer(request: Request) -> Response:
    module = _FILES.get(request.path_params["name"])
    if module is None:
        return PlainTextResponse("There is no such file.", 404)
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(module, media_type="text/javascript", headers=headers)


# The second for `server.baseUrlPath`, which Streamlit puts before its own routes only.
ROUTES = [Route("/components/{name}", _answer), Route("/{base:path}/components/{name}", _answer)]

# The app for a server that runs containers: `docker compose up --build`, or
#
#     docker build --tag resnext-viz .
#     docker run --init --read-only --tmpfs /tmp --volume weights:/weights --publish 127.0.0.1:8501:8501 resnext-viz
#
# For an NVIDIA GPU: `--build-arg TORCH=cuda`, and `--gpus all` to run.
FROM python:3.13-slim

# Written to are only /tmp, which may be in memory, and /weights: what is downloaded and compiled there outlives a container.
ENV HOME=/tmp TORCH_HOME=/weights PYTHONUNBUFFERED=1
RUN useradd --uid 10001 --no-create-home app && install --directory --owner=app --group=app /weights

WORKDIR /source
ARG TORCH=cpu
COPY requirements.txt constraints.txt ./
COPY scripts/install_packages.py scripts/
# Compiled to bytecode here: later nothing can be written beside the packages.
RUN UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore \
    python scripts/install_packages.py && pip uninstall --yes --quiet --root-user-action ignore uv

COPY pyproject.toml setup.py MANIFEST.in README.md LICENSE requirements-dev.txt requirements-tools.txt app.py ./
COPY .streamlit/ .streamlit/
COPY pages/ pages/
COPY resnext_viz/ resnext_viz/
RUN pip install --no-cache-dir --no-deps --root-user-action ignore .

WORKDIR /
USER 10001
EXPOSE 8501
# Well as soon as predictions would start at once; pages work some seconds before.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "import json; from urllib.request import *; \
     assert json.load(build_opener(ProxyHandler({})).open('http://127.0.0.1:8501/readyz', timeout=4))['ready']"]
CMD ["resnext-viz", "app", "--address", "0.0.0.0", "--port", "8501", "--no-browser"]

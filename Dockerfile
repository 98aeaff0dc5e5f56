# The server on the light base, without torch; docs/server.md says how to run it.
FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY setup.py setup.cfg pyproject.toml constraints.txt README.md LICENSE ./
COPY voicevae voicevae
ENV PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt
RUN python -m venv /opt/voicevae \
    && /opt/voicevae/bin/pip install --no-cache-dir ".[serve]"

FROM python:3.11-slim-bookworm
COPY --from=build /opt/voicevae /opt/voicevae
RUN useradd --system --uid 10001 --no-create-home voicevae
USER 10001
EXPOSE 8000
HEALTHCHECK --start-period=30s CMD ["/opt/voicevae/bin/python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=5)"]
ENTRYPOINT ["/opt/voicevae/bin/voicevae", "serve", "--host", "0.0.0.0", "--port", "8000"]
CMD ["--token-file", "/run/secrets/token"]

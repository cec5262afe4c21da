# Another registry, or another Python: --build-arg PYTHON=registry.example.com/python:3.13-slim
ARG PYTHON=python:3.13-slim

# hadolint ignore=DL3006  # the tag is in the argument
FROM ${PYTHON} AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY mockws mockws
RUN python -m venv /opt/mockws && /opt/mockws/bin/pip install --no-cache-dir --disable-pip-version-check ".[all]"

# hadolint ignore=DL3006  # as above
FROM ${PYTHON}
LABEL org.opencontainers.image.title="mockws" \
      org.opencontainers.image.description="A mock WebSocket server that answers as an AsyncAPI document says" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin mockws
COPY --from=build /opt/mockws /opt/mockws
# What is served until a document is mounted in its place.
COPY specification/order-api.yaml /specs/asyncapi.yaml
ENV PATH=/opt/mockws/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MOCKWS_HOST=0.0.0.0
# Documents, and stub files for `--stubs /stubs`. Nothing else is written or read outside of the image: it runs with a
# root that is read-only.
RUN mkdir /stubs && chown mockws /stubs
WORKDIR /specs
VOLUME ["/specs", "/stubs"]
USER 10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["mockws", "health"]
ENTRYPOINT ["mockws"]
# Off loopback the admin API asks for a token: set MOCKWS_ADMIN_TOKEN, or take the one that the banner prints.
CMD ["serve", "/specs/asyncapi.yaml"]

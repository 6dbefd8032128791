# Kindred on a server:  docker build -t kindred .
#   docker run -d --cap-drop ALL --security-opt no-new-privileges --read-only --tmpfs /tmp --pids-limit 256 \
#       --memory 4g --stop-timeout 30 --restart on-failure -v kindred:/var/lib/kindred -e KINDRED_TOKEN kindred
# Pass the token through the environment of that command: everyone on the machine can read a command line.
# Only KINDRED_HOME (the volume) is written. Photos stay in memory.

FROM python:3.11-slim AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /kindred
ENV PIP_NO_CACHE_DIR=1
COPY Makefile pyproject.toml requirements.lock ./
# The same steps as on a developer's machine, over the first part of the same lock; with --build-arg ONLY=postgres,
# over the part for PostgreSQL, too, with ONLY=s3, over those for PostgreSQL and buckets, and with ONLY=ray, over
# the part for Ray as well.
ARG ONLY=runtime
RUN make env ONLY=$ONLY \
    && .venv/bin/python -m pip uninstall --yes pip

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home kindred \
    && install --directory --owner kindred /var/lib/kindred
WORKDIR /kindred
COPY --from=build /kindred/.venv .venv
COPY data data
COPY engine engine
COPY handlers handlers
COPY bot bot
RUN python -m compileall -q data engine handlers bot
ENV PATH=/kindred/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KINDRED_HOME=/var/lib/kindred \
    HOME=/var/lib/kindred
USER 10001
VOLUME /var/lib/kindred
# The bot touches this file while its loop runs and its engine answers; when either hangs the file goes stale.
# The check starts no Python.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD test -n "$(find "$KINDRED_HOME/alive" -mmin -1 2>/dev/null)"
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]

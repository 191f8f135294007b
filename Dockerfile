# docker build -t stackproof . && docker run --rm -v "$PWD:/project:ro" stackproof check my.yaml
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md ./
COPY rules rules
COPY tools tools
RUN python -m pip install --no-cache-dir --prefix /installed .

FROM python:3.12-slim
COPY --from=build /installed /usr/local
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin stackproof
# No folder of this user is kept: what is cached is cached for one run, and PYTHONPYCACHEPREFIX is not needed.
ENV PYTHONDONTWRITEBYTECODE=1 XDG_CACHE_HOME=/tmp/cache
USER 10001:10001
WORKDIR /project
ENTRYPOINT ["stackproof"]
CMD ["check"]

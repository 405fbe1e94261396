# The service in a small image: docker build -t meot . How to run it: docs/operating.md and compose.yaml.

# What meot needs, without meot: stays as it is until pyproject.toml changes, and so does its layer in the image.
FROM python:3.12-slim AS needed
WORKDIR /src
COPY pyproject.toml ./
RUN mkdir --parents src/meot && touch README.md LICENSE src/meot/__init__.py \
 && python -m venv --without-pip /opt/meot \
 && python -m pip --python /opt/meot/bin/python install --no-cache-dir ".[postgresql,mysql]" \
 && python -m pip --python /opt/meot/bin/python uninstall --yes meot

FROM needed AS built
COPY README.md LICENSE ./
COPY src ./src
RUN python -m pip --python /opt/meot/bin/python install --no-cache-dir --no-deps --prefix /own .

FROM python:3.12-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-nanum \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --create-home --skel /dev/null --home-dir /data --shell /usr/sbin/nologin meot
COPY --from=needed /opt/meot /opt/meot
COPY --from=built /own /opt/meot
ENV PATH=/opt/meot/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MEOT_SHOP=/data/shop.db MEOT_DATA=/data MEOT_LOG=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import http.client; c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["meot"]
CMD ["serve", "--create", "--host", "0.0.0.0", "--port", "8000"]

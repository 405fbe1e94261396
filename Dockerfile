# The service in a small image: docker build -t meot . (BuildKit). How to run it: docs/operating.md and compose.yaml.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN python -m venv /opt/meot && /opt/meot/bin/pip install --no-cache-dir ".[postgresql,mysql]"

FROM python:3.12-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends fonts-nanum \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --home-dir /data --shell /usr/sbin/nologin meot
COPY --from=build /opt/meot /opt/meot
ENV PATH=/opt/meot/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    MEOT_SHOP=/data/shop.db MEOT_DATA=/data MEOT_LOG=json
USER meot
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["meot"]
CMD ["serve", "--create", "--host", "0.0.0.0", "--port", "8000"]

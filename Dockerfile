# The API of this checkout, with its database in the volume /data.
FROM python:3.13.9-slim-trixie AS build
WORKDIR /build
RUN python -m venv /opt/onrecord && mkdir /data
# Packages come first, so that a change of the code does not install them again.
COPY requirements.txt ./
RUN /opt/onrecord/bin/python -m pip install --no-deps --require-hashes --requirement requirements.txt
COPY . ./
RUN /opt/onrecord/bin/python -m pip install --no-deps --no-build-isolation . && \
    /opt/onrecord/bin/python -m pip check

FROM python:3.13.9-slim-trixie
COPY --from=build /opt/onrecord /opt/onrecord
COPY --from=build --chown=10001:10001 /data /data
# The root file system can be read-only. Matplotlib keeps its font list in MPLCONFIGDIR.
ENV PATH=/opt/onrecord/bin:$PATH MPLCONFIGDIR=/tmp PORT=8000
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz')"]
CMD ["sh", "-c", "onrecord db upgrade && exec onrecord serve --host 0.0.0.0 --port $PORT"]

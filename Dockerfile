# The gateway as an image: built in the first stage, run by a user without rights in the second.
FROM debian:bookworm AS build
WORKDIR /src
COPY .ci/install .ci/install
RUN apt-get update && .ci/install build
COPY . .
RUN make PACKAGES=: && make PACKAGES=: install DESTDIR=/out PREFIX=/usr

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libc-ares2 libfmt9 libjemalloc2 libssl3 libyaml-cpp0.7 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin gatehouse
COPY --from=build /out/usr/bin/gatehouse /usr/bin/gatehouse
USER gatehouse
EXPOSE 8080 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["gatehouse", "status"]
ENTRYPOINT ["gatehouse"]
CMD ["run", "-c", "/etc/gatehouse/gatehouse.yaml"]

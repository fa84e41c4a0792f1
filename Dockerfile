# The gateway as an image: built in the first stage, run by a user without rights in the second.
FROM debian:bookworm AS build
WORKDIR /src
COPY .ci/install .ci/install
RUN apt-get update && .ci/install build
COPY . .
RUN make PACKAGES=: && make PACKAGES=: install DESTDIR=/out PREFIX=/usr
# The packages of the libraries that the program is linked to, so that the second stage has exactly those.
RUN ldd /out/usr/bin/gatehouse | awk '$2 == "=>" {print $3}' | xargs -n1 readlink -f | xargs -n1 basename \
 | sed 's,^,*/*-linux-gnu*/,' | xargs dpkg -S | cut -d: -f1 | sort -u > /out/packages

FROM debian:bookworm-slim
COPY --from=build /out/packages /tmp/packages
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates $(cat /tmp/packages) \
 && rm -rf /var/lib/apt/lists/* /tmp/packages \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin gatehouse
COPY --from=build /out/usr/bin/gatehouse /usr/bin/gatehouse
USER gatehouse
EXPOSE 8080 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["gatehouse", "status"]
ENTRYPOINT ["gatehouse"]
CMD ["run", "-c", "/etc/gatehouse/gatehouse.yaml"]

# The archive of `make dist`, in an image without a shell.
FROM rust:1-bookworm AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends libpq-dev pkg-config curl ca-certificates make
WORKDIR /src
COPY . .
RUN sh scripts/node.sh --install && make -o setup dist && \
    mkdir -p /root-fs/app /root-fs/data && cp -a dist/*/. /root-fs/app/

# Debian's C library and time zones, no shell, user 65532.
FROM gcr.io/distroless/base-nossl-debian12:nonroot
COPY --from=build --chown=root:root /root-fs/app /app
COPY --from=build --chown=65532:65532 /root-fs/data /data
WORKDIR /data
VOLUME /data
EXPOSE 8080
# Behind a proxy with TLS; the image serves nobody directly.
ENV SHANGLIANG_LISTEN=0.0.0.0:8080 SHANGLIANG_ADMIN_LISTEN=127.0.0.1:9090 SHANGLIANG_BEHIND_PROXY=true \
    DATABASE_URL=sqlite:/data/shangliang.db SHANGLIANG_KEYS=/data/keys
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["/app/shangliang", "health"]
ENTRYPOINT ["/app/shangliang"]
CMD ["serve"]

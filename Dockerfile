# A static program and nothing else: `docker build .`. With `--target shell` it comes with a shell, for CI systems that run
# their scripts inside the image. The toolchain is the `rust-version` of Cargo.toml.
ARG RUST_VERSION=1.95
ARG ALPINE_VERSION=3.22

FROM rust:${RUST_VERSION}-alpine${ALPINE_VERSION} AS build
WORKDIR /source
COPY . .
# the image may come without the C library's headers; what is built is static whatever their version
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev \
    && cargo build --release --locked --bin qdrant-lint \
    && mkdir /work

FROM alpine:${ALPINE_VERSION} AS shell
COPY --from=build /source/target/release/qdrant-lint /usr/local/bin/qdrant-lint
COPY LICENSE /licenses/qdrant-lint
WORKDIR /work
USER 65532:65532
CMD ["qdrant-lint", "--help"]

FROM scratch
LABEL org.opencontainers.image.title="qdrant-lint" \
      org.opencontainers.image.description="Policy-as-code compliance linter for Qdrant on Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/qdrant-lint/qdrant-lint"
# for addresses that name no CA of their own
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /source/target/release/qdrant-lint /usr/local/bin/qdrant-lint
COPY --from=build --chown=65532:65532 /work /work
COPY LICENSE /licenses/qdrant-lint
ENV PATH=/usr/local/bin
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["qdrant-lint"]
CMD ["--help"]

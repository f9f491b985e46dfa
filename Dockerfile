# syntax=docker/dockerfile:1
# The command line `braid` in a small image:
#
#     docker build --tag braid .
#     mkdir -p ~/.cache/braid
#     docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/work" \
#         --volume "$HOME/.cache/braid:/var/cache/braid" braid prove examples/blocks/transfers.json
#
# The image's own user, 10001, may not write into folders of the host; --user is the one whom they belong to, and the cache is a folder of theirs too.
#
# Proofs take half the time with vector instructions. TARGET_CPU says which the machines have that run the image: x86-64-v3 (AVX2) are most of
# the last ten years; x86-64-v4 has AVX-512; x86-64 runs everywhere; native is the machine that builds.
# The version of rust-toolchain.toml.
ARG RUST_VERSION=1.95.0
ARG DEBIAN=bookworm

FROM rust:${RUST_VERSION}-slim-${DEBIAN} AS build
ARG TARGET_CPU=x86-64-v3
# The native libraries below revm and the allocator are compiled from C.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# In place of the flags of .cargo/config.toml, which are for the machine that builds.
ENV RUSTFLAGS="-C target-cpu=${TARGET_CPU}"
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin braid \
    && cp target/release/braid /usr/local/bin/braid

FROM debian:${DEBIAN}-slim
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin braid \
    && install --directory --owner braid --group braid /work /var/cache/braid
COPY --from=build /usr/local/bin/braid /usr/local/bin/braid
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/braid/
ENV BRAID_CACHE_DIR=/var/cache/braid
VOLUME /var/cache/braid
USER 10001:10001
WORKDIR /work
ENTRYPOINT ["braid"]
CMD ["--help"]

# The recipes that CI runs as well. `just` alone lists them.

_list:
    @just --list

# Everything CI does.
ci: lint doc test spec fuzz-check bench-check

# All tests, and the crate's documented examples.
test:
    cargo test --workspace

# Format and lints; warnings are errors.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# The documentation; warnings are errors.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Every requirement has code and a test, and every number cited exists.
spec:
    cargo test --workspace --test protocol spec::

# Writes the listing of the library's public surface anew. Needs the nightly toolchain and
# cargo-public-api 0.52.
public-api:
    cargo +nightly public-api -p noren -sss > protocol/public-api.txt

# Each fuzz target for some seconds. Needs the nightly toolchain and cargo-fuzz.
fuzz seconds="10":
    #!/usr/bin/env sh
    set -eu
    for target in $(cargo +nightly fuzz list); do
        cargo +nightly fuzz run "$target" -- -max_total_time={{seconds}}
    done

# The fuzz targets compile.
fuzz-check:
    cargo check --manifest-path fuzz/Cargo.toml

# The measurements.
bench:
    cargo bench -p noren-benches --bench steps

# Renews the tables and plots of benches/README.md. Some minutes; needs valgrind, and node for mcl.
bench-tables:
    cargo run --profile dist -p noren-benches --bin side_by_side
    cargo bench -p noren-benches --bench paper
    cargo run --profile dist -p noren-benches --bin scaling
    cargo run --profile dist -p noren-benches --bin instructions

# No branch and no look-up depends on a secret, in the compiled program. Needs valgrind.
constant-time:
    CARGO_PROFILE_DIST_DEBUG=line-tables-only cargo run --profile dist -p noren-benches --features constant-time --bin constant_time

# The measurements compile.
bench-check:
    cargo bench -p noren-benches --no-run

# The whole loop on this machine, from a printed code to a notice.
demo:
    cargo run --release -p noren-cli -- demo

# Licences, banned crates and sources. Needs cargo-deny.
deny:
    cargo deny check licenses bans sources

#!/usr/bin/env bash
# Runs a command beside a throw-away PostgreSQL server and ends the server after it:
#
#   tests/postgres.sh cargo test -p diembao-store
#
# The command finds the server's address in DIEMBAO_TEST_POSTGRES. The server listens on a
# Unix socket in a temporary folder only, so it needs no free port and nobody else reaches it.
# PostgreSQL does not run as root: root hands it to the user postgres (or nobody).
# Where initdb is missing and we are root, apt-get installs it.
# For measuring: DIEMBAO_TEST_FSYNC=on makes the server write through to the disk, DIEMBAO_TEST_BUFFERS=2GB is its memory.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: $0 COMMAND [ARGUMENT…]" >&2
    exit 2
fi

# The folder of initdb, postgres and pg_ctl: those in PATH may be wrappers, the newest of Debian's is not.
find_bin() {
    local dir
    for dir in $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin 2>/dev/null | sort -V -r); do
        if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then
            echo "$dir"
            return
        fi
    done
    if command -v initdb >/dev/null; then
        dirname "$(readlink -f "$(command -v initdb)")"
    fi
}

bin=$(find_bin)
if [ -z "$bin" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "postgres.sh: installing postgresql" >&2
    (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql) >&2
    bin=$(find_bin)
fi
if [ -z "$bin" ]; then
    echo "postgres.sh: initdb is missing; install PostgreSQL (Debian: apt-get install postgresql)" >&2
    exit 1
fi

# A socket's path has 107 bytes at most, so the folder's name is kept short.
home=$(mktemp -d /tmp/diembao-pg.XXXXXX)
as=()
if [ "$(id -u)" -eq 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$home"
    as=(runuser -u "$user" --)
fi
server=

stop() {
    local code=$?
    trap - EXIT INT TERM
    if [ -n "$server" ]; then
        "${as[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate -s stop >/dev/null 2>&1 || true
    fi
    rm -rf "$home"
    exit "$code"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd /
"${as[@]}" "$bin/initdb" -D "$home/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$home/log" 2>&1 || {
    cat "$home/log" >&2
    exit 1
}
settings="-c listen_addresses= -c unix_socket_directories=$home -c fsync=${DIEMBAO_TEST_FSYNC:-off} -c max_connections=200 -c shared_buffers=${DIEMBAO_TEST_BUFFERS:-64MB}"
"${as[@]}" "$bin/pg_ctl" -D "$home/data" -l "$home/server.log" -o "$settings" -w -s start || {
    cat "$home/server.log" >&2
    exit 1
}
server=yes
cd - >/dev/null

export DIEMBAO_TEST_POSTGRES="postgres://postgres@localhost/postgres?host=${home//\//%2F}"
"$@"

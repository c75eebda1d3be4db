#!/bin/sh
# Installed as .venv/bin/heed: Heed from the command line, in the checkout it belongs to.
root=$(cd -P "$(dirname "$0")/../.." && pwd)
PYTHONPATH="$root:$root/layers/heed" exec "$root/.venv/bin/python" -m infra.heedctl "$@"

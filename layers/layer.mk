# What every `build-` target shares. SAM calls `make -f <here>/Makefile build-<LogicalId>` in a scratch copy of the folder,
# so everything else is found from the Makefile's own place.
#
#   HEED_PYTHON   the Python of the functions' Runtime, as in the template's PyRuntime (default 3.13)
#   HEED_ARCH     arm64 or x86_64, as in the template's Arch (default arm64)
#   HEED_BYTECODE `skip` builds without bytecode when that Python cannot be had: init takes about 2.4 times as long
ROOT := $(realpath $(dir $(realpath $(lastword $(MAKEFILE_LIST))))..)
HEED_PYTHON ?= 3.13
HEED_ARCH ?= arm64
export UV_SYSTEM_CERTS ?= 1
export PATH := $(ROOT)/.venv/bin:$(PATH)
PLATFORM := $(if $(filter arm64,$(HEED_ARCH)),aarch64,x86_64)-manylinux2014

# Bytecode is of one minor version. SAM dates every file 1980, which voids ordinary .pyc files; these carry a hash
# instead of a date and are believed without looking at the source again.
define compile
	$(call with_python,PYTHONHASHSEED=0 "$$python" -m compileall -q -f --invalidation-mode unchecked-hash \
	    -s "$(ARTIFACTS_DIR)" -p $(1) "$(ARTIFACTS_DIR)")
endef

# A command with $$python, which is that version's; none where bytecode is skipped
define with_python
	@if [ "$(HEED_BYTECODE)" = skip ]; then \
	    echo "WARNING: no bytecode for Python $(HEED_PYTHON) in $(@:build-%=%): HEED_BYTECODE=skip" >&2; \
	else \
	    python=$$(uv python find --no-project $(HEED_PYTHON) 2>/dev/null) || { \
	        echo "fetching Python $(HEED_PYTHON) to compile bytecode" >&2; \
	        uv python install --no-bin --quiet $(HEED_PYTHON) && python=$$(uv python find --no-project $(HEED_PYTHON)); } || { \
	        echo "Python $(HEED_PYTHON) is needed to compile its bytecode and could not be fetched." >&2; \
	        echo "Install it (its folder on PATH), or set HEED_BYTECODE=skip to go without." >&2; exit 1; }; \
	    $(1); \
	fi
endef

# python/ in a layer, without what running the tests left behind
define copy
	@mkdir -p "$(2)" && cp -R $(1) "$(2)" && find "$(2)" -name __pycache__ -type d -prune -exec rm -rf {} +
endef

#!/usr/bin/env bash
# Ends with a message where Debian packages cannot be installed. Sourced by install-*.sh.

# require_apt "The browser tests need Chromium"
require_apt() {
  if ! command -v apt-get >/dev/null; then
    echo "$1, and there is no apt-get here to install it with." >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "$1. Install it as root: sudo $0" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
}

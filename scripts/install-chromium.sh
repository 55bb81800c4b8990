#!/usr/bin/env bash
# Installs Debian's Chromium, which the browser tests drive through playwright-core. Does nothing when it is there.
set -euo pipefail

chromium=/usr/bin/chromium

if [ -x "$chromium" ]; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "The browser tests need Chromium as $chromium, and there is no apt-get here to install it with." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "The browser tests need $chromium. Install it as root: sudo $0" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update
# The second is for whoever looks at a picture of the page: Chromium brings no emoji.
apt-get install -y chromium fonts-noto-color-emoji

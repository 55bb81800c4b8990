#!/usr/bin/env bash
# Installs Debian's Chromium, which the browser tests drive through playwright-core. Does nothing when it is there.
set -euo pipefail
. "$(dirname "$0")/require-apt.sh"

chromium=/usr/bin/chromium

if [ -x "$chromium" ]; then
  exit 0
fi
require_apt "The browser tests need Chromium as $chromium"
apt-get update
# The second is for whoever looks at a picture of the page: Chromium brings no emoji.
apt-get install -y chromium fonts-noto-color-emoji

#!/usr/bin/env bash
# Installs Debian's nginx, which the tests of proxies run with configurations of their own, and openssl, which makes their
# certificate. Does nothing when both are there. The tests skip where they are not.
set -euo pipefail
. "$(dirname "$0")/require-apt.sh"

if [ -x /usr/sbin/nginx ] && command -v openssl >/dev/null; then
  exit 0
fi
require_apt "The tests of proxies need nginx and openssl"
# The lists are there already where Chromium was just installed.
apt-cache show nginx-light >/dev/null 2>&1 || apt-get update
apt-get install -y --no-install-recommends nginx-light openssl

#!/usr/bin/env bash
# Installs Debian's nginx, which the tests of proxies run with configurations of their own, and openssl, which makes their
# certificate. Does nothing when both are there. The tests skip where they are not.
set -euo pipefail

if [ -x /usr/sbin/nginx ] && command -v openssl >/dev/null; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "The tests of proxies need nginx and openssl, and there is no apt-get here to install them with." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "The tests of proxies need nginx and openssl. Install them as root: sudo $0" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
# The lists are there already where Chromium was just installed.
apt-cache show nginx-light >/dev/null 2>&1 || apt-get update
apt-get install -y --no-install-recommends nginx-light openssl

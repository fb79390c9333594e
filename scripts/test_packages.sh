#!/bin/sh
# Install the Debian packages that the tests drive: a browser, mail servers, databases.
# Does nothing where all are there; without root and sudo it says what is missing, and those tests are skipped.
set -eu

missing=""
need() { missing="$missing $1"; }

command -v chromium >/dev/null 2>&1 || need chromium
[ -x /usr/sbin/dovecot ] || need dovecot-core
[ -e /usr/lib/dovecot/imap ] || need dovecot-imapd
[ -e /usr/lib/dovecot/lmtp ] || need dovecot-lmtpd
[ -x /usr/sbin/postfix ] || need postfix
command -v redis-server >/dev/null 2>&1 || need redis-server
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql

[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root="env"
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    echo "not installed and no right to install:$missing; tests that need them are skipped" >&2
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed and no apt-get here:$missing; tests that need them are skipped" >&2
    exit 0
fi

echo "installing for the tests:$missing"
export DEBIAN_FRONTEND=noninteractive
if command -v debconf-set-selections >/dev/null 2>&1; then
    echo "postfix postfix/main_mailer_type select No configuration" | $as_root debconf-set-selections
fi
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null

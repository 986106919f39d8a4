#!/bin/sh
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Give a Debian bastion the trust store of Alpine. Runs there as root.
#
# Real: the directories, and run-parts. A double, written from the behaviour of the distribution's program (in C):
# update-ca-certificates, which takes no arguments, parses nothing and reads every file that is not hidden.
set -eu
mkdir -p /etc/apk /etc/ca-certificates/update.d
rm -f /etc/ssl/certs/*
cat > /usr/sbin/update-ca-certificates <<'U'
#!/bin/sh
shared=/usr/share/ca-certificates local=/usr/local/share/ca-certificates links=/etc/ssl/certs
new=$(mktemp $links/bundleXXXXXX)
chmod 644 "$new"
find $links -type l -exec sh -c 'case $(readlink "$1") in '"$shared"'/*|'"$local"'/*) rm "$1" ;; esac' - {} ';'
take() {
    cat "$1" >> "$new" || echo "Warning! Cannot copy to bundle: $1" >&2
    echo >> "$new"
    name=${1##*/}
    ln -s "$1" "$links/ca-cert-${name%.crt}.pem" || echo "Warning! Cannot symlink $1" >&2
}
while read -r name; do
    case $name in '#'*|'!'*|'') ;; *) take "$shared/$name" ;; esac
done < /etc/ca-certificates.conf
for file in $local/*; do [ ! -e "$file" ] || take "$file"; done
mv "$new" $links/ca-certificates.crt
exec run-parts /etc/ca-certificates/update.d
U
update-ca-certificates
grep -q 'BEGIN CERTIFICATE' /etc/ssl/certs/ca-certificates.crt

#!/bin/sh
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Give a Debian bastion the trust store of Arch Linux. Runs there as root.
#
# Real: p11-kit and its trust extract, the directories, the link that Go programs read. A double, written from what
# others tell of the distribution: update-ca-trust. Of the system's own CAs there are a few.
set -eu
own=/usr/share/ca-certificates/trust-source etc=/etc/ca-certificates
mkdir -p $own/anchors $own/blocklist $etc/trust-source/anchors $etc/trust-source/blocklist $etc/extracted/cadir
set -- /usr/share/ca-certificates/mozilla/*.crt
for certificate in "$1" "$2" "$3"; do
    openssl x509 -in "$certificate" -trustout -addtrust serverAuth
done > $own/mozilla.trust.pem

mkdir -p /etc/pkcs11/modules
cat > /etc/pkcs11/modules/p11-kit-trust.module <<M
module: p11-kit-trust.so
trust-policy: yes
x-init-reserved: paths='$etc/trust-source:$own'
M

cat > /usr/bin/update-ca-trust <<'U'
#!/bin/sh
dest=/etc/ca-certificates/extracted
extract() { trust extract --overwrite --filter=ca-anchors --purpose=server-auth "$@"; }
extract --format=pem-bundle --comment $dest/tls-ca-bundle.pem
extract --format=java-cacerts $dest/java-cacerts
extract --format=pem-directory-hash $dest/cadir
U
chmod 755 /usr/bin/update-ca-trust

rm -rf /etc/ssl/certs /usr/local/share/ca-certificates /usr/share/ca-certificates/mozilla /etc/ca-certificates.conf \
    /usr/sbin/update-ca-certificates
mkdir /etc/ssl/certs
ln -s ../../ca-certificates/extracted/tls-ca-bundle.pem /etc/ssl/certs/ca-certificates.crt
update-ca-trust
grep -q 'BEGIN CERTIFICATE' /etc/ssl/certs/ca-certificates.crt

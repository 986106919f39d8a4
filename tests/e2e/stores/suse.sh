#!/bin/sh
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Give a Debian bastion the trust store of openSUSE and SLES. Runs there as root.
#
# Real: p11-kit and its trust extract, the directories, the links, what Go programs then read. A double, written from
# the observed behaviour of the distribution's scripts: update-ca-certificates. Of the extractions it makes those that
# programs on the bastion read; of the system's own CAs there are a few.
set -eu
own=/usr/share/pki/trust state=/var/lib/ca-certificates
mkdir -p /etc/pki/trust/anchors /etc/pki/trust/blocklist $own/anchors $own/blocklist $state/pem
set -- /usr/share/ca-certificates/mozilla/*.crt
for certificate in "$1" "$2" "$3"; do
    openssl x509 -in "$certificate" -trustout -addtrust serverAuth
done > $own/ca-bundle.trust.pem

mkdir -p /etc/pkcs11/modules
cat > /etc/pkcs11/modules/p11-kit-trust.module <<M
module: p11-kit-trust.so
trust-policy: yes
x-init-reserved: paths='/etc/pki/trust:$own'
M

cat > /usr/sbin/update-ca-certificates <<'U'
#!/bin/sh
state=/var/lib/ca-certificates fresh=
for option; do
    case $option in
        -f|--fresh) fresh=1 ;;
        -v|--verbose) ;;
        -*) echo "invalid option: $option" >&2; exit 1 ;;
    esac
done
# During a transactional update nothing is made, until the next boot.
case $TRANSACTIONAL_UPDATE in true|TRUE|yes|YES|1) : > /etc/pki/trust/.updated; exit 0 ;; esac
rm -f /etc/pki/trust/.updated
extract() { trust extract --filter=ca-anchors --purpose=server-auth --overwrite "$@"; }
extract --format=pem-directory-hash $state/pem
# A bundle that is newer than the directory counts as made from it.
if [ -n "$fresh" ] || [ ! -e $state/ca-bundle.pem ] || [ -z "$(find $state/ca-bundle.pem -newer $state/pem)" ]; then
    extract --format=pem-bundle $state/ca-bundle.pem.new && mv -f $state/ca-bundle.pem.new $state/ca-bundle.pem
fi
# The exit code is this one's, whatever became of the extractions.
chmod 0555 $state
U

rm -rf /etc/ssl/certs /usr/local/share/ca-certificates /usr/share/ca-certificates /etc/ca-certificates*
ln -s ../..$state/pem /etc/ssl/certs
ln -s ../..$state/ca-bundle.pem /etc/ssl/ca-bundle.pem
update-ca-certificates
grep -q 'BEGIN CERTIFICATE' /etc/ssl/ca-bundle.pem

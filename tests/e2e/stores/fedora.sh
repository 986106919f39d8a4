#!/bin/sh
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Turn the RHEL 9 look-alike into one of Fedora, RHEL 10 and Amazon Linux 2023: a stricter update-ca-trust, and no
# /etc/pki/tls/cert.pem. Runs on the bastion as root.
#
# Real: p11-kit. A double, written from the observed behaviour of Fedora's script since 2023: it ends at the first
# extraction that fails, refuses a word that is not "extract", takes -o, and writes a directory of hashes as well.
set -eu
cat > /usr/bin/update-ca-trust <<'U'
#!/bin/sh
set -eu
dest=/etc/pki/ca-trust/extracted
case ${1-} in
    ''|extract) ;;
    -o) dest=$2 ;;
    *) echo "Error: Unknown command: $1" >&2; exit 1 ;;
esac
[ "${2-}" != -o ] || dest=$3
extract() { trust extract --overwrite "$@"; }
extract --format=openssl-bundle --filter=certificates --comment "$dest/openssl/ca-bundle.trust.crt"
extract --format=pem-bundle --filter=ca-anchors --purpose=server-auth --comment "$dest/pem/tls-ca-bundle.pem"
extract --format=pem-bundle --filter=ca-anchors --purpose=email --comment "$dest/pem/email-ca-bundle.pem"
extract --format=pem-bundle --filter=ca-anchors --purpose=code-signing --comment "$dest/pem/objsign-ca-bundle.pem"
extract --format=java-cacerts --filter=ca-anchors --purpose=server-auth "$dest/java/cacerts"
extract --format=edk2-cacerts --filter=ca-anchors --purpose=server-auth "$dest/edk2/cacerts.bin"
mkdir -p "$dest/pem/directory-hash"
extract --format=pem-directory-hash --filter=ca-anchors --purpose=server-auth "$dest/pem/directory-hash"
ln -sf ../tls-ca-bundle.pem "$dest/pem/directory-hash/ca-certificates.crt"
U
rm /etc/pki/tls/cert.pem
update-ca-trust

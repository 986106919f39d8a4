#!/bin/sh
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# rhel9.sh LAYER LOWER: make LAYER, so that LAYER over LOWER (a Debian root) looks like RHEL 9 to Ansible, to
# update-ca-trust and to whoever reads the trust store. Runs in a mount namespace of its own.
#
# A look-alike, not RHEL: real are p11-kit and the layout of the trust store; update-ca-trust is rewritten from its
# documented behaviour; there is no dnf, no SELinux policy and no FIPS mode, and the programs are Debian's.
set -eu
layer=$1 lower=$2 here=$(dirname "$0")
read -r _ _ ids < /proc/self/uid_map
[ "$ids" = 4294967295 ] && xattr='' || xattr=userxattr,    # in a user namespace
mkdir -p "$layer.work" "$layer.root"
mount -t overlay overlay -o "${xattr}lowerdir=$lower,upperdir=$layer,workdir=$layer.work" "$layer.root"
cp "$here/update-ca-trust" "$layer.root/usr/bin/"
cd "$layer.root"
mount --rbind /proc proc
mount -t tmpfs -o mode=755 tmpfs dev
for device in null urandom; do : > dev/$device; mount --bind /dev/$device dev/$device; done

chroot . sh -eu <<'IN'
rm /etc/os-release
cat > /etc/os-release <<E
NAME="Red Hat Enterprise Linux"
VERSION="9.4 (Plow)"
ID="rhel"
ID_LIKE="fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow) look-alike for tests"
E
echo "Red Hat Enterprise Linux release 9.4 (Plow)" > /etc/redhat-release

mkdir -p /etc/pki
cd /etc/pki
mkdir -p ca-trust/source/anchors ca-trust/source/blocklist tls/certs tls/private java \
    ca-trust/extracted/openssl ca-trust/extracted/pem ca-trust/extracted/java ca-trust/extracted/edk2
ln -s ../ca-trust/extracted/pem/tls-ca-bundle.pem tls/cert.pem
ln -s ../../ca-trust/extracted/pem/tls-ca-bundle.pem tls/certs/ca-bundle.crt
ln -s ../../ca-trust/extracted/openssl/ca-bundle.trust.crt tls/certs/ca-bundle.trust.crt
ln -s ../ca-trust/extracted/java/cacerts java/cacerts
cp /etc/ssl/openssl.cnf tls/openssl.cnf

# The distribution's own CAs lie outside `anchors`, as on RHEL, where they must say themselves what they are for.
store=/usr/share/pki/ca-trust-source
mkdir -p $store/anchors $store/blocklist
for certificate in /usr/share/ca-certificates/mozilla/*.crt; do
    openssl x509 -in "$certificate" -trustout -addtrust serverAuth -addtrust emailProtection
done > $store/ca-bundle.trust.pem

# Debian compiles another default into p11-kit's trust module.
mkdir -p /etc/pkcs11/modules
cat > /etc/pkcs11/modules/p11-kit-trust.module <<M
module: p11-kit-trust.so
priority: 1
trust-policy: yes
x-trust-lookup: pkcs11:library-description=PKCS%2311%20Kit%20Trust%20Module
disable-in: p11-kit-proxy
x-init-reserved: paths='/etc/pki/ca-trust/source:/usr/share/pki/ca-trust-source'
M

# Debian's OpenSSL, Python and Go programs look in /usr/lib/ssl and /etc/ssl.
rm -rf /usr/lib/ssl /etc/ssl
ln -s /etc/pki/tls /usr/lib/ssl
mkdir /etc/ssl
ln -s ../pki/tls/certs /etc/ssl/certs
ln -s /etc/pki/tls/openssl.cnf /etc/ssl/openssl.cnf

rm -rf /etc/debian_version /etc/apt /etc/ca-certificates* /usr/local/share/ca-certificates \
    /usr/share/ca-certificates /usr/sbin/update-ca-certificates /usr/bin/apt* /usr/bin/dpkg* /var/lib/dpkg
update-ca-trust extract
grep -q 'BEGIN CERTIFICATE' /etc/pki/tls/cert.pem
IN
cd /
umount -R "$layer.root"
rm -rf "$layer.work" "$layer.root" "${layer:?}/dev" "$layer/proc"

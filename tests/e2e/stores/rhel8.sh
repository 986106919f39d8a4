#!/bin/sh
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Turn the RHEL 9 look-alike into one of RHEL 8, RHEL 7 and Amazon Linux 2: the blocklist is called blacklist. Runs on the
# bastion as root.
#
# Real: p11-kit. Debian's reads "blocklist" only, so that it gets folders in which that is a link to "blacklist".
# update-ca-trust is the double of RHEL 9's, which has the same script as RHEL 8.
set -eu
for parent in /etc/pki/ca-trust/source /usr/share/pki/ca-trust-source; do
    view=/run/p11-kit$parent
    mkdir -p "$view"
    mv $parent/blocklist $parent/blacklist
    ln -s $parent/anchors "$view/anchors"
    ln -s $parent/blacklist "$view/blocklist"
done
ln -s /usr/share/pki/ca-trust-source/ca-bundle.trust.pem /run/p11-kit/usr/share/pki/ca-trust-source/
sed -i "s,paths='[^']*',paths='/run/p11-kit/etc/pki/ca-trust/source:/run/p11-kit/usr/share/pki/ca-trust-source'," \
    /etc/pkcs11/modules/p11-kit-trust.module
update-ca-trust
grep -q 'BEGIN CERTIFICATE' /etc/pki/tls/cert.pem

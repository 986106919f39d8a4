#!/bin/sh
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# debian13.sh TREE: make a freshly unpacked Debian a bastion. Runs as root (of the user namespace, if there is one).
set -eu
tree=$1
mkdir "$tree/dev"
# Every lab brings its own host key, and no host can reach an archive or a name server.
rm -rf "$tree"/etc/ssh/ssh_host_* "$tree"/etc/apt/sources.list* "$tree"/etc/resolv.conf
sed -i 's/^hosts:.*/hosts: files/' "$tree/etc/nsswitch.conf"
# With no password at all sshd calls the account locked; `*` is a password that nothing matches.
chroot "$tree" useradd --create-home --shell /bin/bash --password '*' admin
echo 'admin ALL=(ALL) NOPASSWD: ALL' > "$tree/etc/sudoers.d/admin"
# What skopeo's and podman's packages install everywhere but here, where recommended packages are left out.
mkdir -p "$tree/etc/containers"
echo '{"default": [{"type": "insecureAcceptAnything"}]}' > "$tree/etc/containers/policy.json"

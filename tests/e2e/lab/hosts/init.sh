#!/bin/sh
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Turn a fresh set of namespaces into a host: a root of its own, a network, keys, then sshd as PID 1.
# Environment: NAME FQDN IP LOWER (overlay's lowerdir) DIR (the host's disk and root) LAB (keys and tables) HERE.
set -eu
root=$DIR/root
read -r _ _ ids < /proc/self/uid_map
[ "$ids" = 4294967295 ] && xattr='' || xattr=userxattr,    # in a user namespace
mount -t overlay overlay -o "${xattr}lowerdir=$LOWER,upperdir=$DIR/disk/upper,workdir=$DIR/disk/work" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755,size=16m tmpfs run
mount -t tmpfs -o mode=755,size=64k tmpfs dev
mkdir -p dev/pts dev/shm run/sshd
for device in null zero full random urandom tty; do : > dev/$device; mount --bind /dev/$device dev/$device; done
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
ip -batch - <<B
link set lo up
addr add $IP/16 dev eth0
link set eth0 up
B
hostname "$NAME"
echo "$FQDN" > etc/hostname
cp "$LAB/hosts" etc/hosts
{ echo '#!/usr/bin/python3'; cat "$HERE/hosts/oc.py"; } > usr/bin/oc
chmod 755 usr/bin/oc
for home in root home/admin; do
    install -d -m 700 $home/.ssh $home/.kube
    install -m 600 "$LAB/id.pub" $home/.ssh/authorized_keys
    install -m 600 "$LAB/kubeconfig" $home/.kube/config
done
chroot . chown -R admin: /home/admin/.ssh /home/admin/.kube
install -m 600 "$LAB/host" etc/ssh/ssh_host_ed25519_key
cat > etc/ssh/sshd_config <<C
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
UseDNS no
MaxStartups 200
MaxSessions 100
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
C
pivot_root . mnt
cd /
umount -l /mnt
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/sshd -D -e

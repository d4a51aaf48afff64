#!/bin/sh
# Boots systemd in a root folder, in namespaces of its own: its processes, its network and its mounts
# are its own too. Runs as the first process of those namespaces; as root.
#
#   unshare --mount --pid --net --uts --ipc --cgroup --fork clean_system.sh FOLDER
set -e
root=$1

mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs sys sys
mount -t tmpfs run run
mount -t tmpfs tmp tmp

# Devices cannot be made in a sandbox, but those that are there can be shared.
mount -t tmpfs dev dev
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
mkdir dev/shm dev/pts dev/mqueue
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx

# Control groups, of either version.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup sys/fs/cgroup
else
    mount -t tmpfs cgroup sys/fs/cgroup
    mkdir sys/fs/cgroup/systemd
    mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
    for controller in cpu memory pids; do
        mkdir sys/fs/cgroup/$controller
        mount -t cgroup -o $controller cgroup sys/fs/cgroup/$controller
    done
fi

mkdir -p old
pivot_root . old
umount -l /old
rmdir /old
exec env -i container=other PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --log-target=journal --unit=multi-user.target

package store

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// networkMagic are the filesystems that have a server, by the number that
// statfs(2) gives.
var networkMagic = map[uint32]string{
	unix.NFS_SUPER_MAGIC:  "nfs",
	unix.SMB_SUPER_MAGIC:  "smb",
	unix.CIFS_SUPER_MAGIC: "cifs",
	unix.SMB2_SUPER_MAGIC: "smb2",
	unix.CEPH_SUPER_MAGIC: "ceph",
	unix.AFS_SUPER_MAGIC:  "afs",
	unix.AFS_FS_MAGIC:     "kafs",
	unix.CODA_SUPER_MAGIC: "coda",
	unix.NCP_SUPER_MAGIC:  "ncp",
	0x0BD00BD0:            "lustre",
	0x47504653:            "gpfs",
	0x19830326:            "beegfs",
	0xAAD7AAEA:            "panfs",
	0x20030528:            "orangefs",
}

// networkFuse are programs behind FUSE that have a server, by the type that
// /proc/self/mountinfo gives. All others are taken for local.
var networkFuse = map[string]bool{
	"fuse.sshfs": true, "fuse.glusterfs": true, "fuse.ceph-fuse": true, "fuse.ceph": true, "fuse.juicefs": true, "fuse.JuiceFS": true,
	"fuse.rclone": true, "fuse.s3fs": true, "fuse.gcsfuse": true, "fuse.davfs": true, "fuse.mfs": true, "fuse.beegfs": true, "fuse.lizardfs": true,
	"fuse.nfs": true, "fuse.smbnetfs": true, "fuse.curlftpfs": true, "fuse.blobfuse": true, "fuse.blobfuse2": true, "fuse.alluxio-fuse": true,
}

func networkDisk(dir string, dev uint64) bool {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return false
	}
	magic := uint32(s.Type) // some machines extend its sign
	if magic == unix.FUSE_SUPER_MAGIC {
		b, err := os.ReadFile("/proc/self/mountinfo")
		return err == nil && networkFuse[mountType(b, unix.Major(dev), unix.Minor(dev))]
	}
	return networkMagic[magic] != ""
}

// copiesOnWrite reports whether the disk of dir needs new room to write over what
// is there.
func copiesOnWrite(dir string) bool {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return false
	}
	switch uint32(s.Type) { //nolint:gosec // some machines extend its sign
	case unix.BTRFS_SUPER_MAGIC, 0x2FC12FC1, 0xCA451A4E: // zfs, bcachefs
		return true
	}
	return false
}

// mountType finds the type of the filesystem on a device in a mountinfo text:
// "36 35 98:0 / /mnt rw shared:1 - ext4 /dev/sda1 rw".
func mountType(mountinfo []byte, major, minor uint32) string {
	want := fmt.Sprintf("%d:%d", major, minor)
	for lines := bufio.NewScanner(bytes.NewReader(mountinfo)); lines.Scan(); {
		head, tail, ok := strings.Cut(lines.Text(), " - ")
		fields := strings.Fields(head)
		if ok && len(fields) > 2 && fields[2] == want {
			kind, _, _ := strings.Cut(tail, " ")
			return kind
		}
	}
	return ""
}

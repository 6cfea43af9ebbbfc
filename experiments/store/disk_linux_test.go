package store

import "testing"

// The types are of the man page of proc(5) and of a machine with sshfs mounts.
func TestMountType(t *testing.T) {
	t.Parallel()
	text := []byte("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n" +
		"torn line\n" +
		"411 29 0:74 / /home/x/with\\040space rw,nosuid,nodev shared:217 - fuse.sshfs host:/data rw,user_id=1000\n" +
		"412 29 0:75 / /home/x/y rw shared:9 - fuseblk /dev/sdb1 rw")
	for _, tt := range []struct {
		major, minor uint32
		want         string
		network      bool
	}{{98, 0, "ext3", false}, {0, 74, "fuse.sshfs", true}, {0, 75, "fuseblk", false}, {0, 7, "", false}} {
		got := mountType(text, tt.major, tt.minor)
		if got != tt.want || networkFuse[got] != tt.network {
			t.Errorf("%d:%d is %q, network %v", tt.major, tt.minor, got, networkFuse[got])
		}
	}
	if onNetwork("/proc") || onNetwork("/no such folder") {
		t.Error("what is local is taken for a network disk")
	}
}

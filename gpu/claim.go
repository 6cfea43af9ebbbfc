package gpu

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ClaimsDir is where all users of a machine claim its GPUs. It is the same for
// everybody and not TMPDIR's, or two of them would not meet.
const ClaimsDir = "/tmp/ablate-gpus"

// ErrBusy says that too few GPUs are free now.
var ErrBusy = errors.New("too few GPUs are free")

// Holder is who has claimed a GPU, as the file of the claim says.
type Holder struct {
	PID   int    `json:"pid"`
	User  string `json:"user"`
	Store string `json:"store"`
	Run   string `json:"run"`
}

func (h Holder) String() string {
	if h == (Holder{}) {
		return "somebody who does not say"
	}
	return fmt.Sprintf("run %q of %q (user %q, process %d)", h.Run, h.Store, h.User, h.PID)
}

// Claim is a hold on GPUs: one locked file (flock) a GPU. A process that inherits
// the files holds the GPUs too, so they are free once the last one has ended.
type Claim struct {
	UUIDs []string
	Files []*os.File
}

// Close lets go of the files. The GPUs stay claimed while somebody else has them.
func (c *Claim) Close() error {
	var errs []error
	for _, f := range c.Files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Renew keeps the files from looking forgotten to what clears temporary folders.
func (c *Claim) Renew() {
	for _, f := range c.Files {
		_ = unix.Futimes(int(f.Fd()), nil) // now; the claim holds without it
	}
}

// Take claims the first n of these GPUs that nobody has, all of them or none,
// by files in dir, which is made. The error is ErrBusy, wrapped, with who has
// which, if too few are free; another one if this machine can never give so many.
func Take(dir string, uuids []string, n int, by Holder) (*Claim, error) {
	return take(dir, uuids, n, by, func(held map[string]Holder) string {
		var words []string
		for _, uuid := range uuids {
			if h, ok := held[uuid]; ok {
				words = append(words, fmt.Sprintf("%s is held by %v", uuid, h))
			}
		}
		return strings.Join(words, "; ")
	})
}

// take is Take, with the words for who has which.
func take(dir string, uuids []string, n int, by Holder, words func(held map[string]Holder) string) (*Claim, error) {
	if n > len(uuids) {
		return nil, fmt.Errorf("claim GPUs: %d are wanted and %d can be had here", n, len(uuids))
	}
	place, err := openClaims(dir)
	if err != nil {
		return nil, err
	}
	defer place.Close()
	c := &Claim{}
	held := map[string]Holder{}
	for _, uuid := range uuids {
		if len(c.UUIDs) == n {
			break
		}
		f, holder, err := takeOne(place, uuid, by)
		switch {
		case err != nil:
			return nil, errors.Join(fmt.Errorf("claim GPU %s: %w", uuid, err), c.Close())
		case f == nil:
			held[uuid] = holder
		default:
			c.UUIDs, c.Files = append(c.UUIDs, uuid), append(c.Files, f)
		}
	}
	if len(c.UUIDs) < n {
		busy := fmt.Errorf("claim GPUs: %w, %d of %d wanted; %s", ErrBusy, len(c.UUIDs), n, words(held))
		return nil, errors.Join(busy, c.Close())
	}
	return c, nil
}

// claimPatience is how long another user may take to open what was just made to
// everybody.
const claimPatience = time.Second

// retry tries again while somebody else is about to finish what stands in the way.
func retry(try func() error) error {
	deadline := time.Now().Add(claimPatience)
	for {
		err := try()
		if !errors.Is(err, os.ErrPermission) && !errors.Is(err, os.ErrNotExist) || time.Now().After(deadline) {
			return err
		}
		<-time.After(10 * time.Millisecond)
	}
}

// openClaims opens the folder of claims, in which everybody may make files and
// nobody may remove another's. A link that somebody put there is not followed.
func openClaims(dir string) (place *os.File, err error) {
	err = retry(func() error {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		place = os.NewFile(uintptr(fd), dir)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open folder of GPU claims %s: %w; whoever owns it must remove it", dir, err)
	}
	if info, err := place.Stat(); err == nil && owned(info) {
		err = place.Chmod(0o777 | os.ModeSticky)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open folder of GPU claims: %w", err), place.Close())
		}
	}
	return place, nil
}

func owned(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// takeOne locks the file of one GPU and writes into it who has it. The file is
// nil if somebody else has it, who is told.
func takeOne(place *os.File, uuid string, by Holder) (f *os.File, holder Holder, err error) {
	for {
		if f, err = openClaim(place, uuid); err != nil {
			return nil, holder, err
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if errors.Is(err, unix.EWOULDBLOCK) {
			holder = readHolder(f)
			return nil, holder, f.Close()
		}
		if err != nil {
			return nil, holder, errors.Join(err, f.Close())
		}
		var stat unix.Stat_t
		if err = unix.Fstat(int(f.Fd()), &stat); err != nil {
			return nil, holder, errors.Join(err, f.Close())
		}
		if stat.Nlink > 0 {
			break
		}
		_ = f.Close() // somebody tidied up since: whoever comes next would not see it
	}
	text, err := json.Marshal(by)
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt(append(text, '\n'), 0)
	}
	if err != nil {
		return nil, holder, errors.Join(err, f.Close())
	}
	return f, holder, nil
}

// openClaim opens the file of one GPU for reading and writing, by everybody. Only
// a plain file under its one name will do: through a link, somebody else's could
// be written.
func openClaim(place *os.File, uuid string) (f *os.File, err error) {
	if strings.ContainsFunc(uuid, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-'
	}) || uuid == "" {
		return nil, fmt.Errorf("%q is no UUID", uuid)
	}
	const flags = unix.O_RDWR | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC
	err = retry(func() error {
		fd, err := unix.Openat(int(place.Fd()), uuid, flags, 0)
		made := errors.Is(err, os.ErrNotExist)
		if made { // only then: Linux refuses to "create" what another user has made
			fd, err = unix.Openat(int(place.Fd()), uuid, flags|unix.O_CREAT|unix.O_EXCL, 0o666)
		}
		if errors.Is(err, os.ErrExist) {
			return os.ErrNotExist // made meanwhile: once more
		}
		if err != nil {
			return err
		}
		f = os.NewFile(uintptr(fd), uuid)
		if made {
			return f.Chmod(0o666) // whatever the umask says
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &stat); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFREG || stat.Nlink > 1 {
		return nil, errors.Join(fmt.Errorf("%s/%s is no plain file of its own: remove it", place.Name(), uuid), f.Close())
	}
	return f, nil
}

// readHolder reads who says to have a GPU; nothing if that cannot be read.
func readHolder(f *os.File) (h Holder) {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 4<<10))
	if err == nil {
		_ = json.Unmarshal(text, &h)
	}
	return h
}

// Visible are the UUIDs of those devices that a value of CUDA_VISIBLE_DEVICES
// leaves: numbers, or UUIDs that may be shortened, up to the first one that names
// none, or more than one. Who has set it may not have more.
func Visible(devices []Device, value string) []string {
	var uuids []string
	for word := range strings.SplitSeq(value, ",") {
		found := called(devices, strings.TrimSpace(word))
		if len(found) != 1 || found[0].UUID == "" {
			break
		}
		if uuid := string(found[0].UUID); !slices.Contains(uuids, uuid) {
			uuids = append(uuids, uuid)
		}
	}
	return uuids
}

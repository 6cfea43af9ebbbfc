package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrLive refuses to pack, and to make room in, what is not at its end.
var ErrLive = errors.New("it has not ended")

// metricsName is the file of points in an attempt's folder.
const metricsName = "metrics.jsonl"

// Pack turns a run that has ended, or that was lost long ago, into a few small files: points.pack has the
// points of all attempts so far, files.tar.zst what else runner and trainer wrote;
// record and start of the newest attempt, checkpoints, and what ablate does not
// know stay as they are. Readers find everything as before, and a retry puts its
// attempt beside. The originals go when both files are on the disk and were read
// back and compared with them; wherever Pack is cut short, originals come first
// for who reads. What is packed already is left alone, and a run that is live is
// refused.
func Pack(runDir string) error {
	p := &packer{dir: runDir, step: func() {}}
	if err := p.pack(); err != nil {
		return fmt.Errorf("pack run %s: %w", runDir, err)
	}
	return nil
}

// packer packs one run.
type packer struct {
	dir    string
	step   func() // called after whatever changes the folder
	newest int
	lost   bool        // its newest attempt has no record of its end
	plain  []plainFile // what is packed and then goes
	files  []string    // names of what shall be in files.tar.zst, besides
	points *pointsWriter
}

// plainFile is a file as it was found.
type plainFile struct {
	name string
	info fs.FileInfo
}

func (p *packer) pack() error {
	folder, err := lockFolder(p.dir)
	if err != nil {
		return err
	}
	defer release(&Held{File: folder})
	if err := p.find(); err != nil || len(p.plain) == 0 {
		return err
	}
	p.clear()
	points, err := p.beside(pointsName, p.writePoints)
	if err != nil {
		return err
	}
	defer os.Remove(points) // it has another name by then, if all went well
	files, err := p.beside(filesName, p.writeFiles)
	if err != nil {
		return err
	}
	defer os.Remove(files)
	if err := errors.Join(p.comparePoints(points), p.compareFiles(files)); err != nil {
		return err
	}
	// Attempts that have ended change no more, so only now the run is held: a retry
	// does not wait for a long log.
	lock, err := Lock(LockFile(p.dir), probes)
	if err != nil {
		return err
	}
	defer release(lock)
	if err := p.unchanged(); err != nil {
		return err
	}
	if err := p.place(points, pointsName); err != nil {
		return err
	}
	if err := p.place(files, filesName); err != nil {
		return err
	}
	return p.remove()
}

// lockFolder lets only one process pack a run at a time. A disk that cannot lock
// a folder is no reason not to: the originals are compared once more.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%w: somebody else is packing it", ErrLocked), f.Close())
	}
	return f, nil
}

// release lets a lock go at once, also if a child that is being started has a copy
// of it for a moment.
func release(lock *Held) {
	if lock.lease == nil {
		_ = flock(lock.File, syscall.LOCK_UN)
	}
	_ = lock.Close()
}

// find looks whether the run has ended and for what there is to pack.
func (p *packer) find() error {
	s := Store{Dir: filepath.Dir(p.dir)}
	r, facts, err := s.look(filepath.Base(p.dir))
	if err != nil {
		return err
	}
	if status, _ := facts.Status(); !packable(r, facts) {
		return fmt.Errorf("%w: it is %s", ErrLive, status)
	}
	p.newest, p.lost = r.Attempt, facts.Exit == nil
	attempts, err := attemptNumbers(p.dir)
	if err != nil {
		return err
	}
	for _, n := range attempts {
		if err := p.findIn(int(n)); err != nil {
			return err
		}
	}
	return nil
}

// findIn looks for the files of one attempt. Only those that runner and trainer
// write by contract are packed: what else a command's trainer left may be large,
// and somebody may look for it where it is.
func (p *packer) findIn(n int) error {
	names := []string{metricsName, "events.jsonl", "samples.jsonl", "gpu.jsonl", "out.log", "env.json"}
	if n < p.newest {
		names = append(names, "start.json", "exit.json")
	}
	if n < p.newest || !p.lost { // else the next look asks it whether the run is done
		names = append(names, "result.json")
	}
	items, err := foldersFiles(filepath.Join(AttemptDir(p.dir, n), "items"))
	if err != nil {
		return err
	}
	for _, e := range items {
		if strings.HasSuffix(e.Name(), ".jsonl") && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, "items/"+e.Name())
		}
	}
	for _, name := range names {
		name = inAttempt(n, name)
		info, err := os.Lstat(filepath.Join(p.dir, name))
		if err == nil && info.Mode().IsRegular() {
			p.plain = append(p.plain, plainFile{name, info})
		}
	}
	return nil
}

// clear removes what a packer that was killed left half written: nobody else packs
// the run now, and it may be as much as the disk has no room for.
func (p *packer) clear() {
	entries, _ := os.ReadDir(p.dir) // what stays is in nobody's way
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "."+pointsName+"-") || strings.HasPrefix(e.Name(), "."+filesName+"-") {
			_ = os.Remove(filepath.Join(p.dir, e.Name()))
		}
	}
}

// foldersFiles are what is in a folder; nothing if it is not there, or a link: what
// is elsewhere is not the run's alone.
func foldersFiles(dir string) ([]fs.DirEntry, error) {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return os.ReadDir(dir)
}

// beside writes a file for the run under a temporary name.
func (p *packer) beside(name string, write func(io.Writer) error) (path string, err error) {
	f, err := os.CreateTemp(p.dir, "."+name+"-*")
	if err != nil {
		return "", err
	}
	p.step()
	to := bufio.NewWriterSize(f, maxFrame)
	err = write(to)
	err = errors.Join(err, to.Flush(), f.Chmod(fileMode(p.dir, 0o644)), f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	p.step()
	return f.Name(), nil
}

// place gives a file that is whole its name.
func (p *packer) place(path, name string) error {
	if err := os.Rename(path, filepath.Join(p.dir, name)); err != nil {
		return err
	}
	p.step()
	return SyncDir(p.dir)
}

// unchanged makes sure, under the lock, that what was packed is what is there.
func (p *packer) unchanged() error {
	n, err := Attempts(p.dir)
	if err != nil {
		return err
	}
	if n != p.newest {
		return fmt.Errorf("%w: attempt a%d was made meanwhile", ErrLive, n)
	}
	for _, f := range p.plain {
		now, err := os.Lstat(filepath.Join(p.dir, f.name))
		if err != nil {
			return err
		}
		if !os.SameFile(now, f.info) || now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
			return fmt.Errorf("%s changed meanwhile", f.name)
		}
	}
	return nil
}

// remove removes the originals, and folders that have nothing left in them.
func (p *packer) remove() error {
	for _, f := range p.plain {
		if err := os.Remove(filepath.Join(p.dir, f.name)); err != nil {
			return err
		}
		p.step()
	}
	attempts, err := attemptNumbers(p.dir)
	if err != nil {
		return err
	}
	for _, n := range attempts {
		dir := AttemptDir(p.dir, int(n))
		_ = syscall.Rmdir(filepath.Join(dir, "items")) // only what is empty goes, and no link
		if int(n) == p.newest || syscall.Rmdir(dir) != nil {
			if err := SyncDir(dir); err != nil {
				return err
			}
		}
		p.step()
	}
	return SyncDir(p.dir)
}

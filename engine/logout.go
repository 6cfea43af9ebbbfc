package engine

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// host is what of a machine decides whether processes outlive the session of
// their user. All of it is read below root.
type host struct {
	root     string
	uid      int
	user     string
	getenv   func(string) string
	lookPath func(string) (string, error)
}

func thisHost() host {
	h := host{root: "/", uid: os.Getuid(), getenv: os.Getenv, lookPath: exec.LookPath}
	if u, err := user.Current(); err == nil {
		h.user = u.Username
	}
	return h
}

// logoutRisk says that the system will end this process, and the runs that it
// starts, when their user logs out or the job around them ends, and what to do
// about it; "" if nothing is known to. What a login node's own reaper does cannot
// be known.
func logoutRisk() string { return thisHost().risk() }

// warn adds what will end the runs that were queued to what the client hears.
func (e *Engine) warn(r *Reply) {
	if e.Risk == nil || r.Queued == 0 {
		return
	}
	if risk := e.Risk(); risk != "" {
		r.Warning = strings.TrimPrefix(r.Warning+"\n"+risk, "\n")
	}
}

func (h host) risk() string {
	if job := h.getenv("SLURM_JOB_ID"); job != "" {
		return fmt.Sprintf("this engine is inside Slurm job %s: its runs end with that job. To let them go on, "+
			"end it (`ablate engine stop`) and run again from outside of the job", job)
	}
	unit := h.unit()
	switch {
	case !h.systemd():
		return ""
	case strings.Contains(unit, fmt.Sprintf("/user@%d.service", h.uid)) && !h.lingers():
		return "runs end when you log out: they belong to your systemd user manager, which ends with your last session. " + lingerWords
	case strings.HasPrefix(filepath.Base(unit), "session-"):
		kills, where := h.logind().kills(h.user)
		if !kills {
			return ""
		}
		if h.lingers() {
			return fmt.Sprintf("runs end when you log out (%s): lingering is on for you, and this engine was started without it. "+
				"Run `ablate engine stop` and then this again; if that does not help, `systemd-run --user` does not work here", where)
		}
		return fmt.Sprintf("runs end when you log out (%s). ", where) + lingerWords
	}
	return ""
}

const lingerWords = "To let them go on, run `loginctl enable-linger` once, then `ablate engine stop`, and this again; " +
	"tmux, screen and nohup do not help, and runs that are live already stay where they are"

// ownScope is the command that starts argv in a systemd scope of its own, which
// outlives the session; nil where that cannot be or is not needed. A scope and no
// service: it ends when its last process does and not with its first, so runs
// outlive their engine, and systemd-run becomes argv, with its environment and
// number.
func (h host) ownScope(argv []string, store string) (command, env []string) {
	if h.getenv("SLURM_JOB_ID") != "" || !h.systemd() || !h.lingers() {
		return nil, nil // what is in a job stays in it
	}
	run, err := h.lookPath("systemd-run")
	if err != nil {
		return nil, nil
	}
	dir := h.getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = h.runtimeDir()
		env = []string{"XDG_RUNTIME_DIR=" + filepath.Join("/", strings.TrimPrefix(dir, h.root))}
	}
	if info, err := os.Stat(filepath.Join(dir, "bus")); err != nil || info.Mode()&os.ModeSocket == 0 {
		return nil, nil
	}
	sum := sha256.Sum256([]byte(store))
	// Runs may live in the scope of an engine that is gone: the name must be new.
	unit := fmt.Sprintf("--unit=ablate-%s-%s", hex.EncodeToString(sum[:4]), strings.ToLower(rand.Text()[:8]))
	return append([]string{run, "--user", "--scope", "--collect", "--quiet", unit, "--"}, argv...), env
}

// vanishes reports whether a folder goes away when its user logs out.
func (h host) vanishes(dir string) bool {
	return filepath.Clean(dir) == h.runtimeDir() && h.systemd() && !h.lingers()
}

func (h host) runtimeDir() string { return filepath.Join(h.root, "run/user", strconv.Itoa(h.uid)) }

// systemd reports whether systemd runs this machine.
func (h host) systemd() bool { return h.exists("run/systemd/system") }

// lingers reports whether the user's systemd manager outlives their sessions.
func (h host) lingers() bool { return h.user != "" && h.exists("var/lib/systemd/linger/"+h.user) }

func (h host) exists(path string) bool {
	_, err := os.Stat(filepath.Join(h.root, path))
	return err == nil
}

// unit is the systemd unit of this process as a path:
// /user.slice/user-1000.slice/session-3.scope. It is the line of cgroup v2, or of
// v1's hierarchy for systemd.
func (h host) unit() string {
	b, _ := os.ReadFile(filepath.Join(h.root, "proc/self/cgroup")) // without one there is no unit
	unit := ""
	for line := range strings.Lines(string(b)) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) == 3 && (fields[1] == "name=systemd" || fields[1] == "" && unit == "") {
			unit = fields[2]
		}
	}
	return unit
}

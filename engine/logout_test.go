package engine

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"ablate/experiments/store"
)

// machine is a root folder with these files; a name that ends in "/" is a folder
// and one that ends in "=" a socket.
func machine(t *testing.T, files map[string]string) host {
	t.Helper()
	root, err := os.MkdirTemp("", "ablate-root-*") // short: the name of a socket has a limit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(path, 0o755)
		case strings.HasSuffix(name, "="):
			var l net.Listener
			if l, err = net.Listen("unix", strings.TrimSuffix(path, "=")); err == nil {
				t.Cleanup(func() { l.Close() })
			}
		default:
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return host{
		root: root, uid: 1000, user: "ada", getenv: func(string) string { return "" },
		lookPath: func(name string) (string, error) { return "/usr/bin/" + name, nil },
	}
}

const (
	booted  = "run/systemd/system/"
	cgroup  = "proc/self/cgroup"
	linger  = "var/lib/systemd/linger/ada"
	bus     = "run/user/1000/bus="
	session = "0::/user.slice/user-1000.slice/session-3.scope\n"
	manager = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.scope\n"
	kills   = "[Login]\nKillUserProcesses=yes\n"
	etc     = "etc/systemd/logind.conf"
)

func TestLogoutRisk(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		slurm string
		want  []string // all in it; nil: no risk
	}{
		{"no systemd", map[string]string{cgroup: session, etc: kills}, "", nil},
		{"a container", map[string]string{booted: "", cgroup: "0::/\n", etc: kills}, "", nil},
		{"a service of the system", map[string]string{booted: "", cgroup: "0::/system.slice/cron.service\n", etc: kills}, "", nil},
		{"no cgroup", map[string]string{booted: "", etc: kills}, "", nil},
		{"a session that leaves them", map[string]string{booted: "", cgroup: session, etc: "[Login]\nKillUserProcesses=no\n"}, "", nil},
		{"nothing is set", map[string]string{booted: "", cgroup: session}, "", nil},
		{"a session that ends them", map[string]string{booted: "", cgroup: session, etc: kills}, "",
			[]string{"when you log out (KillUserProcesses in ", etc, "`loginctl enable-linger`", "tmux"}},
		{"cgroup v1", map[string]string{booted: "", etc: kills, cgroup: "4:memory:/user.slice\n1:name=systemd:/user.slice/user-1000.slice/session-c2.scope\n0::/user.slice\n"}, "",
			[]string{"KillUserProcesses"}},
		{"lingering, and started before", map[string]string{booted: "", cgroup: session, etc: kills, linger: ""}, "",
			[]string{"lingering is on", "`ablate engine stop`"}},
		{"the user's manager", map[string]string{booted: "", cgroup: manager}, "", []string{"systemd user manager", "`loginctl enable-linger`"}},
		{"the user's manager lingers", map[string]string{booted: "", cgroup: manager, etc: kills, linger: ""}, "", nil},
		{"another user's manager", map[string]string{booted: "", cgroup: strings.ReplaceAll(manager, "1000", "1001")}, "", nil},
		{"a job", map[string]string{}, "77", []string{"Slurm job 77", "outside"}},
	}
	for _, tt := range tests {
		h := machine(t, tt.files)
		h.getenv = func(name string) string { return map[string]string{"SLURM_JOB_ID": tt.slurm}[name] }
		got := h.risk()
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q lacks %q", tt.name, got, want)
			}
		}
		if tt.want == nil && got != "" {
			t.Errorf("%s: %q, want nothing", tt.name, got)
		}
	}
}

func TestLogind(t *testing.T) {
	t.Parallel()
	const no = "[Login]\nKillUserProcesses=no\n"
	piece := func(dir, name string) string { return dir + "/systemd/logind.conf.d/" + name + ".conf" }
	tests := []struct {
		name  string
		files map[string]string
		user  string
		want  bool
	}{
		{"nothing", nil, "ada", false},
		{"yes", map[string]string{etc: kills}, "ada", true},
		{"root is excluded", map[string]string{etc: kills}, "root", false},
		{"another word for yes", map[string]string{etc: "[Login]\n KillUserProcesses = On\n"}, "ada", true},
		{"no word", map[string]string{etc: "[Login]\nKillUserProcesses=maybe\n"}, "ada", false},
		{"another section", map[string]string{etc: "[Manager]\nKillUserProcesses=yes\n"}, "ada", false},
		{"the last one counts", map[string]string{etc: kills + "KillUserProcesses=no\n"}, "ada", false},
		{"built in", map[string]string{etc: "[Login]\n#KillUserProcesses=yes\n"}, "ada", true},
		{"built in, and changed", map[string]string{etc: "[Login]\n#KillUserProcesses=yes\nKillUserProcesses=no\n"}, "ada", false},
		{"built in, of a piece", map[string]string{piece("etc", "a"): "[Login]\n#KillUserProcesses=yes\n"}, "ada", false},
		{"shipped", map[string]string{"usr/lib/systemd/logind.conf": kills}, "ada", true},
		{"the first main file alone", map[string]string{etc: "[Login]\n", "usr/lib/systemd/logind.conf": kills}, "ada", false},
		{"a piece over the main file", map[string]string{etc: no, piece("usr/lib", "50-x"): kills}, "ada", true},
		{"pieces by name", map[string]string{piece("etc", "10"): kills, piece("usr/lib", "20"): no}, "ada", false},
		{"pieces by name, turned", map[string]string{piece("etc", "20"): kills, piece("run", "10"): no}, "ada", true},
		{"a piece hides its namesake", map[string]string{piece("etc", "x"): "", piece("usr/lib", "x"): kills}, "ada", false},
		{"run over lib", map[string]string{piece("run", "x"): kills, piece("usr/lib", "x"): no, piece("usr/local/lib", "x"): no}, "ada", true},
		{"no piece", map[string]string{"etc/systemd/logind.conf.d/x.conf.bak": kills}, "ada", false},
		{"excluded", map[string]string{etc: kills + "KillExcludeUsers=bob ada\n"}, "ada", false},
		{"excluded in a piece", map[string]string{etc: kills + "KillExcludeUsers=bob\n", piece("etc", "x"): "[Login]\nKillExcludeUsers=ada\n"}, "ada", false},
		{"no longer excluded", map[string]string{etc: kills + "KillExcludeUsers=ada\nKillExcludeUsers=\n"}, "ada", true},
		{"root is not excluded by others", map[string]string{etc: kills + "KillExcludeUsers=bob\n"}, "root", true},
		{"only others", map[string]string{etc: kills + "KillOnlyUsers=bob\n"}, "ada", false},
		{"only this one", map[string]string{etc: no + "KillOnlyUsers=ada\n"}, "ada", true},
		{"only, and excluded", map[string]string{etc: kills + "KillOnlyUsers=ada\nKillExcludeUsers=ada\n"}, "ada", false},
	}
	for _, tt := range tests {
		if got, where := machine(t, tt.files).logind().kills(tt.user); got != tt.want || got && where == "" {
			t.Errorf("%s: %t (%s), want %t", tt.name, got, where, tt.want)
		}
	}
}

func TestOwnScope(t *testing.T) {
	t.Parallel()
	all := func() map[string]string { return map[string]string{booted: "", linger: "", bus: ""} }
	without := func(name string) map[string]string {
		files := all()
		delete(files, name)
		return files
	}
	with := func(name string) map[string]string {
		files := without(bus)
		files[name] = ""
		return files
	}
	tests := []struct {
		name  string
		files map[string]string
		env   map[string]string
		want  bool
	}{
		{"all there", all(), nil, true},
		{"a bus elsewhere", with("bus="), map[string]string{"XDG_RUNTIME_DIR": "ROOT"}, true},
		{"no systemd", without(booted), nil, false},
		{"no lingering", without(linger), nil, false},
		{"no bus", without(bus), nil, false},
		{"a bus that is a file", with("run/user/1000/bus"), nil, false},
		{"in a job", all(), map[string]string{"SLURM_JOB_ID": "7"}, false},
		{"no systemd-run", all(), map[string]string{"PATH": "none"}, false},
	}
	for _, tt := range tests {
		h := machine(t, tt.files)
		h.getenv = func(name string) string { return strings.ReplaceAll(tt.env[name], "ROOT", h.root) }
		if tt.env["PATH"] != "" {
			h.lookPath = func(string) (string, error) { return "", exec.ErrNotFound }
		}
		got, env := h.ownScope([]string{"ablate", "engine"}, "/store")
		if (got != nil) != tt.want {
			t.Errorf("%s: %q, want a scope: %t", tt.name, got, tt.want)
		}
		if got == nil {
			continue
		}
		if want := []string{"/usr/bin/systemd-run", "--user", "--scope"}; !slices.Equal(got[:3], want) || !slices.Equal(got[len(got)-3:], []string{"--", "ablate", "engine"}) {
			t.Errorf("%s: the command is %q", tt.name, got)
		}
		if want := tt.env == nil; want != slices.Equal(env, []string{"XDG_RUNTIME_DIR=/run/user/1000"}) {
			t.Errorf("%s: it gets %q", tt.name, env)
		}
		if again, _ := h.ownScope([]string{"ablate", "engine"}, "/store"); slices.Equal(again, got) {
			t.Errorf("%s: a second engine gets the same unit: %q", tt.name, got)
		}
	}
}

func TestVanishes(t *testing.T) {
	t.Parallel()
	here, lasts := machine(t, map[string]string{booted: ""}), machine(t, map[string]string{booted: "", linger: ""})
	none := machine(t, nil)
	tests := []struct {
		name string
		h    host
		dir  string
		want bool
	}{
		{"logind's", here, here.runtimeDir(), true},
		{"somebody else's", here, "/tmp/x", false},
		{"logind's, lingering", lasts, lasts.runtimeDir(), false},
		{"no systemd", none, none.runtimeDir(), false},
	}
	for _, tt := range tests {
		if got := tt.h.vanishes(tt.dir); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}

// The engine is started through systemd-run where that works, and without it
// where it does not.
func TestStartInScope(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, script string }{
		{"works", `echo "$@" > "$0.called"; until [ "$1" = -- ]; do shift; done; shift; exec "$@"`},
		{"fails", `echo "$@" > "$0.called"; echo "Failed to connect to bus" >&2; exit 1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := machine(t, map[string]string{booted: "", linger: "", bus: "", "systemd-run": "#!/bin/sh\n" + tt.script + "\n"})
			run := filepath.Join(h.root, "systemd-run")
			if err := os.Chmod(run, 0o755); err != nil {
				t.Fatal(err)
			}
			h.getenv = func(name string) string {
				return map[string]string{"XDG_RUNTIME_DIR": h.runtimeDir()}[name]
			}
			h.lookPath = func(string) (string, error) { return run, nil }
			s, err := store.Open(filepath.Join(t.TempDir(), "runs"))
			if err != nil {
				t.Fatal(err)
			}
			c := NewClient(s)
			c.host = h
			if _, err := c.Do(t.Context(), Request{Verb: "hello"}); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := c.Quit(context.WithoutCancel(t.Context())); err != nil {
					t.Error(err)
				}
			})
			b, err := os.ReadFile(run + ".called")
			if err != nil || !strings.HasPrefix(string(b), "--user --scope --collect --quiet --unit=ablate-") {
				t.Errorf("systemd-run got %q, %v", b, err)
			}
		})
	}
}

// Whoever queues runs hears what will end them, beside what else there is to say.
func TestRunWarnsOfLogout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 4)
		e, _ := h.engine()
		synctest.Wait()
		e.Risk = func() string { return "they end at logout" }
		if r := h.ask(e, Request{Verb: "run", Key: "1", Plan: plan("e", 1, 1)}); r.Warning != "they end at logout" {
			t.Errorf("the warning is %q", r.Warning)
		}
		synctest.Wait()
		if r := h.ask(e, Request{Verb: "run", Key: "2", Plan: plan("e", 1, 1)}); r.Warning != "" {
			t.Errorf("nothing was queued, and the warning is %q", r.Warning)
		}
	})
}

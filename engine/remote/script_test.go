package remote

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The scripts are plain POSIX, and can be handed over by any shell.
func TestScriptsAreForAnyShell(t *testing.T) {
	t.Parallel()
	p := program{build: "0123456789ab", size: 5}
	for _, script := range []string{startScript(p, "Linux x86_64"), copyScript(p)} {
		if strings.ContainsAny(script, "'\\\n!") {
			t.Errorf("a login shell may change this: %s", script)
		}
	}
	shells := 0
	for _, shell := range [][]string{{"dash"}, {"bash"}, {"bash", "--posix"}, {"busybox", "sh"}, {"ksh"}, {"mksh"}, {"zsh"}, {"yash"}, {"fish"}, {"tcsh"}, {"csh"}} {
		if _, err := exec.LookPath(shell[0]); err != nil {
			continue
		}
		posix := !slices.Contains([]string{"fish", "tcsh", "csh"}, shell[0])
		shells++
		cache := t.TempDir()
		run := func(script, in string) string {
			if !posix { // so ssh is told to
				script = "sh -c '" + script + "'"
			}
			c := exec.Command(shell[0], append(shell[1:], "-c", script)...)
			c.Env = []string{"PATH=" + os.Getenv("PATH"), "XDG_CACHE_HOME=" + cache}
			c.Stdin = strings.NewReader(in)
			out, _ := c.CombinedOutput()
			return string(out)
		}
		here := system("linux", "amd64")
		if uname, err := exec.Command("uname", "-sm").Output(); err == nil {
			here = strings.TrimSpace(string(uname))
		}
		absent := "\n" + saysHost + here + "\n" + saysAbsent + "\n"
		const file = "#!/bin/sh\necho $1 is started\n"
		p.size = int64(len(file))
		for _, step := range []struct{ script, in, want string }{
			{startScript(p, here), "", absent},
			{copyScript(p), file[:20], fmt.Sprintf("\n%d bytes of %d came\n", 20, len(file))},
			{startScript(p, here), "", absent},
			{copyScript(p), file, "\n" + saysCopied + "\n"},
			{startScript(p, "Darwin arm64e"), "", absent},
			{startScript(p, here), "", "\n" + saysHost + here + "\nagent is started\n"},
		} {
			if got := run(step.script, step.in); got != step.want {
				t.Errorf("%v says %q, want %q, to: %s", shell, got, step.want, step.script)
			}
		}
		if err := os.Truncate(filepath.Join(cache, "ablate/agents", p.build, "ablate"), 10); err != nil {
			t.Fatal(err)
		}
		if got := run(startScript(p, here), ""); got != absent {
			t.Errorf("%v says %q of a part of a program, want %q", shell, got, absent)
		}
	}
	if shells == 0 {
		t.Skip("skipped: no shell of those that are known here")
	}
}

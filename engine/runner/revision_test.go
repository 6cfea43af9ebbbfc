package runner

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// It is not parallel: tests of orphans take the children of this process along that
// have ended, git's too.
func TestRevision(t *testing.T) {
	root := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", root, "-c", "user.name=a", "-c", "user.email=a@b"}, args...)...)
		b, err := cmd.CombinedOutput()
		if err != nil {
			t.Skipf("git %v: %v %s", args, err, b)
		}
		return strings.TrimSpace(string(b))
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sub := filepath.Join(root, "deep", "down")
	if err := os.MkdirAll(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	check := func(what, wantCommit string, wantDiff ...string) {
		t.Helper()
		for _, dir := range []string{root, sub} {
			commit, diff := revision(dir)
			if commit != wantCommit || (diff == "") != (len(wantDiff) == 0) {
				t.Errorf("%s, in %s: commit %q and diff %q, want %q and %q", what, dir, commit, diff, wantCommit, wantDiff)
			}
			for _, text := range wantDiff {
				if !strings.Contains(diff, text) {
					t.Errorf("%s, in %s: diff %q has no %q", what, dir, diff, text)
				}
			}
		}
	}
	check("no repository", "")
	git("init", "-q")
	check("no commit", "")
	write("train.py", "as it was\n")
	git("add", "train.py")
	git("commit", "-q", "-m", "first")
	first := git("rev-parse", "HEAD")
	check("clean", first)
	write("notes", "git does not know it\n")
	check("untracked", first)
	write("train.py", "changed\n")
	check("changed", first, "-as it was", "+changed")
	write(".gitattributes", "*.py diff=plain\n")
	git("config", "diff.plain.textconv", "echo decrypted; true")
	git("config", "color.ui", "always")
	git("config", "diff.noprefix", "true")
	check("changed, shown in another way", first, "diff --git a/train.py b/train.py\n", "\n-as it was\n+changed\n")
	git("add", "train.py")
	check("changed and staged", first, "+changed")
	write("train.py", "as it was\n")
	write("new.py", "new\n")
	git("add", "new.py")
	check("staged, and changed back", first, "+new")
	git("commit", "-q", "-a", "-m", "second")
	check("next commit", git("rev-parse", "HEAD"))
	git("checkout", "-q", "--detach", first)
	check("detached", first)
}

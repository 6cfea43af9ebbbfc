package runner

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// revision is the commit that a folder's repository has checked out, and the
// difference of the files to it. Every attempt looks anew, since files change
// between two of them, but no process is started that has nothing to say: none
// where there is no repository, and one where nothing was changed.
func revision(dir string) (commit, diff string) {
	if !inRepository(dir) {
		return "", ""
	}
	changed := false
	for line := range strings.Lines(git(dir, "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "--untracked-files=no")) {
		if id, ok := strings.CutPrefix(line, "# branch.oid "); ok {
			commit = strings.TrimSpace(id)
		}
		changed = changed || !strings.HasPrefix(line, "#")
	}
	if commit == "(initial)" { // there is none yet
		return "", ""
	}
	if changed {
		// Whatever the user set for his eyes: no colours, which hide whose lines these
		// are, and no filter that shows what a file keeps encrypted.
		diff = git(dir, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--src-prefix=a/", "--dst-prefix=b/", "HEAD")
	}
	return commit, diff
}

// inRepository reports whether git would find a repository from a folder.
func inRepository(dir string) bool {
	if os.Getenv("GIT_DIR") != "" {
		return true
	}
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
}

// git returns what git prints, or nothing where there is no git or no repository.
func git(dir string, args ...string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks", "-C", dir}, args...)...)
	cmd.WaitDelay = time.Second // helpers of git may keep its output open
	b, err := cmd.Output()
	if err != nil {
		return ""
	}
	return string(b)
}

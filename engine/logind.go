package engine

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// logind is what the settings of systemd-logind say about the end of a session.
type logind struct {
	kill          bool     // KillUserProcesses
	only, exclude []string // KillOnlyUsers, KillExcludeUsers; nil: not set
	where         string   // the file that has the last word on kill
}

// logindDirs hold settings, the first ones over the later ones.
var logindDirs = []string{"etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd"}

// logind reads the settings as logind does: the first main file, then the pieces
// of all folders by name, each of which hides those of its name in later folders.
// What the main file has in a comment is what this system was built with.
func (h host) logind() logind {
	var l logind
	for _, dir := range logindDirs {
		path := filepath.Join(h.root, dir, "logind.conf")
		if text, err := os.ReadFile(path); err == nil {
			l.read(strings.ReplaceAll(string(text), "#KillUserProcesses=", "KillUserProcesses="), path)
			break
		}
	}
	pieces := map[string]string{}
	for _, dir := range slices.Backward(logindDirs) {
		paths, _ := filepath.Glob(filepath.Join(h.root, dir, "logind.conf.d", "*.conf")) // only a bad pattern is an error
		for _, path := range paths {
			pieces[filepath.Base(path)] = path
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pieces)) {
		text, err := os.ReadFile(pieces[name])
		if err == nil {
			l.read(string(text), pieces[name])
		}
	}
	return l
}

// read takes in what one file sets. Lists grow, and an empty value empties them.
func (l *logind) read(text, path string) {
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || section != "[Login]" {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "KillUserProcesses":
			if yes, no := truth(value); yes || no {
				l.kill, l.where = yes, "KillUserProcesses in "+path
			}
		case "KillOnlyUsers":
			l.only = grown(l.only, value)
		case "KillExcludeUsers":
			l.exclude = grown(l.exclude, value)
		}
	}
}

// truth reads a boolean as systemd does; another word is neither.
func truth(word string) (yes, no bool) {
	word = strings.ToLower(word)
	return slices.Contains([]string{"1", "yes", "y", "true", "t", "on"}, word),
		slices.Contains([]string{"0", "no", "n", "false", "f", "off"}, word)
}

func grown(list []string, value string) []string {
	if value == "" {
		return nil
	}
	return append(list, strings.Fields(value)...)
}

// kills reports whether a user's processes are ended with their session, in the
// order in which logind asks (manager_shall_kill in its source), and by what.
func (l logind) kills(user string) (bool, string) {
	switch {
	case l.exclude == nil && user == "root", slices.Contains(l.exclude, user):
		return false, ""
	case len(l.only) > 0:
		return slices.Contains(l.only, user), "KillOnlyUsers of systemd-logind"
	}
	return l.kill, l.where
}

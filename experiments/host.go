package experiments

import (
	"fmt"
	"strings"
	"unicode"
)

// reach checks how a host is reached: where ssh is to go is one word, and what only
// Slurm knows says nothing about a machine that is reached alone.
func (c *checker) reach(t table, h Host) {
	if strings.HasPrefix(h.Login, "-") || strings.Contains(h.Login, "@-") || strings.ContainsFunc(h.Login, odd) {
		c.report(t.valueAt("login"), fmt.Sprintf("login %q is no place for ssh to go", h.Login),
			"Give user@machine, or a Host of your ssh_config; ports, keys and jump hosts stand there")
	}
	if h.Kind != "ssh" {
		return
	}
	for _, key := range []string{"partition", "account", "qos"} {
		if _, ok := t.m[key]; ok {
			c.report(t.keyAt(key), fmt.Sprintf("host %s has the kind ssh, and %s is for kind slurm", h.Name, key), "Leave it out")
		}
	}
}

// odd says that a character is in no name of a user or machine. An old ssh hands what
// it is given to the shell of a ProxyCommand as it is, and an experiment file may be
// anybody's.
func odd(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(`._-@:%[]/\+`, r)
}

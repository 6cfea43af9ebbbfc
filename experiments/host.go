package experiments

import (
	"fmt"
	"strings"
	"unicode"
)

// reach checks how a host is reached: where ssh is to go is one word, and what only
// Slurm knows says nothing about a machine that is reached alone.
func (c *checker) reach(t table, h Host) {
	odd := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if strings.HasPrefix(h.Login, "-") || strings.ContainsFunc(h.Login, odd) {
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

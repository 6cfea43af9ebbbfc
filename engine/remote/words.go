package remote

import (
	"fmt"
	"regexp"
	"strings"
)

// trouble is why a host cannot be read, in words.
type trouble struct {
	text string
	slow bool // only a person can do something about it: another try soon is no use, and may lock an account
	ask  bool // ssh could ask a person at the terminal
}

func (t *trouble) Error() string { return t.text }

// changedKey is how ssh names the host whose key changed, as known_hosts does: it may
// be a jump host.
var changedKey = regexp.MustCompile(`[Hh]ost key for (\S+) has changed`)

// unknownKey is how it names one that it never saw.
var unknownKey = regexp.MustCompile(`No \S+ host key is known for (\S+)`)

// reasons are what ssh says and what it means, the more telling first. %s is where
// ssh was told to go.
var reasons = []struct {
	says, means string
	slow, ask   bool
}{
	{"Host key verification failed", "its host key is not known: connect once by hand (`ssh %s`) and compare the key that it shows", true, true},
	{"Permission denied", "it lets nobody in with the keys at hand: load one (`ssh-add`), or log in by hand with a master connection (`ssh -M -N -f %s`, ControlPath in your ssh_config), which is then used", true, true},
	{"Too many authentication failures", "it refused after too many keys: name the right one by IdentityFile and IdentitiesOnly in your ssh_config for %s", true, false},
	{"Could not resolve hostname", "no host has the name %s: set login in its [host] section, or a Host in your ssh_config", true, false},
	{"Bad configuration option", "your ssh_config has a mistake: {}", true, false},
	{"Bad owner or permissions", "ssh does not trust your files: {}", true, false},
	{"UNPROTECTED PRIVATE KEY", "ssh does not trust your key, which others can read: chmod 600 it", true, false},
	{"no matching", "it speaks no common language: {}", true, false},
	{"Connection refused", "it refuses connections: no sshd listens there, or not on this port", false, false},
	{"No route to host", "there is no way to it from here: no route (a VPN?)", false, false},
	{"Network is unreachable", "there is no way to it from here: the network is unreachable (a VPN?)", false, false},
	{"not responding", "it stopped answering", false, false},
	{"timed out", "it does not answer", false, false},
	{"timeout", "it does not answer", false, false},
	{"Connection reset", "the connection broke off", false, false},
	{"Broken pipe", "the connection broke off", false, false},
	{"Connection closed", "it closed the connection", false, false},
	{"closed by remote host", "it closed the connection", false, false},
}

// explain is why ssh ended, from what it said.
func explain(login, said string) error {
	if m := changedKey.FindStringSubmatch(said); m != nil || strings.Contains(said, "REMOTE HOST IDENTIFICATION HAS CHANGED") {
		known := login
		if m != nil {
			known = m[1]
		}
		return &trouble{slow: true, text: fmt.Sprintf("its host key changed, so it is refused: it was set up anew, or somebody else answers for it. "+
			"Ask who runs it; if that is so, `ssh-keygen -R '%s'`, and connect once by hand (`ssh %s`)", known, login)}
	}
	if m := unknownKey.FindStringSubmatch(said); m != nil {
		said = "Host key verification failed"
	}
	for _, r := range reasons {
		if strings.Contains(said, r.says) {
			text := strings.ReplaceAll(r.means, "%s", login)
			return &trouble{text: strings.ReplaceAll(text, "{}", lineWith(said, r.says)), slow: r.slow, ask: r.ask}
		}
	}
	if last := lastLine(said); last != "" {
		return &trouble{text: "ssh ended: " + last}
	}
	return &trouble{text: "ssh ended without a word"}
}

// lineWith is the line of a text that has a part in it.
func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return lastLine(line)
		}
	}
	return ""
}

package tui

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"ablate/tui/look"
)

// Options are how the screen is shown.
type Options struct {
	Theme look.Theme
	Slow  bool // a thin link: one update a second, no animation
	Sync  bool // ask for synchronized output over SSH, too

	mistake error // in the environment
}

// Flags adds the options to those of the bare command and of run; the environment
// (ABLATE_THEME, ABLATE_SLOW) says what holds without them.
func (o *Options) Flags(f *flag.FlagSet, command string) {
	if command != "" && command != "run" {
		return
	}
	f.Func("theme", "", o.setTheme)
	slow := os.Getenv("ABLATE_SLOW")
	f.BoolVar(&o.Slow, "slow", slow != "" && slow != "0", "")
	f.BoolVar(&o.Sync, "sync", false, "")
	if name := os.Getenv("ABLATE_THEME"); name != "" {
		if err := o.setTheme(name); err != nil {
			o.mistake = fmt.Errorf("read ABLATE_THEME=%q: %w", name, err)
		}
	}
}

func (o *Options) setTheme(name string) error {
	t, ok := look.ParseTheme(name)
	if !ok {
		return errors.New("want " + strings.Join(look.ThemeNames(), ", "))
	}
	o.Theme, o.mistake = t, nil
	return nil
}

// environOf is what bubbletea is told of the environment. It does not ask for
// synchronized output where SSH_TTY is set.
func environOf(environ []string, sync bool) []string {
	return slices.DeleteFunc(slices.Clone(environ), func(kv string) bool { return sync && strings.HasPrefix(kv, "SSH_TTY=") })
}

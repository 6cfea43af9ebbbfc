package gpu

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

const (
	// longestCommand is how many characters of a command are kept.
	longestCommand = 60
	// readOfCommand is how many bytes of one are looked at; some are megabytes.
	readOfCommand = 4 << 10
)

// commandOf is what a process runs, short; its name where it does not say, as one
// that is ending.
func commandOf(pid int, name string) string {
	f, err := os.Open(procFile(pid, "cmdline"))
	if err != nil {
		return harmless(name)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, readOfCommand))
	if short := shortCommand(strings.Split(strings.TrimRight(string(text), "\x00"), "\x00")); err == nil && short != "" {
		return short
	}
	return harmless(name)
}

// shortCommand is the part of a command line by which people know a process: program
// and script without their folders, then the arguments. A script with an
// interpreter that is known by its own name, such as torchrun, stands without it.
func shortCommand(argv []string) string {
	words := make([]string, 0, len(argv))
	words = append(words, base(argv[0]))
	for i, arg := range argv[1:] {
		isScript := i == 0 && strings.HasPrefix(words[0], "python") && strings.HasPrefix(arg, "/")
		switch {
		case isScript && filepath.Ext(arg) == "":
			words = append(words[:0], filepath.Base(arg))
		case strings.HasSuffix(arg, ".py"):
			words = append(words, base(arg))
		default:
			words = append(words, arg)
		}
	}
	return harmless(strings.Join(words, " "))
}

// base is a path's last element. A process that renamed itself ("worker: a/b") has no
// path there.
func base(arg string) string {
	if strings.HasPrefix(arg, "/") || strings.HasPrefix(arg, ".") {
		return filepath.Base(arg)
	}
	return arg
}

// harmless is a text in one line of at most longestCommand characters, without what
// could steer a terminal: everybody may name a process as he likes.
func harmless(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > longestCommand {
		runes = append(runes[:longestCommand-1], '…')
	}
	return string(runes)
}

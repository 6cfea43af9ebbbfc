package report

import (
	"io"
	"os"

	terminal "github.com/charmbracelet/x/term"
)

// ring rings the bell of a terminal, where w is one: what was waited for is over.
func ring(w io.Writer) {
	if _, ok := terminalOf(w); ok {
		_, _ = io.WriteString(w, "\a") // who cannot hear it sees it
	}
}

// terminalOf is the terminal that w is; false: it is none.
func terminalOf(w io.Writer) (*os.File, bool) {
	f, ok := w.(*os.File)
	return f, ok && terminal.IsTerminal(f.Fd())
}

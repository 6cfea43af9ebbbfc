package report

import (
	"io"
	"os"

	terminal "github.com/charmbracelet/x/term"
)

// ring rings the bell of a terminal, where w is one: what was waited for is over.
func ring(w io.Writer) {
	if f, ok := w.(*os.File); ok && terminal.IsTerminal(f.Fd()) {
		_, _ = io.WriteString(w, "\a") // who cannot hear it sees it
	}
}

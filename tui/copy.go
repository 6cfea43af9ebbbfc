package tui

import (
	"context"
	"os/exec"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// copied puts a text into the clipboard of the terminal that shows the interface,
// by OSC 52, which passes through SSH. tmux takes it only where it was told to, so
// it is asked itself, too; screen hands on what is wrapped for the terminal.
func copied(text string, env map[string]string) tea.Cmd {
	switch {
	case env["TMUX"] != "":
		return tea.Batch(tea.SetClipboard(text), func() tea.Msg {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, "tmux", "load-buffer", "-w", "-")
			cmd.Stdin = strings.NewReader(text)
			_ = cmd.Run() // an old one, or one that is gone: the terminal has its own
			return nil
		})
	case env["STY"] != "":
		return tea.Raw(ansi.ScreenPassthrough(ansi.SetSystemClipboard(text), screenLimit))
	}
	return tea.SetClipboard(text)
}

// screenLimit is the longest string that screen hands on in one piece.
const screenLimit = 256

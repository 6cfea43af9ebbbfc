package tui

import (
	"fmt"

	"ablate/tui/page"
)

// hear shows what the engine answered.
func (m *Model) hear(msg page.Reply) {
	switch r := msg.Reply; {
	case msg.Err != nil:
		m.say(msg.Err.Error(), true)
	case r.Warning != "":
		m.say(r.Warning, true)
	case msg.Verb == "run" && r.Stopped > 0:
		m.say(fmt.Sprintf("%d queued, %d being stopped: run these when they have ended", r.Queued, r.Stopped), false)
	case msg.Verb == "run":
		m.say(fmt.Sprintf("%d queued, %d going, %d reused", r.Queued, r.Going, r.Reused), false)
	default:
		m.say(words(msg), false)
	}
}

// words are the answer to a verb about runs.
func words(msg page.Reply) string {
	r := msg.Reply
	switch msg.Verb {
	case "stop":
		return fmt.Sprintf("%d stopping", r.Stopped)
	case "pause":
		return fmt.Sprintf("%d pausing: p goes on", r.Paused)
	case "retry", "resume":
		text := fmt.Sprintf("%d queued", r.Queued)
		if r.Stopped > 0 {
			text += fmt.Sprintf(", %d still ending: ask again when they have", r.Stopped)
		}
		if r.Ruled > 0 {
			text += fmt.Sprintf(", %d ended by a stop rule: `ablate retry --force` tries these too", r.Ruled)
		}
		return text
	case "mark":
		return fmt.Sprintf("%d marked", r.Marked)
	}
	return ""
}

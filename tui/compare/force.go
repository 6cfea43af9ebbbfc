package compare

import (
	tea "charm.land/bubbletea/v2"

	"ablate/tui/page"
)

// force has verdicts shown where data or evaluations differ, and keeps saying that it
// does.
type force struct {
	on  bool
	why string // the verdict was refused
}

// says is what stands under a verdict that was forced.
func (f force) says() string {
	text := "forced"
	if f.why != "" {
		text += ": " + f.why + " made these numbers"
	}
	return text + ".  F refuses it again"
}

// key is F, with a hint where there is something to force.
func (f force) key(p *Compare) page.Key {
	k := page.Key{Keys: "F", Name: "force", Help: "a verdict although data or evaluations differ, or refuse it again", Do: p.toggleForce}
	switch {
	case f.on:
		k.Hint = "refuse"
	case p.data != nil && p.data.Chosen != nil && p.against().Refused != "":
		k.Hint = "force"
	}
	return k
}

// toggleForce asks for verdicts whatever differs, or takes that back.
func (p *Compare) toggleForce() tea.Cmd {
	switch {
	case p.data == nil || p.data.Chosen == nil:
		return page.Answer("nothing is compared yet")
	case !p.force.on && p.against().Refused == "":
		return page.Answer("no verdict is refused here")
	case p.force.on:
		p.force = force{}
	default:
		p.force = force{true, p.against().Refused}
	}
	p.reader.want.Force = p.force.on
	return p.read()
}

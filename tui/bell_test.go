package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments"
	"ablate/experiments/store"
)

func TestBell(t *testing.T) {
	t.Parallel()
	over := func(last store.Status) map[int]store.Status {
		return map[int]store.Status{0: store.Done, 1: store.Done, 2: store.Done, 3: store.Done, 4: store.Done, 5: last}
	}
	only := func(events ...string) *experiments.Notify { return &experiments.Notify{On: events} }
	const done = `raw "\a\x1b]9;ablate: quick is done, 6/6\x1b\\"`
	for _, tt := range []struct {
		name   string
		after  map[int]store.Status
		notify *experiments.Notify
		want   string
	}{
		{"the last one is done", over(store.Done), nil, done},
		{"the last one was stopped", over(store.Stopped), nil, `raw "\a\x1b]9;ablate: quick has ended, 5/6 done\x1b\\"`},
		{"one failed", map[int]store.Status{1: store.Failed}, nil, `raw "\a\x1b]9;ablate: quick: 256×4 s1 failed: exit code 3\x1b\\"`},
		{"two failed", map[int]store.Status{1: store.Failed, 4: store.Lost}, nil, `raw "\a\x1b]9;ablate: quick: 2 runs failed\x1b\\"`},
		{"one is done", map[int]store.Status{1: store.Done}, nil, ""},
		{"one is paused", map[int]store.Status{1: store.Paused}, nil, ""},
		{"done, and only failures are asked for", over(store.Done), only("failed"), ""},
		{"done, and the verdict is asked for", over(store.Done), only("verdict"), done},
		{"one failed, and only the end is asked for", map[int]store.Status{1: store.Failed}, only("done"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := drive(t, 80, 24, "quick")
			d.m.site.File.Notify = tt.notify
			d.send(midway(t)).asked() // a run that had failed before is no news
			u := with(t, tt.after)
			u.Fresh, u.Histories, u.Records[1].Reason = false, nil, "exit code 3"
			d.send(u)
			if tt.want == "" {
				d.asked()
			} else {
				d.asked(tt.want)
			}
			d.send(u).asked() // once
		})
	}
	u := with(t, over(store.Done))
	drive(t, 80, 24, "quick").send(midway(t)).send(tea.FocusMsg{}).send(u).asked()
	drive(t, 80, 24, "quick").send(midway(t)).send(tea.FocusMsg{}).send(tea.BlurMsg{}).send(u).asked(done)
	drive(t, 80, 24, "other").send(midway(t)).send(u).asked() // it is not on the screen
	drive(t, 80, 24, "quick").send(u).asked()                 // nobody saw it go
}

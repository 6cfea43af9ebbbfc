package tui

import (
	"fmt"
	"math/rand/v2"
	"testing"

	tea "charm.land/bubbletea/v2"

	"ablate/experiments/store"
	"ablate/tui/page"
	"ablate/tui/screentest"
)

// Whatever is pressed, comes in or happens to the window: what the terminal makes
// of the bytes is the screen that is meant.
func TestTerminalShowsWhatIsMeant(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 7))
			s := startOn(t, 100, 30, xterm, seed%2 == 1, "quick")
			steps := 60
			if testing.Short() {
				steps = 15
			}
			for i := range steps {
				s.shows(fmt.Sprintf("step %d: %s", i, s.step(t, r)))
			}
		})
	}
}

// step does one of the things that may happen.
func (s *onPty) step(t *testing.T, r *rand.Rand) string {
	keys := []string{"j", "k", "tab", "m", "u", "space", "g", "G", "esc", "enter", "?", ":", "f", "T", "M", "s", "n", "a", "o", "p", "↓", "↑", "pgdn", "ctrl+l", "/", "b"}
	switch r.IntN(6) {
	case 0:
		u := midway(t)
		hostile(r, &u)
		s.p.Send(u)
		return "data"
	case 1:
		w, h := 1+r.IntN(160), 1+r.IntN(50)
		s.resize(w, h)
		return fmt.Sprintf("resize to %dx%d", w, h)
	case 2:
		s.p.Send(page.Tick{Now: float64(r.IntN(1000))})
		s.p.Send(tea.MouseWheelMsg{X: r.IntN(80), Y: r.IntN(30), Button: tea.MouseWheelDown})
		return "a tick and the wheel"
	default:
		k := keys[r.IntN(len(keys))]
		s.p.Send(screentest.Key(k))
		return "key " + k
	}
}

// hostile makes statuses, reasons and names of an update such as nobody wants.
func hostile(r *rand.Rand, u *updateMsg) {
	texts := []string{"ended by signal 9", "内存不足：请减小批量", "\x1b[2J\x1b[H gone", "👩‍👩‍👧 🇨🇳 ❤️ e\u0301\u0301\u0301", "a\u200bb\u00adc\u202e", "ÄÖÜ ﬃ ﷽ ၂ क्षि", "\t\r\n\x00"}
	all := []store.Status{store.Done, store.Running, store.Failed, store.Queued, store.Paused, store.Lost, store.Stopped}
	for i := range u.Records {
		u.Records[i].Status = all[r.IntN(len(all))]
		u.Records[i].Reason = texts[r.IntN(len(texts))]
	}
	plan := *u.Plan
	plan.Question = texts[r.IntN(len(texts))]
	u.Plan = &plan
	u.Log, u.Focus.Run = texts, u.Records[r.IntN(len(u.Records))].ID
}

// A window that is dragged wildly ends up right.
func TestResizeStorm(t *testing.T) {
	t.Parallel()
	s := startOn(t, 100, 30, xterm, false, "quick")
	s.p.Send(midway(t))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		switch i % 50 {
		case 10:
			s.resize(1, 1)
		case 20:
			s.p.Send(tea.WindowSizeMsg{})
		default:
			s.resize(1+r.IntN(220), 1+r.IntN(70))
		}
	}
	s.resize(120, 40)
	s.shows("200 resizes")
}

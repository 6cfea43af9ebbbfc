package store_test

import (
	"testing"

	"ablate/experiments/store"
)

// asked is a history of wishes: "run", "retry" or "resume" wants the next attempt.
func asked(verbs ...string) (all []store.Asked) {
	attempt := 0
	for _, v := range verbs {
		a := store.Asked{Verb: v}
		if v != "stop" {
			attempt++
			a.Attempt = attempt
		}
		all = append(all, a)
	}
	return all
}

func TestStatus(t *testing.T) {
	t.Parallel()
	exit := func(code int, signal, reason string) *store.Exit {
		return &store.Exit{Code: code, Signal: signal, Reason: reason}
	}
	result := &store.Outcome{}
	const t0 = 1.7e9
	tests := []struct {
		name   string
		facts  store.Facts
		want   store.Status
		reason string
	}{
		{"asked for", store.Facts{Asked: asked("run")}, store.Queued, ""},
		{"cancelled before it started", store.Facts{Asked: asked("run", "stop")}, store.Stopped, "cancelled before it started"},
		{"asked for again after that", store.Facts{Asked: asked("run", "stop", "run")}, store.Queued, ""},
		{"never asked for", store.Facts{}, store.Lost, "its folder was made and it was never queued"},

		{"launching", store.Facts{Asked: asked("run"), Attempt: 1}, store.Queued, ""},
		{"launching, second attempt", store.Facts{Asked: asked("run", "retry"), Attempt: 2}, store.Queued, ""},
		{"cancelled while launching", store.Facts{Asked: asked("run", "stop"), Attempt: 1}, store.Queued, "being stopped"},
		{"cancelled while launching, with its runner there", store.Facts{Asked: asked("run", "stop"), Attempt: 1, Alive: true}, store.Queued, "being stopped"},
		{"launch failed", store.Facts{Asked: asked("run"), Attempt: 1, Begun: true, Exit: exit(1, "", "no disk")}, store.Failed, "no disk"},
		{"runner lives, trainer not yet", store.Facts{Asked: asked("run"), Attempt: 1, Alive: true, Now: t0}, store.Running, ""},

		{"running", store.Facts{Asked: asked("run"), Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0 + 119}, store.Running, ""},
		{"silent for two minutes", store.Facts{Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0 + 120}, store.Running, ""},
		{"silent for longer", store.Facts{Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0 + 121}, store.Stalled, "no sign of life for 121 s"},
		{"slow steps", store.Facts{Attempt: 1, Begun: true, Alive: true, Sign: t0, Gap: 60, Now: t0 + 600}, store.Running, ""},
		{"slow steps and longer", store.Facts{Attempt: 1, Begun: true, Alive: true, Sign: t0, Gap: 60, Now: t0 + 601}, store.Stalled, "no sign of life for 601 s"},
		{"a clock that is ahead", store.Facts{Attempt: 1, Begun: true, Alive: true, Sign: t0 + 1e6, Now: t0}, store.Running, ""},
		{"told to stop and still going", store.Facts{Asked: asked("run", "stop"), Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0}, store.Running, ""},
		{"result there, runner not done", store.Facts{Attempt: 1, Begun: true, Alive: true, Outcome: result, Sign: t0, Now: t0}, store.Running, ""},

		{"done", store.Facts{Asked: asked("run"), Attempt: 1, Begun: true, Exit: exit(0, "", ""), Outcome: result}, store.Done, ""},
		{"done, leftovers alive", store.Facts{Attempt: 1, Begun: true, Alive: true, Exit: exit(0, "", ""), Now: t0}, store.Done, ""},
		{"done, runner was killed", store.Facts{Attempt: 1, Begun: true, Outcome: result}, store.Done, ""},
		{"done although told to stop", store.Facts{Asked: asked("run", "stop"), Attempt: 1, Begun: true, Outcome: result}, store.Done, ""},
		{"stopped", store.Facts{Asked: asked("run", "stop"), Attempt: 1, Begun: true, Exit: exit(1, "", "stopped")}, store.Stopped, "stopped by the user"},
		{"stopped by KILL", store.Facts{Attempt: 1, Begun: true, Exit: exit(-1, "SIGKILL", "stopped")}, store.Stopped, "stopped by the user"},
		{"stopped, runner was killed", store.Facts{Asked: asked("run", "stop"), Attempt: 1, Begun: true}, store.Stopped, "stopped by the user; its runner left no exit record"},
		{"failed in its own words", store.Facts{Attempt: 1, Begun: true, Exit: exit(1, "", "out of memory")}, store.Failed, "out of memory"},
		{"failed by signal, in words", store.Facts{Attempt: 1, Begun: true, Exit: exit(-1, "SIGKILL", "ended by signal 9 (SIGKILL)")}, store.Failed, "ended by signal 9 (SIGKILL)"},
		{"failed by signal", store.Facts{Attempt: 1, Begun: true, Exit: exit(0, "SIGSEGV", "")}, store.Failed, "ended by signal SIGSEGV"},
		{"failed by code", store.Facts{Attempt: 1, Begun: true, Exit: exit(3, "", "")}, store.Failed, "exit code 3"},
		{"failed, result there", store.Facts{Attempt: 1, Begun: true, Exit: exit(3, "", ""), Outcome: result}, store.Failed, "exit code 3"},
		{"lost", store.Facts{Asked: asked("run"), Attempt: 1, Begun: true, Now: t0}, store.Lost, "nothing of it is alive and it left no exit record"},

		{"retry of a failed one", store.Facts{Asked: asked("run", "retry"), Attempt: 1, Begun: true, Exit: exit(1, "", "")}, store.Queued, ""},
		{"resume of a failed one", store.Facts{Asked: asked("run", "resume"), Attempt: 1, Begun: true, Exit: exit(1, "", "")}, store.Queued, ""},
		{"resume of a stopped one", store.Facts{Asked: asked("run", "stop", "resume"), Attempt: 1, Begun: true, Exit: exit(1, "", "stopped")}, store.Queued, ""},
		{"resume called off", store.Facts{Asked: asked("run", "resume", "stop"), Attempt: 1, Begun: true, Exit: exit(3, "", "")}, store.Failed, "exit code 3"},
		{"retry of a lost one", store.Facts{Asked: asked("run", "retry"), Attempt: 1, Begun: true}, store.Queued, ""},
		{"retry of a done one", store.Facts{Asked: asked("run", "retry"), Attempt: 1, Begun: true, Exit: exit(0, "", "")}, store.Queued, ""},
		{"retry after leftovers", store.Facts{Asked: asked("run", "retry"), Attempt: 1, Begun: true, Alive: true, Exit: exit(1, "", "")}, store.Queued, ""},
		{"retry called off", store.Facts{Asked: asked("run", "retry", "stop"), Attempt: 1, Begun: true, Exit: exit(3, "", "")}, store.Failed, "exit code 3"},
		{"retry of a done one called off", store.Facts{Asked: asked("run", "retry", "stop"), Attempt: 1, Begun: true, Exit: exit(0, "", "")}, store.Done, ""},
		{"retry of a stopped one", store.Facts{Asked: asked("run", "stop", "retry"), Attempt: 1, Begun: true, Exit: exit(1, "", "stopped")}, store.Queued, ""},
		{"a new engine skipped a dead launch", store.Facts{Asked: asked("run"), Attempt: 2, Begun: true, Exit: exit(0, "", "")}, store.Done, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, reason := tt.facts.Status()
			if got != tt.want || reason != tt.reason {
				t.Errorf("status is %s (%s), want %s (%s)", got, reason, tt.want, tt.reason)
			}
		})
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	live := map[store.Status]bool{
		store.Queued: true, store.Running: true, store.Stalled: true, store.Paused: false,
		store.Stopped: false, store.Failed: false, store.Lost: false, store.Done: false,
	}
	for s, want := range live {
		if s.Live() != want {
			t.Errorf("%s is live: %v", s, s.Live())
		}
	}
}

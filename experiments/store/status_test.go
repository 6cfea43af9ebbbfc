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
		if a.Ends() == "" {
			attempt++
			a.Attempt = attempt
		}
		all = append(all, a)
	}
	return all
}

// halted is a run that was halted in its first attempt and then, unless the verb
// is pause, asked to go on.
func halted(verb string, attempt int) []store.Asked {
	all := append(asked("run"), store.Asked{Verb: "pause", Halted: true})
	if verb != "pause" {
		all = append(all, store.Asked{Verb: verb, Attempt: attempt, Halted: true})
	}
	return all
}

// retried is a lost run of which the engine wants the k-th retry, of three.
func retried(k int, due float64) []store.Asked {
	return append(asked("run"), store.Asked{Verb: "retry", By: store.ByEngine, Attempt: k + 1, Text: "lost", Retry: k, Of: 3, Due: due})
}

// budget is a run that the engine stopped after that was asked.
func budget(verbs ...string) []store.Asked {
	return append(asked(verbs...), store.Asked{Verb: "stop", By: store.ByEngine, Text: "budget wall 2h is used up"})
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
		{"told to stop and still going", store.Facts{Asked: asked("run", "stop"), Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0}, store.Running, "being stopped"},
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

		{"paused before it started", store.Facts{Asked: asked("run", "pause")}, store.Paused, "paused before it started"},
		{"paused before its second attempt", store.Facts{Asked: asked("run", "retry", "pause"), Attempt: 1, Begun: true, Exit: exit(3, "", "")}, store.Paused, "paused before it started"},
		{"resumed after that", store.Facts{Asked: asked("run", "pause", "resume")}, store.Queued, ""},
		{"paused while launching", store.Facts{Asked: asked("run", "pause"), Attempt: 1}, store.Queued, "being paused"},
		{"to be halted while launching", store.Facts{Asked: halted("pause", 0), Attempt: 1, Alive: true}, store.Queued, "being paused"},
		{"on its way to a checkpoint", store.Facts{Asked: asked("run", "pause"), Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0}, store.Running, "being paused"},
		{"paused with a checkpoint", store.Facts{Asked: asked("run", "pause"), Attempt: 1, Begun: true, Exit: exit(1, "", "paused")}, store.Paused, "paused by the user"},
		{"done although told to pause", store.Facts{Asked: asked("run", "pause"), Attempt: 1, Begun: true, Exit: exit(0, "", "")}, store.Done, ""},
		{"paused, runner was killed", store.Facts{Asked: asked("run", "pause"), Attempt: 1, Begun: true}, store.Paused, "paused by the user; its runner left no exit record"},
		{"resume of a paused one", store.Facts{Asked: asked("run", "pause", "resume"), Attempt: 1, Begun: true, Exit: exit(1, "", "paused")}, store.Queued, ""},
		{"halted", store.Facts{Asked: halted("pause", 0), Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0}, store.Paused, "halted by the user; it keeps its memory"},
		{"halted for long", store.Facts{Asked: halted("pause", 0), Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0 + 1e6}, store.Paused, "halted by the user; it keeps its memory"},
		{"halted and killed", store.Facts{Asked: halted("pause", 0), Attempt: 1, Begun: true, Exit: exit(-1, "SIGKILL", "paused")}, store.Paused, "paused by the user"},
		{"halted, machine gone", store.Facts{Asked: halted("pause", 0), Attempt: 1, Begun: true}, store.Paused, "paused by the user; its runner left no exit record"},
		{"halted, waits for a slot", store.Facts{Asked: halted("resume", 1), Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0 + 1e6}, store.Queued, "halted; it goes on when a slot is free"},
		{"halted, waits, machine gone", store.Facts{Asked: halted("resume", 1), Attempt: 1, Begun: true}, store.Lost, "nothing of it is alive and it left no exit record"},
		{"goes on again", store.Facts{Asked: append(halted("resume", 1), store.Asked{Verb: "resume", Attempt: 1}), Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0}, store.Running, ""},
		{"goes on again and is silent", store.Facts{Asked: append(halted("resume", 1), store.Asked{Verb: "resume", Attempt: 1}), Attempt: 1, Begun: true, Alive: true, Sign: t0, Now: t0 + 121}, store.Stalled, "no sign of life for 121 s"},

		{"retry to come", store.Facts{Asked: retried(2, t0+20), Attempt: 2, Begun: true, Now: t0}, store.Queued, "retry 2 of 3 in 20 s: lost"},
		{"retry that is due", store.Facts{Asked: retried(2, t0), Attempt: 2, Begun: true, Now: t0}, store.Queued, "retry 2 of 3: lost"},
		{"retry that began", store.Facts{Asked: retried(2, t0), Attempt: 3, Begun: true, Alive: true, Sign: t0, Now: t0}, store.Running, ""},
		{"retry called off", store.Facts{Asked: append(retried(2, t0+20), store.Asked{Verb: "stop"}), Attempt: 2, Begun: true, Exit: exit(3, "", ""), Now: t0}, store.Failed, "exit code 3"},

		{"stopped by a rule", store.Facts{Attempt: 1, Begun: true, Exit: exit(-1, "SIGTERM", "rule nan: train/loss is NaN at step 7")}, store.Failed, "rule nan: train/loss is NaN at step 7"},
		{"stopped by a rule in good order", store.Facts{Attempt: 1, Begun: true, Exit: exit(0, "", "rule plateau: no better")}, store.Stopped, "stopped by rule plateau: no better"},
		{"stopped by a budget", store.Facts{Asked: budget("run"), Attempt: 1, Begun: true, Exit: exit(1, "", "stopped")}, store.Stopped, "budget wall 2h is used up"},
		{"cancelled by a budget", store.Facts{Asked: budget("run")}, store.Stopped, "budget wall 2h is used up"},
		{"retry cancelled by a budget", store.Facts{Asked: budget("run", "retry"), Attempt: 1, Begun: true, Exit: exit(3, "", "")}, store.Failed, "exit code 3; budget wall 2h is used up"},
		{"done when the budget was", store.Facts{Asked: budget("run"), Attempt: 1, Begun: true, Exit: exit(0, "", "")}, store.Done, ""},

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

func TestRule(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"rule nan: train/loss is NaN at step 7": "nan", "rule plateau": "plateau", "": "", "stopped": "", "ruled out": "",
	} {
		if got := (&store.Exit{Reason: reason}).Rule(); got != want {
			t.Errorf("the rule of %q is %q, want %q", reason, got, want)
		}
	}
}

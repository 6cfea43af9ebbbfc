package experiments_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments"
)

func TestDurations(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"90s": 90, "10m": 600, "2h": 7200, "3d": 259200, "1h30m": 5400, "1d2h3m4s": 93784, "007s": 7, "36500d": 36500 * 86400,
	} {
		p := one(t, fmt.Sprintf("[experiment.e]\nrecipe='sft'\naxes={tasks=[1]}\nlimits={wall=%q}", text)).Plan()
		if p.Limits.Wall != want {
			t.Errorf("%s is %v s, want %v", text, p.Limits.Wall, want)
		}
	}
	for _, text := range []string{
		"", "2", "h", "1.5h", "-2h", "2 h", "2H", "30m1h", "1h1h", "2hours", "2w", "1h ", "0s", "36501d", "36500d1s", "99999999999999999999s",
		"213503982334602d", // wraps around in 64 bits
	} {
		_, err := experiments.Parse("x", fmt.Appendf(nil, "schema=1\n[experiment.e]\nrecipe='sft'\naxes={tasks=[1]}\nlimits={wall=%q}", text), recipes())
		if err == nil {
			t.Errorf("%q was taken for a duration", text)
		}
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	lost := experiments.DefaultRetry.On
	tests := []struct {
		text string
		want *experiments.Retry
	}{
		{"", nil},
		{"retry = 0", &experiments.Retry{On: []string{}}},
		{"retry = { max = 0, on = ['lost'] }", &experiments.Retry{On: []string{}}},
		{"retry = 7", &experiments.Retry{Max: 7, On: lost, Backoff: 10}},
		{"retry = {}", &experiments.Retry{Max: 3, On: lost, Backoff: 10}},
		{"retry = { on = ['failed', 'lost'] }", &experiments.Retry{Max: 3, On: []string{"failed", "lost"}, Backoff: 10}},
		{"retry = { max = 1, backoff = '0s' }", &experiments.Retry{Max: 1, On: lost}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			p := one(t, "[experiment.e]\nrecipe='sft'\naxes={tasks=[1]}\n"+tt.text).Plan()
			if diff := cmp.Diff(tt.want, p.Retry); diff != "" {
				t.Error(diff)
			}
		})
	}
	want := experiments.Retry{Max: 3, On: []string{"lost", "node_fail", "preempted"}, Backoff: 10}
	if diff := cmp.Diff(want, experiments.DefaultRetry); diff != "" {
		t.Errorf("reading files changed the default:\n%s", diff)
	}
}

func TestNotify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want *experiments.Notify
	}{
		{"", nil},
		{"[notify]\nargv = ['./n.sh', 'a b']\non = ['failed']", &experiments.Notify{On: []string{"failed"}, Argv: []string{"./n.sh", "a b"}}},
		{"[notify]\nargv = ['n']", &experiments.Notify{On: []string{"done", "failed", "verdict", "stalled"}, Argv: []string{"n"}}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, parse(t, tt.text).Notify); diff != "" {
			t.Errorf("%s: %s", tt.text, diff)
		}
	}
}

func TestStopRulesInWords(t *testing.T) {
	t.Parallel()
	p := one(t, `[experiment.e]
recipe = "sft"
axes   = { tasks = [1] }
stop   = [
  { kind = "nan" },
  { kind = "diverge", metric = "train/grad_norm", above = 1e6 },
  { kind = "collapse", metric = "train/entropy", below = 0.01, window = 20 },
  { kind = "plateau", metric = "eval/loss", window = 10 },
  { kind = "plateau", metric = "eval/pass@1", window = 5, above = 0.01 },
]
`).Plan()
	want := []string{
		"nan: train/loss is not a number, or infinite",
		"diverge: train/grad_norm above 1e+06 for 1 point",
		"collapse: train/entropy below 0.01 for 20 points",
		"plateau: eval/loss not lower by more than 0 in 10 points",
		"plateau: eval/pass@1 not higher by more than 0.01 in 5 points",
	}
	for i, r := range p.Stop {
		if r.String() != want[i] {
			t.Errorf("rule %d is %q, want %q", i, r, want[i])
		}
	}
}

// How a command's runs are paused, and what they hold, is no part of a cell.
func TestConductOfACommandIsNoIdentity(t *testing.T) {
	t.Parallel()
	base := one(t, own).Plan()
	p := one(t, own+"pause = 'checkpoint'\ngpus = 8\nstop = [{ kind = 'nan' }]\nlimits = { gpu_hours = 9 }\n").Plan()
	if p.Pause != experiments.PauseCheckpoint || p.GPUs != 8 {
		t.Fatalf("pause %q, %d GPUs", p.Pause, p.GPUs)
	}
	if diff := cmp.Diff(base.Cells, p.Cells); diff != "" {
		t.Error(diff)
	}
	if p.Hash == base.Hash {
		t.Error("the plan's hash does not tell")
	}
}

package report_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/tui/report"
)

func TestFlags(t *testing.T) {
	t.Parallel()
	var wait, follow, runs, force bool
	var seeds string
	f := flag.NewFlagSet("", flag.ContinueOnError)
	report.Flags(f, "EXP [--seeds N] [--wait|--detach] [-f] stop [--runs]|slots N", map[string]func(string) error{
		"seeds": func(v string) error { seeds = v; return nil }, "set": func(string) error { return nil },
	}, map[string]*bool{"wait": &wait, "f": &follow, "runs": &runs, "force": &force})
	var names []string
	f.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if diff := cmp.Diff([]string{"f", "runs", "seeds", "wait"}, names); diff != "" {
		t.Errorf("flags, -want +got:\n%s", diff)
	}
	if err := f.Parse([]string{"--seeds", "3", "-f"}); err != nil || seeds != "3" || !follow || wait {
		t.Errorf("seeds %s, follow %v, wait %v, %v", seeds, follow, wait, err)
	}
}

func TestNoCommand(t *testing.T) {
	t.Parallel()
	all := [][2]string{{"ablate [--slow]", ""}, {"ablate run EXP", ""}, {"ablate show RUN", ""}, {"ablate compare A B...", ""}, {"ablate queue", ""}}
	for name, want := range map[string]string{"shwo": `"show"`, "comp": `"compare"`, "queu": `"queue"`, "Run": `"run"`, "xyzzy": ""} {
		got := report.NoCommand(name, all).Error()
		if want == "" && strings.Contains(got, "did you mean") || !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %q to be offered", name, got, want)
		}
	}
}

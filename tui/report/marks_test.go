package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
	"ablate/tui/report"
)

// list is `ls` without what it says beside.
func list(w io.Writer, s *store.Store, o report.RunsOptions) error {
	return report.Runs(w, io.Discard, s, o)
}

// say marks something in a store.
func say(t *testing.T, s *store.Store, on, kind, text string) {
	t.Helper()
	b, err := json.Marshal(store.Mark{Time: 1e9, By: "ann@lab", On: on, Kind: kind, Text: text})
	if err != nil {
		t.Fatal(err)
	}
	add(t, s.MarksFile(), string(b)+"\n")
}

func TestMarkedRuns(t *testing.T) {
	t.Parallel()
	s, p := mixed(t)
	runs := p.Runs()
	cell := runs[0].Experiment + "/" + runs[0].Cell
	say(t, s, runs[0].ID, "star", "")
	say(t, s, runs[0].ID, "tag", "paper")
	say(t, s, runs[0].ID, "note", "the first that worked\nat all, and then some: it took ten nights of changing the learning rate by hand until the loss came down \x1b[31m")
	say(t, s, cell, "distrust", "wrong data")
	say(t, s, runs[1].ID, "hide", "")
	say(t, s, "e", "note", "for the talk")
	for _, tt := range []struct {
		golden string
		write  func(*bytes.Buffer) error
	}{
		{"runs-marked", func(b *bytes.Buffer) error { return report.Runs(b, b, s, report.RunsOptions{}) }},
		{"runs-marked-all", func(b *bytes.Buffer) error {
			return report.Runs(b, b, s, report.RunsOptions{Filter: report.Filter{All: true}})
		}},
		{"runs-starred.json", func(b *bytes.Buffer) error {
			return report.Runs(b, b, s, report.RunsOptions{Filter: report.Filter{Starred: true}, JSON: true})
		}},
		{"run-marked", func(b *bytes.Buffer) error { return report.Run(b, s, runs[0].ID, 0, false) }},
	} {
		t.Run(tt.golden, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := tt.write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.golden, s.Dir, b.String())
		})
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	s, p := mixed(t)
	runs := p.Runs()
	say(t, s, runs[0].ID, "tag", "paper")
	say(t, s, runs[1].ID, "tag", "paper")
	say(t, s, runs[1].ID, "hide", "")
	say(t, s, runs[2].ID, "star", "")
	for _, tt := range []struct {
		name   string
		filter report.Filter
		want   []int
		beside string
	}{
		{"a tag", report.Filter{Tag: "paper"}, []int{0}, "1 run hidden; --all shows them"},
		{"a tag, hidden too", report.Filter{Tag: "paper", All: true}, []int{0, 1}, ""},
		{"part of a tag", report.Filter{Tag: "pap"}, nil, ""},
		{"a star", report.Filter{Starred: true}, []int{2}, ""},
		{"both", report.Filter{Starred: true, Tag: "paper"}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out, beside bytes.Buffer
			if err := report.Runs(&out, &beside, s, report.RunsOptions{Filter: tt.filter, JSON: true}); err != nil {
				t.Fatal(err)
			}
			var rows []report.Row
			if err := json.Unmarshal(out.Bytes(), &rows); err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, r := range rows {
				got = append(got, r.ID)
			}
			for _, i := range tt.want {
				want = append(want, runs[i].ID)
			}
			if diff := cmp.Diff(want, got); diff != "" || strings.TrimSpace(beside.String()) != tt.beside {
				t.Errorf("beside it says %q, want %q; runs (-want +got):\n%s", &beside, tt.beside, diff)
			}
		})
	}
}

// A run that somebody distrusts counts in no mean and no finding, and the report
// says so; a hidden one counts.
func TestDistrustedRunsAreLeftOut(t *testing.T) {
	t.Parallel()
	_, ps := plans(t)
	p := ps["e"]
	s := fill(t, p, done(t, 0.50, 0.4), done(t, 0.60, 0.3), done(t, 0.90, 0.4), done(t, 0.60, 0.3), done(t, 0.54, 0.4), done(t, 0.60, 0.3))
	say(t, s, p.Runs()[2].ID, "distrust", "it saw the tests")
	say(t, s, p.Runs()[0].ID, "hide", "")
	var b bytes.Buffer
	if err := report.Watch(t.Context(), &b, io.Discard, s, p); err != nil && !errors.Is(err, report.ErrNotDone) {
		t.Fatal(err)
	}
	golden(t, "result-distrusted", s.Dir, b.String())

	f := asking(t, questions)
	s = answered(t, f)
	plan, err := f.Plan("rows", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	say(t, s, plan.Runs()[0].ID, "distrust", "it saw the tests")
	b.Reset()
	if err := report.Findings(&b, s, f, report.FindingsOptions{Names: []string{"rows"}, JSON: true}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Experiments []struct {
			Findings []struct{ Seeds []int64 }
			LeftOut  []report.LeftOut `json:"left_out"`
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	x := got.Experiments[0]
	if diff := cmp.Diff([]int64{102, 103, 104}, x.Findings[0].Seeds); diff != "" || len(x.LeftOut) != 1 || x.LeftOut[0].Text != "it saw the tests" {
		t.Errorf("left out are %+v; seeds (-want +got):\n%s", x.LeftOut, diff)
	}
	b.Reset()
	if err := report.Findings(&b, s, f, report.FindingsOptions{Names: []string{"rows"}}); err != nil {
		t.Fatal(err)
	}
	if want := plan.Runs()[0].ID + " is left out: distrusted by ann@lab: it saw the tests"; !strings.Contains(b.String(), want) {
		t.Errorf("the report does not say %q:\n%s", want, &b)
	}
	if words := report.Verdict(s, "rows"); !strings.HasPrefix(words, "a more tasks | beat more solutions: ") || strings.Contains(words, "\n") {
		t.Errorf("the verdict in words is %q", words)
	}
}

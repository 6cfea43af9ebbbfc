package look

import (
	"context"
	"fmt"
	"slices"

	"ablate/engine/judge"
	"ablate/engine/synth"
)

// verified is the stage verify.
type verified struct {
	header
	Gates    []gate         `json:"funnel"`
	Truth    truth          `json:"truth"`
	Examples []verifiedTask `json:"tasks"` // every one if asked, else the first of each kind
	Export   *exported      `json:"export"`

	all    bool // nothing was left out
	funnel synth.Funnel
}

// gate is a line of the funnel. Shares are of what the funnel begins with.
type gate struct {
	Name    string  `json:"name"`
	Dropped int     `json:"dropped"`
	Left    int     `json:"left"`
	Share   float64 `json:"share"` // dropped here
	Words   string  `json:"words"`
}

// truth is what was looked up afterwards; all are shares.
type truth struct {
	LabelAccuracy  float64 `json:"label_accuracy"`
	CandidateRight float64 `json:"candidate_right"`
	FirstRight     float64 `json:"first_right"`
	GoldenRight    float64 `json:"golden_right"`
	GoldenError    float64 `json:"golden_error"`
}

// verifiedTask is a task with what verification made of it.
type verifiedTask struct {
	task
	Dropped    string              `json:"dropped"` // the reason, empty if it was kept
	Golden     string              `json:"golden"`  // the golden program, empty without one
	Tests      []votedTest         `json:"tests"`
	Candidates []verifiedCandidate `json:"candidates"`

	golden int
}

type votedTest struct {
	test
	Label   string `json:"label"` // voted for, empty where no candidate ran to an end
	HeldOut bool   `json:"held_out"`
	Weight  int    `json:"weight"`
}

type verifiedCandidate struct {
	Program string  `json:"program"`
	Passed  float64 `json:"passed"` // share of the labels
	Right   bool    `json:"right"`  // on every test, by the truth
	Fault   string  `json:"fault"`
	Shared  bool    `json:"shared"`
}

// dropWords say in a few words what each gate asks.
var dropWords = map[string]string{
	synth.NoOutput:     "no candidate ran to an end",
	synth.NoTests:      "no label on one side of the split",
	synth.Disagreement: "another is better on the held-out tests",
	synth.Unsolvable:   "a strong solver passes no test",
}

const (
	fewTasks = 10 // that are shown one by one without being asked for
	fewTests = 5  // of an example
)

func lookVerify(ctx context.Context, s *session) (result, error) {
	if s.Export != "" {
		if err := s.exportable(); err != nil {
			return nil, err
		}
	}
	ts, sets, err := s.draw()
	if err != nil {
		return nil, err
	}
	var all []synth.Verified
	var f synth.Funnel
	err = withPool(func(pool *judge.Pool) (err error) {
		all, f, err = s.pipeline.Make(ctx, pool, ts)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := verified{
		header: s.header(), Gates: append(setGates(sets), gates(f)...), funnel: f, all: s.All || len(all) <= fewTasks,
		Truth: truth{f.LabelAccuracy, f.CandidateRight, f.FirstRight, f.GoldenRight, f.GoldenError},
	}
	if out.Examples, err = s.examples(all, out.all); err != nil {
		return nil, err
	}
	if s.Export != "" {
		out.Export, err = s.export(all, f)
	}
	return out, err
}

// gates are the lines of a funnel.
func gates(f synth.Funnel) []gate {
	left := f.Tasks
	lines := []gate{{Name: "written", Left: left, Words: "tasks with statement and inputs"}}
	for _, reason := range synth.Reasons {
		n := f.Dropped[reason]
		left -= n
		lines = append(lines, gate{reason, n, left, share(n, f.Tasks), dropWords[reason]})
	}
	return append(lines, gate{Name: "kept", Left: f.Kept, Words: "tasks with labels and a golden program"})
}

// examples are all tasks, or the first two that were kept and the first that each
// gate dropped.
func (s *session) examples(all []synth.Verified, every bool) ([]verifiedTask, error) {
	const kept = 2
	seen := map[string]int{}
	examples := []verifiedTask{}
	for _, v := range all {
		reason := v.Decision.Dropped
		seen[reason]++
		if !every && (seen[reason] > kept || reason != "" && seen[reason] > 1) {
			continue
		}
		t, err := s.verifiedTask(v)
		if err != nil {
			return nil, err
		}
		examples = append(examples, t)
	}
	if !every {
		slices.SortStableFunc(examples, func(a, b verifiedTask) int {
			return slices.Index(synth.Reasons, a.Dropped) - slices.Index(synth.Reasons, b.Dropped)
		})
	}
	return examples, nil
}

func (s *session) verifiedTask(v synth.Verified) (verifiedTask, error) {
	t := verifiedTask{task: newTask(v.Task), Dropped: v.Decision.Dropped, golden: v.Decision.Golden}
	if t.golden >= 0 {
		t.Golden = v.Candidates[t.golden].Source
	}
	tests, err := s.tests(v.Task)
	if err != nil {
		return t, err
	}
	d := v.Decision
	for i, c := range tests {
		t.Tests = append(t.Tests, votedTest{c, d.Labels[i], d.HeldOut[i], d.Weights[i]})
	}
	for j, c := range v.Candidates {
		t.Candidates = append(t.Candidates, verifiedCandidate{c.Source, d.Passed[j], v.Truth.Right[j], c.Fault, c.Shared})
	}
	return t, nil
}

func share(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

func (o verified) text(p *page) {
	p.line("verify: %s of seed %d, %s a task, %d tests each",
		plural(o.funnel.Tasks, "task"), o.Seed, plural(o.Params.Int("candidates"), "candidate"), o.Params.Int("tests"))
	p.writeGates(o.Gates)
	o.truth(p)
	for i, t := range o.Examples {
		t.text(p, i, len(o.Examples), o.all)
	}
	o.next(p)
}

// paperLabels are X-Coder's table 14: right labels in %, by candidates.
var paperLabels = map[int]float64{4: 94.39, 8: 94.73, 16: 95.13}

// truth writes what the gates never saw.
func (o verified) truth(p *page) {
	p.title("against the truth, which no gate saw")
	kept := plural(o.funnel.Kept, "kept task")
	vote := "the vote, mean over tasks"
	if paper, ok := paperLabels[o.Params.Int("candidates")]; ok {
		vote += fmt.Sprintf("; paper: %.2f %%", paper)
	}
	rows := [][]string{
		{"labels right", percent(o.Truth.LabelAccuracy, 2), vote},
		{"candidates right", percent(o.Truth.CandidateRight, 1), fmt.Sprintf("of %d, on all tests", o.funnel.Candidates)},
		{"first candidates right", percent(o.Truth.FirstRight, 1), "what unverified data is worth"},
	}
	if o.funnel.Kept > 0 {
		rows = append(rows,
			[]string{"golden programs right", percent(o.Truth.GoldenRight, 1), "of " + kept + ", on all tests"},
			[]string{"golden error", percent(o.Truth.GoldenError, 2), "tests that a golden program fails, mean"})
	}
	p.table([]string{"", ">", ""}, rows)
}

func (t verifiedTask) text(p *page, i, n int, numbered bool) {
	state := "kept"
	if t.Dropped != "" {
		state = fmt.Sprintf("dropped (%s)", t.Dropped)
	}
	if numbered {
		state = fmt.Sprintf("task %d of %d, %s", i+1, n, state)
	}
	t.named(p, state)
	if t.Dropped != "" {
		p.line("")
		p.prose(2, "Dropped since "+t.why())
	}
	if t.Golden != "" {
		p.title("  golden program (candidate %d of %d, passes %s of the labels%s)",
			t.golden+1, len(t.Candidates), percent(t.Candidates[t.golden].Passed, 0), truthOf(t.Candidates[t.golden].Right))
		p.code(4, t.Golden)
	}
	if t.Dropped != "" || numbered {
		t.writeCandidates(p)
	}
	most := fewTests
	if numbered {
		most = len(t.Tests)
	}
	t.writeTests(p, most)
}

func truthOf(right bool) string {
	if right {
		return ""
	}
	return "; in truth wrong"
}

// why is the reason for a drop, about this task.
func (t verifiedTask) why() string {
	labels := 0
	for _, c := range t.Tests {
		if c.Label != "" {
			labels++
		}
	}
	switch t.Dropped {
	case synth.NoOutput:
		return fmt.Sprintf("none of %s ran to an end on any test.", plural(len(t.Candidates), "candidate"))
	case synth.NoTests:
		return fmt.Sprintf("only %d of %d tests have a label, and one side of the split has none.", labels, len(t.Tests))
	case synth.Disagreement:
		return "the program that is best on the tests that select is not among the best on the held-out ones."
	case synth.Unsolvable:
		return "a strong solver that is asked once passes no test."
	}
	return t.Dropped + "."
}

func (t verifiedTask) writeCandidates(p *page) {
	p.line("")
	rows := make([][]string, len(t.Candidates))
	for j, c := range t.Candidates {
		verdict := "wrong"
		if c.Right {
			verdict = "right"
		}
		if j == t.golden {
			verdict += ", golden"
		}
		fault := c.Fault
		if c.Shared {
			fault += " (misread)"
		}
		rows[j] = []string{fmt.Sprint(j + 1), percent(c.Passed, 0), verdict, fault}
	}
	p.table([]string{">candidate", ">labels passed", "in truth", "fault"}, rows)
}

// writeTests shows the first tests; where a label is wrong, what is right too.
func (t verifiedTask) writeTests(p *page, most int) {
	p.line("")
	tests := t.Tests[:min(most, len(t.Tests))]
	input, voted := 34, 20
	if slices.ContainsFunc(tests, func(c votedTest) bool { return c.Label != c.Want }) {
		input, voted = 26, 13
	}
	rows := make([][]string, len(tests))
	for i, c := range tests {
		use, label, right := fmt.Sprintf("weight %d", c.Weight), c.Label, ""
		if c.HeldOut {
			use = "held out"
		}
		if label == "" {
			label = "none"
		}
		if c.Label != c.Want {
			right = "right: " + cut(c.Want, 8)
		}
		rows[i] = []string{c.Class, use, cut(c.Input, input), cut(label, voted), right}
	}
	p.table([]string{"test", "use", "input", "voted", ""}, rows)
	if left := len(t.Tests) - len(tests); left > 0 {
		p.line("  and %d more", left)
	}
}

// next says what one may do now.
func (o verified) next(p *page) {
	switch {
	case o.Export != nil:
		o.Export.text(p)
	case o.funnel.Kept == 0:
		p.title("next: nothing was kept; --n 5 shows every task with its reason")
	case o.all:
		p.title("next: --json has all programs; --export DIR writes the kept tasks for trainers")
	default:
		p.title("next: --n 5 shows every task, --export DIR writes the kept ones for trainers")
	}
}

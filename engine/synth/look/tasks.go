package look

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"ablate/engine/judge"
	"ablate/engine/synth"
)

// task is a task in JSON.
type task struct {
	ID        string   `json:"id"`
	Statement string   `json:"statement"`
	Style     string   `json:"style"`
	Depth     int      `json:"depth"`
	Features  []string `json:"features"`
}

func newTask(t synth.Task) task { return task{t.ID, t.Statement, t.Style, t.Depth, t.Features} }

// head names a task and gives its statement.
func (t task) head(p *page, i, n int) {
	t.named(p, fmt.Sprintf("task %d of %d", i+1, n))
}

// named gives a task under a name.
func (t task) named(p *page, name string) {
	p.line("")
	p.line("-- %s: %s, depth %d", name, t.Style, t.Depth)
	p.line("  %s", t.ID)
	p.line("")
	p.prose(2, t.Statement)
}

// written is the stage write.
type written struct {
	header
	Tasks []writtenTask `json:"tasks"`
}

type writtenTask struct {
	task
	Program string `json:"program"`
	Plan    string `json:"plan"` // of a long trace
}

func lookWrite(_ context.Context, s *session) (result, error) {
	ts, _, err := s.draw()
	if err != nil {
		return nil, err
	}
	w := written{header: s.header()}
	for _, t := range ts {
		w.Tasks = append(w.Tasks, writtenTask{newTask(t), t.Solution(s.Seed, 0), t.Plan()})
	}
	return w, nil
}

func (w written) text(p *page) {
	p.line("write: %s of seed %d, each with one of its right programs", plural(len(w.Tasks), "task"), w.Seed)
	long := w.Params.Text("trace") == "long"
	for i, t := range w.Tasks {
		t.head(p, i, len(w.Tasks))
		p.line("")
		if long {
			p.line("    %s", t.Plan)
		}
		p.code(4, t.Program)
	}
	p.title("next: --stage solve lets a teacher try; --set styles=0:1:0 is AtCoder alone")
}

// tested is the stage test.
type tested struct {
	header
	Tasks []testedTask `json:"tasks"`
}

type testedTask struct {
	task
	Tests []test `json:"tests"`
}

// test is an input; Want is the truth, which verification never sees.
type test struct {
	Input string `json:"input"`
	Class string `json:"class"`
	Bytes int    `json:"bytes"`
	Want  string `json:"want"`
}

func (s *session) tests(t synth.Task) ([]test, error) {
	var tests []test
	for _, in := range t.Tests(s.Seed, s.pipeline.Tests, s.pipeline.TestKind) {
		var values []int64
		if err := json.Unmarshal([]byte(in.Input), &values); err != nil {
			return nil, fmt.Errorf("read input of %s: %w", t.ID, err)
		}
		tests = append(tests, test{in.Input, in.Class, in.Size, t.Run(values)})
	}
	return tests, nil
}

func lookTest(_ context.Context, s *session) (result, error) {
	ts, _, err := s.draw()
	if err != nil {
		return nil, err
	}
	out := tested{header: s.header()}
	for _, t := range ts {
		tests, err := s.tests(t)
		if err != nil {
			return nil, err
		}
		out.Tasks = append(out.Tasks, testedTask{newTask(t), tests})
	}
	return out, nil
}

func (o tested) text(p *page) {
	kind := map[string]string{
		synth.TestsGenerated: "by a generator of each task's own",
		synth.TestsListed:    "from lists written once",
	}[o.Params.Text("test_kind")]
	p.line("test: inputs %s; no vote sees what is right", kind)
	for i, t := range o.Tasks {
		t.head(p, i, len(o.Tasks))
		p.line("")
		rows := make([][]string, len(t.Tests))
		for j, c := range t.Tests {
			rows[j] = []string{fmt.Sprint(j + 1), c.Class, fmt.Sprint(c.Bytes), cut(c.Input, 34), cut(c.Want, 20)}
		}
		p.table([]string{">#", "class", ">bytes", "input", "right"}, rows)
	}
	p.title("next: --set test_kind=lists for inputs as written by hand, --set tests=30")
}

// solved is the stage solve.
type solved struct {
	header
	Tasks []solvedTask `json:"tasks"`
}

type solvedTask struct {
	task
	Candidates []candidate `json:"candidates"`
}

// candidate is a teacher's program, with what the truth says of it.
type candidate struct {
	Program string `json:"program"`
	Fault   string `json:"fault"`  // what was made wrong, or empty; it may do no harm
	Shared  bool   `json:"shared"` // a misreading that others of the task have
	Right   int    `json:"right"`  // tests
	Tests   int    `json:"tests"`
	Wrong   *wrong `json:"wrong"` // the first test that it fails, or null
}

type wrong struct {
	Input string `json:"input"`
	Got   string `json:"got"` // or the error
	Want  string `json:"want"`
}

func lookSolve(ctx context.Context, s *session) (result, error) {
	ts, _, err := s.draw()
	if err != nil {
		return nil, err
	}
	out := solved{header: s.header()}
	err = withPool(func(pool *judge.Pool) error {
		for _, t := range ts {
			candidates, err := s.candidates(ctx, pool, t)
			if err != nil {
				return err
			}
			out.Tasks = append(out.Tasks, solvedTask{newTask(t), candidates})
		}
		return nil
	})
	return out, err
}

// candidates runs the teacher's programs for a task on its tests.
func (s *session) candidates(ctx context.Context, pool *judge.Pool, t synth.Task) ([]candidate, error) {
	tests, err := s.tests(t)
	if err != nil {
		return nil, err
	}
	cases := make([]judge.Case, len(tests))
	for i, c := range tests {
		cases[i].Input = c.Input
	}
	var programs []judge.Program
	written := s.pipeline.Teacher.Candidates(s.Seed, t, s.pipeline.Candidates)
	for _, c := range written {
		programs = append(programs, judge.Program{Source: c.Source, Cases: cases})
	}
	outputs, err := pool.Outputs(ctx, programs)
	if err != nil {
		return nil, err
	}
	out := make([]candidate, len(written))
	for j, c := range written {
		out[j] = candidate{Program: c.Source, Fault: c.Fault, Shared: c.Shared, Tests: len(tests)}
		for i, y := range outputs[j] {
			switch {
			case y.Verdict == judge.AC && y.Value == tests[i].Want:
				out[j].Right++
			case out[j].Wrong == nil:
				out[j].Wrong = &wrong{tests[i].Input, y.Value + y.Err, tests[i].Want}
			}
		}
	}
	return out, nil
}

func (o solved) text(p *page) {
	p.line("solve: %s of seed %d, %s each, teacher_error %g a feature",
		plural(len(o.Tasks), "task"), o.Seed, plural(o.Params.Int("candidates"), "candidate"), o.Params.Float("teacher_error"))
	for i, t := range o.Tasks {
		t.head(p, i, len(o.Tasks))
		p.line("")
		rows := make([][]string, len(t.Candidates))
		for j, c := range t.Candidates {
			rows[j] = []string{fmt.Sprint(j + 1), fmt.Sprintf("%d/%d", c.Right, c.Tests), c.words()}
		}
		p.table([]string{">#", ">right", "what is wrong"}, rows)
		t.wrongOnes(p)
	}
	p.title("next: --stage verify lets them vote; --set teacher_error=0.2 for a worse teacher")
}

// words say what is wrong with a candidate.
func (c candidate) words() string {
	text := c.Fault
	if c.Shared {
		text += ", a misreading that others may share"
	}
	if c.Fault != "" && c.Wrong == nil {
		text += "; it does no harm"
	}
	return text
}

// wrongOnes shows the programs that are wrong and where.
func (t solvedTask) wrongOnes(p *page) {
	const most = 2
	shown, left := 0, 0
	for j, c := range t.Candidates {
		if c.Wrong == nil {
			continue
		}
		if shown == most {
			left++
			continue
		}
		shown++
		p.title("  candidate %d: f(%s) is %s, right is %s", j+1, cut(c.Wrong.Input, 24), cut(strings.TrimSpace(c.Wrong.Got), 16), cut(c.Wrong.Want, 10))
		p.code(4, c.Program)
	}
	if left > 0 {
		p.title("  %s not shown; --json has them", plural(left, "wrong program"))
	}
}

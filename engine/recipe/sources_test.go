package recipe

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/engine/synth"
)

// made is the corpus of a run with these parameters, and its rows as text.
func made(t *testing.T, m Means, set map[string]any) (*corpus, []text) {
	t.Helper()
	d, err := newCorpus(t.Context(), newConfig(tiny(set)), m)
	if err != nil {
		t.Fatal(err)
	}
	return d, d.texts()
}

// texts are the rows as they were before they became tokens.
func (d *corpus) texts() []text {
	rows := make([]text, len(d.rows))
	for i, s := range d.rows {
		rows[i] = text{d.tok.Decode(s.Tokens[:s.Prompt-1]), d.tok.Decode(s.Tokens[s.Prompt : len(s.Tokens)-1])}
	}
	return rows
}

// rowsOf are the rows of a run whose source needs no judge.
func rowsOf(t *testing.T, set map[string]any) []text {
	t.Helper()
	_, rows := made(t, Means{}, set)
	return rows
}

// differing gives the places in which rows differ.
func differing(a, b []text) (places []int) {
	for i := range a {
		if a[i] != b[i] {
			places = append(places, i)
		}
	}
	return places
}

// Parameters that only name a cell change nothing at all: not a token of a row,
// and not the order in which rows are dealt.
func TestPlaceboesChangeNothing(t *testing.T) {
	t.Parallel()
	base := tiny(nil)
	dir, err := train(t.Context(), t, base)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"spare_seed", "copy"} {
		other, err := train(t.Context(), t, tiny(map[string]any{name: int64(7)}))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"checkpoint/weights", "items/current@6.jsonl"} {
			if string(read(t, dir, file)) != string(read(t, other, file)) {
				t.Errorf("%s = 7 gives another %s", name, file)
			}
		}
	}
}

// Another shuffle deals the same rows in another order.
func TestShuffle(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(rowsOf(t, nil), rowsOf(t, map[string]any{"shuffle": int64(1)}), cmp.AllowUnexported(text{})); diff != "" {
		t.Errorf("another shuffle makes other rows:\n%s", diff)
	}
	deal := func(shuffle int64) []int {
		c := newConfig(tiny(map[string]any{"shuffle": shuffle}))
		o := &order{seed: 1, purpose: c.orderOf("order"), n: 48}
		batch := make([]int, 48)
		o.next(batch)
		return batch
	}
	a, b := deal(0), deal(1)
	if slices.Equal(a, b) {
		t.Error("another shuffle deals in the same order")
	}
	slices.Sort(a)
	slices.Sort(b)
	if !slices.Equal(a, b) {
		t.Error("another shuffle deals other rows")
	}
}

// Another name of an element renames it in the programs and does nothing else.
func TestElement(t *testing.T) {
	t.Parallel()
	x, n := rowsOf(t, nil), rowsOf(t, map[string]any{"element": "n"})
	renamed := 0
	for i := range x {
		if x[i].statement != n[i].statement {
			t.Fatalf("row %d: another name asks for %q, not %q", i, n[i].statement, x[i].statement)
		}
		if strings.Contains(x[i].completion, "for x in") {
			renamed++
			if !strings.Contains(n[i].completion, "for n in") && !strings.Contains(n[i].completion, "for v in") {
				t.Errorf("row %d: element = n writes\n%s", i, n[i].completion)
			}
		}
	}
	if renamed == 0 {
		t.Error("no row has an element")
	}
}

// The mix of styles changes the words of the tasks whose style it changes, and no
// program.
func TestStyles(t *testing.T) {
	t.Parallel()
	usual := rowsOf(t, nil)
	terse := rowsOf(t, map[string]any{"styles": "0:1:0"})
	if len(differing(usual, terse)) < len(usual)/2 {
		t.Error("the mix of styles does not show in statements")
	}
	for i := range usual {
		if usual[i].completion != terse[i].completion {
			t.Fatalf("row %d: another style has another program", i)
		}
		if strings.Contains(terse[i].statement, ", then ") {
			t.Errorf("row %d is no terse statement: %q", i, terse[i].statement)
		}
	}
}

// Without evolution tasks are of the seed corpus's features, in one step they are
// as sampled: other tasks, and the same held-out ones.
func TestFeatureAxes(t *testing.T) {
	t.Parallel()
	features := func(set map[string]any) (named map[string]bool, rows []text, asked []synth.Task) {
		d, rows := made(t, Means{}, set)
		c := newConfig(tiny(set))
		named = map[string]bool{}
		for i, task := range synth.Train(c.Seed, c.Tasks, c.options()) {
			if rows[i*c.Solutions].statement != task.Statement {
				t.Fatalf("%v: row %d is not of the task with its options", set, i*c.Solutions)
			}
			for _, feature := range task.Features {
				named[feature] = true
			}
		}
		return named, rows, d.heldOut
	}
	many := map[string]any{"tasks": int64(200), "solutions": int64(1)}
	usual, rows, asked := features(many)
	for name, fewer := range map[string]bool{"evolution": true, "two_stage": false} {
		set := maps.Clone(many)
		set[name] = false
		named, other, askedThen := features(set)
		if 2*len(differing(rows, other)) < len(rows) {
			t.Errorf("%s = false leaves most rows as they are", name)
		}
		if fewer && 4*len(named) > 3*len(usual) {
			t.Errorf("%s = false has %d features, with it there are %d", name, len(named), len(usual))
		}
		if diff := cmp.Diff(asked, askedThen, cmpopts.IgnoreUnexported(synth.Task{})); diff != "" {
			t.Errorf("%s = false is asked other tasks:\n%s", name, diff)
		}
	}
}

// A long trace is the plan, then the program of the short one; only the program
// is judged.
func TestTrace(t *testing.T) {
	t.Parallel()
	c := newConfig(tiny(nil))
	tasks := synth.Train(c.Seed, c.Tasks, c.options())
	program, planned := rowsOf(t, nil), rowsOf(t, map[string]any{"trace": long})
	for i, row := range planned {
		if want := tasks[i/c.Solutions].Plan() + "\n" + program[i].completion; row.completion != want {
			t.Errorf("row %d is\n%s\nwant\n%s", i, row.completion, want)
		}
		if got := programOf(row.completion); got != program[i].completion {
			t.Errorf("row %d: the judge gets\n%s", i, got)
		}
		if row.statement != program[i].statement {
			t.Errorf("row %d: a plan changes the statement", i)
		}
	}
}

func TestProgramOf(t *testing.T) {
	t.Parallel()
	for completion, want := range map[string]string{
		"def f(a):\n":                      "def f(a):\n",
		"# plan: sum\ndef f(a):\n":         "def f(a):\n",
		"no plan at all\ndef f(a)def f(b)": "def f(a)def f(b)",
		"":                                 "",
		"# plan: sum":                      "# plan: sum",
	} {
		if got := programOf(completion); got != want {
			t.Errorf("programOf(%q) = %q, want %q", completion, got, want)
		}
	}
}

// People's programs are the same for every seed, one for each task.
func TestHuman(t *testing.T) {
	t.Parallel()
	all := synth.Human()
	set := map[string]any{"source": fromHuman, "tasks": int64(20), "solutions": int64(1)}
	for i, row := range rowsOf(t, set) {
		if want := (text{all[i].Task.Statement, all[i].Program}); row != want {
			t.Errorf("row %d is %v, want %v", i, row, want)
		}
	}
	set["tasks"] = int64(len(all) + 1)
	_, err := newCorpus(t.Context(), newConfig(tiny(set)), Means{})
	if err == nil || !strings.Contains(err.Error(), "lower tasks") {
		t.Errorf("more tasks than people wrote: error %v", err)
	}
}

// Leaked tasks are the first ones of the older set, with right programs, in place
// of the last training tasks; nothing else of any tested set is there, and as
// many rows.
func TestLeak(t *testing.T) {
	t.Parallel()
	clean := rowsOf(t, nil)
	leaky := rowsOf(t, map[string]any{"leak": 0.25}) // of 32
	if len(leaky) != len(clean) {
		t.Fatalf("%d rows with a leak, %d without", len(leaky), len(clean))
	}
	if want := 16 * 2; !slices.Equal(leaky[:want], clean[:want]) {
		t.Error("rows before the leaked ones differ")
	}
	tasks := synth.Benchmark(older, 32)
	for i, row := range leaky[16*2:] {
		if want := (text{tasks[i/2].Statement, tasks[i/2].Solution(1, i%2)}); row != want {
			t.Errorf("leaked row %d is %v, want %v", i, row, want)
		}
	}
	statements := map[string]bool{}
	for _, row := range leaky {
		statements[row.statement] = true
	}
	for _, name := range []string{current, harder, dev, older} {
		for i, task := range synth.Benchmark(name, 32) {
			if leaked := name == older && i < 8; statements[task.Statement] != leaked {
				t.Errorf("task %d of %s is among the rows: %v, want %v", i, name, !leaked, leaked)
			}
		}
	}
}

// The sets have no task in common, and none of training.
func TestSetsAreDisjoint(t *testing.T) {
	t.Parallel()
	from := map[string]string{}
	c := newConfig(tiny(nil))
	for _, task := range synth.Train(1, 128, c.options()) {
		from[task.ID] = "training"
	}
	for _, name := range []string{current, older, harder, dev} {
		for _, task := range synth.Benchmark(name, 128) {
			if other, ok := from[task.ID]; ok {
				t.Errorf("%s is in %s and in %s", task.ID, other, name)
			}
			from[task.ID] = name
		}
	}
}

// A model can finish the reference program of every task that it is asked.
func TestProgramsFit(t *testing.T) {
	t.Parallel()
	var tasks []synth.Task
	for _, name := range []string{current, older, harder, dev} {
		tasks = append(tasks, synth.Benchmark(name, 512)...)
	}
	for trace, most := range map[string]int{short: maxProgram, long: maxLongProgram} {
		with := map[string]any{"trace": trace, "vocab": int64(480), "tasks": int64(128)}
		d, _ := made(t, Means{}, with)
		c := newConfig(tiny(with))
		for _, task := range tasks {
			row := d.sequence(text{"", c.completion(task, task.Solution(1, 0))})
			if n := len(row.Tokens) - row.Prompt; n > most {
				t.Errorf("%s: %s takes %d tokens, the model may write %d", trace, task.ID, n, most)
			}
		}
	}
}

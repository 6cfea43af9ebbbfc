package tui

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/experiments/store"
	"ablate/gpu"
)

// edit replaces a text of the experiment file, as an editor does.
func (p *person) edit(pairs ...string) *person {
	p.t.Helper()
	path := filepath.Join(p.home, "experiments.toml")
	text, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	for pair := range slices.Chunk(pairs, 2) {
		if !strings.Contains(string(text), pair[0]) {
			p.t.Fatalf("%q is not in the file:\n%s", pair[0], text)
		}
		text = []byte(strings.Replace(string(text), pair[0], pair[1], 1))
	}
	if err := os.WriteFile(path+"~", text, 0o644); err != nil {
		p.t.Fatal(err)
	}
	if err := os.Rename(path+"~", path); err != nil {
		p.t.Fatal(err)
	}
	return p.second()
}

// fileHolds holds that the experiment file is the recorded one with some texts
// replaced.
func (p *person) fileHolds(pairs ...string) *person {
	p.t.Helper()
	was, err := os.ReadFile("testdata/recorded/experiments.toml")
	if err != nil {
		p.t.Fatal(err)
	}
	want := string(was)
	for pair := range slices.Chunk(pairs, 2) {
		if !strings.Contains(want, pair[0]) {
			p.t.Fatalf("%q is not in the recorded file", pair[0])
		}
		want = strings.Replace(want, pair[0], pair[1], 1)
	}
	got, err := os.ReadFile(filepath.Join(p.home, "experiments.toml"))
	if err != nil {
		p.t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		p.t.Fatalf("the experiment file (-want +got):\n%s\n%s", diff, p.text())
	}
	return p
}

// What a person does to the experiment file, in the interface or beside it.
func TestStoriesOfTheFile(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(*testing.T){
		"another design in the file is offered and run": func(t *testing.T) {
			p := in(t, "mine").edit("lr = [0.001, 0.003, 0.01, 0.1, 1.0]", "lr = [0.001, 0.5]").sees("R runs the file's design")
			p.press("R", "y").did("run mine")
		},
		"the same design with another question is no other design": func(t *testing.T) {
			in(t, "mine").edit("Which learning rate does", "What does").lacks("R runs the file's design").press("R").sees("the file has the same design").did()
		},
		"a file with mistakes changes nothing, and is said to have them": func(t *testing.T) {
			p := in(t, "mine").edit("seeds     = [1]", "seeds     = [1, 1]").sees("the experiment file has mistakes").has("0.001 s1", "0.003 s1", "0.01 s1", "0.1 s1", "1 s1")
			p.press("R").sees("the file has mistakes").did().edit("seeds     = [1, 1]", "seeds     = [1]").lacks("the experiment file has mistakes")
		},
		"an edited question is one changed line": func(t *testing.T) {
			p := in(t, "mine").does("edit").sees("edit mine").does("set question=Which is best?").reads("ctrl+s save")
			p.fileHolds(`"Which learning rate does train.sh survive?"`, `"Which is best?"`)
		},
		"a value that is wrong is not taken": func(t *testing.T) {
			p := in(t, "grid").does("edit").does("set lr=fast")
			if text := p.text(); !strings.Contains(text, "fast") {
				t.Errorf("nothing says what is wrong:\n%s", text)
			}
			p.press("ctrl+s").fileHolds()
		},
		"leaving a changed form asks": func(t *testing.T) {
			p := in(t, "grid").does("clone").does("set steps=90").press("esc").sees("drop what you changed?").press("n").sees("clone of grid")
			p.press("esc", "y").lacks("clone of grid").fileHolds()
		},
		"a new experiment is written behind the others": func(t *testing.T) {
			p := in(t, "grid").does("new").types("first").press("enter").does("set tasks=256").does("set steps=40").reads("ctrl+s save").sees("axis")
			p.fileHolds().press("/").types("solutions").press("enter", "a").types("2").press("enter", "ctrl+s")
			file, err := loadFile(filepath.Join(p.home, "experiments.toml"))
			if err != nil {
				t.Fatal(err)
			}
			e, err := file.Experiment("first")
			if err != nil {
				t.Fatal(err)
			}
			if plan := e.Plan(); len(plan.Cells) != 2 || plan.Cells[0].Params.Int("tasks") != 256 {
				t.Errorf("it has %d cells of %d tasks", len(plan.Cells), plan.Cells[0].Params.Int("tasks"))
			}
			p.press("r").did("run first")
		},
		"an experiment is found in the list and run after a question": func(t *testing.T) {
			p := sit(t, 80, 24).reads("esc back").press("/").types("failed > 0").sees("1 of 3").press("enter", "esc").to("reward").reads("r run").sees("run reward: 2 cells x 1 seed?").press("n").did()
			p.reads("r run").reads("y yes").did("run reward")
		},
		"an empty store says what there is to do": func(t *testing.T) {
			p := sit(t, 80, 24)
			if err := os.RemoveAll(p.store.Dir); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(p.store.Dir, 0o755); err != nil {
				t.Fatal(err)
			}
			fresh := sitAt(t, 80, 24, terminal{}, p.home)
			fresh.sees("nothing has been run here yet", "not run").reads("enter open").sees("not run yet").reads("r run").did("run grid")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t)
		})
	}
}

// everywhere are the ways to all pages, from the experiment mine.
var everywhere = map[string][]string{
	"list": {"esc"}, "experiment": {"u"}, "matrix": {"tab"}, "chart": {"tab", "tab", "h"}, "log": {"shift+tab"}, "columns": {"i"}, "filter": {"/", "l", "r"},
	"run": {"↓", "↓", "↓", "enter"}, "run log": {"enter", "L"}, "parameters": {"enter", "i"}, "metrics": {"enter", "m"},
	"compare": {"v"}, "choice": {"v", "c"}, "gpus": {"D"}, "queue": {"Q"}, "clone": {"c"}, "edit": {"e"}, "new": {"n"}, "help": {"?"}, "palette": {":"}, "question": {"S"},
}

// A store that goes away under the screen breaks no page, is said to be gone, and
// is there again when it is back.
func TestStoreVanishes(t *testing.T) {
	t.Parallel()
	for name, way := range everywhere {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sit(t, 120, 40).press(way...)
			away := p.store.Dir + ".away"
			if err := os.Rename(p.store.Dir, away); err != nil {
				t.Fatal(err)
			}
			for range 12 {
				p.second()
			}
			if name != "help" && name != "palette" && name != "question" { // these are over the page and its last line
				if text := p.text(); !strings.Contains(text, "cannot") && !strings.Contains(text, "no such file") && !strings.Contains(text, "gone") {
					t.Errorf("nothing says that the store is gone:\n%s", text)
				}
			}
			p.press("j", "k", "esc", "esc", "esc")
			if err := os.RemoveAll(p.store.Dir); err != nil { // what was made in its place
				t.Fatal(err)
			}
			if err := os.Rename(away, p.store.Dir); err != nil {
				t.Fatal(err)
			}
			for range 12 {
				p.second()
			}
			p.press("esc", "n", "esc", "esc").does("experiment mine").second().press("u").has("0.001 s1", "0.003 s1", "0.01 s1", "0.1 s1", "1 s1").sees("2/5 done")
		})
	}
}

// Somebody drags the corner of the window on every page: after it the screen is as
// it was.
func TestResizeEveryPage(t *testing.T) {
	t.Parallel()
	for name, way := range everywhere {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sit(t, 120, 40).press(way...).second().second()
			before := p.m.screen()
			r := rand.New(rand.NewPCG(1, 2))
			for range 60 {
				p.resize(r.IntN(250), r.IntN(80))
			}
			for _, size := range [][2]int{{1, 1}, {2, 40}, {250, 2}, {0, 0}, {40, 10}, {39, 10}} {
				p.resize(size[0], size[1])
			}
			if p.resize(120, 40); p.m.screen() != before {
				t.Errorf("the screen is another (-before +after):\n%s", cmp.Diff(before, p.m.screen()))
			}
		})
	}
}

// badText is a text that a terminal would obey, and that takes its cells in every
// odd way: nothing of it may move the cursor.
const badText = "\x1b[2J\x1b]0;x\x07\r\n\t\v\x00中文e\u0301\u0301\u0301\u202eabc\u200b\U0001f468\u200d\U0001f469\u200d\U0001f467\ufe0f\xff\xfe|`$(x)"

// Whatever runs write, every page has its size and no control characters.
func TestHostileRuns(t *testing.T) {
	t.Parallel()
	p := sit(t, 120, 40)
	dir := filepath.Join(p.store.RunDir(mineFailed), "a1")
	var points strings.Builder
	for step := range 40 {
		fmt.Fprintf(&points, `{"step":%d,"time":%d,"m":{"train/loss":%s,"train/total_steps":40,"only/nan":"NaN","huge":%s,"one%d":1,%q:%d}}`+"\n", step+1, recordedAt+step,
			[]string{"1e300", "-1e300", `"NaN"`, `"+Inf"`, `"-Inf"`, "5e-324", "0"}[step%7], []string{"1e300", "-1e300"}[step%2], step, "evil/"+badText, step)
	}
	log := strings.Repeat("x"+badText, 1<<17/len(badText)) + "\n" + strings.Repeat("中", 1<<18) + "\n" + strings.Repeat("a", 1<<20) + "\nError: " + badText + "\n"
	samples := fmt.Sprintf(`{"step":1,"task":%q,"statement":%q,"program":%q,"verdict":%q,"input":%q,"want":%q,"got":%q,"error":%q}`+"\n", badText, badText, badText, badText, badText, badText, badText, badText)
	for name, text := range map[string]string{"metrics.jsonl": points.String(), "out.log": log, "samples.jsonl": samples} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	exit := store.Exit{Code: 1, Reason: badText, Outcome: store.Outcome{Time: recordedAt, Metrics: store.Values{"evil/" + badText: 1e300}}}
	if err := store.WriteJSON(filepath.Join(dir, "exit.json"), exit); err != nil {
		t.Fatal(err)
	}
	cards := []gpu.Device{card(0, badText), card(1, "")}
	cards[0].Name, cards[0].Error = gpu.Text(badText), gpu.Text(badText)
	p.gpus.Nodes = []gpu.Node{{Name: gpu.Local, Devices: cards}}
	p.tell("note", badText, mineFailed).tell("tag", "中文", mineFailed)
	clean := func(where string) {
		t.Helper()
		for _, r := range p.text() {
			if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u200b' {
				t.Fatalf("%s: %q comes to the terminal:\n%q", where, r, p.text())
			}
		}
	}
	visit := func(keys ...string) {
		t.Helper()
		for _, k := range keys {
			p.press(k)
			clean(strings.Join(keys, " ") + " at " + k)
		}
		p.second()
		clean(strings.Join(keys, " "))
	}
	for _, size := range [][2]int{{120, 40}, {60, 15}, {200, 60}} {
		p.resize(size[0], size[1])
		visit("g", "↓", "↓", "↓", "m", "m", "m", "m", "y", "space", "b", "b", "u", "tab", "tab", "tab", "l", "h", "y", "w", "x", "x", "esc", "esc", "z", "z", "shift+tab", "esc")
		visit("i", "esc", "/", "e", "v", "i", "esc", "o", "o", "o", "o", "o", "O", "esc")
		visit("g", "↓", "↓", "↓", "enter", "tab", "tab", "tab", "tab", "L", "w", "g", "G", "k", "pgup", "/", "中", "enter", "n", "N", "E", "i", "G", "m", "e", "enter", "z", "]", "}", "q")
		visit("g", "space", "space", "space", "space", "v", "d", "m", "m", "tab", "tab", "tab", "enter", "esc", "q")
		visit("D", "enter", "s", "/", "中", "esc", "q", "Q", "q", "u")
	}
}

// Ten thousand metrics are as usable as ten.
func TestTenThousandMetrics(t *testing.T) {
	t.Parallel()
	p := sit(t, 120, 40)
	var m strings.Builder
	for i := range 10000 {
		fmt.Fprintf(&m, `,"layer/%d/norm":%d`, i, i)
	}
	line := fmt.Sprintf(`{"step":25,"time":%d,"m":{"train/loss":0.5%s}}`+"\n", recordedAt, m.String())
	f, err := os.OpenFile(filepath.Join(p.store.RunDir(mineTwice), "a2", "metrics.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(line); err != nil {
		t.Fatal(err)
	}
	p.second().does("metric layer/9876/norm").second().sees("layer/9876/norm", "9876").to("0.01 s1")
	p.press("enter").second().press("m").sees("of 10").types("layer/4321/").sees("1 of 10").press("enter").second().sees("layer/4321/norm")
}

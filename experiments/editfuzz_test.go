package experiments_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"ablate/experiments"
)

// others are the lines of a text that are of no experiment called name: what a change
// to it must leave.
func others(text, name string) string {
	var b strings.Builder
	mine := false
	for line := range strings.Lines(text) {
		if head := strings.TrimLeft(strings.TrimSpace(line), "["); head != strings.TrimSpace(line) {
			mine = strings.HasPrefix(head, "experiment."+name+".") || strings.HasPrefix(head, "experiment."+name+"]")
		}
		if t := strings.TrimSpace(line); !mine && t != "" {
			b.WriteString(t + "\n")
		}
	}
	return b.String()
}

// Whatever a file is: a change to it is a plain error, or a file that says what
// was meant and has every line of the others.
func FuzzEdit(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, path := range files(f, folder) {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text, uint8(0), "tasks", "1,2", int64(7))
			f.Add(text, uint8(3), "lr", "0.5", int64(2))
		}
	}
	for _, text := range []string{grid, lists, blocks} {
		for op := range uint8(8) {
			f.Add([]byte(text), op, "lr", "0.25", int64(op))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, op uint8, key, value string, n int64) {
		file, err := experiments.Parse("x", text, recipes())
		if err != nil {
			d := experiments.NewDraft("n", recipes()[0])
			if _, err := experiments.Insert(text, nil, d, recipes()); err == nil {
				t.Error("a file with mistakes was changed")
			}
			return
		}
		for i, e := range file.Experiments {
			if i == 2 {
				break
			}
			change(t, text, file, e, op, key, value, n)
		}
	})
}

func change(t *testing.T, text []byte, file *experiments.File, e *experiments.Experiment, op uint8, key, value string, n int64) {
	d := experiments.DraftOf(e)
	same := d.Clone()
	switch op % 8 {
	case 0:
		_ = d.SetAxis(key, value, recipes())
	case 1:
		d.Title = value
	case 2:
		_ = d.Set("seeds", value, recipes())
	case 3:
		_ = d.SetParam(key, value, recipes())
	case 4:
		d.Seeds = append(d.Seeds, n)
	case 5:
		d.RemoveAxis(key)
	case 6:
		d.RemoveCell(int(n))
		d.ResetParam(key)
	case 7:
		_ = d.SetCell(int(uint8(n)), value, recipes())
		d.Limits.Runs = int(uint8(n))
	}
	d, _ = d.Settled()
	out, err := experiments.Replace(text, nil, d, recipes())
	switch {
	case err != nil && same.Same(d):
		t.Errorf("no change is refused: %v", err)
	case err == nil && same.Same(d) && !bytes.Equal(out, text):
		t.Errorf("no change wrote\n%s", experiments.Unified("x", text, out))
	case err == nil:
		says(t, out, d)
		if plainly(string(text)) && others(string(text), e.Name) != others(string(out), e.Name) {
			t.Errorf("lines of others changed:\n%s", experiments.Unified("x", text, out))
		}
	}
	d.Name = "fresh-" + e.Name
	if out, err = experiments.Clone(text, file, e.Name, d, recipes()); err == nil {
		says(t, out, d)
		if !bytes.HasPrefix(out, bytes.TrimRight(text, "\n")) {
			t.Errorf("the old bytes are not all there:\n%s", experiments.Unified("x", text, out))
		}
	} else if mistakes, _ := d.Check(recipes()); len(mistakes) == 0 && file.Free(d.Name) == nil {
		if !strings.HasSuffix(err.Error(), "change it by hand") { // as of an inline table
			t.Errorf("cannot clone %s: %v", e.Name, err)
		}
	}
}

// plainly is true for a text whose lines can be told apart without reading TOML.
func plainly(text string) bool {
	return !strings.Contains(text, `"""`) && !strings.Contains(text, "'''") && !strings.Contains(text, "[\n") && !strings.Contains(text, "[ ") &&
		!strings.Contains(text, "[experiment]") && !strings.Contains(text, "\nexperiment") && !strings.ContainsAny(text, `'\`) && !strings.Contains(text, `["`)
}

// says checks that a text is a file with the experiment of the draft.
func says(t *testing.T, text []byte, d *experiments.Draft) {
	f, err := experiments.Parse("x", text, recipes())
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	e, err := f.Experiment(d.Name)
	if err != nil {
		t.Fatal(err)
	}
	if !d.Same(experiments.DraftOf(e)) {
		t.Errorf("the file does not say %+v:\n%s", d, text)
	}
}

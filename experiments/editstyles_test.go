package experiments_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ablate/experiments"
)

var styles = flag.Int("styles", 250, "how many experiments TestChangesInEveryStyle writes and changes")

// written is an experiment "m" in one of the ways that TOML has to say it, with
// comments that are told apart by their numbers.
func written(r *rand.Rand) string {
	n := 0
	comment := func(mark string) string {
		if n++; r.IntN(3) > 0 {
			return ""
		}
		return fmt.Sprintf("%s# %d", mark, n)
	}
	own := func() string {
		if c := comment(""); c != "" {
			return c + "\n"
		}
		return ""
	}
	list := func(values ...string) string {
		switch r.IntN(3) {
		case 0:
			return "[" + strings.Join(values, ",") + "]"
		case 1:
			var b strings.Builder
			b.WriteString("[" + comment(" ") + "\n")
			for i, v := range values {
				b.WriteString("  " + v)
				if i < len(values)-1 || r.IntN(2) == 0 {
					b.WriteString(",")
				}
				b.WriteString(comment(" ") + "\n")
			}
			return b.String() + "]"
		}
		return "[ " + strings.Join(values, ", ") + " ]"
	}
	pad := []string{"", "     "}[r.IntN(2)]
	head := []string{"recipe" + pad + " = \"sft\"" + comment(" "), "seeds" + pad + "  = " + list("11", "12", "13") + comment(" ")}
	if r.IntN(2) == 0 {
		head = append(head, `title = "T"`)
	}
	var tables []string
	table := func(name string, pairs ...string) {
		switch r.IntN(3) {
		case 0:
			for i := range pairs {
				pairs[i] += comment(" ")
			}
			tables = append(tables, own()+"[experiment.m."+name+"]"+comment(" ")+"\n"+strings.Join(pairs, "\n")+"\n")
		case 1:
			for i := range pairs { // lists over lines are TOML 1.1 here
				pairs[i] = strings.Join(strings.Fields(stripped(pairs[i])), " ")
			}
			head = append(head, name+" = { "+strings.Join(pairs, ", ")+" }"+comment(" "))
		default:
			for _, p := range pairs {
				head = append(head, name+"."+p+comment(" "))
			}
		}
	}
	if r.IntN(2) == 0 {
		table("axes", "tasks = "+list("64", "128", "256"), "lr = "+list("1e-2", "0.1"))
	} else if r.IntN(2) == 0 {
		head = append(head, "cell = [{ tasks = 64, lr = 1e-2 }, { tasks = 128, lr = 0.1 }, { lr = 0.2, tasks = 256 }]"+comment(" "))
	} else {
		gap := []string{"", "\n"}[r.IntN(2)]
		for _, c := range []string{"tasks = 64\nlr = 1e-2\n", "tasks = 128" + comment(" ") + "\nlr = 0.1\n", "lr = 0.2\ntasks = 256\n"} {
			tables = append(tables, own()+"[[experiment.m.cell]]"+comment(" ")+"\n"+c+gap)
		}
	}
	table("params", "steps = 1_0", "warmup = 0.10")
	if r.IntN(2) == 0 {
		table("limits", `wall = "1h"`, "runs = 900")
	}
	if r.IntN(3) == 0 {
		tables = append(tables, own()+"[[experiment.m.finding]]\nclaim = \"c\"\nmetric = \"eval/pass@1\"\nplus = [{ tasks = 64 }]\nminus = [{ tasks = 256 }]\n")
	}
	r.Shuffle(len(head), func(i, j int) { head[i], head[j] = head[j], head[i] })
	return own() + "[experiment.m]" + comment(" ") + "\n" + strings.Join(head, "\n") + "\n" + own() + "\n" + strings.Join(tables, "\n")
}

// stripped is a text without comments.
func stripped(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		b.WriteString(strings.TrimSuffix(line, "\n") + "\n")
	}
	return b.String()
}

// comments are those of a text.
func comments(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if _, c, ok := strings.Cut(line, "#"); ok {
			list = append(list, strings.TrimSpace(c))
		}
	}
	return list
}

// In whatever way an experiment is written, it can be changed: the file then says
// what was meant, the experiments around it stay to the byte, and of the comments
// only those go that stood in a line or a list element that went.
func TestChangesInEveryStyle(t *testing.T) {
	t.Parallel()
	const before, after = "schema = 1\n# 1000\n[experiment.a]\nrecipe=\"sft\" # 1001\naxes={lr=[1]}\n\tparams = { steps=3}\n\n", "\n# 1002\n[experiment.z]\nrecipe=\"sft\"\naxes.lr =[1 ]\nparams . steps=3\n"
	for i := range *styles {
		r := rand.New(rand.NewPCG(uint64(i), 6))
		text := before + written(r)
		if r.IntN(2) == 0 {
			text += after
		}
		if r.IntN(4) == 0 {
			text = strings.TrimSpace(text)
		}
		eol := "\n"
		if r.IntN(4) == 0 {
			eol = "\r\n"
		}
		text = strings.ReplaceAll(text, "\n", eol)
		f, err := experiments.Parse("x", []byte(text), recipes())
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		e, err := f.Experiment("m")
		if err != nil {
			t.Fatal(err)
		}
		d := experiments.DraftOf(e)
		var done []string
		for range 1 + r.IntN(3) {
			done = append(done, anyChange(r, d))
		}
		d, _ = d.Settled()
		if m, _ := d.Check(recipes()); len(m) > 0 {
			continue
		}
		out, err := experiments.Replace([]byte(text), nil, d, recipes())
		if err != nil {
			t.Fatalf("%d: %v: %v\n%s", i, done, err, text)
		}
		diff := experiments.Unified("x", []byte(text), out)
		says(t, out, d)
		if !strings.HasPrefix(string(out), strings.ReplaceAll(before, "\n", eol)) || strings.Contains(text, "z]") && !strings.HasSuffix(string(out), text[strings.Index(text, "# 1002"):]) {
			t.Fatalf("%d: %v: others changed\n%s", i, done, diff)
		}
		if bare := strings.ReplaceAll(string(out), eol, ""); strings.ContainsAny(bare, "\r\n") {
			t.Fatalf("%d: %v: mixed line ends\n%s", i, done, diff)
		}
		for _, c := range comments(text) {
			if !slices.Contains(comments(string(out)), c) && !wentWithALine(diff, c) {
				t.Fatalf("%d: %v: comment %s is lost\n%s", i, done, c, diff)
			}
		}
		if t.Failed() {
			t.Fatalf("%d: %v\n%s", i, done, diff)
		}
	}
}

// wentWithALine is true if a comment stood beside something that went.
func wentWithALine(diff, comment string) bool {
	for line := range strings.Lines(diff) {
		if code, c, ok := strings.Cut(line, "#"); ok && strings.TrimSpace(c) == comment && strings.TrimSpace(code) != "-" {
			return true
		}
	}
	return false
}

// anyChange makes one change to a draft and says which.
func anyChange(r *rand.Rand, d *experiments.Draft) string {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	switch r.IntN(11) {
	case 0:
		v := pick("64,128", "64,96,128,256", "128,64,256", "1", "32,64,128,256", "64,128,256,512,1024")
		return fmt.Sprint("tasks=", v, d.SetAxis("tasks", v, recipes()))
	case 1:
		v := pick("16,32", "32")
		return fmt.Sprint("batch=", v, d.SetAxis("batch", v, recipes()))
	case 2:
		v := pick("11,12", "11-14", "3", "13,12,11", "12")
		return fmt.Sprint("seeds=", v, d.Set("seeds", v, recipes()))
	case 3:
		v := pick("20", "10", "30")
		return fmt.Sprint("steps=", v, d.SetParam("steps", v, recipes()))
	case 4:
		return fmt.Sprint("dim=32", d.SetParam("dim", "32", recipes()))
	case 5:
		d.ResetParam("warmup")
		return "no warmup"
	case 6:
		d.RemoveAxis("lr")
		return "no lr"
	case 7:
		i := r.IntN(3)
		d.RemoveCell(i)
		return fmt.Sprint("no cell ", i)
	case 8:
		i := r.IntN(4)
		return fmt.Sprint("cell ", i, d.SetCell(i, pick("100,0.5", "64,0.3"), recipes()))
	case 9:
		key, v := pick("limits.wall", "limits.runs"), pick("", "7")
		return fmt.Sprint(key, v, d.Set(key, v, recipes()))
	default:
		v := pick("", "Other")
		return fmt.Sprint("title=", v, d.Set("title", v, recipes()))
	}
}

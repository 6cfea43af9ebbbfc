package synth

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// edits are the slips of one token: what is found, and what stands there then.
var edits = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(` > `), " >= "},
	{regexp.MustCompile(` >= `), " > "},
	{regexp.MustCompile(` < `), " <= "},
	{regexp.MustCompile(` <= `), " < "},
	{regexp.MustCompile(` > `), " < "},
	{regexp.MustCompile(` < `), " > "},
	{regexp.MustCompile(` == `), " != "},
	{regexp.MustCompile(` != `), " == "},
	{regexp.MustCompile(` \+ `), " - "},
	{regexp.MustCompile(` - `), " + "},
	{regexp.MustCompile(` \* `), " + "},
	{regexp.MustCompile(` \+= `), " -= "},
	{regexp.MustCompile(` \*= `), " += "},
	{regexp.MustCompile(` % `), " // "},
	{regexp.MustCompile(` // `), " % "},
	{regexp.MustCompile(` in a\[`), " not in a["},
	{regexp.MustCompile(`\bmax\(`), "min("},
	{regexp.MustCompile(`\bmin\(`), "max("},
	{regexp.MustCompile(`\bsum\(`), "len("},
	{regexp.MustCompile(`\blen\(`), "sum("},
	{regexp.MustCompile(`\babs\(`), "("},
	{regexp.MustCompile(`\bsorted\(([a-e])`), "list($1"},
	{regexp.MustCompile(`, reverse=True`), ""},
	{regexp.MustCompile(`\[::-1\]`), ""},
	{regexp.MustCompile(`\[::2\]`), "[1::2]"},
	{regexp.MustCompile(`\[-x`), "[x"},
	{regexp.MustCompile(`\bnot `), ""},
	{regexp.MustCompile(` if [^\]\n]*\]`), "]"},
	{regexp.MustCompile(` or \[0\]`), ""},
	{regexp.MustCompile(`\[:(\d+)\]`), "[$1:]"},
	{regexp.MustCompile(`\[(\d+):\]`), "[:$1]"},
}

var numeral = regexp.MustCompile(`\d+`)

// mutate gives programs one edit away: a token changed, a constant off by one, a
// statement dropped, two statements swapped.
func mutate(source string) []string {
	var mutants []string
	for _, e := range edits {
		for _, at := range e.find.FindAllStringSubmatchIndex(source, -1) {
			put := e.find.ExpandString(nil, e.put, source, at)
			mutants = append(mutants, source[:at[0]]+string(put)+source[at[1]:])
		}
	}
	for _, at := range numeral.FindAllStringIndex(source, -1) {
		k, _ := strconv.Atoi(source[at[0]:at[1]])
		for _, off := range []int{k - 1, k + 1} {
			mutants = append(mutants, source[:at[0]]+strconv.Itoa(off)+source[at[1]:])
		}
	}
	lines := strings.SplitAfter(source, "\n")
	for i := 1; i < len(lines)-2; i++ {
		mutants = append(mutants, strings.Join(slices.Delete(slices.Clone(lines), i, i+1), ""))
		swapped := slices.Clone(lines)
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
		mutants = append(mutants, strings.Join(swapped, ""))
	}
	slices.Sort(mutants)
	return slices.Compact(mutants)
}

// fate says what becomes of a mutant: whether it is a program that behaves
// otherwise than the task on some of the inputs, and whether the cases see it.
// Mutants that fail on most inputs are no test of cases and count as equal.
func fate(task Task, mutant string, inputs [][]int64, wants []string) (differs, killed bool) {
	c, err := compile(mutant)
	if err != nil {
		return false, false
	}
	failed := 0
	for i, input := range inputs[:20] {
		got := c.on(input)
		differs = differs || got != wants[i]
		if strings.HasPrefix(got, "error") {
			failed++
		}
	}
	if failed > 10 {
		return false, false
	}
	for i := 20; i < len(inputs) && !differs; i++ {
		differs = c.on(inputs[i]) != wants[i]
	}
	for _, one := range task.Cases {
		if c.on(numbers(one.Input)) != one.Want {
			killed = true
			break
		}
	}
	return differs, killed
}

// numbers reads the literal of a list.
func numbers(literal string) []int64 {
	a := []int64{}
	for _, field := range strings.FieldsFunc(literal, func(r rune) bool { return strings.ContainsRune("[], ", r) }) {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			panic(err)
		}
		a = append(a, n)
	}
	return a
}

func TestCasesKillWrongPrograms(t *testing.T) {
	t.Parallel()
	inputs := extras(200)
	wrong, killed := 0, 0
	var survivors []string
	for _, task := range heldOut("current", 200) {
		wants := make([]string, len(inputs))
		for i, input := range inputs {
			wants[i] = task.Run(input)
		}
		for _, mutant := range mutate(task.Solution(0, 0)) {
			d, k := fate(task, mutant, inputs, wants)
			switch {
			case d && k:
				wrong++
				killed++
			case d:
				wrong++
				survivors = append(survivors, task.ID+"\n"+mutant)
			}
		}
	}
	share := float64(killed) / float64(wrong)
	t.Logf("8 cases kill %d of %d wrong programs: %.2f %%", killed, wrong, 100*share)
	if wrong < 2000 {
		t.Errorf("only %d wrong programs: the mutations do not bite", wrong)
	}
	if share < 0.95 {
		t.Errorf("share of killed programs %.3f, want at least 0.95; survivors:\n%s",
			share, strings.Join(survivors[:min(10, len(survivors))], "\n"))
	}
}

package store_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
)

// randomLine is a line of metrics.jsonl of any kind.
func randomLine(r *rand.Rand, step int64) string {
	number := func() string {
		switch r.IntN(8) {
		case 0:
			return []string{`"NaN"`, `"Inf"`, `-0.0`, `1e999`, `01`, `"x"`, `1E-3`, `-2.5e+10`}[r.IntN(8)]
		case 1:
			return strconv.FormatInt(r.Int64()-r.Int64(), 10)
		case 2:
			return strconv.FormatFloat(r.NormFloat64(), 'f', r.IntN(30), 64)
		default:
			return strconv.FormatFloat(float64(float32(r.NormFloat64())), 'g', -1, 64)
		}
	}
	space := []string{"", "", "", " "}[r.IntN(4)]
	var m []string
	for _, name := range []string{"b", "a", "train/loss", "é"} {
		if r.IntN(4) > 0 && (name != "é" || r.IntN(20) == 0) {
			m = append(m, fmt.Sprintf(`"%s":%s%s`, name, space, number()))
		}
	}
	line := strings.ReplaceAll(fmt.Sprintf(`{"step":~%d,~"time":~%.*f,~"m":~{%s}}`, step, r.IntN(9), 1.7e9+r.Float64()*1e6, strings.Join(m, ",~")), "~", space)
	if r.IntN(50) == 0 {
		at := r.IntN(len(line))
		line = line[:at] + string(rune(r.IntN(128))) + line[at:]
	}
	return line + "\n"
}

// FuzzRake reads lines both ways, with the memory of the lines before.
func FuzzRake(f *testing.F) {
	for _, l := range lines {
		f.Add([]byte(l.text + "\n" + lines[0].text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkRake(t, text) })
}

func TestRake(t *testing.T) {
	t.Parallel()
	var all []byte
	for _, l := range lines {
		checkRake(t, []byte(l.text))
		all = append(append(all, l.text...), '\n')
	}
	r := rand.New(rand.NewPCG(1, 9))
	for i := range 20_000 {
		all = append(all, randomLine(r, int64(i))...)
	}
	checkRake(t, all)
}

// checkRake compares what a rake finds in lines with what parsePoint does.
func checkRake(t *testing.T, text []byte) {
	t.Helper()
	metrics := []string{"a", "train/loss", "", "c", "é", "a\né", "\ufffd"}
	rake := store.NewRake(metrics)
	for line := range bytes.Lines(text) {
		kept := bytes.TrimRight(line, "\r\n")
		points, damaged, found := rake(append(kept[:len(kept):len(kept)], '\n'))
		if len(kept) == 0 {
			if points+damaged > 0 {
				t.Fatalf("an empty line is something")
			}
			continue
		}
		want, ok := store.ParsePoint(kept)
		wantDamaged := !ok || len(bytes.Trim(kept, "\x00")) < len(kept)
		if ok != (points == 1) || wantDamaged != (damaged == 1) {
			t.Fatalf("%q: %d points and %d damaged, want %v, %v", line, points, damaged, ok, wantDamaged)
		}
		maps.DeleteFunc(want.M, func(name string, _ float64) bool { return !slices.Contains(metrics, name) })
		if diff := cmp.Diff(want, found, cmpopts.EquateNaNs(), cmpopts.EquateEmpty(), signs()); ok && diff != "" {
			t.Fatalf("%q: %s", line, diff)
		}
	}
}

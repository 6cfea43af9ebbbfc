package store_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments/store"
)

// lines are of every kind; usual says which ones are read without encoding/json.
var lines = []struct {
	text  string
	usual bool
}{
	{`{"step":120,"time":1763790000.123,"m":{"train/loss":0.51}}`, true},
	{`{"step":120,"m":{"a":1,"b":-2e-7,"c":0,"d":-0.0}}`, true},
	{`{"step": 120, "time": 1, "m": {"a": 1, "b": 2}}`, true},
	{`{"step":-3,"time":0,"m":{}}`, true},
	{`{"step":9223372036854775807,"m":{"a":"NaN","b":"Inf","c":"-Inf"}}`, true},
	{`{"step":1,"m":{"a":1,"a":2}}`, true},
	{`{"step":1,"m":{"":1}}`, true},
	{`{"step":1,"m":{"a":5e-324,"b":1.7976931348623157e308,"c":4e-400}}`, true},
	{`{"step":9223372036854775808,"m":{}}`, false},
	{`{"m":{"a":1},"step":1}`, false},
	{`{"STEP":1,"m":{"a":1}}`, false},
	{`{"step":1,"time":null,"m":{"a":1}}`, false},
	{`{"step":1,"m":{"a":1e999}}`, false},
	{`{"step":1.0,"m":{"a":1}}`, false},
	{`{"step":1e2,"m":{"a":1}}`, false},
	{`{"step":01,"m":{"a":1}}`, false},
	{`{"step":1,"m":{"a":.5}}`, false},
	{`{"step":1,"m":{"a":5.}}`, false},
	{`{"step":1,"m":{"a":+5}}`, false},
	{`{"step":1,"m":{"a":0x5}}`, false},
	{`{"step":1,"m":{"a":1_0}}`, false},
	{`{"step":1,"m":{"a":NaN}}`, false},
	{`{"step":1,"m":{"a":"1"}}`, false},
	{`{"step":1,"m":{"a":null}}`, false},
	{`{"step":1,"m":{"a":1},"x":2}`, false},
	{`{"step":1,"m":{"a":1}} `, false},
	{`{"step":1,"m":{"a":1}}x`, false},
	{`{"step":1,"m":{"a":1,}}`, false},
	{`{"step":1,"m":{"a"}}`, false},
	{`{"step":1,"m":null}`, false},
	{`{"step":1,"m":{"a\n\u00e9":1,"é":2,` + "\"\xff\":3}}", false},
	{`{"step":1,"m":{"a` + "\t" + `":1}}`, false},
	{`{"step":1}`, false},
	{`{}`, false},
	{``, false},
	{`null`, false},
}

// check reads a line both ways.
func check(t *testing.T, line []byte) {
	t.Helper()
	var want store.Point
	good := json.Unmarshal(line, &want) == nil && want.M != nil
	got, ok := store.ParsePoint(line)
	if ok != good {
		t.Fatalf("%q is a point: %v, to encoding/json: %v", line, ok, good)
	}
	if !good {
		return
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%q: %s", line, diff)
	}
	for name, v := range want.M {
		if math.Signbit(v) != math.Signbit(got.M[name]) && v == v {
			t.Fatalf("%q: %v is read as %v", line, v, got.M[name])
		}
	}
}

func TestScanPoint(t *testing.T) {
	t.Parallel()
	for _, l := range lines {
		check(t, []byte(l.text))
		if got := store.Usual([]byte(l.text)); got != l.usual {
			t.Errorf("%q is of the usual form: %v", l.text, got)
		}
	}
	written, err := json.Marshal(store.Point{Step: 7, Time: 1763790000.5, M: store.Values{"train/loss": 0.51, "a": math.NaN()}})
	if err != nil || !store.Usual(written) {
		t.Errorf("a line of our own is unusual: %s, %v", written, err)
	}
}

func FuzzScanPoint(f *testing.F) {
	for _, l := range lines {
		f.Add([]byte(l.text))
	}
	f.Fuzz(func(t *testing.T, line []byte) { check(t, line) })
}

// BenchmarkScanPoint reads lines of one and of ten metrics, and the same with a
// key too many, which is encoding/json's.
func BenchmarkScanPoint(b *testing.B) {
	for _, n := range []int{1, 10} {
		var m []string
		for i := range n {
			m = append(m, fmt.Sprintf(`"train/metric_%d":0.5123456%d`, i, i))
		}
		usual := fmt.Sprintf(`{"step":120000,"time":1763790000.123,"m":{%s}}`, strings.Join(m, ","))
		for name, line := range map[string]string{"usual": usual, "unusual": usual[:len(usual)-1] + `,"x":1}`} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				read := store.NewScanner()
				b.SetBytes(int64(len(line)))
				b.ReportAllocs()
				for b.Loop() {
					read([]byte(line))
				}
			})
		}
	}
}

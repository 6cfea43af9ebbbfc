package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ablate/experiments"
	"ablate/experiments/store"
)

// localTime is a time of the local zone in seconds since 1970.
func localTime(t testing.TB, text string) float64 {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04:05", text, time.Local)
	if err != nil {
		t.Fatal(err)
	}
	return float64(when.Unix())
}

// touch sets when a file was written.
func touch(t testing.TB, path string, when float64) {
	t.Helper()
	m := time.Unix(int64(when), 0)
	if err := os.Chtimes(path, m, m); err != nil {
		t.Fatal(err)
	}
}

// design writes a design of n cells as `run` does.
func design(t testing.TB, s *store.Store, hash string, n int, when float64) *experiments.Plan {
	t.Helper()
	p := &experiments.Plan{Experiment: "e", Hash: hash, Seeds: []int64{1, 2}, Cells: make([]experiments.Cell, n)}
	for i := range p.Cells {
		p.Cells[i].Name = fmt.Sprintf("a=%d~00000%d", i, i)
	}
	if err := s.WritePlan(p); err != nil {
		t.Fatal(err)
	}
	touch(t, s.PlanFile("e"), when)
	if info, err := os.Stat(s.KeptPlan("e", hash)); err != nil || time.Since(info.ModTime()) < time.Hour {
		touch(t, s.KeptPlan("e", hash), when)
	}
	for _, run := range p.Runs() {
		dir := s.RunDir(run.ID)
		if _, err := os.Stat(filepath.Join(dir, "run.json")); err != nil {
			put(t, filepath.Join(dir, "run.json"), run)
			add(t, filepath.Join(dir, "asked.jsonl"), fmt.Sprintf(`{"time":%f,"verb":"run","attempt":1}`+"\n", when))
		}
	}
	return p
}

func TestDesigns(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	monday, tuesday, friday := localTime(t, "2026-11-16 09:30:00"), localTime(t, "2026-11-17 12:00:00"), localTime(t, "2026-11-20 23:59:59")
	design(t, s, "aaaa00000000", 2, monday)
	design(t, s, "aaab00000000", 3, tuesday)
	design(t, s, "cccc00000000", 1, friday) // a cell less: it makes no run
	// A copied store has other times, and what asked.jsonl says stays.
	touch(t, s.KeptPlan("e", "aaaa00000000"), friday+1000)
	add(t, s.KeptPlan("e", "dddd00000000"), "{torn")
	add(t, s.KeptPlan("e", ".eeee")+".json-123", "{}")
	got, err := s.Designs("e")
	if err == nil || !strings.Contains(err.Error(), "dddd00000000") {
		t.Errorf("a damaged design: %v", err)
	}
	want := []store.Design{
		{Hash: "cccc00000000", Asked: friday, Last: friday, Cells: 1, Runs: 2, Current: true},
		{Hash: "aaab00000000", Asked: tuesday, Last: tuesday, Cells: 3, Runs: 6},
		{Hash: "aaaa00000000", Asked: monday, Last: monday, Cells: 2, Runs: 4},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-3)); diff != "" {
		t.Error(diff)
	}
	// The first design, asked for again, is the last one; it was the first, too.
	design(t, s, "aaaa00000000", 2, friday+3600)
	tests := []struct{ at, want, wrong string }{
		{"2026-11-16", "aaaa00000000", ""},
		{"2026-11-16T09:30", "aaaa00000000", ""},
		{"2026-11-16 09:29", "", "nothing of it was run before 2026-11-16 09:29; there are 2026-11-16 09:30 (aaaa00000000), 2026-11-20 23:59 (cccc00000000), 2026-11-17 12:00 (aaab00000000)"},
		{"2026-11-17T11:59:59", "aaaa00000000", ""},
		{"2026-11-17T12:00:00", "aaab00000000", ""},
		{"2026-11-19", "aaab00000000", ""},
		{"2026-11-20", "cccc00000000", ""},
		{"2026-11-21T00:59:58", "cccc00000000", ""},
		{"2026-11-21T01:00", "aaaa00000000", ""},
		{" 2099-01-01 ", "aaaa00000000", ""},
		{"2026-11-18T10:00:00Z", "aaab00000000", ""},
		{"36500d", "", "nothing of it was run before"},
		{"cccc", "cccc00000000", ""},
		{"CCCC0", "cccc00000000", ""},
		{"aaab00000000", "aaab00000000", ""},
		{"aaa", "", "no hash of"},
		{"aaaa000000000", "", "no hash of"},
		{"2026-13-01", "", "no time such as"},
		{"", "", "no time such as"},
		{"last week", "", "no time such as"},
	}
	for _, tt := range tests {
		p, err := s.PlanAt("e", tt.at)
		switch {
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong) || !strings.Contains(err.Error(), "e@"+tt.at)):
			t.Errorf("%q: %v, want %s", tt.at, err, tt.wrong)
		case tt.wrong == "" && (err != nil || p.Hash != tt.want):
			t.Errorf("%q: %v, %v, want %s", tt.at, p, err, tt.want)
		}
	}
	design(t, s, "aaaa11111111", 2, friday)
	if _, err := s.PlanAt("e", "aaaa"); err == nil || !strings.Contains(err.Error(), "2 designs begin so") {
		t.Errorf("an ambiguous hash: %v", err)
	}
	for _, name := range []string{"none", "../e"} {
		if _, err := s.PlanAt(name, "now"); err == nil || !strings.Contains(err.Error(), "was never run") {
			t.Errorf("an experiment that is not there: %v", err)
		}
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	now := localTime(t, "2026-03-01 10:00:00")
	for text, want := range map[string]float64{
		"now": now, "12h": now - 12*3600, "3d": now - 3*86400, "1d12h": now - 36*3600, "90m": now - 5400,
		"yesterday":           localTime(t, "2026-03-01 00:00:00"),
		"2026-02-28":          localTime(t, "2026-03-01 00:00:00"),
		"2026-12-31":          localTime(t, "2027-01-01 00:00:00"),
		"2026-02-28T10:00":    localTime(t, "2026-02-28 10:01:00"),
		"2026-02-28 10:00:07": localTime(t, "2026-02-28 10:00:08"),
	} {
		got, ok := store.Instant(text, now)
		if !ok || got > want || got < want-1e-3 {
			t.Errorf("%q is %f, %v, want %f", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "3", "d", "-3d", "2026-02-30", "2026-2-1", "10:00", "tomorrow", "3d ago", "99999999d"} {
		if got, ok := store.Instant(text, now); ok {
			t.Errorf("%q is %f", text, got)
		}
	}
}

// A store of many designs is listed in order, and its times name the first few.
func TestDesignsNamesSomeTimes(t *testing.T) {
	t.Parallel()
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		design(t, s, fmt.Sprintf("%012x", i), 1, localTime(t, "2026-11-16 09:30:00")+float64(60*i))
	}
	designs, err := s.Designs("e")
	if err != nil || len(designs) != 12 || !slices.IsSortedFunc(designs, func(a, b store.Design) int { return int(b.Asked - a.Asked) }) {
		t.Errorf("%d designs, %v", len(designs), err)
	}
	if _, err := s.PlanAt("e", "2026-11-15"); err == nil || !strings.HasSuffix(err.Error(), "and 4 older ones") {
		t.Errorf("no design is that old: %v", err)
	}
}

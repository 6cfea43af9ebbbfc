package table_test

import (
	"fmt"
	"testing"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/query"
	"ablate/tui/table"
)

// fields are what a filter asks of a run.
type fields struct {
	name, status, cell string
	num                [10]float64
}

func (f fields) Field(name string) (query.Value, bool) {
	switch name {
	case "name":
		return query.Value{Text: f.name}, true
	case "cell":
		return query.Value{Text: f.cell}, true
	case "status":
		return query.Value{Text: f.status}, true
	case "pass@1.last":
		return query.Value{Num: f.num[0], IsNum: true}, true
	case "tasks":
		return query.Value{Num: f.num[1], IsNum: true}, true
	}
	return query.Value{}, false
}

// thousand is a table of 1,000 runs and 12 columns, ten of them numbers.
func thousand() (*table.Table, map[string]fields) {
	of := map[string]fields{}
	var ids []string
	for i := range 1000 {
		f := fields{name: fmt.Sprintf("tasks-vs-solutions/tasks=%d,solutions=%d/s%d", 256<<(i%4), 1<<(i%3), i), status: []string{"done", "running", "failed"}[i%3]}
		f.cell = fmt.Sprintf("tasks=%d", 256<<(i%4))
		for n := range f.num {
			f.num[n] = float64((i*7919+n*104729)%1000) / 1000
		}
		f.num[1] = float64(int(256) << (i % 4))
		ids = append(ids, f.name)
		of[f.name] = f
	}
	cols := []table.Column{
		{Key: "run", Head: "run", Cell: func(id string) string { return id }},
		{Key: "status", Head: "status", Cell: func(id string) string { return of[id].status }, Paint: func(l look.Look, _, text string) string {
			return l.Good.Render(text)
		}},
	}
	for n := range 10 {
		cols = append(cols, table.Column{
			Key: fmt.Sprint(n), Head: fmt.Sprint("n", n), Right: true, Priority: n,
			Cell: func(id string) string { return fmt.Sprintf("%.3f", of[id].num[n]) },
			Num:  func(id string) (float64, bool) { return of[id].num[n], true },
		})
	}
	tb := &table.Table{}
	tb.SetColumns(cols)
	tb.SetRows(ids)
	return tb, of
}

func BenchmarkSort(b *testing.B) {
	tb, _ := thousand()
	for b.Loop() {
		tb.SortBy("5")
	}
}

func BenchmarkSortText(b *testing.B) {
	tb, _ := thousand()
	for b.Loop() {
		tb.SortBy("run")
	}
}

func BenchmarkGroup(b *testing.B) {
	tb, of := thousand()
	for b.Loop() {
		tb.Group(func(id string) string { return of[id].cell }, true)
	}
}

func BenchmarkFilter(b *testing.B) {
	tb, of := thousand()
	for b.Loop() {
		f, err := query.Parse("(pass@1.last > 0.4 and tasks >= 1024 or status = failed) not solutions=4 /s[0-9]+/")
		if err != nil {
			b.Fatal(err)
		}
		tb.Filter(func(id string) bool { return f.Match(of[id]) })
	}
}

func BenchmarkSetRows(b *testing.B) {
	tb, of := thousand()
	var ids []string
	for id := range of {
		ids = append(ids, id)
	}
	for b.Loop() {
		tb.SetRows(ids)
	}
}

func BenchmarkView(b *testing.B) {
	tb, _ := thousand()
	l := look.New(chart.Style{})
	for b.Loop() {
		tb.View(l, 200, 60)
	}
}

package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTable writes the figures for people.
func (f Figures) WriteTable(w io.Writer) error {
	s := &sheet{w: w}
	m := f.Machine
	s.line("%s/%s, %s%d usable cores, %s arithmetic", m.OS, m.Arch, prefix(m.CPU), m.Cores, m.Arithmetic)
	s.line("peak of multiply-adds in registers: %.1f GFLOP/s on one thread, %.1f on two", f.Peak.One, f.Peak.Two)
	s.line("")
	s.line("products of matrices: one thread, best round; FLOPs = %s", f.Formulas.GEMM)
	s.table("op\tm\tn\tk\tGFLOP/s\tof peak", len(f.GEMM), func(i int) string {
		p := f.GEMM[i]
		return fmt.Sprintf("%s\t%d\t%d\t%d\t%.1f\t%s", p.Op, p.M, p.N, p.K, p.GFLOPs, percent(p.OfPeak))
	})
	s.line("")
	s.line("training: %s, median round; FLOPs = %s; no padding", workers(m.Workers), f.Formulas.Train)
	s.models("batch", f.Train)
	s.line("")
	s.line("sampling: %s, median round, from 1 token to the context; FLOPs = %s", workers(m.Workers), f.Formulas.Sample)
	sampled := make([]Training, len(f.Sample))
	for i, t := range f.Sample {
		sampled[i] = Training(t)
	}
	s.models("at once", sampled)
	s.line("")
	s.line("judge: %.0f programs/s per core (parse and %d cases, all limits on), %s of the bare interpreter's %.0f",
		f.Judge.Judged, f.Judge.Cases, percent(f.Judge.OfRaw), f.Judge.Raw)
	s.line("")
	v := f.Verify
	s.line("verification: %.0f tasks/min, %s of them kept (%d candidates and %d tests each, made on the way; %s, median round)",
		v.PerMinute, percent(v.Kept), v.Candidates, v.Tests, workers(v.Workers))
	f.writeGRPO(s)
	s.line("")
	f.writeResolve(s)
	s.line("measured in %.0f s", f.Seconds)
	return s.err
}

func (f Figures) writeGRPO(s *sheet) {
	r := f.GRPO
	if r.PerMinute == nil {
		s.line("GRPO: not known; fewer than two steps ended in time")
		return
	}
	s.line("GRPO: %.0f steps/min of %d prompts x %d rollouts (d=%d, %d layers, %.0f tokens a rollout; %s, median of %d steps)",
		*r.PerMinute, r.Prompts, r.Rollouts, r.Dim, r.Layers, r.Length, workers(r.Workers), r.Steps)
}

// writeResolve writes the figure that counts for who asks a question, with all
// that it was worked out from.
func (f Figures) writeResolve(s *sheet) {
	r := f.Resolve
	if f.Minutes == nil {
		s.line("minutes to resolve 10 points: not known; %s", r.Note)
	} else {
		s.line("minutes to resolve 10 points: %.2f", *f.Minutes)
		s.line("  = %d seeds x %d cells x %.1f s per run / %d slots / 60", r.Seeds, pair, *r.Run, r.Slots)
		s.line("  seeds: %s", r.Test)
		s.line("  sd between seeds of the paired difference: %.3f (df %d, so roughly)", *r.SD, r.Freedom)
	}
	for _, c := range r.Pilot {
		if len(c.Scores) == 0 {
			continue
		}
		scores := make([]string, len(c.Scores))
		for i, v := range c.Scores {
			scores[i] = fmt.Sprintf("%.3f", v)
		}
		s.line("  %s: pass@1 %s", c.Name, strings.Join(scores, " "))
	}
}

// sheet writes lines and tables and keeps the first error.
type sheet struct {
	w   io.Writer
	err error
}

func (s *sheet) line(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format+"\n", args...)
	}
}

// table writes n rows under a head, cells apart by tabs and set right.
func (s *sheet) table(head string, n int, row func(i int) string) {
	t := tabwriter.NewWriter(s.w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, head+"\t")
	for i := range n {
		fmt.Fprintln(t, row(i)+"\t")
	}
	if err := t.Flush(); s.err == nil {
		s.err = err
	}
}

func (s *sheet) models(batch string, ts []Training) {
	s.table("d\tlayers\tcontext\t"+batch+"\tparams\ttokens/s\tGFLOP/s\tof peak\trounds", len(ts), func(i int) string {
		t := ts[i]
		return fmt.Sprintf("%d\t%d\t%d\t%d\t%d\t%.0f\t%.1f\t%s\t%d", t.Dim, t.Layers, t.Context, t.Batch, t.Params, t.Tokens, t.GFLOPs, percent(t.OfPeak), t.Rounds)
	})
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

func workers(n int) string {
	if n == 1 {
		return "1 worker"
	}
	return fmt.Sprintf("%d workers", n)
}

func prefix(cpu string) string {
	if cpu == "" {
		return ""
	}
	return cpu + ", "
}

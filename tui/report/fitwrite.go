package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"ablate/experiments/stats"
)

// write is the fit for people.
func (f *Fits) write(w io.Writer) error {
	var b strings.Builder
	b.WriteString(plain(heading(f.Plan)) + "\n")
	for _, c := range f.Curves {
		c.write(&b, f.Metric)
	}
	if f.Diversity != nil {
		b.WriteString("\n" + strings.Join(diversityWords(*f.Diversity), "\n") + "\n")
	}
	for _, c := range f.Published {
		c.write(&b, f.Metric)
	}
	if f.drawn() {
		fmt.Fprintf(&b, "\nintervals of laws: 95 %% of draws of the runs of each size, for new seeds and the same tasks\n")
	}
	for _, l := range f.LeftOut {
		b.WriteString(l.String() + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// diversityWords say what further solutions of a task are worth, and by what.
func diversityWords(d stats.Diversity) []string {
	lines := []string{fmt.Sprintf("tasks x solutions^gamma, over %s: %s", Count(d.Points, "cell"), d.Words())}
	switch {
	case d.Unknown != "":
	case d.ByCurve:
		lines = append(lines, fmt.Sprintf("the error follows no power law of it, so gamma is read off the curve of tasks at the fewest solutions, for %s beside it", Count(d.Read, "cell")))
	default:
		lines = append(lines, fmt.Sprintf("the error falls with it by the exponent %.2f%s; left-out error %s without a floor, %s with one",
			d.Alpha, bracketed(d.AlphaLo, d.AlphaHi, "%.2f"), share(d.Line), share(d.Offset)))
	}
	return lines
}

func (f *Fits) drawn() bool {
	for _, c := range f.Curves {
		if c.Fitted.Draws > 0 {
			return true
		}
	}
	return f.Diversity != nil && f.Diversity.Draws > 0
}

func (c FitCurve) write(b *strings.Builder, metric string) {
	b.WriteString("\n" + plain(c.title(metric)) + "\n")
	_ = table(b, c.pointHead(metric), c.pointRows())
	if c.Fitted.Unfit == "" {
		b.WriteString("\n")
		_ = table(b, []string{"law of " + c.Quantity, ">E", ">A", ">exponent", "", ">left-out error", ""}, c.lawRows())
	}
	for _, line := range c.words(metric) {
		b.WriteString(plain(line) + "\n")
	}
}

// title says what is drawn against what, and where it was measured.
func (c FitCurve) title(metric string) string {
	s := ShortName(metric) + " by " + c.Axis
	for i, a := range c.Held {
		if i == 0 {
			s += ", at "
		} else {
			s += ", "
		}
		s += fmt.Sprintf("%s = %v", a.Name, a.Value)
	}
	if c.Source != "" {
		s = "published: " + s + " (" + c.Source + ", " + c.Name + ")"
	}
	return s
}

func (c FitCurve) pointHead(metric string) []string {
	head := []string{">" + c.Axis, ">n", ">" + ShortName(metric), "95 %", ">local exponent", ""}
	if c.Source == "" {
		return append([]string{head[0], ">runs"}, head[1:]...)
	}
	if c.AtMost {
		head[3] += " at most"
	}
	return head
}

func (c FitCurve) pointRows() (rows [][]string) {
	for i, p := range c.Points {
		row := []string{sizeText(p.X)}
		if c.Source == "" {
			row = append(row, fmt.Sprint(len(p.Runs)))
		}
		tasks := "–"
		if p.Tasks > 0 {
			tasks = fmt.Sprint(p.Tasks)
		}
		row = append(row, tasks, number(p.Mean), orDash(bracketed(p.Lo, p.Hi, "%.3f")), "", "")
		if i > 0 && i <= len(c.Fitted.Exponents) {
			e := c.Fitted.Exponents[i-1]
			row[len(row)-2], row[len(row)-1] = fmt.Sprintf("%.2f", e.Value), strings.TrimSpace(bracketed(e.Lo, e.Hi, "%.2f"))
		}
		rows = append(rows, row)
	}
	return rows
}

func (c FitCurve) lawRows() (rows [][]string) {
	f := c.Fitted
	for _, l := range f.Laws {
		row := []string{[...]string{"E", "A x^-exponent", "E + A x^-exponent"}[l.Kind], "–", "–", "–", "", share(l.Score), ""}
		if l.Kind != stats.Line {
			row[1] = digits(l.E)
		}
		if l.Kind != stats.Constant {
			row[2], row[3] = digits(l.A), fmt.Sprintf("%.2f", l.Alpha)
		}
		if l.Kind == f.Law.Kind {
			row[4], row[6] = strings.TrimSpace(bracketed(f.AlphaLo, f.AlphaHi, "%.2f")), "chosen"
			if !math.IsNaN(f.FloorLo) {
				row[1] += bracketed(f.FloorLo, f.FloorHi, "%.3f")
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// words are the law in a sentence, its residuals, and what it says of larger sizes, or
// why nothing.
func (c FitCurve) words(metric string) []string {
	f := c.Fitted
	lines := []string{f.Words()}
	if f.Unfit != "" {
		return lines
	}
	lines = append(lines, "points above (+) and below (-) the chosen law, by size: "+f.Signs())
	why := f.Beyond()
	switch {
	case f.Rises, f.Misses: // said already
		return lines
	case why != "":
		return append(lines, "no prediction: "+why)
	}
	for i, x := range c.further() {
		mean, lo, hi := c.At(x)
		text := fmt.Sprintf("at %s (%d times the largest): %s %s%s", sizeText(x), 2<<i, ShortName(metric), number(mean), bracketed(lo, hi, "%.3f"))
		if math.IsNaN(lo) {
			text += fmt.Sprintf(", without an interval: it needs %d runs at each size", stats.BandRuns)
		}
		lines = append(lines, text)
	}
	return lines
}

// bracketed is an interval behind a number: " [0.28, 0.41]", "" where there is none.
func bracketed(lo, hi float64, verb string) string {
	if math.IsNaN(lo) || math.IsNaN(hi) {
		return ""
	}
	return fmt.Sprintf(" ["+verb+", "+verb+"]", lo, hi)
}

func orDash(s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return "–"
	}
	return s
}

// share is a residual in logarithms as a share of the value.
func share(x float64) string {
	switch {
	case math.IsNaN(x):
		return "–"
	case x > math.Log(10):
		return "> 900 %"
	}
	return fmt.Sprintf("%.1f %%", 100*math.Expm1(x))
}

// digits is a number in four of them, size one in as many as it has.
func digits(x float64) string { return fmt.Sprintf("%.4g", x) }

func sizeText(x float64) string {
	if x == math.Trunc(x) && x < 1e15 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%g", x)
}

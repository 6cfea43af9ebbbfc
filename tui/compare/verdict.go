package compare

import (
	"fmt"
	"math"
	"strings"

	"ablate/tui/look"
	"ablate/tui/report"
)

// saying is a part of the verdict: a text that is wrapped, in a tone.
type saying struct {
	head, text string
	tone       tone
	aside      bool // it is muted
}

// verdict is what the statistics say, in at most n lines: of the chosen row first,
// then over all of them, then of what is left out.
func (p *Compare) verdict(l look.Look, w, n int) (lines []string) {
	for _, s := range p.sayings() {
		room := n - len(lines)
		if room < 1 || s.aside && len(s.lines(l, w, room+1)) > room {
			break
		}
		lines = append(lines, s.lines(l, w, room)...)
	}
	return lines
}

// sayings are the parts of the verdict, the most important first.
func (p *Compare) sayings() (all []saying) {
	const head = "verdict"
	row, x := p.data.Chosen, p.against()
	words := withSight(x)
	if p.has(paneCells) {
		words = row.Label + ": " + words
	}
	if x.Refused != "" {
		words += ".  F shows one all the same"
	}
	all = append(all, saying{head: head, text: words, tone: toneOf(x)})
	if p.force.on {
		all = append(all, saying{text: p.force.says(), tone: toneRefused})
	}
	aside := func(text string) { all = append(all, saying{text: text, aside: true}) }
	if p.has(paneCells) {
		for _, text := range p.data.Tally() {
			aside(text)
		}
	}
	for i, other := range row.Against {
		if i != 0 && i != p.side() && !other.Lacking {
			aside(other.Words)
		}
	}
	if text := chances(x); text != "" {
		aside(text)
	}
	if k := len(p.data.Unmatched); k > 0 {
		aside(fmt.Sprintf("%d without a partner: %s", k, p.data.Alone()))
	}
	for _, left := range p.data.LeftOut {
		aside(left.String())
	}
	return all
}

// against is the difference of the chosen row that the page is about.
func (p *Compare) against() report.Contrast { return p.data.Chosen.Against[p.side()] }

// withSight are the words of a difference, and what could have been seen where they do
// not say it.
func withSight(x report.Contrast) string {
	least := x.MDE()
	if math.IsNaN(least) || x.Verdict == "" && x.Refused == "" || strings.Contains(x.Words, "could ") {
		return x.Words
	}
	return x.Words + ".  Could have seen " + strings.TrimPrefix(x.Amount(least), "+")
}

// chances are the p of a difference, each by its name; "" where there are none.
func chances(x report.Contrast) string {
	var parts []string
	add := func(format string, p float64, more ...any) {
		if !math.IsNaN(p) {
			parts = append(parts, fmt.Sprintf(format, append([]any{chance(p)}, more...)...))
		}
	}
	if x.Refused != "" || math.IsNaN(x.Mean) {
		return ""
	}
	add("p %s", x.P())
	if x.Family > 1 {
		add("%s by Holm over %d", x.PHolm, x.Family)
	}
	add("%s by sign flips of %d", x.PFlip, x.FlipN)
	add("%s by McNemar", x.PMcNemar)
	return strings.Join(parts, ", ")
}

// chance is a p in as many digits as matter.
func chance(p float64) string {
	if p < 0.0001 {
		return "< 0.0001"
	}
	return fmt.Sprintf("%.2g", p)
}

// hanging is from what width on all lines of a verdict stand under its first word.
const hanging = 80

// lines are the text in at most n lines of w cells.
func (s saying) lines(l look.Look, w, n int) (lines []string) {
	indent, text := strings.Repeat(" ", len(" verdict  ")), s.text
	if w < hanging {
		indent = " "
		if s.head != "" {
			text = s.head + "  " + text
		}
	}
	texts := wrap(text, w-1-len(indent))
	if len(texts) > n {
		texts = texts[:n]
		texts[n-1] = look.Fit(strings.TrimRight(texts[n-1], " ")+" …", w-1-len(indent))
	}
	style := l.Muted
	if !s.aside {
		style = s.tone.inWords(l)
	}
	for i, t := range texts {
		at := indent
		if i == 0 && s.head != "" && w >= hanging {
			at = look.Fit(" "+s.head, len(indent))
		}
		lines = append(lines, look.Fit(style.Render(at+t), w))
	}
	return lines
}

package compare

import (
	"fmt"
	"strings"

	"ablate/tui/look"
	"ablate/tui/report"
)

// saying is a part of the verdict: a text that is wrapped, in a tone.
type saying struct {
	head, text string
	tone       tone
	aside      bool // it is muted, and left out where not all of it has room
	cut        bool // but for its end
}

// verdict is what the statistics say, in at most n lines: of the chosen row first,
// then over all of them, then of what is left out.
func (p *Compare) verdict(l look.Look, w, n int) (lines []string) {
	for _, s := range p.said {
		room := n - len(lines)
		if room < 1 || s.aside && !s.cut && len(s.lines(l, w, room+1)) > room {
			break
		}
		lines = append(lines, s.lines(l, w, room)...)
	}
	return lines
}

// sayings are the parts of the verdict, the most important first. They take inverse
// distributions, so they are made when something was read, and not to draw.
func (p *Compare) sayings() (all []saying) {
	row, x := p.data.Chosen, p.against()
	words, caveats := apart(x)
	if p.has(paneCells) {
		words = row.Label + ": " + words
	}
	all = append(all, saying{head: "verdict", text: words, tone: toneOf(x)})
	if p.force.on {
		all = append(all, saying{text: p.force.says(), tone: toneRefused})
	}
	aside := func(texts ...string) {
		for _, text := range texts {
			if text != "" {
				all = append(all, saying{text: text, aside: true})
			}
		}
	}
	if p.has(paneCells) {
		aside(p.data.Tally()...)
	}
	if caveats != "" {
		all = append(all, saying{text: caveats, aside: true, cut: true})
	}
	aside(x.Tests())
	for i, other := range row.Against {
		if i != 0 && i != p.side() && !other.Lacking {
			aside(besides(x, other))
		}
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

// apart are the words of a difference, and what else has to be kept in mind.
func apart(x report.Contrast) (words, caveats string) {
	caveats = strings.Join(x.Caveats(), "; ")
	if words, more := strings.CutSuffix(x.Words, "; "+caveats); more {
		return onScreen(words), caveats
	}
	return onScreen(x.Words), ""
}

// besides are the words of another difference, without what those of x say of both:
// what they rest on, and what else has to be kept in mind.
func besides(x, other report.Contrast) string {
	words := onScreen(other.Words)
	if caveats := strings.Join(x.Caveats(), "; "); caveats != "" {
		words = strings.TrimSuffix(words, "; "+caveats)
	}
	if at := strings.Index(x.Words, "; "+x.Level()); at >= 0 {
		basis, _, _ := strings.Cut(x.Words[at:], ")")
		words = strings.Replace(words, basis+")", ")", 1)
	}
	return words
}

// onScreen are words for who has keys and no flags.
func onScreen(words string) string {
	return strings.ReplaceAll(words, "--force gives one", "F gives one")
}

// hanging is from what width on all lines of a verdict stand under its first word. The
// line of tests needs that much.
const hanging = 90

// lines are the text in at most n lines of w cells.
func (s saying) lines(l look.Look, w, n int) (lines []string) {
	indent, text := strings.Repeat(" ", len(" verdict  ")), s.text
	if w < hanging {
		indent = " "
		if s.head != "" {
			text = s.head + "  " + text
		}
	}
	const deeper = 2 // cells that the lines after the first one stand further in
	inner := w - 1 - len(indent)
	if w < hanging {
		inner -= deeper
	}
	texts := clauses(text, inner)
	if len(texts) > n {
		texts = texts[:n]
		texts[n-1] = look.Fit(strings.TrimRight(texts[n-1], " ")+" …", inner)
	}
	style := l.Muted
	if !s.aside {
		style = s.tone.inWords(l)
	}
	for i, t := range texts {
		at := indent
		if i > 0 && w < hanging {
			at += strings.Repeat(" ", deeper)
		}
		if i == 0 && s.head != "" && w >= hanging {
			at = look.Fit(" "+s.head, len(indent))
		}
		lines = append(lines, look.Fit(style.Render(at+t), w))
	}
	return lines
}

package chart

// PhaseState is how far a Phase is.
type PhaseState uint8

// The states of a phase.
const (
	Waiting PhaseState = iota
	Going
	Finished
	Broken
	Skipped
)

// Phase is one stretch of a time line.
type Phase struct {
	Name  string
	State PhaseState
	// Share is how much of a going phase is done, 0 to 1; NaN: not known.
	Share float64
	// Seconds is how long it took or has taken so far; NaN or below 0: not known.
	Seconds float64
	// Note stands in place of the duration: "262/400".
	Note string
}

// Phases draws a time line in exactly w cells: data ✓ 1.1s ── SFT ▕███▏ ── eval.
// As the room shrinks the bars go first, then the durations, then the lines
// between, then the names of what is over, and last the phases farthest from
// the one that is going, with "…" for them.
func Phases(parts []Phase, w int, style Style) string {
	if w <= 0 {
		return ""
	}
	p := phases{style: style, parts: parts, last: len(parts)}
	for p.detail = len(details) - 1; p.detail > 0 && p.width() > w; p.detail-- {
	}
	for p.width() > w && p.last-p.first > 1 {
		now := p.now()
		if now-p.first > p.last-1-now {
			p.first++
		} else {
			p.last--
		}
	}
	return p.draw(w)
}

// phases is a time line and how much of it is shown.
type phases struct {
	style       Style
	parts       []Phase
	first, last int
	detail      int // index into details
}

// details are the parts shown, from the least to the most.
var details = [...]struct {
	bar       int
	pastNames bool // of what is over, too
	joined    bool // lines between the phases
	note      bool // the duration of what is going
	durations bool // of what is over, too
}{
	{},
	{pastNames: true},
	{pastNames: true, joined: true},
	{pastNames: true, joined: true, note: true},
	{pastNames: true, joined: true, note: true, bar: 7},
	{pastNames: true, joined: true, note: true, durations: true},
	{pastNames: true, joined: true, note: true, durations: true, bar: 7},
	{pastNames: true, joined: true, note: true, durations: true, bar: 12},
	{pastNames: true, joined: true, note: true, durations: true, bar: 20},
}

// now is the phase that matters most: the one that is going or broken, else the
// last one that is over.
func (p *phases) now() (now int) {
	for i, part := range p.parts {
		switch part.State {
		case Going, Broken:
			return i
		case Finished:
			now = i
		default: // waiting and skipped ones say least
		}
	}
	return now
}

// glyph is the sign of a state.
func (p *phases) glyph(s PhaseState) (rune, Color) {
	glyphs := [...]rune{Waiting: '◌', Going: '●', Finished: '✓', Broken: '✗', Skipped: '–'}
	colors := [...]Color{Waiting: Muted, Going: Categorical(0), Finished: Good, Broken: Bad, Skipped: Muted}
	if s > Skipped {
		s = Waiting
	}
	r := glyphs[s]
	switch g := p.style.Set(); {
	case g == ASCII:
		r = toASCII(r)
	case g.plain():
		r = unambiguous(r)
	}
	return r, colors[s]
}

// texts are the name and the duration of phase i as they are shown.
func (p *phases) texts(i int) (name, duration string) {
	part, d := p.parts[i], details[p.detail]
	if d.pastNames || part.State != Finished {
		name = clean(part.Name, p.style.Set())
	}
	switch {
	case !d.note || !d.durations && part.State != Going && part.State != Broken:
	case part.Note != "":
		duration = clean(part.Note, p.style.Set())
	case part.Seconds >= 0 && part.State != Waiting && part.State != Skipped:
		duration = FormatSeconds(part.Seconds)
	}
	return name, duration
}

// hasBar reports whether phase i has a bar.
func (p *phases) hasBar(i int) bool {
	part := p.parts[i]
	return part.State == Going && part.Share >= 0 && details[p.detail].bar > 0
}

// partWidth is the width of phase i.
func (p *phases) partWidth(i int) int {
	name, duration := p.texts(i)
	w := 1
	if p.hasBar(i) {
		w = details[p.detail].bar
	}
	if name != "" {
		w += width(name) + 1
	}
	if duration != "" {
		w += width(duration) + 1
	}
	return w
}

// joint is what stands between two phases.
func (p *phases) joint() string {
	switch {
	case !details[p.detail].joined:
		return "  "
	case p.style.Set().plain():
		return " -- "
	default:
		return " ── "
	}
}

// width is the width of the whole.
func (p *phases) width() (w int) {
	for i := p.first; i < p.last; i++ {
		if i > p.first {
			w += width(p.joint())
		}
		w += p.partWidth(i)
	}
	if p.first > 0 {
		w += 2
	}
	if p.last < len(p.parts) {
		w += 2
	}
	return w
}

func (p *phases) draw(w int) string {
	pen, used := newPen(p.style, w, 1), min(w, p.width())
	if p.width() > w { // not even one: its name and no more
		name := ""
		if p.first < p.last {
			name = fit(clean(p.parts[p.first].Name, p.style.Set()), w, p.style.Set())
		}
		pen.text(Default, name)
		pen.blank(w - width(name))
		pen.endLine()
		return pen.String()
	}
	hidden := "…"
	if p.style.Set().plain() {
		hidden = "~"
	}
	if p.first > 0 {
		pen.text(Muted, hidden)
		pen.blank(1)
	}
	for i := p.first; i < p.last; i++ {
		if i > p.first {
			pen.text(Muted, p.joint())
		}
		p.drawPart(pen, i)
	}
	if p.last < len(p.parts) {
		pen.blank(1)
		pen.text(Muted, hidden)
	}
	pen.blank(w - used)
	pen.endLine()
	return pen.String()
}

// drawPart draws one phase: its name, its glyph or bar, its duration.
func (p *phases) drawPart(pen *pen, i int) {
	name, duration := p.texts(i)
	glyph, color := p.glyph(p.parts[i].State)
	if name != "" {
		c := Default
		if s := p.parts[i].State; s == Waiting || s == Skipped {
			c = Muted
		}
		pen.text(c, name)
		pen.blank(1)
	}
	if p.hasBar(i) {
		pen.text(color, Bar(p.parts[i].Share, details[p.detail].bar, p.style.Set()))
	} else {
		pen.rune(color, glyph)
	}
	if duration != "" {
		pen.blank(1)
		pen.text(Muted, duration)
	}
}

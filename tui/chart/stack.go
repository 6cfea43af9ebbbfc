package chart

import "strconv"

// Part is one share of a Stack.
type Part struct {
	Name  string
	Count int
	Color Color
}

// Stack draws counts with bars side by side in exactly w cells: AC ███ 121
// WA ██ 118. The parts are in the order of their importance. As the room shrinks
// the bars go first, then the parts without a count, then the last ones; "+2"
// says that two are not shown. No count is ever cut.
func Stack(parts []Part, w int, style Style) string {
	s := newStack(parts, w, style)
	for len(s.parts) > 0 && s.least() > w {
		s.drop()
	}
	return s.draw(w)
}

// stack is the parts that are still shown.
type stack struct {
	style  Style
	parts  []Part // with clean names
	hidden int
	most   int // the greatest count
}

// partGap is the blanks between two parts.
const partGap = 2

func newStack(parts []Part, w int, style Style) *stack {
	s := &stack{style: style}
	for _, p := range parts {
		p.Name, p.Count = fit(clean(p.Name, style.Set()), max(4, w/4), style.Set()), max(p.Count, 0)
		s.parts = append(s.parts, p)
		s.most = max(s.most, p.Count)
	}
	return s
}

// least is the width without any bar.
func (s *stack) least() (w int) {
	for i, p := range s.parts {
		if i > 0 {
			w += partGap
		}
		w += width(p.Name) + 1 + len(strconv.Itoa(p.Count))
	}
	if s.hidden > 0 {
		w += partGap + 1 + len(strconv.Itoa(s.hidden))
	}
	return w
}

// drop takes out the last part without a count, or else the last one.
func (s *stack) drop() {
	at := len(s.parts) - 1
	for i := at; i >= 0; i-- {
		if s.parts[i].Count == 0 {
			at = i
			break
		}
	}
	s.parts = append(s.parts[:at], s.parts[at+1:]...)
	s.hidden++
}

// bars is how long the bar of the greatest count may be, 0 for no bars.
func (s *stack) bars(w int) int {
	room := w - s.least()
	for longest := min(room, 40); longest > 1; longest-- {
		need := 0
		for _, p := range s.parts {
			if n := s.bar(p.Count, longest); n > 0 {
				need += n + 1
			}
		}
		if need <= room {
			return longest
		}
	}
	return 0
}

// bar is the length of a bar; a count above 0 has at least one cell.
func (s *stack) bar(count, longest int) int {
	if count == 0 || longest == 0 {
		return 0
	}
	return max(1, int(float64(count)/float64(s.most)*float64(longest)+0.5))
}

func (s *stack) draw(w int) string {
	p, used := newPen(s.style, w, 1), 0
	longest, block := s.bars(w), '█'
	if s.style.Set().plain() {
		block = '#'
	}
	for i, part := range s.parts {
		if i > 0 {
			p.blank(partGap)
			used += partGap
		}
		count := strconv.Itoa(part.Count)
		p.text(Default, part.Name)
		p.blank(1)
		n := s.bar(part.Count, longest)
		for range n {
			p.rune(part.Color, block)
		}
		if n > 0 {
			p.blank(1)
			n++
		}
		p.text(Default, count)
		used += width(part.Name) + 1 + n + len(count)
	}
	if more := "+" + strconv.Itoa(s.hidden); s.hidden > 0 && len(s.parts) > 0 {
		p.blank(partGap)
		p.text(Muted, more)
		used += partGap + len(more)
	}
	p.blank(w - used)
	p.endLine()
	return p.String()
}

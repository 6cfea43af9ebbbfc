package run

// scroll is where in a list of lines a pane stands.
type scroll struct {
	top int
	end bool // it stays at the end while lines are added
}

// first is the first line that a pane of h lines shows of n.
func (s *scroll) first(n, h int) int {
	last := max(n-h, 0)
	if s.end {
		return last
	}
	return min(max(s.top, 0), last)
}

// move goes by lines; at the end it stays there.
func (s *scroll) move(by, n, h int) {
	last := max(n-h, 0)
	s.top = min(max(s.first(n, h)+by, 0), last)
	s.end = s.end && by >= 0 || by > 0 && s.top == last
}

// window are the lines that a pane of h lines shows.
func (s *scroll) window(lines []string, h int) []string {
	from := s.first(len(lines), h)
	return lines[from:min(from+h, len(lines))]
}

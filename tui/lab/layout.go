package lab

// pane is a part of the page that can have the keys, and all the room.
type pane uint8

// The panes, in the order in which tab goes through them.
const (
	paneRuns pane = iota
	paneMatrix
	paneObjective
	paneSecond
	paneScaling
	paneLog
	panes
	paneVerdict // has no keys: it is only read
)

// spot is the room of a pane.
type spot struct {
	pane       pane
	x, y, w, h int
}

// layout is where everything is. Panes go by priority as the terminal shrinks:
// scaling, the verdict, the log, the matrix, the second chart; nothing is clipped,
// and whatever has the keys is always there.
type layout struct {
	header int // lines
	split  int // column of the line between left and right; 0 for one column
	spots  []spot
}

// wants is what the page would like to show.
type wants struct {
	runs    int // rows of the table
	matrix  int // lines that it needs
	near    int // of these, what says which places may be the best
	verdict int // lines; 0: it has nothing to say
	scaling bool
	settled bool // the verdict says more than a log
	focus   pane
	whole   bool // the pane with the keys has all the room
}

// arrange divides w x h cells.
func arrange(w, h int, want wants) layout {
	l := layout{header: 2}
	switch {
	case h < 16:
		l.header = 0
	case h < 30:
		l.header = 1
	}
	body := h - l.header
	switch {
	case want.whole:
		l.whole(w, body, want)
	case w >= 100 && h >= 22:
		l.wide(w, body, want)
	default:
		l.narrow(w, body, want)
	}
	return l
}

// add puts a pane under those before it in its column, if it has any room.
func (l *layout) add(p pane, x, w, h int) {
	if h < 1 {
		return
	}
	y := l.header
	for _, s := range l.spots {
		if s.x == x {
			y = s.y + s.h
		}
	}
	l.spots = append(l.spots, spot{p, x, y, w, h})
}

// whole gives the pane with the keys all the room, but for some runs to move over.
func (l *layout) whole(w, h int, want wants) {
	if want.focus == paneRuns {
		l.add(paneRuns, 0, w, h)
		return
	}
	runs := min(want.runs+1, h/4)
	if h < 16 {
		runs = 0
	}
	room := h - runs
	if want.focus == paneMatrix {
		room = min(room, want.matrix) // it takes no more than it needs
	}
	l.add(want.focus, 0, w, room)
	l.add(paneRuns, 0, w, h-room)
}

// leftOf is the width of the left column of w.
func leftOf(w int) int { return min(max(w*51/100, 54), 96) }

// wide has the matrix, the runs and the log on the left, charts and the verdict on
// the right.
func (l *layout) wide(w, h int, want wants) {
	left := leftOf(w)
	x := left + 3
	right := w - x
	l.split = left
	const log = 4
	matrix := min(want.matrix, max((h-log)*55/100, h-log-want.runs-2))
	runs := min(want.runs+2, h-log-matrix)
	l.add(paneMatrix, 0, left, matrix)
	l.add(paneRuns, 0, left, runs)
	l.add(paneLog, 0, left, h-matrix-runs)
	const room, charts2 = 12, 24 // lines that say much, where the charts keep theirs
	verdict := min(want.verdict, max(h/4, min(room, h-charts2)))
	if h < 24 {
		verdict = 0
	}
	charts := h - verdict
	third := 0
	if want.scaling && (charts >= 44 || want.focus == paneScaling) {
		third = charts / 3
	}
	first := (charts - third + 1) / 2
	l.add(paneObjective, x, right, first)
	l.add(paneSecond, x, right, charts-third-first)
	l.add(paneScaling, x, right, third)
	l.add(paneVerdict, x, right, verdict)
}

// narrow has everything in one column: what has the keys, and the runs under it.
func (l *layout) narrow(w, h int, want wants) {
	runs := min(want.runs+1, max(h*2/5, 3))
	room := h - runs
	switch want.focus {
	case paneMatrix, paneObjective, paneSecond, paneScaling, paneLog:
		const someRuns = 6
		if more := min(want.near, runs-someRuns); want.focus == paneMatrix && more > 0 {
			room, runs = room+more, runs-more
		}
		l.add(want.focus, 0, w, room)
		l.add(paneRuns, 0, w, runs)
		return
	case paneRuns, paneVerdict, panes:
	}
	log := 0
	if room >= 13 {
		log = 2
		room -= log
	}
	if room >= 9 {
		l.add(paneObjective, 0, w, (room+1)/2)
		l.add(paneSecond, 0, w, room-(room+1)/2)
	} else {
		l.add(paneObjective, 0, w, room)
	}
	l.add(paneRuns, 0, w, runs)
	if want.settled && want.verdict > 0 {
		l.add(paneVerdict, 0, w, log)
	} else {
		l.add(paneLog, 0, w, log)
	}
}

// at is the spot at a cell of the page.
func (l *layout) at(x, y int) (spot, bool) {
	for _, s := range l.spots {
		if x >= s.x && x < s.x+s.w && y >= s.y && y < s.y+s.h {
			return s, true
		}
	}
	return spot{}, false
}

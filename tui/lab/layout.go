package lab

// zoom is what has the room where not everything fits.
type zoom uint8

// The panes that tab goes through.
const (
	zoomCharts zoom = iota
	zoomMatrix
	zoomLog
	zooms
)

func (z zoom) next() zoom { return (z + 1) % zooms }

// layout is the height and width of every pane of the experiment page; 0 leaves
// it out. Panes go by priority as the terminal shrinks: the log, the matrix, the
// second chart; nothing is ever clipped.
type layout struct {
	header       int // lines
	left, right  int // widths; right is 0 in one column
	matrix, runs int // heights; what the matrix does not need goes to the log
	log          int
	pass, loss   int // on the right, or under each other in one column
}

// arrange divides w x h cells; runs is how many rows the table wants.
func arrange(w, h, runs int, z zoom) layout {
	if w >= 100 && h >= 22 {
		return wide(w, h, runs, z)
	}
	return narrow(w, h, runs, z)
}

// wide has the matrix, the runs and the log on the left, the charts on the right.
func wide(w, h, runs int, z zoom) layout {
	l := layout{header: 2}
	body := h - l.header
	l.left = min(max(w*46/100, 54), 84)
	l.right = w - l.left - 3
	l.log = 4
	switch z {
	case zoomMatrix:
		l.left, l.right = w, 0
		l.runs, l.log = min(runs+1, body/3), 0
		l.matrix = body - l.runs
		return l
	case zoomLog:
		l.left, l.right = w, 0
		l.runs = min(runs+1, body/3)
		l.log = body - l.runs
		return l
	default:
		l.runs = min(runs+1, (body-l.log)*6/10)
		l.matrix = body - l.log - l.runs
	}
	l.pass = (body + 1) / 2
	l.loss = body - l.pass
	return l
}

// narrow has everything in one column.
func narrow(w, h, runs int, z zoom) layout {
	l := layout{header: 1, left: w}
	if h < 16 {
		l.header = 0
	}
	body := h - l.header
	l.runs = min(runs+1, max(body/3, 3))
	room := body - l.runs
	switch z {
	case zoomMatrix:
		l.matrix = room
	case zoomLog:
		l.log = room
	default:
		if room >= 13 {
			l.log = 2
			room -= l.log
		}
		l.pass = room
		if room >= 9 {
			l.pass = (room + 1) / 2
			l.loss = room - l.pass
		}
	}
	return l
}

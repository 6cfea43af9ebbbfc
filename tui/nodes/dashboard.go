package nodes

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ablate/tui/chart"
	"ablate/tui/look"
	"ablate/tui/table"
)

// board is how the GPUs of a node stand one below the other, each with its curves.
type board struct {
	heads []string
	lead  int // cells of who it is
	width int // of a curve
	digit int // cells of a number
	rows  int // lines of a GPU
}

// Cells of a curve's value, with the blanks around it, and the fewest of the curve.
const (
	boardValue = 7
	boardLeast = 14
)

// newBoard lays out GPUs in w cells and h lines.
func newBoard(list []*device, w, h int) board {
	b := board{lead: min(max(w/5, 16), 34), rows: min(max((h-1)/len(list), 1), 6)}
	for _, name := range []string{"busy", "SM", "tensor", "HBM", "power"} {
		has := func(d *device) bool { return d.reading(look.Look{}, name) != nil }
		if slices.ContainsFunc(list, has) {
			b.heads = append(b.heads, name)
		}
	}
	b.heads = b.heads[:max(min(len(b.heads), (w-b.lead)/(boardValue+boardLeast)), 1)]
	b.width = min(max((w-b.lead)/len(b.heads)-boardValue, 1), cells)
	return b
}

// board is a line or a few for each GPU of a node, in at most h lines: with the one
// under the cursor among them.
func (q *pane) board(list []*device, cursor *device, h int) []string {
	if len(list) == 0 || h < 2 {
		return nil
	}
	b := newBoard(list, q.w, h)
	b.digit = len(fmt.Sprint(list[len(list)-1].Index))
	var head strings.Builder
	head.WriteString(look.Fit(fmt.Sprintf(" last %d min", b.width*bucket/60), b.lead))
	for _, name := range b.heads {
		head.WriteString(look.Fit(fmt.Sprintf("%6s", name), boardValue+b.width))
	}
	lines := []string{q.look.Muted.Render(look.Fit(head.String(), q.w))}
	at := max(slices.Index(list, cursor), 0)
	first := min(max(at-(h-1)/b.rows+1, 0), len(list))
	for _, d := range list[first:] {
		lines = append(lines, q.tile(b, d, d == cursor)...)
	}
	if len(lines) > h {
		lines = q.cut(lines, h)
	}
	return lines
}

// tile is one GPU of a board.
func (q *pane) tile(b board, d *device, here bool) []string {
	lines := q.who(b, d, here)
	for _, name := range b.heads {
		for y, text := range q.plot(b, d, d.reading(q.look, name)) {
			lines[y] += text
		}
	}
	for y := range lines {
		lines[y] = look.Fit(lines[y], q.w)
	}
	return lines
}

// plot is a reading of a GPU as a curve with its value, as high as there is room but
// for a line between two GPUs; nil is one that it does not have.
func (q *pane) plot(b board, d *device, r *reading) []string {
	high := max(b.rows-1, 1)
	lines := make([]string, b.rows)
	for y := range lines {
		if lines[y] = strings.Repeat(" ", boardValue+b.width); r == nil || y >= high {
			continue
		}
		value := strings.Repeat(" ", boardValue)
		if y == 0 {
			value = fmt.Sprintf("%6s ", r.brief(d))
		}
		curve := r.stacked(q.now, b.width, high, high-1-y, q.style)
		if lines[y] = r.style.Render(value) + q.look.Accent.Render(curve); q.age(d) > stale {
			lines[y] = q.look.Muted.Render(value + curve)
		}
	}
	return lines
}

// brief is the number alone.
func (r reading) brief(d *device) string {
	switch word, _, _ := strings.Cut(strings.TrimSuffix(r.value, " W"), "  "); {
	case d.blind() || word == "not read" || word == "":
		return "–"
	default:
		word, _, _ = strings.Cut(word, "/")
		return word
	}
}

// reading is one of a device by its name; nil: it does not have it.
func (d *device) reading(l look.Look, name string) *reading {
	list := d.readings(l)
	if i := slices.IndexFunc(list, func(r reading) bool { return r.name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}

// stacked is a row of a curve that is several rows high; the lowest is row 0.
func (r reading) stacked(now float64, width, rows, row int, style chart.Style) string {
	top := r.top
	values := r.curve.last(width, now)
	if top <= 0 {
		for _, v := range values {
			if v > top {
				top = v
			}
		}
		top = max(top, 1)
	}
	lo := top * float64(row) / float64(rows)
	for i, v := range values {
		if row > 0 && v <= lo { // it ends below this row
			values[i] = math.NaN()
		}
	}
	return chart.Spark(values, lo, top*float64(row+1)/float64(rows), width, style)
}

// who are the lines on the left of a GPU: its number, who has it, what is wrong.
func (q *pane) who(b board, d *device, here bool) []string {
	mark := " "
	if here {
		mark = "›"
	}
	lines := make([]string, b.rows)
	name := fmt.Sprintf("%s%*d ", mark, b.digit, d.Index)
	indent := strings.Repeat(" ", b.digit+2)
	holder := q.heldBy(d)
	if d.blind() {
		holder = d.user.run
	}
	holder = q.holderStyle(q.look, d).Render(table.Middle(holder, b.lead-len(indent)-1) + " ")
	wrong, grave := q.short(d)
	trouble := wrongStyle(q.look, grave).Render(look.Fit(look.Harmless(wrong), b.lead-len(indent)-1) + " ")
	if b.rows < 3 && wrong != "" {
		holder = trouble
	}
	if b.rows == 1 {
		lines[0] = look.Fit(name, len(indent)) + holder
		return lines
	}
	for _, more := range []string{d.model, "  " + memory(d), "  MFU " + d.mfu.text} {
		if strings.HasSuffix(more, " ") || look.Width(name+more) > b.lead {
			break
		}
		name += more
	}
	lines[0], lines[1] = look.Fit(look.Harmless(name), b.lead), indent+holder
	for y := 2; y < len(lines); y++ {
		if lines[y] = strings.Repeat(" ", b.lead); y == 2 {
			lines[y] = indent + trouble
		}
	}
	return lines
}

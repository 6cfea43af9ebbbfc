package report

import (
	"slices"

	"github.com/charmbracelet/x/ansi"
)

// expendable are the heads of the columns that a narrow terminal goes without, the
// first one first.
var expendable = []string{">MHz", ">tensor", ">°C", ">SM", ">HBM", "device", ">power W", ">busy"}

const (
	gutter = 2 // what lies between two columns
	// leastText is how narrow who has a GPU, and its state, may become before a column of
	// numbers has to go.
	leastText = 16
)

// fit makes a table as narrow as a terminal: without the columns that matter least, and
// its texts, from the column heldHead on, cut. short are the rows whose state was.
func fit(head []string, rows [][]string, width int) (narrow [][]string, short []int) {
	all := [][]string{slices.Clone(head)}
	for _, row := range rows {
		row = slices.Clone(row)
		for i := range row {
			row[i] = plain(row[i])
		}
		all = append(all, row)
	}
	for _, name := range expendable {
		if i := slices.Index(all[0], name); i >= 0 && least(all) > width {
			for j, row := range all {
				all[j] = slices.Delete(row, i, i+1)
			}
		}
	}
	sizes, text := sizesOf(all), slices.Index(all[0], heldHead)
	room := width
	for _, size := range sizes[:text] {
		room -= size + gutter
	}
	held, last := sizes[text], text
	if last+1 < len(sizes) { // each may have what the other leaves, and half of it at least
		last++
		held = min(held, max(room-gutter-sizes[last], (room-gutter)/2))
		cell(all, text, held)
		room -= held + gutter
	}
	short = cell(all, last, room)
	if last == text {
		return all, nil
	}
	return all, short
}

// cell cuts a column to a width, and says which rows, without the head, lost something.
func cell(all [][]string, column, width int) (short []int) {
	for i, row := range all {
		text := ansi.Truncate(row[column], max(width, 1), "…")
		if text != row[column] && i > 0 {
			short = append(short, i-1)
		}
		row[column] = text
	}
	return short
}

// least is how narrow a table can become with all its columns.
func least(all [][]string) (sum int) {
	text := slices.Index(all[0], heldHead)
	for i, size := range sizesOf(all) {
		if i >= text {
			size = min(size, leastText)
		}
		sum += size + gutter
	}
	return sum - gutter
}

// sizesOf are how wide columns are. A head begins with > if its column is set right.
func sizesOf(all [][]string) []int {
	sizes := make([]int, len(all[0]))
	for i, row := range all {
		for j, text := range row {
			size := ansi.StringWidth(text)
			if i == 0 && text != "" && text[0] == '>' {
				size--
			}
			sizes[j] = max(sizes[j], size)
		}
	}
	return sizes
}

package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"ablate/gpu"
)

// staleAfter is the age of a reading from which on it is told.
const staleAfter = 4 * time.Second

// gpuColumn is one column of the table; one that is not always there is left out where
// no GPU has it.
type gpuColumn struct {
	head   string
	always bool
	blank  string // for what is not known, and of the state for nothing
	cell   func(gpu.Device) string
}

const heldHead = "held by"

var gpuColumns = []gpuColumn{
	{">gpu", true, "–", gpuName},
	{"device", true, "–", func(d gpu.Device) string { return gpu.ShortName(string(d.Name)) }},
	{">busy", true, "–", func(d gpu.Device) string { return percent(d.BusyPct) }},
	{">SM", false, "–", func(d gpu.Device) string { return percent(d.SMActivePct) }},
	{">tensor", false, "–", func(d gpu.Device) string { return percent(d.TensorActivePct) }},
	{">HBM", false, "–", func(d gpu.Device) string { return percent(d.DRAMActivePct) }},
	{">memory GB", true, "–", gpuMemory},
	{">power W", true, "–", func(d gpu.Device) string { return ofMost(d.PowerW, d.PowerLimitW) }},
	{">°C", true, "–", func(d gpu.Device) string { return whole(d.TemperatureC) }},
	{">MHz", false, "–", func(d gpu.Device) string { return ofMost(d.SMClockMHz, d.SMClockMaxMHz) }},
	{heldHead, true, "–", heldBy},
	{"state", false, "", gpuState},
}

// gpuTable writes the GPUs of nodes for people, and what is wrong with nodes. In a
// terminal no line is longer than its width, if there is a width: where a GPU's state is
// too long for its row, it stands below.
func gpuTable(w io.Writer, all []gpu.Node, now time.Time, width int) error {
	named := len(all) > 1 || len(all) == 1 && all[0].Name != gpu.Local
	columns := columnsOf(devicesOf(all))
	var head []string
	if named {
		head = append(head, "node")
	}
	for _, c := range columns {
		head = append(head, c.head)
	}
	var below []string
	if rows := gpuRows(all, columns, named); len(rows) > 0 {
		if width > 0 {
			narrow, short := fit(head, rows, width)
			for _, i := range short {
				below = append(below, rowName(all, i, named)+": "+rows[i][len(head)-1])
			}
			head, rows = narrow[0], narrow[1:]
		}
		if err := table(w, head, rows); err != nil {
			return err
		}
	}
	for _, n := range all {
		if line := nodeLine(n, named, now); line != "" {
			below = append(below, line)
		}
	}
	for _, line := range below {
		line = plain(line)
		if width > 0 {
			line = ansi.Wrap(line, width, "")
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// rowName is what people call the GPU in a row.
func rowName(all []gpu.Node, row int, named bool) string {
	for _, n := range all {
		if row >= len(n.Devices) {
			row -= len(n.Devices)
			continue
		}
		name := "GPU " + gpuName(n.Devices[row])
		if named {
			name += " of " + n.Name
		}
		return name
	}
	return ""
}

func gpuName(d gpu.Device) string {
	if d.Slice != nil {
		return fmt.Sprintf("%d MIG", *d.Slice)
	}
	return fmt.Sprint(d.Index)
}

// columnsOf are those that are always there, and those of which a GPU has something.
func columnsOf(devices []gpu.Device) []gpuColumn {
	return slices.DeleteFunc(slices.Clone(gpuColumns), func(c gpuColumn) bool {
		return !c.always && !slices.ContainsFunc(devices, func(d gpu.Device) bool { return c.cell(d) != "" })
	})
}

// gpuRows is a row for each GPU; the first one of a node names it.
func gpuRows(all []gpu.Node, columns []gpuColumn, named bool) (rows [][]string) {
	for _, n := range all {
		name := n.Name
		for _, d := range n.Devices {
			var row []string
			if named {
				row, name = append(row, name), ""
			}
			sliced := slices.ContainsFunc(n.Devices, func(s gpu.Device) bool { return d.Slice == nil && s.Slice != nil && *s.Slice == d.Index })
			for _, c := range columns {
				text := cmp.Or(c.cell(d), c.blank)
				if c.head == heldHead && sliced && d.ClaimedBy == nil {
					text = "in slices" // who is on it is on one of them
				}
				row = append(row, text)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// nodeLine says what its GPUs' rows do not: that there are none, what is wrong, how old
// they are.
func nodeLine(n gpu.Node, named bool, now time.Time) string {
	var words []string
	switch {
	case errors.Is(n.Err, gpu.ErrNotYet):
		words = append(words, cmp.Or(n.Doing, n.Err.Error()))
	case n.Err != nil:
		words = append(words, n.Err.Error())
		if n.Doing != "" {
			words = append(words, n.Doing)
		}
	case len(n.Devices) == 0:
		words = append(words, "no GPU")
	}
	if len(n.Devices) > 0 && n.Age >= staleAfter {
		words = append(words, fmt.Sprintf("read %s ago, at %s", Duration(n.Age.Seconds()), now.Add(-n.Age).Format(time.TimeOnly)))
	}
	line := strings.Join(words, "; ")
	if line != "" && named {
		line = n.Name + ": " + line
	}
	return line
}

func percent(v *float64) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("%.0f%%", *v)
}

func whole(v *float64) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("%.0f", *v)
}

// ofMost is a value and what it can be at most: "388/400".
func ofMost(v, most *float64) string {
	if v == nil || most == nil {
		return whole(v)
	}
	return whole(v) + "/" + whole(most)
}

func gpuMemory(d gpu.Device) string {
	if d.MemoryUsedBytes == nil || d.MemoryTotalBytes == nil {
		return ""
	}
	return fmt.Sprintf("%.1f/%.0f", float64(*d.MemoryUsedBytes)/gpu.GB, float64(*d.MemoryTotalBytes)/gpu.GB)
}

// heldBy is the run that has claimed a GPU, else who has processes on it.
func heldBy(d gpu.Device) string {
	if h := d.ClaimedBy; h != nil {
		if h.Run == "" {
			return h.String()
		}
		return "run " + h.Run + " of " + cmp.Or(h.User, "?")
	}
	if d.Unseen() {
		return "in use, unseen"
	}
	if d.Processes == nil {
		return ""
	}
	if len(d.Processes) == 0 {
		return "free"
	}
	p := gpu.ByMemory(d.Processes)[0]
	text := string(p.User)
	if text == "" {
		text = fmt.Sprintf("process %d", p.PID)
	}
	if p.Command != "" {
		text += ": " + string(p.Command)
	}
	if more := len(d.Processes) - 1; more > 0 {
		text += fmt.Sprintf(" +%d", more)
	}
	return text
}

// gpuState is what is wrong with a GPU or holds it down, the gravest first.
func gpuState(d gpu.Device) string {
	var words []string
	if d.Error != "" {
		words = append(words, string(d.Error))
	}
	if d.Repair != "" && !strings.Contains(string(d.Error), "needs "+string(d.Repair)) {
		words = append(words, "needs "+string(d.Repair))
	}
	if n := len(d.XIDs); n > 0 {
		words = append(words, d.XIDs[n-1].String())
	}
	return strings.Join(append(words, d.Throttle...), ", ")
}

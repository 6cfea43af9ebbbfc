package report

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	terminal "github.com/charmbracelet/x/term"

	"ablate/gpu"
)

// watchEvery is the time between two tables: drivers renew their counters that often.
const watchEvery = time.Second

// watch shows nodes again every second until ctx ends: in a terminal in place, else one
// after the other, as JSON one array a line. heading, if there is one, says something
// above each table.
func (s shown) watch(ctx context.Context, w, progress io.Writer, asJSON bool, heading func() string) error {
	if all := s.first(ctx, false); driverless(all) {
		return s.without(w, asJSON)
	}
	if f, ok := terminalOf(w); ok && !asJSON {
		return s.redraw(ctx, f, heading)
	}
	said := map[string]string{} // what was wrong with a node
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		all, now := s.now(), time.Now()
		var page bytes.Buffer
		var err error
		if asJSON {
			err = writeDevices(&page, all, false)
			tell(progress, all, said)
		} else {
			fmt.Fprintln(&page, now.Format(time.DateTime))
			err = gpuTable(&page, all, now, 0)
			fmt.Fprintln(&page)
		}
		if err == nil {
			_, err = w.Write(page.Bytes()) // whole, for who reads it in the middle
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// driverless says that this machine alone is shown, and has no driver.
func driverless(all []gpu.Node) bool {
	return len(all) == 1 && all[0].Name == gpu.Local && errors.Is(all[0].Err, gpu.ErrNoDriver)
}

// without says once that there is nothing to watch.
func (s shown) without(w io.Writer, asJSON bool) error {
	if asJSON {
		return writeDevices(w, nil, false)
	}
	_, err := fmt.Fprintln(w, gpu.ErrNoDriver)
	return err
}

// tell says what is wrong with nodes when it begins.
func tell(progress io.Writer, all []gpu.Node, said map[string]string) {
	for _, n := range all {
		text := ""
		if n.Err != nil {
			text = trouble(n).Error()
		}
		if text != said[n.Name] && text != "" {
			fmt.Fprintln(progress, text)
		}
		said[n.Name] = text
	}
}

// redraw shows nodes in place. A page is written at once over the one before, so that
// nothing flickers, and is cut to the terminal, so that nothing scrolls.
func (s shown) redraw(ctx context.Context, f *os.File, heading func() string) (err error) {
	if _, err := io.WriteString(f, ansi.ResetModeTextCursorEnable+ansi.EraseEntireScreen); err != nil {
		return err
	}
	defer func() {
		if _, failed := io.WriteString(f, ansi.SetModeTextCursorEnable); err == nil {
			err = failed
		}
	}()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		all, now := s.now(), time.Now()
		var page bytes.Buffer
		fmt.Fprintf(&page, "%s  %s", now.Format(time.DateTime), gpu.Summary(devicesOf(all)))
		if heading != nil {
			fmt.Fprintf(&page, "  %s", heading())
		}
		fmt.Fprintln(&page, "  ctrl-c ends")
		width, height := sizeOf(f)
		if err := gpuTable(&page, all, now, width-1); err != nil {
			return err
		}
		if _, err := io.WriteString(f, inPlace(page.String(), width, height)); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// sizeOf is that of a terminal.
func sizeOf(f *os.File) (width, height int) {
	width, height, err := terminal.GetSize(f.Fd())
	if err != nil || width < 2 || height < 1 {
		return 80, 24
	}
	return width, height
}

// widthOf is how wide a terminal is; 0: it is none.
func widthOf(w io.Writer) int {
	f, ok := terminalOf(w)
	if !ok {
		return 0
	}
	width, _ := sizeOf(f)
	return width
}

// inPlace is what draws a page over another: from the top, each line erased behind its
// end, then what is below. The last line of the terminal stays free for the cursor.
func inPlace(page string, width, height int) string {
	lines := strings.Split(strings.TrimSuffix(page, "\n"), "\n")
	if most := max(height-1, 1); len(lines) > most {
		left := len(lines) - most + 1
		lines = append(lines[:most-1], fmt.Sprintf("and %s", Count(left, "line")))
	}
	var b strings.Builder
	b.WriteString(ansi.SetModeSynchronizedOutput + ansi.CursorHomePosition)
	for _, line := range lines {
		// In the last column the cursor stands on what it wrote, and would erase it.
		b.WriteString(ansi.Truncate(line, width-1, "…") + ansi.EraseLineRight + "\n")
	}
	b.WriteString(ansi.EraseScreenBelow + ansi.ResetModeSynchronizedOutput)
	return b.String()
}

func devicesOf(all []gpu.Node) (devices []gpu.Device) {
	for _, n := range all {
		devices = append(devices, n.Devices...)
	}
	return devices
}

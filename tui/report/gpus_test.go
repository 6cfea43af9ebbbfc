package report_test

import (
	"flag"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/google/go-cmp/cmp"

	"ablate/tui/report"
)

// flags reads a command line's part for GPUs.
func flags(t *testing.T, args ...string) (o report.GPUFlags) {
	t.Helper()
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	o.Flags(f)
	if err := f.Parse(args); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestGPUFlags(t *testing.T) {
	t.Parallel()
	got := flags(t, "--watch", "--record", "f", "--for", "90s", "--host", "a,b", "--host", "c")
	if diff := cmp.Diff(report.GPUFlags{Watch: true, Record: "f", For: 90 * time.Second, Names: []string{"a", "b", "c"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range [][]string{{"--for", "90"}, {"--for", "-1s"}, {"--for", "0s"}, {"--for", "x"}, {"--host", ""}, {"--host", " ,"}} {
		f := flag.NewFlagSet("", flag.ContinueOnError)
		f.SetOutput(io.Discard)
		new(report.GPUFlags).Flags(f)
		if err := f.Parse(bad); err == nil {
			t.Errorf("%q is no error", bad)
		}
	}
}

// A page over another: nothing of the old one is left, nothing scrolls, and what does
// not fit is cut.
func TestInPlace(t *testing.T) {
	t.Parallel()
	const width, height = 12, 5
	term := vt.NewEmulator(width, height)
	for _, c := range []struct{ page, want string }{
		{"one\nlonger than it\nthree\n", "one\nlonger tha…\nthree"},
		{"1\n\n", "1"},
		{"1\n2\n3\n4\n5\n6\n", "1\n2\n3\nand 3 lines"},
		{"x\n", "x"},
	} {
		if _, err := io.WriteString(term, strings.ReplaceAll(report.InPlace(c.page, width, height), "\n", "\r\n")); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(term.String()) {
			lines = append(lines, strings.TrimRight(line, " \n"))
		}
		if got := strings.TrimRight(strings.Join(lines, "\n"), "\n"); got != c.want {
			t.Errorf("%q shows\n%s\nwant\n%s", c.page, got, c.want)
		}
	}
}

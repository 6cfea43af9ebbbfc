package chart_test

import (
	"regexp"
	"strconv"
	"testing"
)

// place is where a path comes by; first is where it was put down.
type place struct {
	x, y  float64
	first bool
}

var pathToken = regexp.MustCompile(`[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)| `)

// pathOf gives the places of a path, and fails where it is none.
func pathOf(t *testing.T, d string) (out []place) {
	t.Helper()
	takes := map[string]int{"M": 2, "m": 2, "l": 2, "h": 1, "v": 1, "a": 7, "z": 0}
	command, read, x, y := "", 0, 0.0, 0.0
	var args []float64
	for _, at := range pathToken.FindAllStringIndex(d, -1) {
		token := d[at[0]:at[1]]
		if at[0] != read {
			break // what is between is no token
		}
		read = at[1]
		if token == " " {
			continue
		}
		if _, ok := takes[token]; ok {
			if len(args) > 0 {
				t.Fatalf("%s with %v left in %.300q", command, args, d)
			}
			command = token
		} else if v, err := strconv.ParseFloat(token, 64); err != nil {
			t.Fatalf("%v in %.300q", err, d)
		} else {
			args = append(args, v)
		}
		if len(args) < takes[command] || command == "z" {
			continue
		}
		switch command {
		case "M":
			x, y = args[0], args[1]
		case "m", "l":
			x, y = x+args[0], y+args[1]
		case "h":
			x += args[0]
		case "v":
			y += args[0]
		case "a":
			x, y = x+args[5], y+args[6]
		}
		out = append(out, place{x, y, command == "M"})
		args = args[:0]
	}
	if read != len(d) || len(args) > 0 {
		t.Fatalf("no path from %d on: %.300q", read, d)
	}
	return out
}

var (
	dataGroup = regexp.MustCompile(`(?s)<g fill="none".*?translate\(([-.\d]+) ([-.\d]+)\)">(.*?)\n</g>`)
	strokes   = regexp.MustCompile(`<path stroke="currentColor"[^>]* d="([^"]*)"`)
	anyPath   = regexp.MustCompile(` d="([^"]*)"`)
)

// curvesOf are the lines of a picture, each as its places within the plot.
func curvesOf(t *testing.T, svg string) (out [][]place) {
	t.Helper()
	for _, m := range strokes.FindAllStringSubmatch(svg, -1) {
		out = append(out, pathOf(t, m[1]))
	}
	return out
}

// within checks that nothing of a picture lies outside it, but for the rims of
// marks.
func within(t *testing.T, svg string, w, h float64) {
	t.Helper()
	const rim = 9
	for _, g := range dataGroup.FindAllStringSubmatch(svg, -1) {
		left, _ := strconv.ParseFloat(g[1], 64)
		top, _ := strconv.ParseFloat(g[2], 64)
		for _, d := range anyPath.FindAllStringSubmatch(g[3], -1) {
			for _, p := range pathOf(t, d[1]) {
				if x, y := p.x+left, p.y+top; x < -rim || y < -rim || x > w+rim || y > h+rim {
					t.Fatalf("%g, %g lies outside of %g x %g: %.300q", x, y, w, h, d[1])
				}
			}
		}
	}
}

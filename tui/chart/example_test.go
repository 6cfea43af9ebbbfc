package chart_test

import (
	"fmt"
	"strings"

	"ablate/tui/chart"
)

func ExampleLine() {
	l := chart.Line{
		Title:  "loss",
		Series: []chart.Series{{Name: "s1", Y: []float64{8, 4, 2, 1, 0.5}}},
		X:      chart.Axis{Label: "step"},
		Y:      chart.Axis{Log: true},
		Style:  chart.Style{Theme: chart.Theme{NoColor: true}, Glyphs: chart.ASCII},
	}
	for line := range strings.SplitSeq(l.Render(60, 9), "\n") {
		fmt.Println(strings.TrimRight(line, " "))
	}
	// Output:
	// loss
	//   10 +.__
	//      |   ''--..__
	//    3 +           '--.__
	//      |                 '-.._
	//      |                      ''--..__
	//    1 +                              ''-..__
	//      ++--------------------+---------------'--.._ s1  0.5000
	//       0                    2                    4 step
}

func ExamplePhases() {
	style := chart.Style{Theme: chart.Theme{NoColor: true}, Glyphs: chart.ASCII}
	fmt.Println(chart.Phases([]chart.Phase{
		{Name: "data", State: chart.Finished, Seconds: 1.1},
		{Name: "SFT", State: chart.Going, Share: 0.65, Note: "262/400"},
		{Name: "evaluation"},
	}, 56, style))
	// Output: data + 1.1s -- SFT [#######   ] 262/400 -- evaluation o
}

func ExampleWindow() {
	l := chart.Line{Series: []chart.Series{{X: []float64{0, 400}, Y: []float64{0, 1}}}}
	l.Window = l.Window.ZoomX(l.Space(), 100, 4)
	fmt.Println(l.Window.X0, l.Window.X1)
	l.Window = l.Window.Pan(l.Space(), 0.5, 0)
	fmt.Println(l.Window.X0, l.Window.X1)
	// Output:
	// 75 175
	// 125 225
}

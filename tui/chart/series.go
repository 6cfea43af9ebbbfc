package chart

// Series is one curve.
type Series struct {
	// Name stands at the curve's end.
	Name string
	// X and Y are the points; X should not decrease. NaN and infinities are
	// gaps. A nil X counts the points from 0; the longer slice is cut.
	X, Y []float64
	// Data is used in place of X and Y if not nil: for long series.
	Data *Pyramid
	// Low and High are a band round Y, such as an interval, drawn faint and under
	// all lines; where either is a gap there is none.
	Low, High []float64
	// Bars draws Low and High as an error bar at each point instead of a band.
	Bars bool
	// Ghosts are earlier attempts' points that a later one made again, drawn thin
	// and under everything.
	Ghosts []Segment
	// Smooth above 0 and below 1 is the weight of an exponential mean, such as
	// 0.9: the mean is drawn in full, and the line itself dim beneath it.
	Smooth float64
	// Goal says which value is the best, for the legend.
	Goal  Goal
	Color Color
	// Dashed is for references: numbers published elsewhere. They are drawn
	// under all others.
	Dashed bool
	// Points marks every point, for curves with few of them; Dots marks them and
	// draws no line.
	Points, Dots bool
}

// Segment is a stretch of points.
type Segment struct{ X, Y []float64 }

// Goal says which values of a series are good.
type Goal uint8

// The goals; the zero Goal names no best value.
const (
	_ Goal = iota
	// Highest is for rates and rewards.
	Highest
	// Lowest is for losses.
	Lowest
)

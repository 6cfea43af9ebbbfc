package run

// Curve is what a chart shows: its points, and those of its ghosts.
func (p *Page) Curve(i int) (xs, ys, ghosts []float64) {
	q := p.curves.shown
	if q == nil {
		return nil, nil, nil
	}
	c := &q.curves[i]
	for k := range c.data.Len() {
		x, y := c.data.At(k)
		xs, ys = append(xs, x), append(ys, y)
	}
	for _, g := range c.ghosts {
		ghosts = append(ghosts, g.Y...)
	}
	return xs, ys, ghosts
}

// Points is how many of them there are.
func (p *Page) Points(i int) int {
	if p.curves.shown == nil {
		return 0
	}
	return p.curves.shown.curves[i].data.Len()
}

// Explain and Telling are for tables of cases.
var (
	Explain = explain
	Telling = telling
	PlaceIn = placeIn
)

// GPUCurve is what a chart shows of the GPUs.
func (p *Page) GPUCurve(i int) (xs, ys []float64) {
	data := p.gpus.curve(p.curves.shown, i, p.ofGPUs(p.curves.names[i]))
	for k := range data.Len() {
		x, y := data.At(k)
		xs, ys = append(xs, x), append(ys, y)
	}
	return xs, ys
}

// Focus is the pane with the keys, in words.
func (p *Page) Focus() string { return p.focus.String() }

// MostReadings bounds what is kept of GPUs.
const MostReadings = mostReadings

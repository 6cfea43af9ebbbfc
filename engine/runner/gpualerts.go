package runner

import (
	"fmt"
	"slices"
	"strconv"

	"ablate/experiments"
	"ablate/gpu"
	"ablate/gpu/alert"
)

// relevant is for how many seconds, once no process of the run is on a GPU any more, what
// goes wrong with it is still the run's affair: it may be what ended the process.
const relevant = 60

// alert makes events of what began and what is over with the run's GPUs.
func (g *gpuWatch) alert(now float64, n gpu.Node) {
	told := g.alerts.Look(now, n, func(d gpu.Device) bool { return g.own[d.UUID] })
	told = slices.DeleteFunc(told, func(a alert.Alert) bool { return !g.concerns(now, a) })
	for _, text := range merged(told) {
		g.event("gpu", text)
	}
}

// concerns says whether an alert is about a GPU of the run, or about the driver while it
// has any.
func (g *gpuWatch) concerns(now float64, a alert.Alert) bool {
	if a.Index < 0 {
		for _, at := range g.seen {
			if now-at <= relevant {
				return true
			}
		}
		return len(g.claimed) > 0
	}
	at, was := g.seen[a.UUID]
	return slices.Contains(g.claimed, string(a.UUID)) || was && (a.Over || now-at <= relevant)
}

// merged are the texts of alerts, those in one that say the same of several GPUs: "GPU
// 0-3: ...".
func merged(told []alert.Alert) (texts []string) {
	var same []string        // what is said, in the order in which it is said first
	of := map[string][]int{} // indices by it
	for _, a := range told {
		if a.Name != fmt.Sprintf("GPU %d", a.Index) {
			texts = append(texts, a.Text())
			continue
		}
		if of[a.Words] == nil {
			same = append(same, a.Words)
		}
		of[a.Words] = append(of[a.Words], a.Index)
	}
	for _, text := range same {
		slices.Sort(of[text])
		var list []string
		for _, index := range slices.Compact(of[text]) {
			list = append(list, strconv.Itoa(index))
		}
		texts = append(texts, fmt.Sprintf("GPU %s: %s", experiments.GPUsText(list), text))
	}
	return texts
}

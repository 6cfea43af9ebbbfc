package compare

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"ablate/tui/page"
)

// ksHint is in the last line where the metric was counted at several k.
func (p *Compare) ksHint() string {
	if p.data == nil || len(p.data.Ks()) < 2 {
		return ""
	}
	return "pass@k"
}

// nextK goes on to the same metric at another k.
func (p *Compare) nextK() tea.Cmd {
	if p.data == nil {
		return page.Answer("nothing is compared yet")
	}
	ks := p.data.Ks()
	if len(ks) < 2 {
		return page.Answer("no other k was counted of this metric: m has all metrics")
	}
	return p.chooseMetric(ks[(slices.Index(ks, p.data.Metric)+1)%len(ks)])
}

package experiments

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const marginHint = "It is the difference that nobody cares about, in the unit of the metric: 0.02 of a rate are 2 points"

// margin reads the margin of an objective; 0 where it is left out or wrong.
func (c *checker) margin(t table, o Objective) float64 {
	margin, ok := t.number("margin")
	if !ok {
		return 0
	}
	if o.Margin = margin; !o.marginFits() {
		c.report(t.valueAt("margin"), fmt.Sprintf("margin is %s; %s", ValueText(margin), o.marginRange()), marginHint)
		return 0
	}
	return margin
}

// marginFits is true if the margin can be one of the metric; of a rate, which pass@k and
// avg@k are, 1 is all that there is.
func (o Objective) marginFits() bool {
	return o.Margin > 0 && !math.IsInf(o.Margin, 0) && (o.Margin < 1 || !strings.Contains(o.Metric, "@"))
}

func (o Objective) marginRange() string {
	if strings.Contains(o.Metric, "@") {
		return "of a rate it must be above 0 and below 1"
	}
	return "it must be above 0"
}

// marginWords is the margin, "" for none.
func (o Objective) marginWords() string {
	if o.Margin == 0 {
		return ""
	}
	return ValueText(o.Margin)
}

// setMargin sets the margin of the objective, or none.
func (d *Draft) setMargin(text string) error {
	o := d.Objective
	if o.Margin = 0; text != "" {
		margin, err := strconv.ParseFloat(text, 64)
		if o.Margin = margin; err != nil || !o.marginFits() {
			return fmt.Errorf("set objective.margin: it is %s; %s. %s", shown(text), o.marginRange(), marginHint)
		}
	}
	d.Objective = o
	return nil
}

package report

import (
	"fmt"
	"math"
	"strings"

	"ablate/gpu"
)

// Which are the GPUs of the newest attempt, one a pair: its index, where index knows
// it by its UUID, its name and its UUID.
func (u Use) Which(index func(uuid string) (int, bool)) (pairs [][2]string) {
	for i, id := range u.UUIDs {
		name, text := "GPU", id
		if i < len(u.Names) && u.Names[i] != "" {
			text = u.Names[i] + "  " + id
		}
		if index != nil {
			if n, ok := index(id); ok {
				name = fmt.Sprintf("GPU %d", n)
			}
		}
		pairs = append(pairs, [2]string{name, text})
	}
	return pairs
}

// Gain is idle time and MFU in a few words: "12 % idle, MFU 38 %"; "" where neither is
// known.
func (u Use) Gain() string {
	var words []string
	if share, ok := u.Idle(); ok {
		words = append(words, fmt.Sprintf("%.3g %% idle", 100*share))
	}
	if u.MFU != nil {
		words = append(words, "MFU "+u.mfuText())
	}
	return strings.Join(words, ", ")
}

// Pairs are the use in names and texts, what nobody knows left out.
func (u Use) Pairs() [][2]string {
	if !u.Any() {
		return nil
	}
	pairs := [][2]string{{"GPU-hours", u.hours()}, {"energy", u.Energy()}, {"work", u.work()}, {"peak memory", u.memory()}, {"MFU", u.MFUWords}}
	if u.TrainerMFU != nil {
		pairs = append(pairs, [2]string{"perf/mfu", Decimals(*u.TrainerMFU) + ", as the trainer counts it"})
	}
	return pairs
}

// Idle is the share of the time with readings in which GPUs that were held had no
// work; false: nobody knows it.
func (u Use) Idle() (share float64, ok bool) {
	if u.IdleHours == nil || u.ReadHours == 0 {
		return 0, false
	}
	return *u.IdleHours / u.ReadHours, true
}

// hours are "3.2, 0.4 of them idle while held (12 %)".
func (u Use) hours() string {
	text := fmt.Sprintf("%.3g", u.Hours)
	if share, ok := u.Idle(); ok {
		text += fmt.Sprintf(", %s%.3g of them idle while held (%.3g %%)", u.sign(), *u.IdleHours, 100*share)
	}
	if u.IdleHours == nil && u.KWh == nil {
		text += ", without readings"
	}
	return text
}

// Energy is "2.31 kWh", "" where nobody knows.
func (u Use) Energy() string {
	if u.KWh == nil {
		return ""
	}
	return u.sign() + fmt.Sprintf("%.3g kWh", *u.KWh)
}

// sign is before what is known in part.
func (u Use) sign() string {
	if u.AtLeast {
		return "≥ "
	}
	return ""
}

// work are the mean readings: a GPU is busy while any kernel runs, however little of
// it that keeps at work.
func (u Use) work() string {
	var words []string
	for _, x := range []struct {
		name string
		v    *float64
	}{{"busy", u.BusyPct}, {"SM", u.SMActivePct}, {"tensor", u.TensorActivePct}, {"HBM", u.DRAMActivePct}} {
		if x.v != nil {
			words = append(words, fmt.Sprintf("%s %.3g %%", x.name, *x.v))
		}
	}
	return strings.Join(words, "  ")
}

func (u Use) memory() string {
	if u.PeakMemoryBytes == nil {
		return ""
	}
	return fmt.Sprintf("%.3g GB of one GPU", float64(*u.PeakMemoryBytes)/gpu.GB)
}

// costLines are use in words for tables: a name, and of each use a text; only those
// of which somebody has one.
func costLines(all []Use) (lines [][]string) {
	show := func(name string, text func(Use) string) {
		line, some := []string{name}, false
		for _, u := range all {
			t := text(u)
			some = some || t != ""
			if t == "" {
				t = "–"
			}
			line = append(line, t)
		}
		if some {
			lines = append(lines, line)
		}
	}
	show("idle GPU-hours", func(u Use) string { return u.least(u.IdleHours) })
	show("kWh", func(u Use) string { return u.least(u.KWh) })
	show("busy", func(u Use) string { return percentage(u.BusyPct, 1) })
	show("MFU", Use.mfuText)
	return lines
}

// least is a number that may be known in part.
func (u Use) least(v *float64) string {
	if v == nil {
		return ""
	}
	return u.sign() + fmt.Sprintf("%.3g", *v)
}

// mfuText is the MFU for a column, with a ? where it cannot be; "" where nobody knows it.
func (u Use) mfuText() string {
	if u.MFU != nil && !MFUCanBe(*u.MFU) {
		return percentage(u.MFU, 100) + " ?"
	}
	return percentage(u.MFU, 100)
}

// MFUCanBe reports whether a model may make that share of its GPUs' arithmetic: more
// than all of it comes of a model or of tokens/s that are not those of the run.
func MFUCanBe(share float64) bool { return share <= 1 }

// mfuWords is the MFU in words, with what to do where it cannot be.
func (u Use) mfuWords() string {
	if !MFUCanBe(*u.MFU) {
		return percentage(u.MFU, 100) + " cannot be: check model and tokens/s"
	}
	return percentage(u.MFU, 100)
}

// percentage is a share in words, "" for none.
func percentage(v *float64, factor float64) string {
	if v == nil {
		return ""
	}
	if factor**v >= 1000 {
		return fmt.Sprintf("%.0f %%", factor**v)
	}
	return fmt.Sprintf("%.3g %%", factor**v)
}

// si is a number of three digits with its unit: "45.6 GFLOP", "41.2k tok/s".
func si(v float64, unit string) string {
	prefixes := []string{"", "k", "M", "G", "T", "P", "E"}
	at := 0
	for math.Abs(v) >= 999.5 && at < len(prefixes)-1 {
		v /= 1000
		at++
	}
	if prefixes[at] == "k" { // as people write it of tokens
		return fmt.Sprintf("%.3gk %s", v, unit)
	}
	return fmt.Sprintf("%.3g %s%s", v, prefixes[at], unit)
}

// useColumns are what the runs of a cell made of their GPUs, for a table: sums, with
// the mean of a run where there are several.
func useColumns(c Cell, of map[string]Use) []string {
	var all []Use
	for _, r := range c.Runs {
		if u, ok := of[r.ID]; ok {
			all = append(all, u)
		}
	}
	sum := Together(all)
	row := []string{"–", "–", "–", "–"}
	if !sum.Any() {
		return row
	}
	row[0] = aRun(fmt.Sprintf("%.3g", sum.Hours), sum.Hours, len(all))
	if sum.KWh != nil {
		row[1] = aRun(sum.least(sum.KWh), *sum.KWh, len(all))
	}
	if share, ok := sum.Idle(); ok {
		row[2] = fmt.Sprintf("%.3g %%", 100*share)
	}
	if sum.MFU != nil {
		row[3] = sum.mfuText()
	}
	return row
}

// aRun adds to a sum what it is a run.
func aRun(text string, sum float64, runs int) string {
	if runs < 2 {
		return text
	}
	return fmt.Sprintf("%s (%.3g a run)", text, sum/float64(runs))
}

// useNote is what all runs together made of their GPUs, and why there is no MFU.
func useNote(of map[string]Use) string {
	var all []Use
	for _, id := range sortedKeys(of) {
		all = append(all, of[id])
	}
	sum := Together(all)
	text := "GPUs: " + Count(len(all), "run") + ", GPU-hours " + sum.hours()
	if sum.KWh != nil {
		text += ", " + sum.Energy()
	}
	if sum.MFUWords != "" {
		text += "; MFU " + sum.MFUWords
	}
	return plain(text)
}

package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ablate/experiments"
	"ablate/experiments/store"
	"ablate/gpu"
)

// Use is what a run made of its GPUs over all its attempts, or what several runs did
// together; the zero Use is of runs without GPUs. A null is what nobody could read,
// a percentage is from 0 to 100 and a mean over the time in which it was read.
type Use struct {
	UUIDs           []string `json:"uuids"`              // of the newest attempt's GPUs
	Names           []string `json:"names"`              // of the same, as the driver gives them
	Hours           float64  `json:"gpu_hours"`          // as budgets count them where GPUs were claimed, else those with readings
	ReadHours       float64  `json:"read_gpu_hours"`     // of them, those with readings
	IdleHours       *float64 `json:"idle_gpu_hours"`     // of these, those in which a GPU that was held had no work
	KWh             *float64 `json:"energy_kwh"`         //
	AtLeast         bool     `json:"at_least"`           // there are hours without readings: energy and idle hours are of the others
	BusyPct         *float64 `json:"busy_pct"`           //
	SMActivePct     *float64 `json:"sm_active_pct"`      //
	TensorActivePct *float64 `json:"tensor_active_pct"`  //
	DRAMActivePct   *float64 `json:"dram_active_pct"`    //
	PeakMemoryBytes *uint64  `json:"peak_memory_bytes"`  // the most that one GPU held
	TokensPerS      *float64 `json:"tokens_per_s"`       // mean of perf/tokens_per_s over the newest attempt that has it
	MFU             *float64 `json:"mfu"`                // 1: the dense BF16 peak of all its GPUs
	MFUWords        string   `json:"mfu_words"`          // its arithmetic, or why there is none
	TrainerMFU      *float64 `json:"mfu_of_the_trainer"` // mean of perf/mfu likewise, as the trainer counts it
}

// Any reports whether there was a GPU at all.
func (u Use) Any() bool { return u.Hours > 0 || len(u.UUIDs) > 0 }

// Against is u with the MFU of training that model.
func (u Use) Against(m *experiments.Model) Use {
	u.MFU, u.MFUWords = nil, ""
	if !u.Any() {
		return u
	}
	unknown := slices.IndexFunc(u.Names, func(name string) bool { _, known := gpu.SpecOf(name); return !known })
	switch {
	case m == nil:
		u.MFUWords = "n/a: the experiment does not say model = { params = ... }"
	case u.TokensPerS == nil:
		u.MFUWords = "n/a: the trainer reports no perf/tokens_per_s"
	case len(u.Names) == 0 || slices.Contains(u.Names, ""):
		u.MFUWords = "n/a: nobody wrote down what its GPUs are"
	case unknown >= 0:
		u.MFUWords = fmt.Sprintf("n/a: there is no datasheet of %q here", plain(u.Names[unknown]))
	default:
		share, known := gpu.MFU(*u.TokensPerS, m.FLOPsPerToken(), u.Names)
		if !known {
			u.MFUWords = fmt.Sprintf("n/a: %v tok/s is no rate", *u.TokensPerS)
			return u
		}
		u.MFU = &share
		sum := fmt.Sprintf("%s x %s / (%s)", si(*u.TokensPerS, "tok/s"), si(m.FLOPsPerToken(), "FLOP"), peaks(u.Names))
		if u.MFUWords = percentage(&share, 100) + " = " + sum; !MFUCanBe(share) {
			u.MFUWords = u.mfuWords() + " (" + sum + ")"
		}
	}
	return u
}

// peaks are the peaks of GPUs as a sum: "8 x 148 TFLOP/s".
func peaks(names []string) string {
	var models []string
	count := map[string]int{}
	for _, name := range names {
		if count[name]++; count[name] == 1 {
			models = append(models, name)
		}
	}
	for i, name := range models {
		s, _ := gpu.SpecOf(name)
		models[i] = fmt.Sprintf("%d x %s", count[name], si(s.BF16, "FLOP/s"))
	}
	return strings.Join(models, " + ")
}

// Together is what several runs made of their GPUs: sums, means weighted by the
// GPU-hours of each, and the most. Where some have no value it is of the others.
func Together(all []Use) (sum Use) {
	var busy, sm, tensor, dram, mfu, trainer mean
	for _, u := range all {
		if !u.Any() {
			continue
		}
		sum.AtLeast = sum.AtLeast || u.AtLeast || u.IdleHours == nil || u.KWh == nil
		sum.Hours += u.Hours
		sum.ReadHours += u.ReadHours
		plus(&sum.IdleHours, u.IdleHours, 1)
		plus(&sum.KWh, u.KWh, 1)
		atLeast(&sum.PeakMemoryBytes, u.PeakMemoryBytes)
		busy.add(u.BusyPct, u.Hours)
		sm.add(u.SMActivePct, u.Hours)
		tensor.add(u.TensorActivePct, u.Hours)
		dram.add(u.DRAMActivePct, u.Hours)
		mfu.add(u.MFU, u.Hours)
		trainer.add(u.TrainerMFU, u.Hours)
		sum.MFUWords = cmp.Or(sum.MFUWords, u.MFUWords)
		for i, id := range u.UUIDs {
			if !slices.Contains(sum.UUIDs, id) && i < len(u.Names) {
				sum.UUIDs, sum.Names = append(sum.UUIDs, id), append(sum.Names, u.Names[i])
			}
		}
	}
	sum.AtLeast = sum.AtLeast && (sum.IdleHours != nil || sum.KWh != nil)
	sum.BusyPct, sum.SMActivePct, sum.TensorActivePct, sum.DRAMActivePct = busy.value(), sm.value(), tensor.value(), dram.value()
	sum.MFU, sum.TrainerMFU = mfu.value(), trainer.value()
	if sum.MFU != nil {
		sum.MFUWords = sum.mfuWords() + ", mean of its runs by GPU-hours"
	}
	return sum
}

// attemptsUse adds up attempts by what was recorded of each; nil where nothing was.
func attemptsUse(lives []store.Life, recorded []*gpu.Use) (sum Use) {
	const hour, kWh = 3600, 3.6e6 // in s and J
	var busy, sm, tensor, dram mean
	for i, l := range lives {
		r, held := recorded[i], (l.Ended-l.Began)*float64(l.GPUs)
		if r == nil {
			sum.Hours += held / hour
			sum.AtLeast = sum.AtLeast || held > 0
			continue
		}
		seconds := held
		if held == 0 {
			seconds = r.Seconds
		}
		sum.Hours += seconds / hour
		sum.ReadHours += min(r.Seconds, seconds) / hour
		sum.AtLeast = sum.AtLeast || lacking(seconds, r.Seconds, max(l.GPUs, len(r.UUIDs))) || r.Seconds > 0 && (r.EnergyJ == nil || r.IdleSeconds == nil)
		if len(r.UUIDs) > 0 {
			sum.UUIDs, sum.Names = r.UUIDs, r.Names
		}
		plus(&sum.IdleHours, r.IdleSeconds, hour)
		plus(&sum.KWh, r.EnergyJ, kWh)
		atLeast(&sum.PeakMemoryBytes, r.PeakMemoryBytes)
		busy.add(r.BusyPct, r.Seconds)
		sm.add(r.SMActivePct, r.Seconds)
		tensor.add(r.TensorActivePct, r.Seconds)
		dram.add(r.DRAMActivePct, r.Seconds)
	}
	sum.AtLeast = sum.AtLeast && (sum.IdleHours != nil || sum.KWh != nil)
	sum.BusyPct, sum.SMActivePct, sum.TensorActivePct, sum.DRAMActivePct = busy.value(), sm.value(), tensor.value(), dram.value()
	return sum
}

// lacking reports whether so many GPU-seconds have too few seconds with readings: these
// begin a little after the trainer, and a driver may be slow now and then.
func lacking(seconds, read float64, gpus int) bool {
	const part, begin = 0.02, 10
	return seconds-read > max(part*seconds, begin*float64(gpus))
}

// mean is a mean of values with weights, of those that there are.
type mean struct{ sum, weight float64 }

func (m *mean) add(v *float64, weight float64) {
	if v != nil && weight > 0 {
		m.sum, m.weight = m.sum+*v*weight, m.weight+weight
	}
}

func (m *mean) value() *float64 {
	if m.weight == 0 {
		return nil
	}
	v := m.sum / m.weight
	return &v
}

// plus adds v in another unit to a sum, which is null as long as nothing was.
func plus(sum **float64, v *float64, unit float64) {
	if v == nil {
		return
	}
	total := *v / unit
	if *sum != nil {
		total += **sum
	}
	*sum = &total
}

func atLeast(most **uint64, v *uint64) {
	if v != nil && (*most == nil || *v > **most) {
		*most = v
	}
}

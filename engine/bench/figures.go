package bench

import (
	"os"
	"runtime"
	"strings"

	"ablate/engine/lm/kernel"
)

const giga = 1e9

// Figures are what was measured: `ablate bench --json`.
type Figures struct {
	Machine  Machine    `json:"machine"`
	Formulas Formulas   `json:"formulas"`
	Peak     Peak       `json:"peak_gflops"`
	GEMM     []Product  `json:"gemm"`
	Train    []Training `json:"train"`
	Sample   []Sampling `json:"sample"`
	Judge    Judging    `json:"judge"`
	Verify   Verifying  `json:"verify"`
	GRPO     Rewarding  `json:"grpo"`
	Minutes  *float64   `json:"minutes_to_resolve_10_points"` // null where the pilot did not end in time
	Resolve  Resolve    `json:"resolve"`
	Seconds  float64    `json:"seconds"` // that the measurement took
}

// Machine is where it was measured.
type Machine struct {
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	CPU        string `json:"cpu"` // "" where the system does not say
	Cores      int    `json:"cores"`
	Workers    int    `json:"workers"` // of training, sampling and the judge
	Arithmetic string `json:"arithmetic"`
}

// Peak is the speed of a loop of multiply-adds that touches no memory, on one
// thread and on two at once, in GFLOP/s.
type Peak struct {
	One float64 `json:"1"`
	Two float64 `json:"2"`
}

// Product is the speed of one matrix product: nn is (m,k)(k,n), nt takes the
// second factor as (n,k), tn the first as (k,m).
type Product struct {
	M      int     `json:"m"`
	N      int     `json:"n"`
	K      int     `json:"k"`
	Op     string  `json:"op"`
	GFLOPs float64 `json:"gflops"`
	OfPeak float64 `json:"of_peak"` // on one thread
}

// Training is the speed of steps on one model.
type Training struct {
	Model
	Params   int     `json:"params"`
	Tokens   float64 `json:"tokens_per_s"`
	PerToken float64 `json:"flops_per_token"`
	GFLOPs   float64 `json:"gflops"`
	OfPeak   float64 `json:"of_peak"` // on two threads
	Rounds   int     `json:"rounds"`
}

// Sampling is the speed of drawing sequences from one model. Batch is how many
// are drawn at once.
type Sampling Training

// Judging is the speed of the judge, and of the bare interpreter on the same
// programs, in programs a second on one core.
type Judging struct {
	Judged float64 `json:"programs_per_s_per_core"`
	Raw    float64 `json:"raw"`
	OfRaw  float64 `json:"of_raw"`
	Cases  int     `json:"cases"` // of one program
}

// Verifying is the speed at which tasks are made and taken through verification
// on all cores.
type Verifying struct {
	PerMinute  float64 `json:"verified_tasks_per_minute"` // kept or dropped
	Kept       float64 `json:"kept"`                      // share
	Candidates int     `json:"candidates"`                // of a task
	Tests      int     `json:"tests"`                     // of a task
	Workers    int     `json:"workers"`
	Rounds     int     `json:"rounds"`
}

// Rewarding is the speed of training by reward on all cores, with neither
// evaluations nor checkpoints.
type Rewarding struct {
	PerMinute *float64 `json:"grpo_steps_per_minute"` // null where fewer than two steps ended in time
	Dim       int      `json:"d"`
	Layers    int      `json:"layers"`
	Prompts   int      `json:"prompts"`
	Rollouts  int      `json:"rollouts"`           // of a prompt
	Length    float64  `json:"tokens_per_rollout"` // without the prompt's
	Workers   int      `json:"workers"`
	Steps     int      `json:"steps"` // that were timed
}

// relate puts the figures beside the peak.
func (f *Figures) relate() {
	for i := range f.GEMM {
		f.GEMM[i].OfPeak = f.GEMM[i].GFLOPs / f.Peak.One
	}
	for i := range f.Train {
		f.Train[i].OfPeak = f.Train[i].GFLOPs / f.Peak.Two
	}
	for i := range f.Sample {
		f.Sample[i].OfPeak = f.Sample[i].GFLOPs / f.Peak.Two
	}
}

func machine(workers int) Machine {
	return Machine{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: cpuName(), Cores: runtime.GOMAXPROCS(0),
		Workers: workers, Arithmetic: kernel.Name(),
	}
}

// cpuName is what Linux calls the processor.
func cpuName() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	_, rest, _ := strings.Cut(string(text), "model name")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Trim(line, " \t:")
}

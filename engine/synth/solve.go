package synth

import (
	"math/rand/v2"

	"ablate/engine/seed"
)

// Teacher writes candidate programs and is wrong now and then, in two ways. A
// slip is one candidate's own. A misreading of the statement is shared: a task
// that is misread is misread in one way by some share of its candidates, so that
// a majority may agree on a wrong output, which no number of candidates cures.
//
// Both rates are chances at each feature of a task: deeper tasks go wrong more
// often. The zero Teacher is never wrong.
type Teacher struct {
	Slip    float64
	Misread float64
}

// The rates at which voting fails about as often as in the paper's table 14: label
// accuracy 94.4, 94.7, 95.1 % with 4, 8, 16 candidates there; 94.4, 95.0, 95.1 %
// here on 18,000 tasks, of whose candidates 82 % are right.
const (
	usualSlip    = 0.049
	usualMisread = 0.056
)

// DefaultTeacher is wrong as often as the paper's.
func DefaultTeacher() Teacher { return TeacherOf(usualSlip) }

// TeacherOf is the teacher of a rate of slips whose misreadings keep the usual
// proportion to them.
func TeacherOf(slip float64) Teacher {
	return Teacher{Slip: slip, Misread: float64(slip * (usualMisread / usualSlip))}
}

// Candidate is a program for a task as a teacher writes it.
type Candidate struct {
	Source string
	// Fault is for looking afterwards: what was made wrong, or empty. A misreading
	// comes before a slip. It may do no harm: not every slip in a text changes what
	// the program does.
	Fault  string
	Shared bool // there is a misreading, which others of the task share
}

// Candidates gives m candidates under a run's seed, each drawn for itself like the
// samples of one model: some have the same text, and the last is as usual in its
// habits as the first. The first ones stay when more are asked for.
func (t Teacher) Candidates(run int64, task Task, m int) []Candidate {
	w := author{task: task}
	read, share := w.misreading(seed.Stream(run, "misread/"+task.ID, 0), t.Misread)
	cs := make([]Candidate, 0, max(m, 0))
	for j := range m {
		r := seed.Stream(run, "candidate/"+task.ID, j)
		misread := r.Float64() < share
		slipped := r.Float64() < chance(t.Slip, task.Depth)
		cs = append(cs, w.candidate(r, read, misread, slipped))
	}
	return cs
}

// Solver is a strong solver that is asked once, to see whether a task can be
// solved at all. It is no teacher: it has other habits and misreads alone.
type Solver struct {
	Slip   float64 // chance at each feature to make a mistake
	GiveUp float64 // chance at each feature beyond the first to end without a program
}

// DefaultSolver is right on more than nine tasks out of ten of two features. It
// drops a few tasks in a hundred where the paper's dropped 36.9: these are easy.
func DefaultSolver() Solver { return Solver{Slip: 0.03, GiveUp: 0.02} }

// Solve gives the solver's one try under a run's seed. A source without a program
// is empty.
func (s Solver) Solve(run int64, task Task) Candidate {
	r := seed.Stream(run, "solver/"+task.ID, 0)
	gaveUp := r.Float64() < chance(s.GiveUp, task.Depth-1)
	slipped := r.Float64() < chance(s.Slip, task.Depth)
	if gaveUp {
		return Candidate{Fault: "no program"}
	}
	w := author{task: task}
	return w.candidate(r, understanding{}, false, slipped)
}

// chance is that of at least one event among n of chance p each.
func chance(p float64, n int) float64 {
	none := 1.0
	for range n {
		none = float64(none * (1 - p))
	}
	return 1 - none
}

// author writes candidates of one task.
type author struct {
	machine
	task Task
}

// understanding is how a statement was understood: wrongly, if it has a fault.
type understanding struct {
	features composition
	fault    string
}

// misreading draws whether a task is misread, how, and by what share of the
// candidates.
func (w *author) misreading(r *rand.Rand, rate float64) (understanding, float64) {
	if r.Float64() >= chance(rate, w.task.Depth) {
		return understanding{}, 0
	}
	share := r.Float64()
	read, ok := w.mistake(r, w.task.features)
	if !ok {
		return understanding{}, 0
	}
	return read, share
}

// candidate writes a program for the task, or for a misreading of it, and lets it
// slip if it has to.
func (w *author) candidate(r *rand.Rand, read understanding, misread, slipped bool) Candidate {
	if !misread {
		read = understanding{features: w.task.features}
	}
	c := Candidate{Fault: read.fault, Shared: misread}
	if slipped {
		if source, fault := w.slip(r, read.features); fault != "" {
			if misread {
				fault = read.fault + ", " + fault
			}
			c.Source, c.Fault = source, fault
			return c
		}
	}
	c.Source = w.write(r, read.features)
	return c
}

// write writes a right program for features.
func (w *author) write(r *rand.Rand, features composition) string {
	return program(features, drawHabits(r, features, w.task.element))
}

// Package judge runs programs that nobody has read and says what they are
// worth, in the seven verdicts of competitive programming.
//
// A program is Starlark (which is Python in these small texts) that defines f.
// Every case calls f with one literal and compares the text of the result. The
// same program and cases give the same verdict on every machine: there is no
// clock, no randomness, no file and no recursion in the language, print is
// silent, and steps are counted. Only a program that comes within a moment of
// its time or memory can fall on either side.
//
// The interpreter counts steps but bounds neither memory nor the time of one
// step ("[0] * 1000000000" is seven steps, and squaring a number 24 times takes
// seconds), and its built-ins recurse as deep as a value nests. So programs run in
// child processes, and a child is expendable:
//
//	Pool.Judge --chunks--> child (one a core, started when first needed)
//	   frames: limits, then programs ->  stdin   Serve
//	   frames: hello, then results  <-  stdout     runner: parse, call f, answer
//	                                               watch:  heap and CPU time, 100 times a second
//
// Three rings hold a program, each for what the one inside cannot see:
//
//  1. in the runner: steps, nesting of the source, length of a result;
//  2. in the watch of the same process: live heap and processor time. It answers
//     MLE or TLE in the program's name, then the child ends;
//  3. from outside: a limit on the child's address space (Linux), on its stack,
//     and a deadline kept by the parent. The child dies without a word.
//
// Whatever ends a child, the programs without an answer go to a new one, which
// answers them one by one: the first that it does not answer is the one that did
// it. A death that explains itself (out of memory, stack overflow) gives that
// program its verdict; any other (somebody killed the child, the machine slept)
// costs it one more try. A child ends when its parent does: its input closes.
package judge

import "time"

// Verdict is what the judge says of a program, in the words of competitive
// programming.
type Verdict string

// The seven verdicts.
const (
	AC  Verdict = "AC"  // accepted: every case gave the wanted output
	WA  Verdict = "WA"  // wrong answer
	TLE Verdict = "TLE" // steps or time exceeded
	MLE Verdict = "MLE" // memory exceeded
	RE  Verdict = "RE"  // run-time error
	CE  Verdict = "CE"  // does not compile
	NC  Verdict = "NC"  // no code: the source is blank or has no top-level "def f"
)

// Verdicts lists all of them in the order in which they are shown.
var Verdicts = []Verdict{AC, WA, RE, CE, TLE, MLE, NC}

// Case is one test of a task: the argument and the wanted result of f, both as
// literals of Starlark (and Python), like "[3, -4, 7, 0]" and "1".
type Case struct {
	Input string `json:"input"`
	Want  string `json:"want"`
}

// Program is a source text that defines f, and the cases it is judged on.
type Program struct {
	Source string
	Cases  []Case
	All    bool // run every case, also after one failed (a reward by share of cases needs it)
}

// Result is the outcome of one program. With All it speaks of the first case
// that failed, and Passed counts beyond it.
type Result struct {
	Verdict Verdict
	Passed  int    // cases with the wanted output
	Case    int    // index of the first case that failed; -1 if none, or if the child died and cannot say
	Got     string // WA: what f returned there, cut at Limits.Output
	Error   string // the reason of any other verdict than AC and WA: one line
}

// Output is what f returned for one input.
type Output struct {
	Value   string  // the result as a literal, cut at Limits.Output; empty unless Verdict is AC
	Err     string  // why there is none: one line
	Verdict Verdict // AC: f returned; otherwise RE, CE, TLE, MLE or NC
}

// Limits bound one program. They hold for every program of a pool.
type Limits struct {
	Steps  uint64        // interpreter steps, for the top level and for each case
	Time   time.Duration // processor time of one program; wall time is cut at WallFactor times as much
	Memory int64         // bytes of heap above those of an idle child
	Output int           // bytes of a result that are compared and kept, at most 1 MB
}

// WallFactor is how much longer than Limits.Time a program may take by the
// clock, on a machine too busy to give its child the processor.
const WallFactor = 10

// DefaultLimits are generous to programs of a few lines on small inputs: those
// end in a few hundred steps and some kilobytes.
func DefaultLimits() Limits {
	return Limits{Steps: 100_000, Time: time.Second, Memory: 64 << 20, Output: 4096}
}

// maxOutput keeps a result within a frame.
const maxOutput = 1 << 20

// filled returns l with the default in place of every limit that is not positive.
func (l Limits) filled() Limits {
	d := DefaultLimits()
	if l.Steps == 0 {
		l.Steps = d.Steps
	}
	if l.Time <= 0 {
		l.Time = d.Time
	}
	if l.Memory <= 0 {
		l.Memory = d.Memory
	}
	if l.Output <= 0 {
		l.Output = d.Output
	}
	l.Output = min(l.Output, maxOutput)
	return l
}

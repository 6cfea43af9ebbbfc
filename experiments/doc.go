// Package experiments is what is asked: the experiment file, read and checked,
// and the plan it makes.
//
// # From text to runs
//
//	experiments.toml -> File -> Experiment -> Plan -> Cell x seed = Run
//
// [Load] reads a file against the recipes that main hands in, so this package
// knows no trainer. It reports every mistake at once, each with line, column and
// the nearest known name. The TOML library decodes, but tells neither where an
// unknown key stands nor more than the first type error; so the text is decoded
// into plain maps, checked in a second pass, and a scanner of our own (scan.go)
// says where each key and value stands. The scanner runs first and bounds size
// and nesting, because the library needs quadratic memory for nested tables.
//
// # Identity
//
// A [Plan] has every cell resolved, defaults filled in, before anything runs. A
// cell's hash covers the recipe (for "command" the argv template), its version
// and every resolved parameter with its kind, and nothing else: a new title,
// another objective or more seeds leave finished runs valid, a changed parameter
// makes a new cell beside the old one.
//
// # Questions before answers
//
// A [Finding] writes down a contrast of cells and the side on which it is
// expected, before any run is made. It is in the plan's hash, which every run
// carries, so that a run tells which questions it was made for.
//
// # How runs are run
//
// Order, limits, stop rules, retries and pauses are in the plan's hash where a
// file gives them, and never in a cell's: to change them runs nothing anew. A
// [Difference] says what an edited design runs anew before anything starts.
//
// # Writing
//
// A [Draft] is an experiment that is being made. [Insert], [Clone] and [Replace]
// put it into the text of a file: only the spans that must differ are touched, and
// then the new text is parsed. It must hold exactly what the draft means and all
// other experiments as they were, or nothing is written; so how a file is spelled
// can at worst keep it from being changed. [Source] writes in one step.
//
// # Rules that are not in the TOML
//
//   - Two settings of one length: an experiment gives steps or epochs, never
//     both, and the one it does not give resolves to 0 instead of its default.
//   - Left out, title is the name, host is "local", seeds is 3, order is
//     "breadth", and the objective is the highest eval/pass@1.
//   - The entries of a finding's plus and minus are added up; only the cells that
//     one entry matches are averaged. So a difference has one entry each, an
//     interaction two.
//   - The same seeds run in every cell, so that cells pair.
package experiments

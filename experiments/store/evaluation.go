package store

// Evaluation is what became of single tasks in an evaluation that was made elsewhere.
type Evaluation struct {
	Format   string // "livecodebench", "evalplus", "humaneval"
	Hash     string // of the data set, where the file states it
	Sets     []EvaluationSet
	Warnings []string
}

// EvaluationSet is one set of tasks with their outcomes: its metrics are
// eval/NAME/pass@1 and so on, those of the first set eval/pass@1.
type EvaluationSet struct {
	Name  string
	Items []Item
}

package experiments

// Limits are the budgets of an experiment: the engine starts nothing beyond them
// and stops what runs when the time is up. A zero says that there is none.
type Limits struct {
	Wall     float64 `json:"wall,omitempty"`      // seconds in which any of its runs lives and is not halted, over all attempts
	Runs     int     `json:"runs,omitempty"`      // attempts that began
	GPUHours float64 `json:"gpu_hours,omitempty"` // hours x GPUs that its attempts held
}

// The kinds of a stop rule. None of them compares a run with others: rules that
// do (median, ASHA) bias the comparison that the experiment is for.
const (
	StopNaN      = "nan"      // the metric is not a number, or infinite
	StopDiverge  = "diverge"  // it has been above Above for Window points
	StopCollapse = "collapse" // it has been below Below for Window points
	StopPlateau  = "plateau"  // it has not become better by more than Above in Window points
)

// StopRule ends a run early by what its own metric does.
type StopRule struct {
	Kind   string  `json:"kind"`
	Metric string  `json:"metric"`
	Above  float64 `json:"above,omitempty"`
	Below  float64 `json:"below,omitempty"`
	Window int     `json:"window,omitempty"` // points
	Goal   string  `json:"goal,omitempty"`   // of a plateau: Max or Min is better
}

// Reasons for which a run is retried by itself.
const (
	RetryLost      = "lost"      // nothing of it lives and nobody recorded its end
	RetryNode      = "node_fail" // its machine went away or started anew
	RetryPreempted = "preempted" // its scheduler took the machine back
	RetryFailed    = "failed"    // its trainer ended with an error
)

// Retry says which ends of a run are tried again without being asked.
type Retry struct {
	Max     int      `json:"max"`     // attempts that follow the first by themselves
	On      []string `json:"on"`      // reasons
	Backoff float64  `json:"backoff"` // seconds before the first one; each wait is twice the one before
}

// DefaultRetry is what a run gets whose experiment says nothing about retries.
var DefaultRetry = Retry{Max: 3, On: []string{RetryLost, RetryNode, RetryPreempted}, Backoff: 10}

// What pausing a run of a command does. The built-in recipes write a checkpoint
// and end.
const (
	PauseHalt       = "halt"       // SIGSTOP: it keeps its memory and gives up its slot
	PauseCheckpoint = "checkpoint" // TERM: it is one that leaves a checkpoint and goes on from it
)

// Notify is who hears what happened, also when nobody watches.
type Notify struct {
	On   []string `json:"on"`   // done, failed, verdict, stalled
	Argv []string `json:"argv"` // gets one JSON object on standard input
}

package run

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ablate/experiments/store"
	"ablate/tui/look"
)

// known is a cause that can be told from the words of a run that failed.
type known struct {
	words  *regexp.Regexp // in the reason or in the last lines
	cause  string
	advice string
}

// causes are looked through in this order: what is more certain comes first.
var causes = sync.OnceValue(func() []known {
	match := func(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + pattern) }
	return []known{
		{match(`rule nan|not finite|loss is nan|nan loss`), "A number became infinite or not-a-number: the training diverged.",
			"a lower learning rate, or clipping of gradients; the same again would end the same"},
		{match(`rule timeout|rule hours|rule wall`), "It took longer than the experiment allows.", "more time in [stop], or fewer steps"},
		{match(`start trainer: (claim gpus|no nvidia driver)`), "It could not be given the GPUs that it needs.",
			"gpus, gpu_type and keep_off in the experiment file; D shows the GPUs"},
		{match(`^rule `), "A stop rule of the experiment ended it.", ""},
		{match(`cuda out of memory|hip out of memory|outofmemoryerror|cublas_status_alloc_failed`), "The memory of the GPU was full.",
			"a smaller batch or context, or fewer runs at a time on that GPU"},
		{match(`memoryerror|cannot allocate memory|out of memory|oom-kill|std::bad_alloc`), "The machine's memory was full.",
			"a smaller batch, or fewer runs at a time: `slots`"},
		{match(`no space left|disk quota|disk is full|enospc`), "The disk was full.", "room on it: `ablate gc --dry-run` says what may go"},
		{match(`modulenotfounderror|importerror|no module named`), "A Python module is missing, or another version than the trainer needs.",
			"install it where the runs work, then t"},
		{match(`exec format|executable file not found|no such file or directory.*(exec|start)|command not found|fork/exec`), "The program could not be started.",
			"look at argv in the experiment file: it is looked for in the file's folder and in PATH"},
		{match(`permission denied|operation not permitted`), "It was not allowed to do what it tried.", "the owner and the mode of the file it names"},
		{match(`address already in use`), "A port that it needs was in use.", "another port, or the process that has it"},
		{match(`nccl|connection (refused|reset|timed out)|broken pipe`), "It lost its connection to another process or machine.", "t tries again"},
		{match(`fallen off the bus|xid|ecc error|gpu is lost|device-side assert|unspecified launch failure`), "The GPU, or a kernel on it, failed.",
			"t tries again; D shows the GPUs"},
		{match(`sigkill|signal 9|exit code 137`), "It was killed from outside: by the kernel when the memory was full, by a batch system, or by hand.",
			"D shows memory; `dmesg` tells of the kernel's killer"},
		{match(`sigterm|signal 15|exit code 143`), "Something outside told it to end.", "t tries again"},
		{match(`sigsegv|sigbus|sigill|signal 11|signal 7|signal 4|core dumped`), "It crashed in native code.", "a debug build, or another version of the library that crashed"},
		{match(`filenotfounderror|no such file or directory`), "A file that it needs is not there.", "the path it names, from the experiment file's folder"},
		{match(`keyerror|typeerror|valueerror|attributeerror|indexerror|nameerror|assertionerror|overflowerror|syntaxerror|panic:|runtimeerror|exception`), "Its program has a mistake, or met something unexpected.",
			"the last lines say where; after a correction t tries again"},
	}
})

// explain says in words why a run failed, and what can be done.
func explain(reason string, tail []string) (cause, advice string) {
	text := append([]string{reason}, tail...)
	for _, k := range causes() {
		if slices.ContainsFunc(text, k.words.MatchString) {
			return k.cause, k.advice
		}
	}
	return "", ""
}

// gpuFault matches what an event of kind "gpu" says when a GPU, and not the program,
// is at fault.
var gpuFault = regexp.MustCompile(`\bXID \d|: lost\b|could not correct|needs |not answer|differ in version|not loaded`)

// What such an event says of what is over: it has passed, or has not come again, which
// says nothing of what it left.
const (
	gpuPassed = ": over after "
	gpuQuiet  = ": none for "
)

// ofGPU is what the driver told of a GPU of the run, from a time on, that may have
// ended it; "" for nothing. An XID names more than the error that follows it.
func ofGPU(events []store.Event, from float64) (text string) {
	for _, e := range events {
		subject, _, _ := strings.Cut(e.Text, ": ")
		switch {
		case e.Kind != "gpu" || strings.Contains(e.Text, gpuQuiet):
		case strings.Contains(e.Text, gpuPassed):
			if strings.HasPrefix(text, subject+": ") && !strings.Contains(text, "XID") {
				text = ""
			}
		case e.Time < from || !gpuFault.MatchString(e.Text):
		case text == "" || strings.Contains(e.Text, "XID") || !strings.Contains(text, "XID"):
			text = strings.TrimRight(look.Harmless(e.Text), ". ")
		}
	}
	return text
}

// logTail is how many of the last lines are looked through.
const logTail = 200

// lastLines are the last lines of a log, blank ones left out.
func lastLines(dir string, attempt int) ([]string, error) {
	lines, _, err := store.OutLog(dir, attempt).Backward(math.MaxInt64, logTail)
	var texts []string
	for _, l := range lines {
		if text := strings.TrimRight(look.Harmless(l.Text), " "); text != "" {
			texts = append(texts, text)
		}
	}
	return texts, err
}

// naming is how lines name an error.
var naming = regexp.MustCompile(`(?i)\b(error|fatal|killed|out of memory|exception|failed|denied|no space)\b|ablate: `)

// telling are of the last lines of a log at most n that tell what went wrong: the
// end of a traceback or of a crash, the lines that name an error, or the last ones.
func telling(tail []string, n int) []string {
	if n <= 0 || len(tail) == 0 {
		return nil
	}
	from := -1
	for i, l := range tail {
		if strings.HasPrefix(l, "Traceback (most recent call last)") || strings.HasPrefix(l, "panic:") || strings.HasPrefix(l, "fatal error:") {
			from = i
		}
	}
	if from >= 0 {
		return ends(traceback(tail[from:]), n)
	}
	for i := len(tail) - 1; i >= 0; i-- {
		if naming.MatchString(tail[i]) {
			from := max(0, i-n/2)
			return tail[from:min(len(tail), from+n)]
		}
	}
	return tail[max(0, len(tail)-n):]
}

// traceback is a traceback up to its error: what was printed behind that is left
// out. One of Go ends with its first goroutine.
func traceback(lines []string) []string {
	for i, l := range lines[1:] {
		indented := strings.HasPrefix(l, " ") || strings.HasPrefix(l, "\t")
		if strings.HasPrefix(lines[0], "Traceback") && !indented {
			return lines[:i+2]
		}
	}
	return lines
}

// ends are n lines of a text: its first and its last ones, which say most.
func ends(lines []string, n int) []string {
	if len(lines) <= n {
		return lines
	}
	if strings.HasPrefix(lines[0], "Traceback") {
		return lines[len(lines)-n:]
	}
	return lines[:n]
}

package experiments

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Placement says which GPUs runs may have, beyond how many.
type Placement struct {
	Only    []string `json:"only,omitempty"`     // indices ("0") or UUIDs; none: all
	Type    string   `json:"type,omitempty"`     // what a GPU has to be called, "H20"; "": anything
	KeepOff []string `json:"keep_off,omitempty"` // likewise: never these
}

func (p Placement) empty() bool { return len(p.Only) == 0 && p.Type == "" && len(p.KeepOff) == 0 }

func (p Placement) clone() Placement {
	return Placement{slices.Clone(p.Only), p.Type, slices.Clone(p.KeepOff)}
}

// Model is the model that a command trains, as far as its arithmetic goes.
type Model struct {
	Params  float64 `json:"params"`            // that compute: all but embeddings that are only looked up
	Layers  int     `json:"layers,omitempty"`  // of attention; 0: attention is left out
	Hidden  int     `json:"hidden,omitempty"`  // heads x head size
	Context int     `json:"context,omitempty"` // mean length of a sequence, in tokens
}

// FLOPsPerToken is what training takes for a token: 6 a parameter, and 12 x layers x
// hidden x context for attention, counted as if it saw the whole context (the convention
// of verl's flops_counter and of PaLM, arXiv 2204.02311, appendix B).
func (m Model) FLOPsPerToken() float64 {
	return 6*m.Params + 12*float64(m.Layers)*float64(m.Hidden)*float64(m.Context)
}

// String is the model in a line, "7.6e9 parameters"; "" for none.
func (m *Model) String() string {
	if m == nil {
		return ""
	}
	text := floatWords(m.Params) + " parameters"
	if m.Layers > 0 {
		text += fmt.Sprintf(", %d layers of %d, %d tokens of context", m.Layers, m.Hidden, m.Context)
	}
	return text
}

// floatWords is a number as people write it: 7.6e9, which is TOML too.
func floatWords(f float64) string {
	digits, exponent, ok := strings.Cut(strconv.FormatFloat(f, 'g', -1, 64), "e")
	if n, err := strconv.Atoi(exponent); ok && err == nil {
		digits += "e" + strconv.Itoa(n)
	}
	return digits
}

const (
	maxIndex  = 255 // of a GPU: no machine has so many
	listHint  = `Write numbers, "0-3" or "0,2", or UUIDs, which begin with GPU- or MIG-`
	fromWhere = "nvidia-smi -L shows UUIDs"
)

// ReadGPUs reads a list of GPUs: "0-3", "0,2,5", "0-1,GPU-1a2b". Numbers are those
// that nvidia-smi shows, UUIDs may be shortened. No GPU may stand there twice.
func ReadGPUs(text string) ([]string, error) {
	list, wrong := addGPUs(nil, text)
	if wrong != nil {
		return nil, fmt.Errorf("read list of GPUs %s: %s", shown(text), wrong.words())
	}
	return list, nil
}

// addGPUs adds the GPUs that text names to those of a list.
func addGPUs(list []string, text string) ([]string, *complaint) {
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		gpus, wrong := gpusOf(word)
		if wrong != nil {
			return nil, wrong
		}
		for _, g := range gpus {
			if slices.Contains(list, g) {
				return nil, &complaint{gpuName(g) + " stands there twice", ""}
			}
			list = append(list, g)
		}
	}
	return list, nil
}

// gpusOf are the GPUs that a word without commas names.
func gpusOf(word string) ([]string, *complaint) {
	if isUUID(word) {
		return []string{word}, nil
	}
	first, last, span := strings.Cut(word, "-")
	if !span {
		last = first
	}
	from, ok := gpuIndex(first)
	to, also := gpuIndex(last)
	switch {
	case word == "":
		return nil, &complaint{"an entry names no GPU", listHint}
	case strings.HasPrefix(word, "GPU-") || strings.HasPrefix(word, "MIG-"):
		return nil, &complaint{shown(word) + " is no UUID", fromWhere}
	case !ok || !also:
		return nil, &complaint{shown(word) + " is no GPU", listHint}
	case from > maxIndex || to > maxIndex:
		return nil, &complaint{fmt.Sprintf("no machine has a GPU %d", max(from, to)), ""}
	case to < from:
		return nil, &complaint{fmt.Sprintf("%s runs backwards", word), fmt.Sprintf("Write %d-%d", to, from)}
	}
	var list []string
	for i := from; i <= to; i++ {
		list = append(list, strconv.Itoa(i))
	}
	return list, nil
}

// gpuIndex is the number that a word of digits alone is.
func gpuIndex(word string) (int, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(word), 10, 31)
	return int(n), err == nil
}

// gpuName is an entry of a list as people say it.
func gpuName(entry string) string {
	if _, number := gpuIndex(entry); number {
		return "GPU " + entry
	}
	return entry
}

// isUUID reports whether a word may be the beginning of the UUID of a GPU, or the one
// of a MIG slice.
func isUUID(word string) bool {
	rest, gpu := strings.CutPrefix(word, "GPU-")
	if !gpu {
		rest, gpu = strings.CutPrefix(word, "MIG-")
	}
	return gpu && rest != "" && len(rest) <= 64 && !strings.ContainsFunc(rest, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-'
	})
}

// GPUsText is a list of GPUs as ReadGPUs reads it: "0-3,5,GPU-1a2b".
func GPUsText(list []string) string {
	var words []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && follows(list[j], list[j+1]) {
			j++
		}
		word := list[i]
		if j > i {
			word += "-" + list[j]
		}
		words, i = append(words, word), j+1
	}
	return strings.Join(words, ",")
}

// follows reports whether two entries are numbers one after the other.
func follows(a, b string) bool {
	n, ok := gpuIndex(a)
	return ok && b == strconv.Itoa(n+1)
}

// heldText is what runs hold, as the command line and the form take it: a number, or
// a list, a single number of which stands in brackets.
func heldText(n int, only []string) string {
	if len(only) == 0 {
		return strconv.Itoa(n)
	}
	text := GPUsText(only)
	if _, number := gpuIndex(text); number {
		return "[" + text + "]"
	}
	return text
}

// place is the plan's placement, an empty one if it has none.
func (p *Plan) place() Placement {
	if p.Placement == nil {
		return Placement{}
	}
	return *p.Placement
}

// Holds says in words which GPUs each run holds: "4 GPUs of type H20, never 6-7"; ""
// if none.
func (p *Plan) Holds() string {
	if p.GPUs == 0 {
		return ""
	}
	place := p.place()
	text := plural(p.GPUs, "GPU")
	switch {
	case len(place.Only) == 1:
		text = "the GPU " + place.Only[0]
	case len(place.Only) > 1:
		text = "the GPUs " + GPUsText(place.Only)
	}
	if place.Type != "" {
		text += " of type " + place.Type
	}
	if len(place.KeepOff) > 0 {
		text += ", never " + GPUsText(place.KeepOff)
	}
	return text
}

// Pinned is the number of GPUs that each run holds if it may have only those of a
// list ("0-3"), which a person gave; an error if it cannot.
func (p *Plan) Pinned(list string) (int, error) {
	only, err := ReadGPUs(list)
	if err != nil {
		return 0, err
	}
	if p.Recipe != Command {
		return 0, fmt.Errorf("give GPUs to %s: recipe %s uses none", p.Experiment, p.Recipe)
	}
	n := cmp.Or(p.GPUs, len(only))
	if n > len(only) {
		return 0, fmt.Errorf("give GPUs to %s: each run holds %d, and %s are %d", p.Experiment, n, list, len(only))
	}
	off := func(g string) bool { return slices.Contains(p.place().KeepOff, g) }
	if i := slices.IndexFunc(only, off); i >= 0 {
		return 0, fmt.Errorf("give GPUs to %s: %s is in keep_off, which says never", p.Experiment, gpuName(only[i]))
	}
	return n, nil
}

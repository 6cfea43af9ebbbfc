package nodes

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ablate/gpu"
)

// says is what there is to say of a node in place of sums of its readings, and
// whether that is a fault; "": nothing.
func (f *fleet) says(n *node) (text string, fault bool) {
	age := f.ageOf(n)
	kept := ""
	if len(n.cards) > 0 {
		kept = "last values kept"
		if age > stale {
			kept = fmt.Sprintf("last values kept, of %s ago", coarse(age))
		}
	}
	does := steady(n.Doing)
	switch err := n.Err; {
	case errors.Is(err, gpu.ErrNoDriver):
		return brief("no NVIDIA driver", kept), false
	case errors.Is(err, gpu.ErrNotAnswering):
		return brief(gpu.ErrNotAnswering.Error(), kept), true
	case kept == "" && (n.Doing != "" || errors.Is(err, gpu.ErrNotYet)):
		return brief(cmp.Or(does, "reading its GPUs"), n.trouble()), false
	case err == nil && kept == "":
		return "no GPU there", false
	case err == nil && age <= stale:
		return "", false
	case age > stale && kept != "":
		return brief("no answer for "+coarse(age), "last values kept", does, n.trouble()), true
	default:
		return brief(cmp.Or(n.trouble(), "reading its GPUs"), kept, does), true
	}
}

// trouble is what is wrong with a node, in the words of its error without its name.
func (n *node) trouble() string {
	if n.Err == nil || errors.Is(n.Err, gpu.ErrNotYet) {
		return ""
	}
	return steady(strings.TrimPrefix(n.Err.Error(), "reach "+n.Name+": "))
}

// counted is a time in seconds that somebody counts up or down.
var counted = regexp.MustCompile(`\b(\d*)\d s\b`)

// steady is a text in which seconds do not change on the screen each second.
func steady(text string) string {
	return counted.ReplaceAllStringFunc(text, func(s string) string {
		if tens := counted.FindStringSubmatch(s)[1]; tens != "" {
			return tens + "0 s"
		}
		return "a few s"
	})
}

// brief is a text with more in brackets, as far as there is more.
func brief(text string, more ...string) string {
	more = slices.DeleteFunc(more, func(s string) bool { return s == "" })
	if len(more) == 0 {
		return text
	}
	return text + " (" + strings.Join(more, ", ") + ")"
}

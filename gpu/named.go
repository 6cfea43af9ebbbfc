package gpu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// meant are the devices that want.Only names, in its order; without it all that are
// no slices.
func (want Want) meant(devices []Device) ([]Device, error) {
	if len(want.Only) == 0 {
		return slices.DeleteFunc(slices.Clone(devices), func(d Device) bool { return d.Slice != nil }), nil
	}
	var meant []Device
	for _, word := range want.Only {
		found := called(devices, word)
		switch {
		case len(found) == 0:
			return nil, missing(devices, word)
		case len(found) > 1:
			return nil, fmt.Errorf("claim GPUs: %s may be %d GPUs, %s and %s; write more of the UUID", word, len(found), found[0].UUID, found[1].UUID)
		}
		if i := slices.IndexFunc(meant, found[0].same); i >= 0 {
			return nil, fmt.Errorf("claim GPUs: %s and %s are one GPU; name each once", want.Only[i], word)
		}
		meant = append(meant, found[0])
	}
	return meant, nil
}

// missing says that a word means no device; it may be that of a broken one.
func missing(devices []Device, word string) error {
	broken := slices.DeleteFunc(slices.Clone(devices), func(d Device) bool { return d.UUID != "" || d.Error == "" })
	if len(broken) > 0 && strings.HasPrefix(word, "GPU-") {
		return fmt.Errorf("claim GPUs: %w: %s is not there, and the UUID of %s cannot be read", ErrBusy, word, names(broken))
	}
	return fmt.Errorf("claim GPUs: this machine has no GPU %s; it has %s", word, names(devices))
}

// ambiguous refuses to guess which GPU is to be kept off. Words that mean none are
// those of another machine.
func (want Want) ambiguous(devices []Device) error {
	for _, word := range want.KeepOff {
		if found := called(devices, word); len(found) > 1 {
			return fmt.Errorf("claim GPUs: keep_off %s may be %d GPUs, %s and %s; write more of the UUID", word, len(found), found[0].UUID, found[1].UUID)
		}
	}
	return nil
}

func (d Device) same(other Device) bool {
	return d.UUID == other.UUID && d.Index == other.Index && (d.Slice == nil) == (other.Slice == nil)
}

// called are the devices that a word means: an index, or a UUID that may be
// shortened if it is that of a whole GPU.
func called(devices []Device, word string) (found []Device) {
	for _, d := range devices {
		whole := d.Slice == nil && (word == strconv.Itoa(d.Index) || strings.HasPrefix(word, "GPU-") && strings.HasPrefix(string(d.UUID), word))
		if whole || word != "" && word == string(d.UUID) {
			found = append(found, d)
		}
	}
	return found
}

// Meant reports whether a word of a list such as KeepOff means d, one of the devices of
// a machine: its index or its UUID, or that of the GPU that it is a slice of.
func (d Device) Meant(devices []Device, word string) bool {
	return slices.ContainsFunc(called(devices, word), func(x Device) bool {
		return x.same(d) || d.Slice != nil && x.Slice == nil && x.Index == *d.Slice
	})
}

// names are devices as people call them: "GPUs 0-2, 5".
func names(devices []Device) string {
	var words []string
	for i := 0; i < len(devices); {
		d, last := devices[i], i
		if d.Slice != nil {
			words = append(words, string(d.UUID))
			i++
			continue
		}
		for last+1 < len(devices) && devices[last+1].Slice == nil && devices[last+1].Index == devices[last].Index+1 {
			last++
		}
		word := strconv.Itoa(d.Index)
		if last > i {
			word += "-" + strconv.Itoa(devices[last].Index)
		}
		words, i = append(words, word), last+1
	}
	switch {
	case len(devices) == 0:
		return "none"
	case len(devices) == 1 && devices[0].Slice == nil:
		return "GPU " + words[0]
	case slices.ContainsFunc(devices, func(d Device) bool { return d.Slice == nil }):
		return "GPUs " + strings.Join(words, ", ")
	}
	return strings.Join(words, ", ")
}

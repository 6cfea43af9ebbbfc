package gpu

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// GB is what people call one of GPU memory: a GPU that is sold with 96 GB has 96 * 2^30
// bytes less a little.
const GB = 1 << 30

// Summary is the text of a status line for a set of devices, such as
// "4×H20 61% 232/384 GB 1.4 kW": models, mean busy share, memory used of
// total, power drawn, and how many GPUs have an error. What no device can tell
// is left out; a sum that lacks some of them is marked with "≥". Without
// devices it is "–". A MIG slice counts with its GPU where that is among them.
func Summary(devices []Device) string {
	all := devices
	devices = slices.DeleteFunc(slices.Clone(all), func(d Device) bool {
		return d.Slice != nil && slices.ContainsFunc(all, func(g Device) bool { return g.Slice == nil && g.Host == d.Host && g.Index == *d.Slice })
	})
	if len(devices) == 0 {
		return "–"
	}
	parts := []string{models(devices)}
	for _, part := range []string{busy(devices), memory(devices), power(devices), faults(devices)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " ")
}

// models counts the devices by model, in the order in which they come.
func models(devices []Device) string {
	var names []string
	count := map[string]int{}
	for _, d := range devices {
		m := ShortName(string(d.Name))
		if !slices.Contains(names, m) {
			names = append(names, m)
		}
		count[m]++
	}
	for i, m := range names {
		names[i] = fmt.Sprintf("%d×%s", count[m], m)
	}
	return strings.Join(names, " + ")
}

// ShortName shortens a name as the driver gives it to what people call the GPU:
// "NVIDIA H100 80GB HBM3" is an H100. What makes another device of it stays:
// "H20-3e", "H100 PCIe".
func ShortName(name string) string {
	var kept []string
	for word := range strings.FieldsSeq(name) {
		switch {
		case word == "NVIDIA" || word == "Tesla" || word == "GeForce":
		case strings.HasPrefix(word, "HBM") || isSize(word):
		default:
			word, _, _ = strings.Cut(word, "-SXM")
			word, _, _ = strings.Cut(word, "-PCI")
			kept = append(kept, word)
		}
	}
	if len(kept) == 0 {
		return "GPU"
	}
	return strings.Join(kept, " ")
}

// isSize says whether a word is an amount of memory, such as "80GB".
func isSize(word string) bool {
	digits, found := strings.CutSuffix(word, "GB")
	return found && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func busy(devices []Device) string {
	sum, n := 0.0, 0
	for _, d := range devices {
		if d.BusyPct != nil {
			sum += *d.BusyPct
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f%%", sum/float64(n))
}

func memory(devices []Device) string {
	used, total, n := 0.0, 0.0, 0
	for _, d := range devices {
		if d.MemoryUsedBytes != nil && d.MemoryTotalBytes != nil {
			used += float64(*d.MemoryUsedBytes)
			total += float64(*d.MemoryTotalBytes)
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s%.0f/%.0f GB", atLeast(n, devices), used/GB, total/GB)
}

func power(devices []Device) string {
	watts, n := 0.0, 0
	for _, d := range devices {
		if d.PowerW != nil {
			watts += *d.PowerW
			n++
		}
	}
	switch {
	case n == 0:
		return ""
	case math.Round(watts) >= 1000:
		return fmt.Sprintf("%s%.1f kW", atLeast(n, devices), watts/1000)
	}
	return fmt.Sprintf("%s%.0f W", atLeast(n, devices), watts)
}

// atLeast marks a sum over n of the devices.
func atLeast(n int, devices []Device) string {
	if n < len(devices) {
		return "≥"
	}
	return ""
}

func faults(devices []Device) string {
	n := 0
	for _, d := range devices {
		if d.Error != "" {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "1 error"
	}
	return fmt.Sprintf("%d errors", n)
}

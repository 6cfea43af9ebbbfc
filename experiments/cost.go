package experiments

import (
	"fmt"
	"strings"
	"unicode"
)

// Cost is what things cost, by the [cost] table of the file. Prices are in one
// currency; 0 is what nobody said.
type Cost struct {
	Currency      string             `json:"currency"`       // "USD"
	TeacherTokens float64            `json:"teacher_tokens"` // that a teacher writes for a task, candidates and tests among them
	TokenPrice    float64            `json:"token_price"`    // of a million of them
	KeepRate      float64            `json:"keep_rate"`      // share of tasks that verification keeps, (0, 1]
	HumanTask     float64            `json:"human_task"`     // price of a task that people made, to stand beside it
	GPUHour       map[string]float64 `json:"gpu_hour"`       // price by type: "H20", "H200"
	MFU           map[string]float64 `json:"mfu"`            // stated by type, (0, 1], where none was measured
}

// KeptTask is the price of a task that verification keeps; 0 where nobody said enough.
func (c *Cost) KeptTask() float64 {
	if c == nil || c.KeepRate <= 0 {
		return 0
	}
	return c.TeacherTokens / 1e6 * c.TokenPrice / c.KeepRate
}

// HourOf is the price of an hour of a GPU of this type; 0 where nobody said.
func (c *Cost) HourOf(gpu string) float64 { return ofType(c.GPUHour, gpu) }

// MFUOf is the MFU that was stated for GPUs of this type; 0 where nobody said.
func (c *Cost) MFUOf(gpu string) float64 { return ofType(c.MFU, gpu) }

// ofType is what a table says of a type of GPU, whatever the case of its letters.
func ofType(table map[string]float64, gpu string) float64 {
	for name, v := range table {
		if strings.EqualFold(name, gpu) {
			return v
		}
	}
	return 0
}

// cost reads [cost], at the top of the file.
func (c *checker) cost(t table) *Cost {
	sub, ok := t.sub("cost")
	if !ok {
		return nil
	}
	sub.known("currency", "teacher_tokens", "token_price", "keep_rate", "human_task", "gpu_hour", "mfu")
	out := &Cost{
		Currency: sub.text("currency", ""), TeacherTokens: sub.above0("teacher_tokens"), TokenPrice: sub.above0("token_price"),
		KeepRate: sub.share("keep_rate"), HumanTask: sub.above0("human_task"),
		GPUHour: sub.byType("gpu_hour", table.above0), MFU: sub.byType("mfu", table.share),
	}
	if v := out.Currency; len(v) > maxCurrency || strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) }) {
		c.report(sub.valueAt("currency"), fmt.Sprintf("currency is %s; it takes a word such as \"USD\"", shown(v)), "")
	}
	for _, pair := range [][2]string{{"teacher_tokens", "token_price"}, {"token_price", "teacher_tokens"}, {"keep_rate", "teacher_tokens"}} {
		_, there := sub.m[pair[0]]
		if _, ok := sub.m[pair[1]]; there && !ok {
			c.report(sub.keyAt(pair[0]), fmt.Sprintf("cost has %s and no %s", pair[0], pair[1]),
				"The price of a task is made of teacher_tokens (a task), token_price (of a million) and keep_rate")
		}
	}
	return out
}

const maxCurrency = 12 // bytes

// above0 is a number above 0, or 0 where the key is left out or wrong.
func (t table) above0(key string) float64 {
	f, ok := t.number(key)
	if ok && f <= 0 {
		t.report(t.valueAt(key), fmt.Sprintf("%s is %v; it must be above 0", key, f), "Leave it out where nobody knows")
		return 0
	}
	return f
}

// share is a number above 0 and at most 1, or 0 where the key is left out or wrong.
func (t table) share(key string) float64 {
	f, ok := t.number(key)
	switch hint := "Leave it out where nobody knows"; {
	case !ok || f > 0 && f <= 1:
		return f
	case f >= 2 && f <= 100:
		hint = fmt.Sprintf("%v %% is %.4g", f, f/100)
		fallthrough
	default:
		t.report(t.valueAt(key), fmt.Sprintf("%s is %v; it must be above 0 and at most 1", key, f), hint)
	}
	return 0
}

// byType reads numbers by types of GPU, { H20 = 1.2, H200 = 3.5 }.
func (t table) byType(key string, read func(table, string) float64) map[string]float64 {
	sub, ok := t.sub(key)
	if !ok {
		return nil
	}
	out := map[string]float64{}
	for _, name := range t.children[sub.path] {
		if v := ofType(out, name); v > 0 {
			t.report(sub.keyAt(name), fmt.Sprintf("%s has the type %s twice", key, shown(name)), "")
		}
		if v := read(sub, name); v > 0 {
			out[name] = v
		}
	}
	if len(sub.m) == 0 {
		t.report(t.keyAt(key), key+" names no type of GPU", fmt.Sprintf("Write %s = { H20 = 0.4, H200 = 0.4 } with its numbers, or leave it out", key))
	}
	return out
}

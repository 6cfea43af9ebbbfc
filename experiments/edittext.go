package experiments

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// manner is how a file is written, as far as new lines should look like its own.
type manner struct {
	eol    string // "\n" or "\r\n"
	indent string // before keys
	loose  bool   // the signs = of neighbours do not stand below each other
}

// Text is the draft as a section of an experiment file.
func (d *Draft) Text() string { return d.section(manner{eol: "\n"}) }

// pair is a key, as it is said and not as it is quoted, and the text of its value.
type pair struct{ key, value string }

// section writes everything but what goes without saying.
func (d *Draft) section(m manner) string {
	d = d.plain()
	name := "experiment." + keyText(d.Name)
	blocks := []string{m.block("["+name+"]", d.heading())}
	for _, f := range d.Findings {
		blocks = append(blocks, m.block("[["+name+".finding]]", findingPairs(f)))
	}
	if d.Cells == nil && len(d.Axes) > 0 {
		blocks = append(blocks, m.block("["+name+".axes]", axisPairs(d.Axes)))
	}
	for _, c := range d.Cells {
		blocks = append(blocks, m.block("[["+name+".cell]]", cellPairs(d.Axes, c)))
	}
	if len(d.Params) > 0 {
		blocks = append(blocks, m.block("["+name+".params]", settingPairs(d.Params)))
	}
	for _, r := range d.Stop {
		blocks = append(blocks, m.block("[["+name+".stop]]", stopPairs(r)))
	}
	return strings.Join(blocks, m.eol)
}

// block is a header and its pairs, each with its line's end.
func (m manner) block(header string, pairs []pair) string {
	width := 0
	for _, p := range pairs {
		width = max(width, len([]rune(keyText(p.key))))
	}
	if m.loose {
		width = 0
	}
	var b strings.Builder
	b.WriteString(header + m.eol)
	for _, p := range pairs {
		b.WriteString(m.pairLine("", p, width))
	}
	return b.String()
}

// pairLine is a pair with its line's end; the key, with what stands before it,
// takes at least width characters.
func (m manner) pairLine(before string, p pair, width int) string {
	key := before + keyText(p.key)
	pad := strings.Repeat(" ", max(0, width-len([]rune(key))))
	return m.indent + key + pad + " = " + p.value + m.eol
}

// heading are the keys of the experiment's own table.
func (d *Draft) heading() []pair {
	var list []pair
	add := func(key, value string) {
		if value != "" {
			list = append(list, pair{key, value})
		}
	}
	for _, key := range headKeys() {
		add(key, d.head(key))
	}
	return list
}

// headKeys are the keys of the experiment's own table that hold one value, in the
// order in which they are written.
func headKeys() []string {
	return []string{"title", "question", "recipe", "argv", "host", "equal", "order", "objective", "reference", "seeds", "limits", "retry", "pause", "gpus", "gpu_type", "keep_off", "model"}
}

// head is the text of the value of a key of a plain draft; "" where it is left out.
func (d *Draft) head(key string) string {
	switch key {
	case "title":
		return optional(d.Title)
	case "question":
		return optional(d.Question)
	case "recipe":
		return quoteText(d.Recipe)
	case "argv":
		if d.Recipe != Command {
			return ""
		}
		return listText(d.Argv)
	case "host":
		return optional(d.Host)
	case "equal":
		return optional(d.Equal)
	case "order":
		return optional(d.Order)
	case "objective":
		return inlineText(objectivePairs(d.Objective))
	case "reference":
		return referenceText(d.References)
	case "seeds":
		return seedsText(d.Seeds)
	case "limits":
		return inlineText(limitPairs(d.Limits))
	case "retry":
		return retryText(d.Retry)
	case "pause":
		return optional(d.Pause)
	case "gpus":
		return heldValue(d.GPUs, d.Placement.Only)
	case "gpu_type":
		return optional(d.Placement.Type)
	case "keep_off":
		return optional(GPUsText(d.Placement.KeepOff))
	case "model":
		return inlineText(modelPairs(d.Model))
	}
	return ""
}

func optional(s string) string {
	if s == "" {
		return ""
	}
	return quoteText(s)
}

func referenceText(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return quoteText(names[0])
	}
	return listText(names)
}

// seedsText is 3 for the seeds 1, 2 and 3, else their list.
func seedsText(seeds []int64) string {
	if len(seeds) > 0 && slices.Equal(seeds, upTo(len(seeds))) {
		return strconv.Itoa(len(seeds))
	}
	return listText(seeds)
}

func retryText(r *Retry) string {
	switch {
	case r == nil:
		return ""
	case r.Max == 0:
		return "0"
	}
	return inlineText([]pair{{"max", strconv.Itoa(r.Max)}, {"on", listText(r.On)}, {"backoff", quoteText(DurationText(r.Backoff))}})
}

func objectivePairs(o Objective) []pair {
	list := []pair{{"metric", quoteText(o.Metric)}, {"goal", quoteText(o.Goal)}}
	if o.Margin != 0 {
		list = append(list, pair{"margin", floatText(o.Margin)})
	}
	return list
}

func limitPairs(l Limits) []pair {
	words := l.words()
	var list []pair
	for i, key := range []string{"wall", "runs", "gpu_hours"} {
		if words[i] == "" {
			continue
		}
		value := words[i]
		if key == "wall" {
			value = quoteText(value)
		}
		list = append(list, pair{key, value})
	}
	return list
}

func axisPairs(axes []Axis) []pair {
	list := make([]pair, len(axes))
	for i, a := range axes {
		list[i] = pair{a.Name, listText(a.Values)}
	}
	return list
}

func cellPairs(axes []Axis, point []any) []pair {
	list := make([]pair, len(axes))
	for i, a := range axes {
		list[i] = pair{a.Name, literal(point[i])}
	}
	return list
}

func settingPairs(settings []Setting) []pair {
	list := make([]pair, len(settings))
	for i, s := range settings {
		list[i] = pair{s.Name, literal(s.Value)}
	}
	return list
}

func stopPairs(r StopRule) []pair {
	list := []pair{{"kind", quoteText(r.Kind)}, {"metric", quoteText(r.Metric)}}
	number := func(key string, f float64) { list = append(list, pair{key, floatText(f)}) }
	switch r.Kind {
	case StopDiverge:
		number("above", r.Above)
	case StopCollapse:
		number("below", r.Below)
	case StopPlateau:
		if r.Above != 0 {
			number("above", r.Above)
		}
		list = append(list, pair{"goal", quoteText(r.Goal)})
	}
	if r.Window > 0 {
		list = append(list, pair{"window", strconv.Itoa(r.Window)})
	}
	return list
}

func findingPairs(f Finding) []pair {
	var list []pair
	add := func(key, value string) {
		if value != "" {
			list = append(list, pair{key, value})
		}
	}
	add("letter", optional(f.Letter))
	add("claim", quoteText(f.Claim))
	add("metric", quoteText(f.Metric))
	add("minus_metric", optional(f.MinusMetric))
	add("plus", partialsText(f.Plus))
	add("minus", partialsText(f.Minus))
	add("slope", optional(f.Slope))
	if len(f.Where) > 0 {
		add("where", inlineText(settingPairs(f.Where)))
	}
	if f.Expect != Above {
		add("expect", optional(f.Expect))
	}
	add("paper", optional(f.Paper))
	add("note", optional(f.Note))
	return list
}

// partialsText is a list of partial cells; "" for none.
func partialsText(list [][]Setting) string {
	if len(list) == 0 {
		return ""
	}
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = inlineText(settingPairs(s))
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// inlineText is a table in one line; "" for an empty one.
func inlineText(pairs []pair) string {
	if len(pairs) == 0 {
		return ""
	}
	words := make([]string, len(pairs))
	for i, p := range pairs {
		words[i] = keyText(p.key) + " = " + p.value
	}
	return "{ " + strings.Join(words, ", ") + " }"
}

func listText[T any](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = literal(v)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// literal is a value in TOML.
func literal(v any) string {
	if s, ok := v.(string); ok {
		return quoteText(s)
	}
	return ValueText(v)
}

// keyText is a name as a TOML key.
func keyText(name string) string {
	for _, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return quoteText(name)
		}
	}
	if name == "" {
		return `""`
	}
	return name
}

// quoteText is a basic string of TOML 1.0, which has fewer escapes than Go.
func quoteText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

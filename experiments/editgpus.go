package experiments

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// setGPUs sets how many GPUs each run holds, or which, or which it may have.
func (d *Draft) setGPUs(key, text string) error {
	switch key {
	case "gpu_type":
		d.Placement.Type = text
		return nil
	case "keep_off":
		list, err := readSome(key, text)
		if err == nil {
			d.Placement.KeepOff = list
		}
		return err
	}
	if _, err := strconv.Atoi(text); err == nil || text == "" { // any so many
		if err := setCount(&d.GPUs, key, text); err != nil {
			return err
		}
		d.Placement.Only = nil
		return nil
	}
	list, err := readSome(key, strings.Trim(text, "[] "))
	if err == nil {
		d.GPUs, d.Placement.Only = len(list), list
	}
	return err
}

// readSome is a list of GPUs; an empty text is none.
func readSome(key, text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	list, wrong := addGPUs(nil, text)
	if wrong != nil {
		return nil, fmt.Errorf("set %s: %s", key, wrong.words())
	}
	return list, nil
}

// GPUsText is what Set takes for gpus; "" for none.
func (d *Draft) GPUsText() string {
	if d.GPUs == 0 {
		return ""
	}
	return heldText(d.GPUs, d.Placement.Only)
}

// setModel sets a part of the model that the command trains.
func (d *Draft) setModel(key, text string) error {
	m := Model{}
	if d.Model != nil {
		m = *d.Model
	}
	var err error
	switch key {
	case "model.params":
		m.Params = 0
		if text != "" {
			m.Params, err = strconv.ParseFloat(text, 64)
			if err != nil || !(m.Params > 0 && m.Params < 1e18) {
				return fmt.Errorf("set %s: %s is no number above 0; 7.6e9 is 7.6 billion", key, shown(text))
			}
		}
	case "model.layers":
		err = setCount(&m.Layers, key, text)
	case "model.hidden":
		err = setCount(&m.Hidden, key, text)
	case "model.context":
		err = setCount(&m.Context, key, text)
	}
	if err != nil {
		return err
	}
	if d.Model = &m; m == (Model{}) {
		d.Model = nil
	}
	return nil
}

// ModelTexts are params, layers, hidden and context of the model that the command trains,
// as Set reads them; "" for one that is not given.
func (d *Draft) ModelTexts() (texts [4]string) {
	for _, p := range modelPairs(d.Model) {
		texts[slices.Index([]string{"params", "layers", "hidden", "context"}, p.key)] = p.value
	}
	return texts
}

// heldValue is the value of gpus in a file; "" where it is left out.
func heldValue(n int, only []string) string {
	switch text := heldText(n, only); {
	case n == 0:
		return ""
	case len(only) == 0 || text[0] == '[':
		return text
	default:
		return quoteText(text)
	}
}

func modelPairs(m *Model) []pair {
	if m == nil {
		return nil
	}
	var list []pair
	if m.Params != 0 {
		list = append(list, pair{"params", floatWords(m.Params)})
	}
	whole := func(key string, n int) {
		if n != 0 {
			list = append(list, pair{key, strconv.Itoa(n)})
		}
	}
	whole("layers", m.Layers)
	whole("hidden", m.Hidden)
	whole("context", m.Context)
	return list
}

// gpuPairs are what a host on which runs are run says of its GPUs.
func (h Host) gpuPairs() []pair {
	list := []pair{{"kind", quoteText("local")}}
	if h.GPUs > 0 {
		list = append(list, pair{"gpus", strconv.Itoa(h.GPUs)})
	}
	if h.GPUType != "" {
		list = append(list, pair{"gpu_type", quoteText(h.GPUType)})
	}
	if len(h.KeepOff) > 0 {
		list = append(list, pair{"keep_off", quoteText(GPUsText(h.KeepOff))})
	}
	return list
}

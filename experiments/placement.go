package experiments

// Placement says which GPUs runs may have, beyond how many.
type Placement struct {
	Only    []string `json:"only,omitempty"`     // indices ("0") or UUIDs; none: all
	Type    string   `json:"type,omitempty"`     // what a GPU has to be called, "H20"; "": anything
	KeepOff []string `json:"keep_off,omitempty"` // likewise: never these
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

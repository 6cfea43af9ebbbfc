package experiments

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

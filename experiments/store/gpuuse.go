package store

// GPUUse is what an attempt made of its GPUs: those that were claimed for it, else
// those that its processes were on. Null: it could not be read. The runner writes it;
// of an attempt that lives, or whose runner was killed, gpu.jsonl tells as much.
type GPUUse struct {
	UUIDs           []string `json:"uuids"`
	Names           []string `json:"names"`             // as the driver gives them
	Seconds         float64  `json:"gpu_seconds"`       // the time of each added up
	IdleSeconds     *float64 `json:"idle_gpu_seconds"`  // of them, those without any work
	EnergyJ         *float64 `json:"energy_j"`          // by the driver's counter, else power over time
	BusyPct         *float64 `json:"busy_pct"`          // means over time and GPUs
	SMActivePct     *float64 `json:"sm_active_pct"`     //
	TensorActivePct *float64 `json:"tensor_active_pct"` //
	DRAMActivePct   *float64 `json:"dram_active_pct"`   //
	PeakMemoryBytes *uint64  `json:"peak_memory_bytes"` // the most that one of them held
}

package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ablate/gpu"
)

// rounding is, by the keys of JSON, how far a field of a device may be from what was
// written. Those that are not here come back as they were.
var rounding = map[string]float64{
	"busy_pct": 0.05, "sm_active_pct": 0.05, "tensor_active_pct": 0.05, "dram_active_pct": 0.05, "sm_occupancy_pct": 0.05,
	"memory_busy_pct": 0.05, "memory_used_bytes": mib / 2, "power_w": 0.05, "temperature_c": 0.05, "memory_temperature_c": 0.05,
	"energy_j": 0.5, "sm_clock_mhz": 0.5, "memory_clock_mhz": 0.5, "age_s": 0.0005,
}

// fill gives v, of whatever type, a value that is not its zero, or leaves it null where it
// can be in one of 4 cases.
func fill(t *testing.T, r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if r.IntN(4) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, r, v.Elem())
		}
	case reflect.Slice:
		if r.IntN(4) > 0 {
			v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 4))
			for i := range v.Len() {
				fill(t, r, v.Index(i))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, r, v.Field(i))
		}
	case reflect.String:
		if v.Type() != reflect.TypeFor[gpu.Text]() || r.IntN(4) > 0 {
			v.SetString(fmt.Sprintf("tëxt \"%d\"\n", r.IntN(3)))
		}
	case reflect.Int:
		v.SetInt(1 + r.Int64N(1000))
	case reflect.Uint64:
		v.SetUint(1 + r.Uint64N(1<<40))
	case reflect.Float64:
		v.SetFloat(1 + 1e4*r.Float64())
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("a %v in a device: say how to fill it", v.Kind())
	}
}

// Whatever a device has comes back, to the rounding that is stated, and null as
// null, while devices come and go and any of their fields change.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var wrote []Sample
	var devices []gpu.Device
	at := 1763790000.5
	for n := range 400 {
		at += float64(r.IntN(3000)) / 1000
		switch r.IntN(10) {
		case 0:
			devices = make([]gpu.Device, r.IntN(4))
			for i := range devices {
				fill(t, r, reflect.ValueOf(&devices[i]).Elem())
			}
		case 1:
			at -= 1000
		}
		devices = append([]gpu.Device{}, devices...)
		for i := range devices {
			field := reflect.ValueOf(&devices[i]).Elem().Field(r.IntN(reflect.TypeFor[gpu.Device]().NumField()))
			field.SetZero()
			fill(t, r, field)
		}
		wrote = append(wrote, Sample{math.Round(at*1000) / 1000, devices})
		if n == 200 {
			at += headerEvery
		}
	}
	var file bytes.Buffer
	w := NewWriter(&file)
	for _, s := range wrote {
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	got := readAll(t, &file, 0)
	if diff := cmp.Diff(wrote, got, rounded()...); diff != "" {
		t.Errorf("(-wrote +read):\n%s", diff)
	}
}

// rounded are the options by which samples are compared to their rounding.
func rounded() (opts []cmp.Option) {
	for f := range reflect.TypeFor[gpu.Device]().Fields() {
		if most, ok := rounding[f.Tag.Get("json")]; ok {
			opts = append(opts, within("."+f.Name, most))
		}
	}
	return opts
}

// within lets the numbers of one field of a device, or of its processes, differ.
func within(field string, most float64) cmp.Option {
	in := func(p cmp.Path) bool {
		return slices.ContainsFunc(p, func(step cmp.PathStep) bool { return step.String() == field })
	}
	return cmp.FilterPath(in, cmp.Options{
		cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) <= most*(1+1e-9) }),
		cmp.Comparer(func(a, b uint64) bool { return math.Abs(float64(a)-float64(b)) <= most }),
	})
}

func readAll(t testing.TB, file io.Reader, damaged int) (got []Sample) {
	t.Helper()
	r := NewReader(file)
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s)
	}
	if r.Damaged != damaged {
		t.Errorf("%d damaged lines, want %d", r.Damaged, damaged)
	}
	return got
}

package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ablate/experiments/store"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	s, _, _ := newRun(t)
	if set, err := s.Settings(); err != nil || set != (store.Settings{Format: store.Format}) {
		t.Errorf("settings of a new store are %+v, %v", set, err)
	}
	if err := s.Writable(); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteSettings(store.Settings{Program: "ablate (build b1)", Slots: 3}); err != nil {
		t.Fatal(err)
	}
	if set, err := s.Settings(); err != nil || set != (store.Settings{Format: 1, Program: "ablate (build b1)", Slots: 3}) {
		t.Errorf("settings are %+v, %v after they were written", set, err)
	}
}

// A store of a newer format is refused, with the name of the program that wrote it.
func TestNewerFormatIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, settings, want string }{
		{"newer", `{"format":2,"program":"ablate v9.0 (build 0123456789ab)"}`, "its format is 2 and this program knows 1: ablate v9.0 (build 0123456789ab) wrote it"},
		{"damaged", `{"format":`, "settings.json"},
		{"this one", `{"format":1,"program":"x"}`, ""},
	}
	for _, tt := range tests {
		s, _, _ := newRun(t)
		if err := s.Writable(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.EngineDir(), "settings.json"), []byte(tt.settings), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := s.Settings()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), s.Dir)) {
			t.Errorf("%s: error is %v, want %q", tt.name, err, tt.want)
		}
	}
}

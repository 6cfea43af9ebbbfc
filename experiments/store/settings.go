package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
)

// Format is the version of what this program writes into stores. It is raised
// when a program of before would misread them.
const Format = 1

// Settings are those of a store, in engine/settings.json. The engine writes them.
type Settings struct {
	Format  int    `json:"format"`
	Program string `json:"program"`         // that wrote them last
	Slots   int    `json:"slots,omitempty"` // runs at a time; 0: as many as the machine takes
}

// Settings reads the settings of the store; a store that no engine ever served
// has the zero ones of this format. One of a newer format is refused: its files
// may mean what this program does not know.
func (s *Store) Settings() (Settings, error) {
	set := Settings{Format: Format}
	err := ReadJSON(s.settingsFile(), &set)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) { // a file in its place: no store
		return set, fmt.Errorf("open store %s: %w; without that file its settings are the usual ones", s.Dir, err)
	}
	if set.Format > Format {
		return set, fmt.Errorf("open store %s: its format is %d and this program knows %d: %s wrote it; use that or a newer one",
			s.Dir, set.Format, Format, set.Program)
	}
	return set, nil
}

// WriteSettings replaces the settings of the store, in this format.
func (s *Store) WriteSettings(set Settings) error {
	set.Format = Format
	return WriteJSON(s.settingsFile(), set)
}

func (s *Store) settingsFile() string { return filepath.Join(s.EngineDir(), "settings.json") }

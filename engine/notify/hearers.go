package notify

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"ablate/experiments"
	"ablate/experiments/store"
)

// hearer is who hears of one experiment, in notify.json. It is in force for what
// happened since.
type hearer struct {
	experiments.Notify
	Workdir string  `json:"workdir,omitempty"` // in which the program works
	Since   float64 `json:"since"`
}

func (h hearer) hears(event string) bool { return slices.Contains(h.On, event) }

// hearers are by experiment.
type hearers map[string]hearer

func hearersFile(s *store.Store) string { return filepath.Join(s.EngineDir(), "notify.json") }

func readHearers(s *store.Store) (hearers, error) {
	all := hearers{}
	if err := store.ReadJSON(hearersFile(s), &all); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return all, nil
}

// keepHearer writes down who is to hear of an experiment, nil for nobody. The file
// may hold secrets among the arguments: it is for its owner alone.
func keepHearer(s *store.Store, experiment string, how *experiments.Notify, workdir string) error {
	all, err := readHearers(s)
	if err != nil {
		return err
	}
	was, known := all[experiment]
	if how == nil || len(how.Argv) == 0 {
		if !known {
			return nil
		}
		delete(all, experiment)
		return store.WriteSecret(hearersFile(s), all)
	}
	is := hearer{Notify: *how, Workdir: workdir, Since: store.Now()}
	if known {
		is.Since = was.Since
	}
	if known && is.Workdir == was.Workdir && slices.Equal(is.On, was.On) && slices.Equal(is.Argv, was.Argv) {
		return nil
	}
	all[experiment] = is
	return store.WriteSecret(hearersFile(s), all)
}

package engine

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// Version is `version --json`: which program this is.
type Version struct {
	Version string `json:"version"`
	Build   string `json:"build"` // as engine and client compare it
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Commit  string `json:"commit"`   // that it was built from; "": not known
	Time    string `json:"time"`     // of the commit, RFC 3339
	Changed bool   `json:"modified"` // files had been changed since
}

// thisVersion is what the program was built with that knows it, but for its build.
func thisVersion() Version {
	v := Version{Version: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = strings.Trim(info.Main.Version, "()") // "(devel)" where there is none
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Changed = s.Value == "true"
		}
	}
	return v
}

// WriteVersion is `ablate version`.
func WriteVersion(w io.Writer, asJSON bool) error {
	self, err := openSelf()
	if err != nil {
		return err
	}
	defer self.Close()
	v := thisVersion()
	if v.Build, err = buildOf(self); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(v)
	}
	from := ""
	if v.Commit != "" {
		from = fmt.Sprintf(", commit %.12s of %s", v.Commit, v.Time)
	}
	if v.Changed {
		from += ", changed since"
	}
	_, err = fmt.Fprintf(w, "ablate %s (build %s), %s %s/%s%s\n", v.Version, v.Build, v.Go, v.OS, v.Arch, from)
	return err
}

package synth

import "go.starlark.net/syntax"

func traits(def *syntax.DefStmt, c composition) []string { return nil }

package synth

import "embed"

// corpusFiles holds the seed corpus: small programs as people of different
// habits write them, each a definition of one argument, a list of integers, that
// returns an integer or a list of integers. They are Starlark, with sum
// predeclared, that is Python as well.
//
//go:embed corpus/*.star
var corpusFiles embed.FS

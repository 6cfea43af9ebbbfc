package report

// Follow is Progress on updates that a test writes itself.
var Follow = follow

// Patience is how long a missing run is waited for.
const Patience = patience

// RetryPatience is how long a lost run is waited for.
const RetryPatience = retryPatience

// Plain makes a trainer's text harmless.
var Plain = plain

// ByteText is a number of bytes as people read it.
var ByteText = byteText

// InPlace draws a page over another.
var InPlace = inPlace

// GPUTable is gpuTable for tests.
var GPUTable = gpuTable

package chart

// Snap is snap, for tests of the axis alone.
var Snap = snap

package chart

// Chunks of a list have 1<<chunkBits entries.
const (
	chunkBits = 12
	chunkLen  = 1 << chunkBits
)

// list is a growing sequence in chunks: growing copies at most the first chunk,
// and wastes at most one.
type list[T any] struct {
	chunks [][]T
	n      int
}

func (l *list[T]) at(i int) T { return l.chunks[i>>chunkBits][i&(chunkLen-1)] }

func (l *list[T]) add(v T) {
	k := l.n >> chunkBits
	if k == len(l.chunks) || len(l.chunks[k]) == cap(l.chunks[k]) {
		l.grow(k)
	}
	l.chunks[k] = append(l.chunks[k], v)
	l.n++
}

// grow makes room in chunk k. The first one doubles, so that short lists stay
// short.
func (l *list[T]) grow(k int) {
	switch {
	case k > 0:
		l.chunks = append(l.chunks, make([]T, 0, chunkLen))
	case len(l.chunks) == 0:
		l.chunks = append(l.chunks, make([]T, 0, 16))
	default:
		l.chunks[0] = append(make([]T, 0, 2*cap(l.chunks[0])), l.chunks[0]...)
	}
}

// cut keeps the first n entries; chunks beyond them are freed.
func (l *list[T]) cut(n int) {
	if n >= l.n {
		return
	}
	l.n = n
	keep := (n + chunkLen - 1) >> chunkBits
	clear(l.chunks[keep:])
	l.chunks = l.chunks[:keep]
	if keep > 0 {
		l.chunks[keep-1] = l.chunks[keep-1][:n-(keep-1)<<chunkBits]
	}
}

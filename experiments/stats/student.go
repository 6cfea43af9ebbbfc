package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// tQuantile is the value that Student's t with nu degrees of freedom, any number above
// 0 or infinitely many, exceeds with probability tail, which is above 0 and at most
// 1/2.
func tQuantile(tail, nu float64) float64 {
	switch {
	case tail <= 0:
		return math.Inf(1)
	case math.IsInf(nu, 1):
		return -distuv.UnitNormal.Quantile(tail)
	}
	return -distuv.StudentsT{Sigma: 1, Nu: nu}.Quantile(tail)
}

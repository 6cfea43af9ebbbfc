package stats

// PassAtK is the unbiased estimate of the chance that at least one of k samples
// is right, from n samples of which c are: 1 - C(n-c, k)/C(n, k), as a product
// (Chen et al. 2021, arXiv 2107.03374). With fewer samples than k it is not
// defined, and ok is false.
func PassAtK(n, c, k int) (value float64, ok bool) {
	if k < 1 || n < k || c < 0 || c > n {
		return 0, false
	}
	if n-c < k {
		return 1, true
	}
	none := 1.0
	for j := n - c + 1; j <= n; j++ {
		none *= 1 - float64(k)/float64(j)
	}
	return 1 - none, true
}

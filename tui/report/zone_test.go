package report_test

import (
	"os"
	"testing"
	"time"
)

// TestMain fixes the viewer's zone, in which the golden texts are.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

package vfs_test

import (
	"runtime"
	"testing"

	"go.uber.org/goleak"
)

// TestMain holds every test to leave no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mayNotRemoveOpenFiles says what is different on Windows.
const mayNotRemoveOpenFiles = runtime.GOOS == "windows"

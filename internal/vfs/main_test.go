package vfs_test

import (
	"os"
	"runtime"
	"testing"

	"go.uber.org/goleak"
)

// TestMain holds every test to leave no goroutine behind. In a process that a test has
// started it does what that is for.
func TestMain(m *testing.M) {
	if dir := os.Getenv(lockedDir); dir != "" {
		holdLock(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// mayNotRemoveOpenFiles says what is different on Windows.
const mayNotRemoveOpenFiles = runtime.GOOS == "windows"

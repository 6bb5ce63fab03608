//go:build unix

package bench

import (
	"syscall"
	"time"
)

// processorTime is what all threads of the process have computed so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	done(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit in which Linux tells processor time: 100 a second on every
// architecture that Go runs on.
const clockTick = 10 * time.Millisecond

// spent is what all threads of the server have computed so far, in user and system
// mode.
func (s server) spent() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.pid))
	done(err)
	_, rest, _ := strings.Cut(string(text), ") ") // behind the program's name, which may have spaces
	fields := strings.Fields(rest)
	ticks := 0
	for _, field := range fields[11:13] { // utime, stime: see proc(5), which counts from 1 and the name
		n, err := strconv.Atoi(field)
		done(err)
		ticks += n
	}
	return time.Duration(ticks) * clockTick
}

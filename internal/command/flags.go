package command

import "strings"

// Flags of a command, as COMMAND INFO shows them.
type Flags uint32

// The flags.
const (
	Write Flags = 1 << iota
	ReadOnly
	DenyOOM
	Admin
	PubSub
	NoScript
	Blocking
	Loading
	Stale
	SkipMonitor
	SkipSlowlog
	Asking
	Fast
	NoAuth
	MayReplicate
	NoAsyncLoading
	NoMulti
	AllowBusy
	Protected // COMMAND does not show it, nor the flags from here on, which are not Redis's

	WholeStore // the op needs every stripe
	Immediate  // MULTI does not queue it
	RunsQueue  // EXEC
	Reads      // a Write whose lookups are hits and misses, as its result is what it finds or made of it
	Touches    // marks keys as used even for a client that asked not to (TOUCH)
)

var flagNames = [...]string{"write", "readonly", "denyoom", "admin", "pubsub", "noscript", "blocking", "loading", "stale",
	"skip_monitor", "skip_slowlog", "asking", "fast", "no_auth", "may_replicate", "no_async_loading", "no_multi", "allow_busy"}

// Names lists the flags that COMMAND INFO shows.
func (f Flags) Names() []string {
	var names []string
	for i, n := range flagNames {
		if f&(1<<i) != 0 && n != "may_replicate" {
			names = append(names, n)
		}
	}
	return names
}

// Has reports whether any of the flags is set.
func (f Flags) Has(x Flags) bool { return f&x != 0 }

// Words is how many words the command's name has.
func (i *Info) Words() int { return 1 + strings.Count(i.Name, "|") }

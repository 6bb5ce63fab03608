package rdb

import (
	"strconv"

	"github.com/residedb/reside/persist"
)

// What a file of ours says of itself, beside what Redis's do.
const (
	auxHistory   = "reside-history"
	auxPosition  = "reside-position"
	auxClock     = "reside-clock"
	auxDatabases = "reside-databases"
	auxKeys      = "reside-keys"
	auxParts     = "reside-parts"
	auxTimed     = "reside-timed"
)

// aux is one thing that a file says of itself.
type aux struct{ name, value string }

// auxOf lays out what a snapshot is of.
func auxOf(s persist.Snapshot) []aux {
	text := func(n int64) string { return strconv.FormatInt(n, 10) }
	return []aux{
		{"ctime", text(max(s.Clock, 0) / 1000)},
		{auxHistory, s.History},
		{auxPosition, text(s.Position)},
		{auxClock, text(s.Clock)},
		{auxDatabases, text(int64(s.Databases))},
		{auxKeys, text(s.Keys)},
		{auxParts, text(int64(s.Parts))},
		{auxTimed, text(s.Timed)},
	}
}

// aboutOf reads what a snapshot is of. A file of Redis's has no history, and is at the
// beginning of one. ok is false for numbers that cannot be.
func aboutOf(aux map[string]string, parts int) (s persist.Snapshot, ok bool) {
	ok = true
	number := func(name string) (n int64) {
		text, has := aux[name]
		if !has {
			return 0
		}
		n, err := strconv.ParseInt(text, 10, 64)
		ok = ok && err == nil && (n >= 0 || name == auxClock)
		return n
	}
	if _, own := aux[auxHistory]; !own {
		s.Parts = parts
		if seconds, err := strconv.ParseInt(aux["ctime"], 10, 64); err == nil {
			s.Clock = seconds * 1000
		}
		return s, true
	}
	s = persist.Snapshot{
		History: aux[auxHistory], Position: number(auxPosition), Clock: number(auxClock), Databases: int(number(auxDatabases)),
		Keys: number(auxKeys), Parts: int(number(auxParts)), Timed: number(auxTimed),
	}
	return s, ok && s.Parts <= 1<<20 && s.Databases <= 1<<31-1
}

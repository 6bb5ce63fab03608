package snapshot

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	namePrefix = "snapshot-"
	nameSuffix = ".rsnap"
	tempSuffix = ".tmp"

	numberDigits, positionDigits = 10, 20
)

// fileName is what the name of a file says.
type fileName struct {
	number     int64 // snapshots of a directory are numbered as they are made
	position   int64
	unfinished bool
}

// String is the name. Names are ordered as numbers are.
func (n fileName) String() string {
	s := fmt.Sprintf("%s%0*d-%0*d%s", namePrefix, numberDigits, n.number, positionDigits, n.position, nameSuffix)
	if n.unfinished {
		s += tempSuffix
	}
	return s
}

// parseName reads a name; ok is false for that of another file.
func parseName(s string) (n fileName, ok bool) {
	rest, unfinished := strings.CutSuffix(s, tempSuffix)
	rest = strings.TrimSuffix(strings.TrimPrefix(rest, namePrefix), nameSuffix)
	number, position, _ := strings.Cut(rest, "-")
	n.unfinished = unfinished
	n.number, _ = strconv.ParseInt(number, 10, 64)
	n.position, _ = strconv.ParseInt(position, 10, 64)
	return n, n.String() == s && n.number >= 0 && n.position >= 0
}

package appendlog

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

const (
	namePrefix = "log-"
	nameSuffix = ".rlog"

	historyDigits, positionDigits, numberDigits = 32, 19, 19
)

// What a name has behind it for files that are not segments.
const (
	tempSuffix     = ".tmp"      // a segment that has not begun
	archivedSuffix = ".archived" // the segment is in the archive
	damagedSuffix  = ".damaged"  // set aside by repair; a number may follow
)

// fileName is what the name of a segment says.
type fileName struct {
	history  string
	position int64 // its records are those behind it
	number   int64 // grows, also where a log goes on in another directory: it is greater than the position
}

// String is the name. Names are ordered as numbers are.
func (n fileName) String() string {
	return fmt.Sprintf("%s%0*d-%0*d-%s%s", namePrefix, numberDigits, n.number, positionDigits, n.position, n.history, nameSuffix)
}

// parseName reads a name, and what it has behind it; ok is false for that of another
// file.
func parseName(s string) (n fileName, suffix string, ok bool) {
	const length = len(namePrefix) + numberDigits + 1 + positionDigits + 1 + historyDigits + len(nameSuffix)
	if len(s) < length {
		return n, "", false
	}
	s, suffix = s[:length], s[length:]
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(s, namePrefix), nameSuffix), "-")
	if len(parts) != 3 || !isHistory(parts[2]) {
		return n, "", false
	}
	n.history = parts[2]
	n.number, _ = strconv.ParseInt(parts[0], 10, 64)
	n.position, _ = strconv.ParseInt(parts[1], 10, 64)
	return n, suffix, n.String() == s && n.position >= 0 && n.number >= 0
}

// isHistory reports whether it is 32 hexadecimal digits, in lower case.
func isHistory(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(s) == historyDigits && hex.EncodeToString(b) == s
}

// segments are the names of segments among all names of a directory, by number.
func segments(all []string) (names []fileName) {
	for _, s := range all {
		if n, suffix, ok := parseName(s); ok && suffix == "" {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b fileName) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.position, b.position))
	})
	return names
}

// greatest is the greatest number that any file has, of whatever kind.
func greatest(all []string) (number int64) {
	for _, s := range all {
		if n, _, ok := parseName(s); ok {
			number = max(number, n.number)
		}
	}
	return number
}

// inForce are the segments of one history that have records which count, by number: not
// those that begin where a later one does, or behind that.
func inForce(names []fileName, history string) (kept []fileName) {
	least := int64(math.MaxInt64)
	for _, n := range slices.Backward(names) {
		if n.history == history && n.position < least {
			kept = append(kept, n)
			least = n.position
		}
	}
	slices.Reverse(kept)
	return kept
}

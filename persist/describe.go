package persist

import "github.com/residedb/reside/internal/effect"

// Describe says for people what effects do, those of a record or of a chunk: a line for
// each, with the operation, the key, numbers and bytes. The form may change. It shows
// values, so it is nothing for logs that others read.
func Describe(effects []byte) (lines []string, err error) {
	r := effect.NewReader(effects)
	for e, ok := r.Next(); ok; e, ok = r.Next() {
		lines = append(lines, e.String())
	}
	return lines, r.Err()
}

package redistest

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// Dump is everything that the store holds as text that always comes out the same, for
// golden files and for people. It is a script of the commands that would make it,
// which Load reads:
//
//	SET greeting "hello world"
//	PEXPIRE greeting 60000
//	RPUSH queue first
//	RPUSH queue second
//	ZADD scores 1.5 ada
//	SELECT 1
//	HSET user:1 name "Ada Lovelace"
//	HSET user:1 session abc
//	HPEXPIRE user:1 1000 FIELDS 1 session
//	SADD visitors ada
//
// The command tells the type. Databases and keys are in order; so are the elements of
// a list or a sorted set, in their own, and the lines of a set or a hash. Each has
// a line of its own. A time to live is what is left of it, in milliseconds, on the store's
// clock: a golden file with one needs a clock that stands still, or a bubble of
// testing/synctest. What is no plain word is quoted; bytes that are no text are
// \xHH. It takes O(n) for n elements, and the whole store waits meanwhile.
func Dump(s *store.Store) string {
	var b strings.Builder
	db := 0
	for _, k := range list(s, remaining) {
		if k.db != db {
			db = k.db
			b.WriteString(line([]string{"SELECT", strconv.Itoa(db)}) + "\n")
		}
		for _, l := range k.lines {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

// listed is a key as lines of commands.
type listed struct {
	db    int
	name  string
	lines []string
}

// expiry says how a deadline is told: the command without its HP or P, and its
// number.
type expiry func(deadline, now int64) (command, millis string)

// remaining tells how long something still lives.
func remaining(deadline, now int64) (command, millis string) {
	return "PEXPIRE", strconv.FormatInt(deadline-now, 10)
}

// absolute tells when something ends.
func absolute(deadline, _ int64) (command, millis string) {
	return "PEXPIREAT", strconv.FormatInt(deadline, 10)
}

// list reads all keys at one time, in order.
func list(s *store.Store, e expiry) []listed {
	eng := store.Engine(s)
	tx := eng.Begin(nil, true, false)
	defer tx.Commit()
	now := tx.Now()
	var all []listed
	for db := range eng.Databases() {
		_ = tx.EachEntry(db, func(entry *engine.Entry) error {
			key := string(entry.Key())
			all = append(all, listed{db, key, append(elements(entry, key, now, e), deadline(entry, key, now, e)...)})
			return nil
		})
	}
	slices.SortFunc(all, func(a, b listed) int {
		if a.db != b.db {
			return a.db - b.db
		}
		return strings.Compare(a.name, b.name)
	})
	return all
}

// elements are the lines of a value.
func elements(entry *engine.Entry, key string, now int64, e expiry) (lines []string) {
	kind := entry.Kind()
	entry.Each(func(parts ...[]byte) {
		switch kind {
		case engine.String:
			lines = append(lines, line([]string{"SET", key, string(parts[0])}))
		case engine.List:
			lines = append(lines, line([]string{"RPUSH", key, string(parts[0])}))
		case engine.Set:
			lines = append(lines, line([]string{"SADD", key, string(parts[0])}))
		case engine.ZSet:
			lines = append(lines, line([]string{"ZADD", key, score(parts[1]), string(parts[0])}))
		case engine.Hash:
			lines = append(lines, field(key, parts, now, e))
		default:
			panic(fmt.Sprintf("redistest: a value of kind %v", kind))
		}
	})
	switch kind {
	case engine.Set:
		slices.Sort(lines)
	case engine.Hash:
		slices.Sort(lines)
		lines = strings.Split(strings.Join(lines, "\n"), "\n") // a field with a deadline has two
	}
	return lines
}

// field is the line of a hash's field, with a second one for its deadline.
func field(key string, parts [][]byte, now int64, e expiry) string {
	text := line([]string{"HSET", key, string(parts[0]), string(parts[1])})
	if at := int64(binary.BigEndian.Uint64(parts[2])); at != 0 {
		command, millis := e(at, now)
		text += "\n" + line([]string{"H" + command, key, millis, "FIELDS", "1", string(parts[0])})
	}
	return text
}

// deadline is the line about when a key ends.
func deadline(entry *engine.Entry, key string, now int64, e expiry) []string {
	if entry.Deadline() == 0 {
		return nil
	}
	command, millis := e(entry.Deadline(), now)
	return []string{line([]string{command, key, millis})}
}

// score is a score as ZADD reads it.
func score(bits []byte) string {
	f := math.Float64frombits(binary.BigEndian.Uint64(bits))
	return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+")) // inf, as ZSCORE has it
}

// line joins words so that SplitLine takes them apart again.
func line(words []string) string {
	quotes := make([]string, len(words))
	for i, w := range words {
		quotes[i] = quoted(w)
	}
	return strings.Join(quotes, " ")
}

// quoted is a word as redis-cli reads it.
func quoted(w string) string {
	plain := w != "" && w[0] != '#'
	var b strings.Builder
	for len(w) > 0 {
		r, n := utf8.DecodeRuneInString(w)
		switch {
		case r == '"' || r == '\\':
			plain = false
			b.WriteString(`\` + w[:n])
		case r == '\'' || r == ' ':
			plain = false
			b.WriteString(w[:n])
		case r == utf8.RuneError && n == 1 || !unicode.IsPrint(r):
			plain = false
			escape(&b, w[:n])
		default:
			b.WriteString(w[:n])
		}
		w = w[n:]
	}
	if plain {
		return b.String()
	}
	return `"` + b.String() + `"`
}

// escape writes bytes that are no text.
func escape(b *strings.Builder, s string) {
	switch s {
	case "\n":
		b.WriteString(`\n`)
	case "\r":
		b.WriteString(`\r`)
	case "\t":
		b.WriteString(`\t`)
	default:
		for i := range len(s) {
			fmt.Fprintf(b, `\x%02x`, s[i])
		}
	}
}

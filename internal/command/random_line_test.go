package command_test

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/arg"
)

// liner makes up command lines from what the rows say of their arguments: most
// are right, some have an edge for a value, some are broken on purpose.
type liner struct {
	*rand.Rand
	row  *command.Named
	line []string
}

// make is a line for the row.
func (l *liner) make(n *command.Named) []string {
	l.row, l.line = n, nil
	name := strings.Split(n.Meta().Name, "|")
	l.arguments(n.Spec.Arguments)
	if l.chance(8) {
		l.spoil()
	}
	return append(name, l.line...)
}

// chance is true in so many of a hundred cases.
func (l *liner) chance(percent int) bool { return l.IntN(100) < percent }

func pick[T any](l *liner, from []T) T { return from[l.IntN(len(from))] }

// spoil breaks the line in one place.
func (l *liner) spoil() {
	if len(l.line) == 0 {
		l.line = []string{"extra"}
		return
	}
	i, j := l.IntN(len(l.line)), l.IntN(len(l.line))
	switch l.IntN(5) {
	case 0:
		l.line = append(l.line[:i:i], l.line[i+1:]...)
	case 1:
		l.line = append(l.line, l.line[i])
	case 2:
		l.line[i], l.line[j] = l.line[j], l.line[i]
	case 3:
		l.line[i] = pick(l, wrong)
	default:
		l.line = append(l.line, pick(l, []string{"extra", "NX", "LIMIT", "COUNT", "GET", ""}))
	}
}

// arguments writes a list of them; neighbouring options come in any order.
func (l *liner) arguments(list []arg.Argument) {
	for i := 0; i < len(list); {
		if !list[i].Optional {
			i += l.one(list[i:])
			continue
		}
		end := i
		for end < len(list) && list[end].Optional {
			end++
		}
		for _, at := range l.Perm(end - i) {
			if a := list[i+at]; l.chance(200 / (end - i + 3)) {
				l.times(a)
			}
		}
		i = end
	}
}

// one writes the first argument of the list, or a count and what it counts, and
// says how many arguments that were.
func (l *liner) one(list []arg.Argument) int {
	a := list[0]
	if !strings.HasPrefix(a.Name, "num") || len(list) == 1 || !list[1].Multiple {
		l.times(a)
		return 1
	}
	at, n := len(l.line), 1+l.IntN(3)
	l.line = append(l.line, strconv.Itoa(n))
	if l.chance(5) {
		l.line[at] = pick(l, wrongInts)
	}
	for range n {
		l.value(list[1])
	}
	return 2
}

// times writes an argument, its token before it, once or more often.
func (l *liner) times(a arg.Argument) {
	if a.Token != "" {
		l.line = append(l.line, l.word(a.Token))
	}
	n := 1
	if a.Multiple {
		n += l.IntN(4)
	}
	for range n {
		l.value(a)
	}
}

// word is a token in some case.
func (l *liner) word(token string) string {
	if l.chance(30) {
		return strings.ToLower(token)
	}
	return token
}

// value writes what stands for an argument.
func (l *liner) value(a arg.Argument) {
	switch a.Type {
	case "pure-token":
		if a.Token == "" {
			l.line = append(l.line, l.word(strings.ToUpper(a.Name)))
		}
	case "oneof":
		l.times(pick(l, a.Arguments))
		if l.chance(15) {
			l.times(pick(l, a.Arguments)) // one too many
		}
	case "block":
		l.arguments(a.Arguments)
	case "key":
		l.line = append(l.line, l.key())
	default:
		l.line = append(l.line, l.text(a))
	}
}

// key is a name out of a few; most of a command's keys hold what it works on.
func (l *liner) key() string {
	group := l.row.Meta().Group
	if l.lex() {
		return equalKey
	}
	if l.chance(10) || group == "generic" || group == "server" {
		group = pick(l, []string{"string", "list", "set", "sorted_set", "hash"})
	}
	return group + strconv.Itoa(l.IntN(3))
}

// equalKey is a sorted set whose members all have the same score.
const equalKey = "equal"

// lex reports whether the line asks for a range of members: what that is where
// the scores differ is nowhere said.
func (l *liner) lex() bool {
	name := l.row.Meta().Name
	return strings.Contains(name, "lex") || name == "zrange" && l.chance(30)
}

// equalScores is a line that adds to the set.
func (l *liner) equalScores() []string {
	line := []string{"ZADD", equalKey}
	for range 1 + l.IntN(8) {
		line = append(line, "0", pick(l, texts))
	}
	return line
}

// text is the value of an argument by its name and type.
func (l *liner) text(a arg.Argument) string {
	name := l.row.Meta().Name
	switch {
	case l.chance(2):
		return pick(l, wrong)
	case a.Name == "pattern":
		return l.pattern()
	case a.Name == "cursor":
		return pick(l, cursors)
	case a.Name == "type":
		return pick(l, []string{"string", "list", "SET", "zset", "hash", "none"})
	case strings.Contains(a.Name, "db") || strings.HasPrefix(name, "swapdb"):
		return pick(l, []string{"0", "1", "1", "15", "16", "-1"})
	case strings.Contains(a.Name, "seconds"):
		return l.time(a.Name)
	case a.Name == "start" || a.Name == "stop":
		return l.bound(name)
	case a.Name == "timeout":
		return pick(l, []string{"0", "0.1", "1", "1.5", "-1", "abc", "1e-3", "0x10"})
	case a.Type == "double" || a.Name == "weight" || name == "zincrby" && a.Name == "increment":
		return pick(l, floats)
	case a.Type == "integer":
		return l.integer(name)
	case l.chance(60):
		return pick(l, texts[:8]) // elements that are there
	}
	return pick(l, texts)
}

// pattern is one for names: a usual one, or any mixture of what means something.
func (l *liner) pattern() string {
	if l.chance(50) {
		return pick(l, patterns)
	}
	b := make([]byte, l.IntN(8))
	for i := range b {
		b[i] = pick(l, []byte("**??[]^-\\abs10"))
	}
	return string(b)
}

// time is a time to live that does not end while the test runs, or has ended.
func (l *liner) time(name string) string {
	if l.chance(15) {
		return pick(l, []string{"0", "-1", "-100", "abc", "9223372036854775807", "-9223372036854775808", "9223372036854775", "9223372036854776", "1.5"})
	}
	n := 1000 + l.Int64N(1000000)
	if strings.HasPrefix(name, "unix") {
		n += 4102444800 // 2100
	}
	if strings.Contains(name, "milli") {
		n *= 1000
	}
	return strconv.FormatInt(n, 10)
}

// bound is an end of a range: an index, a score or a member, as the command has it.
func (l *liner) bound(name string) string {
	kinds := [][]string{ints, scoreBounds, lexBounds}
	switch {
	case strings.Contains(name, "lex"):
		return pick(l, lexBounds)
	case strings.Contains(name, "score") || name == "zcount":
		return pick(l, scoreBounds)
	case strings.HasPrefix(name, "zrange") && l.chance(60):
		return pick(l, pick(l, kinds))
	}
	return pick(l, ints)
}

// integer is a number; those that would make a command fill the memory are left out.
func (l *liner) integer(name string) string {
	if strings.HasSuffix(name, "randmember") || name == "hrandfield" {
		return pick(l, []string{"0", "1", "2", "5", "-1", "-3", "100", "-9223372036854775808", "9223372036854775807", "4611686018427387904", "abc", "01"})
	}
	return pick(l, ints)
}

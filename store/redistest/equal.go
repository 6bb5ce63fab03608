package redistest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/residedb/reside/store"
)

// Equal fails the test, which goes on, unless both stores hold the same keys with the
// same values, in the same databases, that expire at the same time. It shows what
// differs, in the commands of Dump: with - before what only want has, and + before
// what only got has.
//
//	redistest: the stores differ, keys: 2
//	  greeting
//	  - SET greeting hello
//	  + SET greeting hi
//	  queue [1]
//	    RPUSH queue first
//	  + RPUSH queue second
//
// The number in brackets is the database, if it is not 0. Encodings, memory and when
// a key was used do not matter.
func Equal(t testing.TB, want, got *store.Store) bool {
	t.Helper()
	diff, n := differences(list(want, absolute), list(got, absolute))
	if n == 0 {
		return true
	}
	t.Errorf("redistest: the stores differ, keys: %d\n%s", n, diff)
	return false
}

// shownKeys is how many keys that differ are shown, and shownLines how many lines of
// one.
const shownKeys, shownLines = 20, 20

// differences goes through both lists, which are in order.
func differences(want, got []listed) (diff string, n int) {
	var b strings.Builder
	for len(want) > 0 || len(got) > 0 {
		k, was, is := next(&want, &got)
		if slices.Equal(was, is) {
			continue
		}
		if n++; n <= shownKeys {
			b.WriteString("  " + quoted(k.name))
			if k.db != 0 {
				fmt.Fprintf(&b, " [%d]", k.db)
			}
			b.WriteString("\n" + changed(was, is))
		}
	}
	if n > shownKeys {
		fmt.Fprintf(&b, "  and %d more keys\n", n-shownKeys)
	}
	return b.String(), n
}

// next takes the first key off the lists; one that does not have it has no lines.
func next(want, got *[]listed) (k listed, was, is []string) {
	var order int
	switch {
	case len(*got) == 0:
		order = -1
	case len(*want) == 0:
		order = 1
	default:
		a, b := (*want)[0], (*got)[0]
		order = cmp.Or(cmp.Compare(a.db, b.db), strings.Compare(a.name, b.name))
	}
	if order >= 0 {
		k = (*got)[0]
		is, *got = k.lines, (*got)[1:]
	}
	if order <= 0 {
		k = (*want)[0]
		was, *want = k.lines, (*want)[1:]
	}
	return k, was, is
}

// changed shows what is between the lines that both begin and end with, and the one
// before it.
func changed(was, is []string) string {
	head := 0
	for head < min(len(was), len(is)) && was[head] == is[head] {
		head++
	}
	var b strings.Builder
	if head > 0 {
		b.WriteString("    " + shortened(was[head-1]) + "\n")
	}
	was, is = was[head:], is[head:]
	for len(was) > 0 && len(is) > 0 && was[len(was)-1] == is[len(is)-1] {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	mark(&b, "-", was)
	mark(&b, "+", is)
	return b.String()
}

func mark(b *strings.Builder, sign string, lines []string) {
	for i, l := range lines {
		if i == shownLines {
			fmt.Fprintf(b, "  %s and %d more lines\n", sign, len(lines)-i)
			return
		}
		b.WriteString("  " + sign + " " + shortened(l) + "\n")
	}
}

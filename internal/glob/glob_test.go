package glob

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"a", "a", true}, {"a", "ab", false}, {"ab", "a", false},
		{"*", "", false}, {"*", "abc", true}, {"**", "", false}, {"a*", "a", true}, {"a*c", "abbc", true}, {"a*c", "abb", false},
		{"*abc", "ababc", true}, {"*a*b*", "xxaxxbxx", true}, {"*a*b", "xbxa", false},
		{"?", "", false}, {"?", "a", true}, {"h?llo", "hello", true}, {"h?llo", "hllo", false}, {"?*", "", false},
		{"h[ae]llo", "hello", true}, {"h[ae]llo", "hillo", false}, {"h[^e]llo", "hallo", true}, {"h[^e]llo", "hello", false},
		{"h[a-b]llo", "hbllo", true}, {"h[b-a]llo", "hallo", true}, {"h[a-b]llo", "hcllo", false}, {"[-a]", "-", true}, {"[a-]", "-", false}, {"[a-]", "_", true},
		{`\*`, "*", true}, {`\*`, "a", false}, {`a\`, `a\`, true}, {`[\]]`, "]", true}, {`[\-]`, "-", true}, {`[a\-z]`, "b", false},
		{"[]", "a", false}, {"[^]", "a", true}, {"[a", "a", true}, {"[a", "b", false}, {"[a-", "-", true}, {"[", "[", false}, {"[^", "x", true},
		{"[a-z]*", "q", true}, {"A", "a", false},
	} {
		require.Equal(t, c.want, Match([]byte(c.pattern), []byte(c.s)), "%q %q", c.pattern, c.s)
	}
	require.True(t, MatchFold([]byte("MaX*[A-C]\\X"), []byte("mAxmemorybx")))
	require.False(t, MatchFold([]byte("[a-c]"), []byte("D")))
}

// TestManyStars has a pattern that costs a naive matcher exponential time.
func TestManyStars(t *testing.T) {
	start := time.Now()
	require.False(t, Match([]byte(strings.Repeat("*a", 1000)+"b"), []byte(strings.Repeat("a", 10_000))))
	require.Less(t, time.Since(start), 5*time.Second)
}

// naive matches by trying everything.
func naive(p, s []byte) bool {
	if len(p) == 0 {
		return len(s) == 0
	}
	if p[0] == '*' {
		return naive(p[1:], s) || len(s) > 0 && naive(p, s[1:])
	}
	if len(s) == 0 {
		return false
	}
	rest, ok := one(p, s[0], false)
	return ok && naive(rest, s[1:])
}

// lowered has ASCII letters alone in lower case.
func lowered(b []byte) []byte {
	c := make([]byte, len(b))
	for i := range b {
		c[i] = lower(b[i], true)
	}
	return c
}

func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{{"a*b?c*", "axxbxcb"}, {"*[a-c]*[^b]", "abcabc"}, {`*\*a`, "b*a"}, {"[a-", "a"}} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, pattern, s []byte) {
		if len(pattern) > 12 || len(s) > 20 {
			return // the naive matcher needs too long
		}
		want := naive(pattern, s) && (len(s) > 0 || len(pattern) == 0)
		require.Equal(t, want, Match(pattern, s), "%q %q", pattern, s)
		require.Equal(t, Match(lowered(pattern), lowered(s)), MatchFold(pattern, s), "%q %q", pattern, s)
	})
}

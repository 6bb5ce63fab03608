package script

import (
	"flag"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

var record = flag.String("record", "", "script whose replies are recorded from a real redis-server")

func TestRecord(t *testing.T) {
	if *record == "" {
		t.Skip("nothing to record: -record names no script")
	}
	require.NoError(t, Record(*record, StartRedis(t)))
}

// notThere matches scripts about what the oracle does not have: newer versions, and what
// is Reside's own.
var notThere = regexp.MustCompile(`_(\d+\.\d+|own)\.script$`)

func TestScriptsOnRedis(t *testing.T) {
	addr := StartRedis(t)
	paths, err := filepath.Glob("../*/testdata/*.script")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		if notThere.MatchString(path) {
			continue
		}
		f, err := Parse(path)
		require.NoError(t, err)
		for proto := 2; proto <= 3; proto++ {
			t.Run(filepath.Base(path)+"/RESP"+string(rune('0'+proto)), func(t *testing.T) { Run(t, f, addr, proto, nil) })
		}
	}
}

// newer are the scripts about what came after the oracle, as Redis 8.0 has it too. What
// that does otherwise than 7.2 is not among them.
var newer = regexp.MustCompile(`(generic|list|set|sorted_set|transactions|connection)_7\.2|hash_(7\.4|8\.0)`)

func TestNewerScriptsOnRedis8(t *testing.T) {
	addr := StartOther(t, "redis-8.0")
	paths, err := filepath.Glob("../*/testdata/*.script")
	require.NoError(t, err)
	run := 0
	for _, path := range paths {
		if !newer.MatchString(filepath.Base(path)) {
			continue
		}
		run++
		f, err := Parse(path)
		require.NoError(t, err)
		for proto := 2; proto <= 3; proto++ {
			t.Run(filepath.Base(path)+"/RESP"+string(rune('0'+proto)), func(t *testing.T) { Run(t, f, addr, proto, nil) })
		}
	}
	require.Equal(t, 8, run)
}

func TestStepMatches(t *testing.T) {
	ab := Value{Kind: '*', Kids: []Value{{Kind: '$', Text: "a"}, {Kind: '$', Text: "b"}}}
	ba := Value{Kind: '*', Kids: []Value{{Kind: '$', Text: "b"}, {Kind: '$', Text: "a"}}}
	require.True(t, (&Step{}).matches(ab, `["a" "b"]`))
	require.False(t, (&Step{}).matches(ba, `["a" "b"]`))
	require.True(t, (&Step{Any: true}).matches(ba, `["a" "b"]`))
	require.True(t, (&Step{Regex: true}).matches(ab, `/\["a" .*\]/`))
	require.False(t, (&Step{Regex: true}).matches(ab, `/"a"/`))
}

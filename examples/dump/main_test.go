package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/persist/rdb"
	"github.com/residedb/reside/types"
)

// call runs the program.
func call(t *testing.T, in string, args ...string) (out string, err error) {
	t.Helper()
	var b bytes.Buffer
	err = run(t.Context(), args, strings.NewReader(in), &b, new(bytes.Buffer))
	return b.String(), err
}

// must runs the program, which is to succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := call(t, "", args...)
	require.NoError(t, err)
	return out
}

// inAnHour is a deadline.
var inAnHour = time.Now().Add(time.Hour).Truncate(time.Millisecond).UTC()

// everything are lines that use all there is.
func everything() string {
	at := inAnHour.Format(time.RFC3339Nano)
	return `{"key":"greeting","type":"string","value":"<hello>"}
{"key":"n","type":"string","value":"42","expires":"` + at + `"}
{"key":{"base64":"AP8="},"type":"string","value":{"base64":"/w=="}}
{"key":"jobs","type":"list","value":["b","a","b"]}
{"key":"tags","type":"set","value":["a","b"]}
{"key":"numbers","type":"set","value":["1","2"]}
{"key":"scores","type":"zset","value":[["low","-Inf"],["ada","0.1"],["grace","85"],["top","+Inf"]]}
{"key":"user","type":"hash","value":[["age","36"],["token","x","` + at + `"]]}
{"db":3,"key":"greeting","type":"string","value":"elsewhere"}
`
}

// file writes a file.
func file(t *testing.T, name, content string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

// TestThereAndBack turns lines into each kind of file and back.
func TestThereAndBack(t *testing.T) {
	lines := file(t, "lines.jsonl", everything())
	for _, kind := range []string{"jsonl", "rdb", "backup"} {
		t.Run(kind, func(t *testing.T) {
			other := filepath.Join(t.TempDir(), "other."+kind)
			must(t, "convert", lines, other)
			require.ElementsMatch(t, strings.Split(everything(), "\n"), strings.Split(must(t, "convert", other, "-"), "\n"))
			require.Empty(t, must(t, "diff", lines, other))
			left, err := filepath.Glob(filepath.Join(filepath.Dir(other), "*.tmp"))
			require.NoError(t, err)
			require.Empty(t, left)

			must(t, "convert", "-match", "*s", "-type", "set", lines, other)
			require.ElementsMatch(t, []string{
				`{"key":"tags","type":"set","value":["a","b"]}`, `{"key":"numbers","type":"set","value":["1","2"]}`, "",
			}, strings.Split(must(t, "convert", other, "-"), "\n"))
		})
	}
}

// TestLinesAreWhatHandlesSee loads lines by the program, and looks with handles.
func TestLinesAreWhatHandlesSee(t *testing.T) {
	o := &options{databases: 4}
	s, err := o.load(t.Context(), file(t, "x", everything()))
	require.NoError(t, err)
	defer func() { _ = s.Close() }()
	v, _, err := types.NewString[string](s, "\x00\xff").Get(t.Context())
	require.NoError(t, err)
	require.Equal(t, "\xff", v)
	z, err := types.NewZSet[string](s, "scores").Range(t.Context(), types.ByRank(0, -1))
	require.NoError(t, err)
	require.Equal(t, []types.Scored[string]{{Member: "low", Score: math.Inf(-1)}, {Member: "ada", Score: 0.1}, {Member: "grace", Score: 85}, {Member: "top", Score: math.Inf(1)}}, z)
	due, err := types.NewHash[string, string](s, "user").FieldExpireTimes(t.Context(), "age", "token")
	require.NoError(t, err)
	require.False(t, due[0].OK)
	require.True(t, due[1].V.Equal(inAnHour))
	v, _, err = types.NewString[string](s.Select(3), "greeting").Get(t.Context())
	require.NoError(t, err)
	require.Equal(t, "elsewhere", v)
}

// TestDiff compares two files that differ in all ways.
func TestDiff(t *testing.T) {
	out, err := call(t, strings.NewReplacer(
		`["b","a","b"]`, `["a","b","b"]`, `"key":"tags","type":"set"`, `"key":"tags","type":"list"`, `"greeting","type":"string","value":"<`, `"new","type":"string","value":"<`,
		`"value":"42","expires"`, `"value":"42"}`+"\n"+`{"key":"also","type":"string","value":"","expires"`,
	).Replace(everything()), "diff", file(t, "one", everything()), "-")
	require.ErrorIs(t, err, errDifferent)
	require.ElementsMatch(t, []string{
		`- 0 "greeting"`, `+ 0 "new"`, `+ 0 "also"`, `~ 0 "jobs": another value`, `~ 0 "tags": a set, and a list`,
		`~ 0 "n": it expires only in the first, at ` + inAnHour.String(), "",
	}, strings.Split(out, "\n"))
}

// TestSummary counts keys.
func TestSummary(t *testing.T) {
	out := must(t, "summary", "-top", "2", file(t, "x", everything()+
		`{"key":"biggest","type":"string","value":"`+strings.Repeat("x", 5000)+`"}`))
	for _, want := range []string{`string +5 +\d{4} `, `list +1 `, `set +2 `, `all +10 `, `for ever +9 `, `an hour +1 `, `"biggest" +0 +string +5\d\d\d\n`} {
		require.Regexp(t, want, out)
	}
	require.Equal(t, 2, strings.Count(out, `"`)/2, "the two biggest: %s", out)
}

// TestExpired leaves keys out whose time has come.
func TestExpired(t *testing.T) {
	old := file(t, "x", `{"key":"k","type":"string","value":"v","expires":"2001-01-01T00:00:00Z"}`)
	require.Empty(t, must(t, "convert", old, "-"))
}

// TestWhatIsRefused gives the program what it cannot read.
func TestWhatIsRefused(t *testing.T) {
	for in, why := range map[string]string{
		"hello":                    "it is no dump",
		"REDIS0013":                "later version",
		"REDIS0009\xfe":            "it ends in the middle",
		`{"key":"k","type":"odd"}`: `line 1, key "k": the type "odd" is unknown`,
		`{"key":"k","typo":1}`:     "unknown field",
		`{"key":"k","db":16}`:      "there is no database 16",
		strings.Repeat(`{"key":"k","type":"list","value":["a"]}`+"\n", 2): `line 2, key "k": it is there twice`,
	} {
		_, err := call(t, in, "summary", "-")
		require.ErrorContains(t, err, why)
	}
	_, err := call(t, "RSNAP\nx", "summary", "-")
	require.ErrorIs(t, err, persist.ErrDamaged)
	for _, args := range [][]string{nil, {"convert", "a"}, {"odd", "a", "b"}} {
		_, err := call(t, "", args...)
		require.ErrorIs(t, err, errUsage)
	}
	_, err = call(t, "", "summary", filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestRealDumps reads the dumps of real servers, where they are.
func TestRealDumps(t *testing.T) {
	dumps := filepath.Join("..", "..", "..", "shared", "rdb")
	if _, err := os.Stat(dumps); err != nil {
		t.Skip("there are no real dumps in ", dumps)
	}
	require.Equal(t, `{"key":"s","type":"set","value":["a","b","c","d"]}`+"\n", must(t, "convert", filepath.Join(dumps, "set_listpack.rdb"), "-"))
	hash := must(t, "convert", filepath.Join(dumps, "hash_with_hfe.rdb"), "-")
	require.Contains(t, hash, `["F1","V1","2057-04-26T03:47:04.661Z"]`)
	require.Contains(t, hash, `["F8","V8"]`)

	var log bytes.Buffer
	streams := filepath.Join(dumps, "redis_50_with_streams.rdb")
	require.ErrorIs(t, run(t.Context(), []string{"summary", streams}, nil, new(bytes.Buffer), &log), rdb.ErrUnsupported)
	require.NoError(t, run(t.Context(), []string{"summary", "-skip", streams}, nil, new(bytes.Buffer), &log))
	require.Contains(t, log.String(), "left out: a stream, key ")

	must(t, "convert", filepath.Join(dumps, "expiration.rdb"), filepath.Join(t.TempDir(), "x.rdb"))
	require.NotContains(t, must(t, "convert", filepath.Join(dumps, "expiration.rdb"), "-"), `"expired"`)
}

// TestAppendOnlyData reads a directory as Redis 7 writes it, and a file of an older one.
func TestAppendOnlyData(t *testing.T) {
	words := func(words ...string) string {
		b := fmt.Sprintf("*%d\r\n", len(words))
		for _, w := range words {
			b += fmt.Sprintf("$%d\r\n%s\r\n", len(w), w)
		}
		return b
	}
	commands := words("SELECT", "1") + words("RPUSH", "jobs", "a", "b") + words("XADD", "s", "1-1", "f", "v")
	dir := t.TempDir()
	for name, content := range map[string]string{
		"appendonly.aof.manifest":   "file appendonly.aof.1.incr.aof seq 1 type i\n",
		"appendonly.aof.1.incr.aof": commands + "*2\r\n$3\r\nDE",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	for _, from := range []string{dir, filepath.Join(dir, "appendonly.aof.manifest"), file(t, "old.aof", commands)} {
		require.ErrorContains(t, run(t.Context(), []string{"convert", from, "-"}, nil, new(bytes.Buffer), new(bytes.Buffer)), "XADD")
		var out, log bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"convert", "-skip", from, "-"}, nil, &out, &log))
		require.Equal(t, `{"db":1,"key":"jobs","type":"list","value":["a","b"]}`+"\n", out.String())
		require.Contains(t, log.String(), "left out: XADD, 1 times, at first at offset")
		require.Equal(t, !strings.HasSuffix(from, "old.aof"), strings.Contains(log.String(), "left out: 10 bytes"))
	}
}

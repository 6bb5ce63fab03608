package wire

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// read takes every command from the stream and the error that ended it.
func read(src io.Reader, l Limits) (commands [][][]byte, err error) {
	r := NewReader(src)
	r.Limits = l
	for {
		args, err := r.Next()
		if err != nil {
			return commands, err
		}
		own := make([][]byte, len(args))
		for i, a := range args {
			own[i] = append([]byte{}, a...)
		}
		commands = append(commands, own)
	}
}

// appendCommand is a command as client libraries write it.
func appendCommand(dst []byte, args [][]byte) []byte {
	w := Writer{Buf: dst, Proto: 2}
	w.Array(len(args))
	for _, a := range args {
		w.Bulk(a)
	}
	return w.Buf
}

// pieces delivers a stream in pieces of sizes that a seed chooses.
type pieces struct {
	rest []byte
	seed uint64
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	p.seed = p.seed*6364136223846793005 + 1442695040888963407
	n := copy(b, p.rest[:min(len(p.rest), 1+int(p.seed>>60))])
	p.rest = p.rest[n:]
	return n, nil
}

func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"*1\r\n$4\r\nPING\r\n", "PING\r\n", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n\r\nx\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", "*0\r\n*-1\r\nPING\r\n",
		"*1000000000\r\n$1\r\na\r\n", "*1\r\n$536870913\r\n", "*1\r\n$-1\r\n", "*1\r\n:1\r\n", "SET \"a\\x41\" 'b\\''\r\n", "ECHO \"a\r\n", "\x00\r\n*1\x00\r\n",
		"*01\r\n", "*+1\r\n", "*99999999999999999999\r\n", "\r\n\n*1\r\n\r\n", "*1\r\n*1\r\n", "*11\r\n$1\r\na\r\n", "*2\r\n$0\r\n\r\n$16385\r\n",
	} {
		f.Add([]byte(s), uint64(1), false)
		f.Add([]byte(s), uint64(7), true)
	}
	f.Fuzz(func(t *testing.T, input []byte, seed uint64, auth bool) {
		limits := Limits{Bulk: 1 << 20, Query: 2 << 20, Auth: auth}
		whole, err := read(bytes.NewReader(input), limits)
		require.Error(t, err)
		again, errAgain := read(&pieces{input, seed}, limits)
		require.Equal(t, whole, again, "in pieces")
		require.Equal(t, err.Error(), errAgain.Error())

		r := NewReader(bytes.NewReader(input))
		r.Limits = limits
		for _, err := r.Next(); err == nil; _, err = r.Next() {
		}
		require.LessOrEqual(t, r.Size(), max(keepBuffer, 4*len(input)+firstBuffer))

		var written []byte
		for _, c := range whole {
			written = appendCommand(written, c)
		}
		back, err := read(bytes.NewReader(written), Limits{Bulk: 1 << 20, Query: 2 << 20})
		require.Equal(t, io.EOF, err)
		require.Equal(t, whole, back, "written and read again")
	})
}

// quote writes a word so that SplitLine reads it back.
func quote(dst, word []byte) []byte {
	dst = append(dst, '"')
	for _, c := range word {
		dst = append(dst, '\\', 'x', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
	}
	return append(dst, '"')
}

func FuzzSplitLine(f *testing.F) {
	for _, s := range []string{"", "a b", ` "a\n\"b" 'c\'d' e"f g"`, `"abc`, `'abc`, `"a"b`, `\x41`, `"\x4"`, "a\x00b c", "\t\v\f a \r"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		words, ok := SplitLine(line)
		if !ok {
			require.True(t, bytes.ContainsAny(line, `"'`), "only quotes can be unbalanced")
			return
		}
		var quoted []byte
		size := 0
		for _, w := range words {
			quoted = append(quote(quoted, w), ' ')
			size += len(w)
		}
		require.LessOrEqual(t, size, len(line))
		back, ok := SplitLine(quoted)
		require.True(t, ok)
		require.True(t, slices.EqualFunc(words, back, bytes.Equal), "%q became %q", words, back)
	})
}

func TestSplitLine(t *testing.T) {
	for line, want := range map[string][]string{
		"":                     {},
		"  a\tbc  ":            {"a", "bc"},
		`"a b" 'c d'`:          {"a b", "c d"},
		`"\x41\n\q\"" 'a\'\n'`: {"A\nq\"", `a'\n`},
		`a"b c"`:               {"ab c"},
		`"" ''`:                {"", ""},
	} {
		words, ok := SplitLine([]byte(line))
		require.True(t, ok, line)
		got := []string{}
		for _, w := range words {
			got = append(got, string(w))
		}
		require.Equal(t, want, got, line)
	}
	for _, line := range []string{`"`, `'`, `"a"b`, `'a'b`, `"a\"`, `"\x4`} {
		_, ok := SplitLine([]byte(line))
		require.False(t, ok, line)
	}
}

// TestReaderGrows holds the buffer to what has arrived, whatever is announced.
func TestReaderGrows(t *testing.T) {
	for arrived := range 18 {
		n := 1 << arrived
		r := NewReader(io.MultiReader(strings.NewReader("*2\r\n$500000000\r\n"), strings.NewReader(strings.Repeat("x", n))))
		_, err := r.Next()
		require.Equal(t, io.ErrUnexpectedEOF, err)
		require.LessOrEqual(t, r.Size(), max(2*firstBuffer, 4*n))
	}
}

// TestReaderGivesBack looks at the buffer behind a big command.
func TestReaderGivesBack(t *testing.T) {
	big := appendCommand(nil, [][]byte{[]byte("ECHO"), make([]byte, 1<<20)})
	for _, behind := range []string{"", "\r\n", "PING\r\n", "*1\r\n$4\r\nPI"} {
		r := NewReader(io.MultiReader(bytes.NewReader(append(slices.Clone(big), behind...)), strings.NewReader("PING\r\n*1\r\n$4\r\nPING\r\n")))
		_, err := r.Next()
		require.NoError(t, err)
		require.Greater(t, r.Size(), 1<<20)
		require.Greater(t, r.Taken(), 1<<20)
		_, err = r.Next()
		require.NoError(t, err)
		require.LessOrEqual(t, r.Size(), keepBuffer, "%q", behind)
	}
}

func TestReaderQueryLimit(t *testing.T) {
	r := NewReader(strings.NewReader("*1\r\n$100000\r\n" + strings.Repeat("x", 100000)))
	r.Limits.Query = 5000
	_, err := r.Next()
	require.Equal(t, ErrQueryLimit, err)
}

func TestReaderMore(t *testing.T) {
	r := NewReader(iotest.OneByteReader(strings.NewReader("PING\r\nECHO a\r\n")))
	_, err := r.Next()
	require.NoError(t, err)
	require.NoError(t, r.More())
	require.NoError(t, r.More())
	require.Equal(t, 2, r.Buffered())
	args, err := r.Next()
	require.NoError(t, err)
	require.Equal(t, "ECHO", string(args[0]))
	require.Error(t, r.More(), "the client has left")
}

// TestReaderErrors are the protocol errors that a stream ends with.
func TestReaderErrors(t *testing.T) {
	long := strings.Repeat("1", maxInline+1)
	for input, want := range map[string]string{
		"*a\r\n":                    "invalid multibulk length",
		"*2147483648\r\n":           "invalid multibulk length",
		"*1\r\n$-1\r\n":             "invalid bulk length",
		"*1\r\n$" + "536870913\r\n": "invalid bulk length",
		"*1\r\nx\r\n":               "expected '$', got 'x'",
		"*1\r\n\r\n":                "expected '$', got '\r'",
		"*" + long:                  "too big mbulk count string",
		"*1\r\n$" + long:            "too big bulk count string",
		long:                        "too big inline request",
		"\"a\r\n":                   "unbalanced quotes in request",
	} {
		_, err := read(strings.NewReader(input), Limits{})
		var bad *ProtocolError
		require.ErrorAs(t, err, &bad, "%.20q", input)
		require.Equal(t, "Protocol error: "+want, bad.Error())
	}
}

func TestParseInt(t *testing.T) {
	for s, ok := range map[string]bool{"0": true, "5": true, "-5": true, "9223372036854775807": true, "-9223372036854775808": true,
		"": false, "-": false, "-0": false, "00": false, "01": false, "-01": false, "+1": false, " 1": false, "1_0": false, "9223372036854775808": false} {
		n, got := parseInt([]byte(s))
		require.Equal(t, ok, got, s)
		if ok {
			require.Equal(t, s, strconv.FormatInt(n, 10))
		}
	}
}

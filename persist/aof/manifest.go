package aof

import (
	"errors"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/residedb/reside/internal/vfs"
	"github.com/residedb/reside/persist"
)

// manifestSuffix is how the name of a manifest ends.
const manifestSuffix = ".manifest"

// Lines of a manifest have up to so many bytes, their end included, and a manifest is not
// larger than that: a million files are in it.
const (
	longestLine     = 1024
	longestManifest = 64 << 20
)

// link is a file that a manifest names.
type link struct {
	name string
	at   int64 // where the line is that names it
}

// manifest is what one says. (Redis: aofLoadManifestFromFile)
type manifest struct {
	name    string
	base    link // no name if there is none
	incr    []link
	last    int64 // the number of the last incremental file
	history int   // files that do not count
}

// files are those that count, in the order of their content.
func (m *manifest) files() []link {
	if m.base.name == "" {
		return m.incr
	}
	return append([]link{m.base}, m.incr...)
}

// readManifest reads one.
func readManifest(from vfs.FS, name string) (*manifest, error) {
	text, err := readFile(from, name)
	if err != nil {
		return nil, err
	}
	return parseManifest(name, text)
}

func readFile(from vfs.FS, name string) (text string, err error) {
	f, err := from.Open(name)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(f, longestManifest))
	return string(b), errors.Join(err, f.Close())
}

func parseManifest(name, text string) (*manifest, error) {
	m := &manifest{name: name}
	if text == "" {
		return nil, m.bad(0, "a manifest that is empty")
	}
	for at := 0; at < len(text); {
		line, _, ended := strings.Cut(text[at:], "\n")
		switch {
		case strings.HasPrefix(line, "#") && len(line) < longestLine:
		case !ended:
			return nil, m.bad(at, "a line that does not end")
		case len(line) >= longestLine:
			return nil, m.bad(at, "a line that is too long")
		default:
			if err := m.line(int64(at), line); err != nil {
				return nil, err
			}
		}
		at += len(line) + 1
	}
	return m, nil
}

func (m *manifest) bad(at int, reason string) error {
	return &persist.DamageError{File: m.name, Offset: int64(at), Reason: reason}
}

// line reads a line: pairs of words, of which those that nobody knows are passed over.
func (m *manifest) line(at int64, line string) error {
	words, ok := splitLine(strings.Trim(line, " \t\r\n"))
	if !ok || len(words) < 6 || len(words)%2 != 0 {
		return m.bad(int(at), "a line that is not made of pairs of words, at least three")
	}
	var name, kind string
	var seq int64
	for i := 0; i < len(words); i += 2 {
		switch strings.ToLower(words[i]) {
		case "file":
			name = words[i+1]
		case "seq":
			seq, _ = strconv.ParseInt(words[i+1], 10, 64)
		case "type":
			kind = words[i+1]
		}
	}
	switch {
	case name == "" || seq == 0 || kind == "":
		return m.bad(int(at), "a line without a file's name, number or type")
	case strings.ContainsAny(name, "/\\\x00"):
		return m.bad(int(at), "a file that is in another directory")
	}
	return m.add(link{name, at}, seq, kind[0])
}

// add takes a file.
func (m *manifest) add(l link, seq int64, kind byte) error {
	switch {
	case kind == 'b' && m.base.name != "":
		return m.bad(int(l.at), "a second base file")
	case kind == 'b':
		m.base = l
	case kind == 'h':
		m.history++
	case kind == 'i' && seq <= m.last:
		return m.bad(int(l.at), "an incremental file whose number is not greater than that before it")
	case kind == 'i':
		m.incr, m.last = append(m.incr, l), seq
	default:
		return m.bad(int(l.at), "a file of an unknown type")
	}
	return nil
}

// missing is the error of a file that is named but not there; it is fs.ErrNotExist too.
func (m *manifest) missing(l link) error {
	return &missingError{persist.DamageError{File: m.name, Offset: l.at, Reason: "it names the file " + strconv.Quote(l.name) + ", which is missing"}}
}

type missingError struct{ persist.DamageError }

// As makes it a *persist.DamageError.
func (e *missingError) As(target any) bool {
	d, ok := target.(**persist.DamageError)
	if ok {
		*d = &e.DamageError
	}
	return ok
}

// Is reports whether the target is persist.ErrDamaged or fs.ErrNotExist.
func (e *missingError) Is(target error) bool {
	return target == fs.ErrNotExist || e.DamageError.Is(target)
}

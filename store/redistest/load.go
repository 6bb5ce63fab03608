package redistest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/residedb/reside/internal/wire"
)

// Load runs a script of commands on the store, and ends the test at the first that
// fails. A script has one command a line, with words as redis-cli reads them:
//
//	# users
//	SET user:1 "Ada Lovelace"
//	HSET user:1:visits paris 3 "new york" 1
//	EXPIRE user:1 3600
//	SELECT 1
//	SET bin "\x00\xff\n" 'it''s'
//
// Spaces part words. In double quotes \n, \r, \t, \a, \b, \xHH, \" and \\ are what
// they are in Go, in single quotes only \' is. Empty lines and those that begin
// with # are left out. All lines are sent by one client, so SELECT and MULTI last;
// it needs no password, meets no faults, and its commands are not among Commands.
func (s *Server) Load(t testing.TB, script string) {
	t.Helper()
	s.load(t, "script", script)
}

// LoadReader is Load of what a reader gives.
func (s *Server) LoadReader(t testing.TB, r io.Reader) {
	t.Helper()
	script, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("redistest: script: %v", err)
	}
	s.load(t, "script", string(script))
}

// LoadFile is Load of a file: LoadFile(t, os.DirFS("testdata"), "users.redis"), or of
// an embed.FS.
func (s *Server) LoadFile(t testing.TB, fsys fs.FS, name string) {
	t.Helper()
	script, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	s.load(t, name, string(script))
}

func (s *Server) load(t testing.TB, name, script string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	b := s.openBackdoor(ctx)
	defer b.close()
	n := 0
	for text := range strings.Lines(script) {
		n++
		if err := b.line(text); err != nil {
			if ctx.Err() != nil {
				err = fmt.Errorf("no reply after %v: does it block?", patience)
			}
			t.Fatalf("redistest: %s:%d: %s: %v", name, n, shortened(strings.TrimSpace(text)), err)
		}
	}
}

// line runs a line of a script.
func (b *backdoor) line(text string) error {
	if strings.HasPrefix(strings.TrimSpace(text), "#") {
		return nil
	}
	split, ok := wire.SplitLine([]byte(text))
	if !ok {
		return errors.New("quotes that do not close, or something right behind them")
	}
	if len(split) == 0 {
		return nil
	}
	words := make([]string, len(split))
	for i, w := range split {
		words[i] = string(w)
	}
	_, err := b.do(words...)
	return err
}

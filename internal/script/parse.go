package script

import (
	"fmt"
	"os"
	"strings"

	"github.com/residedb/reside/internal/wire"
)

// File is a parsed script.
type File struct {
	Path  string
	Lines []string
	Cases []Case
}

// Case is a part of a script that starts on an empty server.
type Case struct {
	Name  string
	Steps []Step
}

// Step is one line that does something, with the reply under it.
type Step struct {
	Line   int // from 0
	Conn   string
	Send   []string // words of the command; nil to read a reply only
	Text   string
	Blocks bool // the reply comes later
	Any    bool // the order of elements does not matter
	Regex  bool
	Want2  string
	Want3  string // Want2 if the script has no line for RESP3
	after  int    // the line behind the expected replies
}

// Parse reads a script.
func Parse(path string) (*File, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &File{Path: path, Lines: strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")}
	for i := 0; i < len(f.Lines); {
		line := f.Lines[i]
		switch {
		case strings.HasPrefix(line, "==="):
			f.Cases = append(f.Cases, Case{Name: strings.TrimSpace(line[3:])})
			i++
		case line == "" || line[0] == '#':
			i++
		case line[0] == '>' || line[0] == '@':
			if len(f.Cases) == 0 {
				return nil, fmt.Errorf("%s:%d: a command before the first case", path, i+1)
			}
			s, err := f.step(i)
			if err != nil {
				return nil, err
			}
			c := &f.Cases[len(f.Cases)-1]
			c.Steps = append(c.Steps, s)
			i = s.after
		default:
			return nil, fmt.Errorf("%s:%d: what is %q?", path, i+1, line)
		}
	}
	return f, nil
}

// step parses a command with the replies that follow it.
func (f *File) step(i int) (Step, error) {
	s := Step{Line: i, Conn: "1"}
	mark, text, _ := strings.Cut(f.Lines[i], " ")
	if mark[0] == '@' {
		s.Conn, mark = mark[1:len(mark)-1], mark[len(mark)-1:]
		s.Blocks = mark == ">"
	}
	s.Any, s.Regex, s.Text = mark == ">~" || mark == "~", mark == ">?" || mark == "?", text
	if mark != "<" {
		words, ok := wire.SplitLine([]byte(text))
		if !ok || len(words) == 0 {
			return s, fmt.Errorf("%s:%d: unbalanced quotes or no command", f.Path, i+1)
		}
		for _, w := range words {
			s.Send = append(s.Send, string(w))
		}
	}
	s.after = i + 1
	if s.Blocks {
		return s, nil
	}
	if s.Want2 = f.want(s.after); s.Want2 != "" {
		s.after++
	}
	s.Want3 = s.Want2
	if w := f.want(s.after); strings.HasPrefix(w, "3 ") {
		s.Want3 = w[2:]
		s.after++
	}
	return s, nil
}

// want is the expected reply on a line, if it has one.
func (f *File) want(i int) string {
	if i >= len(f.Lines) || f.Lines[i] == "" || strings.ContainsRune("@=", rune(f.Lines[i][0])) && !strings.HasPrefix(f.Lines[i], "=txt") {
		return ""
	}
	if l := f.Lines[i]; l[0] == '>' && !strings.HasPrefix(l, ">[") || l[0] == '#' && !strings.HasPrefix(l, "#t") && !strings.HasPrefix(l, "#f") {
		return ""
	}
	return f.Lines[i]
}

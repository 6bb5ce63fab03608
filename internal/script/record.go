package script

import (
	"os"
	"strings"
)

// Record runs a script against a real server and writes its replies into the
// file. Regular expressions that are there stay.
func Record(path, addr string) error {
	f, err := Parse(path)
	if err != nil {
		return err
	}
	replies := map[int][2]string{}
	for proto := 2; proto <= 3; proto++ {
		for _, c := range f.Cases {
			if err := recordCase(c, addr, proto, replies); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(path, []byte(f.with(replies)), 0o644)
}

func recordCase(c Case, addr string, proto int, replies map[int][2]string) error {
	r := &runner{addr: addr, proto: proto, conns: map[string]*Client{}}
	defer r.close()
	if err := r.start(); err != nil {
		return err
	}
	for _, s := range c.Steps {
		got, replied, err := r.step(s)
		if err != nil {
			return err
		}
		if !replied || s.Regex && s.Want2 != "" {
			continue
		}
		two := replies[s.Line]
		two[proto-2] = s.show(got)
		replies[s.Line] = two
	}
	return nil
}

// with is the script's text with the replies in the place of those it had.
func (f *File) with(replies map[int][2]string) string {
	skip := map[int]bool{}
	for _, c := range f.Cases {
		for _, s := range c.Steps {
			if _, ok := replies[s.Line]; ok {
				for i := s.Line + 1; i < s.after; i++ {
					skip[i] = true
				}
			}
		}
	}
	var out strings.Builder
	for i, line := range f.Lines {
		if !skip[i] {
			out.WriteString(line + "\n")
		}
		if two, ok := replies[i]; ok {
			out.WriteString(two[0] + "\n")
			if two[1] != two[0] {
				out.WriteString("3 " + two[1] + "\n")
			}
		}
	}
	return out.String()
}

package aof

import "strings"

// splitLine takes a line of a manifest apart into words: spaces between them, "double
// quotes" with \n \r \t \b \a \\ \" and \xHH, 'single quotes' with \'. It reports false
// for quotes that do not end, or that something follows. (Redis: sdssplitargs)
func splitLine(line string) (words []string, ok bool) {
	for {
		if line = strings.TrimLeft(line, spaces); line == "" {
			return words, true
		}
		var word []byte
		if word, line, ok = nextWord(line); !ok {
			return nil, false
		}
		words = append(words, string(word))
	}
}

const spaces = " \t\n\v\f\r"

func isSpace(c byte) bool { return strings.IndexByte(spaces, c) >= 0 }

// nextWord reads one word, which may have quoted parts.
func nextWord(line string) (word []byte, rest string, ok bool) {
	for line != "" && !isSpace(line[0]) {
		c := line[0]
		line = line[1:]
		switch c {
		case '"', '\'':
			if word, line, ok = quoted(word, line, c); !ok {
				return nil, "", false
			}
		default:
			word = append(word, c)
		}
	}
	return word, line, true
}

// quoted reads up to the closing quote, behind which the word has to end.
func quoted(word []byte, line string, quote byte) (_ []byte, rest string, ok bool) {
	for line != "" {
		switch {
		case line[0] == quote:
			rest = line[1:]
			return word, rest, rest == "" || isSpace(rest[0])
		case line[0] == '\\' && quote == '"' && len(line) > 1:
			var c byte
			c, line = escape(line[1:])
			word = append(word, c)
		case quote == '\'' && strings.HasPrefix(line, `\'`):
			word, line = append(word, '\''), line[2:]
		default:
			word, line = append(word, line[0]), line[1:]
		}
	}
	return nil, "", false
}

// escape reads what stands behind a backslash.
func escape(s string) (c byte, rest string) {
	if s[0] == 'x' && len(s) > 2 && isHex(s[1]) && isHex(s[2]) {
		return hex(s[1])<<4 | hex(s[2]), s[3:]
	}
	c = s[0]
	if i := strings.IndexByte("nrtba", c); i >= 0 {
		c = "\n\r\t\b\a"[i]
	}
	return c, s[1:]
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

func hex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

package redistest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/residedb/reside/store/resp"
)

// Command is a command that a client has sent.
type Command struct {
	ClientID   int64  // CLIENT ID
	ClientName string // as CLIENT SETNAME had named the connection, "" if it had not
	Addr       string // where the client was
	DB         int
	Name       string   // in lower case, a subcommand as "config|set"
	Words      []string // all that was sent; a password is "(redacted)"
	Refused    string   // the error that it got without being run, "" if it was run or queued
	Fault      string   // what else faults did to it, "" for nothing: "delayed 1s, cut within the reply"
}

// String is the command in a line, as a failing test shows it.
func (c Command) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "client %d", c.ClientID)
	if c.ClientName != "" {
		fmt.Fprintf(&b, " (%s)", c.ClientName)
	}
	if c.DB != 0 {
		fmt.Fprintf(&b, " [%d]", c.DB)
	}
	b.WriteString(":")
	for _, w := range c.Words {
		b.WriteString(" " + shortened(quoted(w)))
	}
	if c.Fault != "" {
		b.WriteString("  <" + c.Fault + ">")
	}
	if c.Refused != "" {
		b.WriteString("  -> " + shortened(c.Refused))
	}
	return b.String()
}

// shortened is a word that fits a line.
func shortened(word string) string {
	const most = 100
	if len(word) <= most {
		return word
	}
	return fmt.Sprintf("%s...(%d bytes)", word[:most], len(word))
}

// Is reports whether the command begins with the words: its name in any case, and
// then exactly these arguments. More may follow.
func (c Command) Is(words ...string) bool {
	if len(words) > len(c.Words) {
		return false
	}
	name := strings.Count(c.Name, "|") + 1
	for i, w := range words {
		if w != c.Words[i] && (i >= name || !strings.EqualFold(w, c.Words[i])) {
			return false
		}
	}
	return true
}

// Commands are commands in the order the server met them.
type Commands []Command

// Of are those that begin with the words (see Command.Is).
func (all Commands) Of(words ...string) Commands {
	return all.where(func(c Command) bool { return c.Is(words...) })
}

// By are those of the clients with a name (CLIENT SETNAME).
func (all Commands) By(client string) Commands {
	return all.where(func(c Command) bool { return c.ClientName == client })
}

func (all Commands) where(is func(c Command) bool) (found Commands) {
	for _, c := range all {
		if is(c) {
			found = append(found, c)
		}
	}
	return found
}

// String has a command a line.
func (all Commands) String() string {
	var b strings.Builder
	for _, c := range all {
		b.WriteString("  " + c.String() + "\n")
	}
	return b.String()
}

// newCommand copies what is to be kept of a call.
func newCommand(c *resp.Call, v resp.Verdict) Command {
	k := Command{ClientID: c.ClientID, ClientName: c.ClientName, Addr: c.Remote.String(), DB: c.DB, Name: c.Name, Refused: c.Refused}
	for _, a := range c.Args {
		k.Words = append(k.Words, string(a))
	}
	if k.Refused == "" {
		k.Refused = v.Error
	}
	k.Fault = happened(v)
	hide(&k)
	return k
}

// happened says what a verdict does besides an error.
func happened(v resp.Verdict) string {
	var what []string
	if v.Delay > 0 {
		what = append(what, fmt.Sprintf("delayed %v", v.Delay))
	}
	switch v.Cut {
	case CutBefore:
		what = append(what, "cut before it ran")
	case CutAfter:
		what = append(what, "cut before the reply")
	case CutWithin:
		what = append(what, "cut within the reply")
	}
	return strings.Join(what, ", ")
}

const redacted = "(redacted)"

// hide replaces passwords, as Redis does in its slow log.
func hide(c *Command) {
	words, from, to := c.Words, 0, 0
	switch c.Name {
	case "auth":
		from, to = 1, len(words)
	case "hello":
		if i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, "auth") }); i >= 0 {
			from, to = i+1, i+3
		}
	case "acl", "acl|setuser", "migrate":
		from, to = 2, len(words)
	case "config|set":
		for i := 2; i+1 < len(words); i += 2 {
			if secret(words[i]) {
				words[i+1] = redacted
			}
		}
	}
	for i := from; i < min(to, len(words)); i++ {
		words[i] = redacted
		c.Refused = refusedText(c.Refused)
	}
}

// refusedText is an error without the words that it quotes.
func refusedText(text string) string {
	before, _, _ := strings.Cut(text, ", with args beginning with: ")
	return before
}

// secret reports whether a parameter of CONFIG SET holds a password.
func secret(name string) bool {
	switch strings.ToLower(name) {
	case "requirepass", "masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass":
		return true
	}
	return false
}
